-- Settings as plugins declare them, with the operator's values; secrets are sealed.
CREATE TABLE IF NOT EXISTS plugin_setting (
    plugin VARCHAR(64) CHARACTER SET ascii NOT NULL,
    name VARCHAR(64) CHARACTER SET ascii NOT NULL,
    position INT NOT NULL,
    type VARCHAR(16) CHARACTER SET ascii NOT NULL,
    title VARCHAR(255) NOT NULL,
    help VARCHAR(1000) NOT NULL,
    default_value TEXT NULL,
    choices VARCHAR(1000) NULL,
    required BOOLEAN NOT NULL DEFAULT FALSE,
    minimum BIGINT NOT NULL DEFAULT 0,
    maximum BIGINT NOT NULL DEFAULT 0,
    value TEXT NULL,
    PRIMARY KEY (plugin, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
