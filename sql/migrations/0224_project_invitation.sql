-- Invitations into projects: of an account (user_id 0), of one user, or of whoever reads the mail and knows the token (account_id 0).
CREATE TABLE IF NOT EXISTS project_invitation (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    project_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL DEFAULT 0,
    user_id BIGINT NOT NULL DEFAULT 0,
    email VARCHAR(255) NULL,
    token_hash CHAR(64) CHARACTER SET ascii NULL,
    state VARCHAR(16) CHARACTER SET ascii NOT NULL,
    is_admin BOOLEAN NOT NULL,
    project_role_id BIGINT NOT NULL DEFAULT 0,
    created DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY project_invitation_uuid (uuid),
    UNIQUE KEY project_invitation_token (token_hash),
    KEY project_invitation_project (project_id, account_id, user_id),
    KEY project_invitation_account (account_id, user_id),
    KEY project_invitation_role (project_role_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
