-- The host tags under which a VM was counted: its offering may get others later.
ALTER TABLE vm ADD COLUMN IF NOT EXISTS counted_tags VARCHAR(255) NULL;
