-- Ordered rules of a role: the first whose wildcard fits the command decides; none fits: the command's default roles do.
CREATE TABLE IF NOT EXISTS role_rule (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    role_id BIGINT NOT NULL,
    position INT NOT NULL,
    rule VARCHAR(128) CHARACTER SET ascii NOT NULL,
    is_allowed BOOLEAN NOT NULL,
    description VARCHAR(255) NULL,
    PRIMARY KEY (id),
    UNIQUE KEY role_rule_uuid (uuid),
    KEY role_rule_role (role_id, position)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
