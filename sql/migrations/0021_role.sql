-- Roles. type is a bit of enum role_type.
CREATE TABLE IF NOT EXISTS role (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    name VARCHAR(255) NOT NULL,
    description VARCHAR(255) NULL,
    type INT NOT NULL,
    is_default BOOLEAN NOT NULL,
    is_public BOOLEAN NOT NULL,
    state VARCHAR(16) CHARACTER SET ascii NOT NULL,
    created DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY role_uuid (uuid),
    UNIQUE KEY role_name (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
