-- revision rises in the transaction of every change of a role or of its rules, so that two changes follow each other.
ALTER TABLE role ADD COLUMN IF NOT EXISTS revision BIGINT NOT NULL DEFAULT 0;
