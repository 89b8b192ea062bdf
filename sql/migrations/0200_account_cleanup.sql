-- A deleted account still owns something: deletion is under way, or failed and is tried again.
ALTER TABLE account ADD COLUMN IF NOT EXISTS cleanup_needed BOOLEAN NOT NULL DEFAULT FALSE;
