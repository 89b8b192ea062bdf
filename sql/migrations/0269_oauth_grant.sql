-- What a provider answered to a code, for the sign-in that follows at once: a code is good once at the provider.
CREATE TABLE IF NOT EXISTS oauth_grant (
    code_hash CHAR(64) CHARACTER SET ascii NOT NULL,
    provider_id BIGINT NOT NULL,
    email VARCHAR(254) NOT NULL,
    expires DATETIME(3) NOT NULL,
    PRIMARY KEY (code_hash),
    KEY oauth_grant_expires (expires)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
