-- What an account uses of resources whose offering has a host or storage tag, and its own limit (NULL, -1: none). A row comes with the first use.
CREATE TABLE IF NOT EXISTS account_tag_counter (
    account_id BIGINT NOT NULL,
    kind INT NOT NULL,
    tag VARCHAR(64) NOT NULL,
    used BIGINT NOT NULL DEFAULT 0,
    limit_value BIGINT NULL,
    PRIMARY KEY (account_id, kind, tag),
    CONSTRAINT account_tag_counter_used CHECK (used >= 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
