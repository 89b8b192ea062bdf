-- provider is the plugin that serves the pool, asked_provider what the operator named; observed: when the plugin was last asked.
ALTER TABLE storage_pool
    ADD COLUMN IF NOT EXISTS asked_provider VARCHAR(64) NOT NULL DEFAULT 'DefaultPrimary',
    ADD COLUMN IF NOT EXISTS observed DATETIME(3) NULL;
