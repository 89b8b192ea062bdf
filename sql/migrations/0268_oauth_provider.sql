-- Identity providers of OAuth 2 and OpenID Connect: where people may sign in with an account of somebody else.
CREATE TABLE IF NOT EXISTS oauth_provider (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    provider VARCHAR(40) NOT NULL,
    description VARCHAR(255) NOT NULL,
    client_id VARCHAR(255) NOT NULL,
    secret_sealed TEXT CHARACTER SET ascii NOT NULL,
    redirect_uri VARCHAR(500) NOT NULL,
    authorize_url VARCHAR(500) NOT NULL,
    token_url VARCHAR(500) NOT NULL,
    user_url VARCHAR(500) NOT NULL,
    issuer VARCHAR(500) NOT NULL,
    is_enabled BOOLEAN NOT NULL,
    created DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY oauth_provider_uuid (uuid),
    UNIQUE KEY oauth_provider_name (provider)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
