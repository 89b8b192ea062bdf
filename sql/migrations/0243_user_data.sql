-- Stored user data of accounts: base64 in its standard form, and the names of the variables it expects.
CREATE TABLE IF NOT EXISTS user_data (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    account_id BIGINT NOT NULL,
    domain_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    content MEDIUMTEXT CHARACTER SET ascii NOT NULL,
    params VARCHAR(4096) NULL,
    created DATETIME(3) NOT NULL,
    UNIQUE KEY user_data_uuid (uuid),
    UNIQUE KEY user_data_name (account_id, name),
    KEY user_data_account (account_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
