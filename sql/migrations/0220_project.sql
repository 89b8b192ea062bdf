-- Projects. What a project owns belongs to an account of its own: the account whose id is the project's, negated.
-- removed_id is 0 while it exists, then the row's id.
CREATE TABLE IF NOT EXISTS project (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    name VARCHAR(255) NOT NULL,
    display_text VARCHAR(255) NOT NULL,
    domain_id BIGINT NOT NULL,
    state VARCHAR(16) CHARACTER SET ascii NOT NULL,
    created DATETIME(3) NOT NULL,
    removed DATETIME(3) NULL,
    removed_id BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY project_uuid (uuid),
    UNIQUE KEY project_name (domain_id, name, removed_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
