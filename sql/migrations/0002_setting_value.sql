-- Values of settings that differ from the declared default. scope is a bit of enum setting_scope (1: global, scope_id 0).
CREATE TABLE IF NOT EXISTS setting_value (
    scope INT NOT NULL,
    scope_id BIGINT NOT NULL,
    name VARCHAR(128) CHARACTER SET ascii NOT NULL,
    value TEXT NOT NULL, -- sealed when the setting is a secret
    updated DATETIME(3) NOT NULL,
    PRIMARY KEY (scope, scope_id, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
