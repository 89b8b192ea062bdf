-- Who may act in a project: an account with all its users (user_id 0), or one user of it.
CREATE TABLE IF NOT EXISTS project_member (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    project_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL DEFAULT 0,
    is_admin BOOLEAN NOT NULL,
    project_role_id BIGINT NOT NULL DEFAULT 0,
    created DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY project_member_uuid (uuid),
    UNIQUE KEY project_member_project (project_id, account_id, user_id),
    KEY project_member_account (account_id, project_id, user_id),
    KEY project_member_role (project_role_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
