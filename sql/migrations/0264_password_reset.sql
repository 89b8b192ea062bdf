-- Requests of people who forgot their password. Whether there was such a user is known only when the request's job ran:
-- then the row has a token, as a hash, that is good once and not for long.
CREATE TABLE IF NOT EXISTS password_reset (
    id BIGINT NOT NULL AUTO_INCREMENT,
    remote_address VARCHAR(64) NOT NULL,
    user_id BIGINT NULL,
    token_hash CHAR(64) CHARACTER SET ascii NULL,
    created DATETIME(3) NOT NULL,
    expires DATETIME(3) NULL,
    PRIMARY KEY (id),
    UNIQUE KEY password_reset_token (token_hash),
    KEY password_reset_address (remote_address, created),
    KEY password_reset_user (user_id, created),
    KEY password_reset_created (created)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
