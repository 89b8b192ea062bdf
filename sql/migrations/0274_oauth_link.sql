-- Who signed in as whom: a provider's subject stays the user that his mail address led to at first. A link holds while the user keeps
-- that address here.
CREATE TABLE IF NOT EXISTS oauth_link (
    provider_id BIGINT NOT NULL,
    domain_id BIGINT NOT NULL,
    subject VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
    user_id BIGINT NOT NULL,
    email VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
    created DATETIME(3) NOT NULL,
    PRIMARY KEY (provider_id, domain_id, subject),
    UNIQUE KEY oauth_link_user (provider_id, user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
