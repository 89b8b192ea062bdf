-- Roles inside one project: what its regular members may not do there.
CREATE TABLE IF NOT EXISTS project_role (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    project_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    description VARCHAR(255) NULL,
    PRIMARY KEY (id),
    UNIQUE KEY project_role_uuid (uuid),
    UNIQUE KEY project_role_name (project_id, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
