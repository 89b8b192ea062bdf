-- What a provider or reseller shows of itself; version is part of its style sheet's address, so browsers see a change at once.
CREATE TABLE IF NOT EXISTS brand (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL UNIQUE,
    name VARCHAR(80) NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    logo_url VARCHAR(255) NULL,
    accent_color CHAR(7) CHARACTER SET ascii NOT NULL DEFAULT '#1c5fd4',
    bar_color CHAR(7) CHARACTER SET ascii NOT NULL DEFAULT '#101828',
    default_language VARCHAR(16) CHARACTER SET ascii NOT NULL DEFAULT 'en',
    home_domain_id BIGINT NULL,
    created DATETIME(3) NOT NULL
) ENGINE = InnoDB;
