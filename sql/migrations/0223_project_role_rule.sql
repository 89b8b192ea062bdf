-- Ordered rules of a project role: the first whose wildcard fits the command decides; none fits: the account's role does.
CREATE TABLE IF NOT EXISTS project_role_rule (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    project_role_id BIGINT NOT NULL,
    position INT NOT NULL,
    rule VARCHAR(128) CHARACTER SET ascii NOT NULL,
    is_allowed BOOLEAN NOT NULL,
    description VARCHAR(255) NULL,
    PRIMARY KEY (id),
    UNIQUE KEY project_role_rule_uuid (uuid),
    UNIQUE KEY project_role_rule_rule (project_role_id, rule),
    KEY project_role_rule_order (project_role_id, position, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
