-- Public keys of accounts. Private keys are never stored.
CREATE TABLE IF NOT EXISTS ssh_key (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    account_id BIGINT NOT NULL,
    domain_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    public_key VARCHAR(5120) NOT NULL,
    fingerprint VARCHAR(64) CHARACTER SET ascii NOT NULL,
    created DATETIME(3) NOT NULL,
    UNIQUE KEY ssh_key_uuid (uuid),
    UNIQUE KEY ssh_key_name (account_id, name),
    UNIQUE KEY ssh_key_fingerprint (account_id, fingerprint),
    KEY ssh_key_account (account_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
