-- Whether there is anything to read in vm_ssh_key, and in vm_user_data about its source.
ALTER TABLE vm
    ADD COLUMN IF NOT EXISTS has_keys BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN IF NOT EXISTS has_stored_data BOOLEAN NOT NULL DEFAULT FALSE;
