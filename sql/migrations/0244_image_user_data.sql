-- Stored user data that comes with an image, and whether who deploys may send his own.
CREATE TABLE IF NOT EXISTS image_user_data (
    image_id BIGINT NOT NULL PRIMARY KEY,
    user_data_id BIGINT NOT NULL,
    policy VARCHAR(16) CHARACTER SET ascii NOT NULL,
    KEY image_user_data_used (user_data_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
