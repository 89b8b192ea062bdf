-- provider is the plugin that serves the store, asked_provider what the operator named. state: Creating, Up, Removing.
ALTER TABLE image_store ADD COLUMN IF NOT EXISTS asked_provider VARCHAR(64) NOT NULL DEFAULT 'NFS';
