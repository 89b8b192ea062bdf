-- Where a VM's user data came from: stored user data (0: it was sent), the image's policy of then, values of its variables.
ALTER TABLE vm_user_data
    ADD COLUMN IF NOT EXISTS user_data_id BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS policy VARCHAR(16) CHARACTER SET ascii NULL,
    ADD COLUMN IF NOT EXISTS details TEXT CHARACTER SET utf8mb4 NULL,
    ADD KEY IF NOT EXISTS vm_user_data_used (user_data_id);
