-- Accounts: who owns things. removed_id is 0 while it exists, then the row's id.
CREATE TABLE IF NOT EXISTS account (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    name VARCHAR(255) NOT NULL,
    domain_id BIGINT NOT NULL,
    role_id BIGINT NOT NULL,
    state VARCHAR(16) CHARACTER SET ascii NOT NULL,
    network_domain VARCHAR(255) NULL,
    api_key_access VARCHAR(10) CHARACTER SET ascii NULL,
    is_default BOOLEAN NOT NULL,
    created DATETIME(3) NOT NULL,
    removed DATETIME(3) NULL,
    removed_id BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY account_uuid (uuid),
    UNIQUE KEY account_name (domain_id, name, removed_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
