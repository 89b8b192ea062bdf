-- A hold that changes its row is seen by the other nodes of a cluster: of two at once, one is rolled back and repeats.
ALTER TABLE zone ADD COLUMN IF NOT EXISTS touched BIGINT NOT NULL DEFAULT 0;
ALTER TABLE pod ADD COLUMN IF NOT EXISTS touched BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cluster ADD COLUMN IF NOT EXISTS touched BIGINT NOT NULL DEFAULT 0;
ALTER TABLE physical_network ADD COLUMN IF NOT EXISTS touched BIGINT NOT NULL DEFAULT 0;
ALTER TABLE project ADD COLUMN IF NOT EXISTS touched BIGINT NOT NULL DEFAULT 0;
