-- Sessions of people; the token itself is stored nowhere.
CREATE TABLE IF NOT EXISTS session (
    id BIGINT NOT NULL AUTO_INCREMENT,
    token_hash CHAR(64) CHARACTER SET ascii NOT NULL,
    user_id BIGINT NOT NULL,
    remote_address VARCHAR(64) NULL,
    created DATETIME(3) NOT NULL,
    last_used DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY session_token (token_hash),
    KEY session_user (user_id),
    KEY session_last_used (last_used)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
