-- What an account uses, and its own limit (NULL: the setting's default, -1: none). Checked and raised in one UPDATE.
CREATE TABLE IF NOT EXISTS account_counter (
    account_id BIGINT NOT NULL,
    kind INT NOT NULL,
    used BIGINT NOT NULL DEFAULT 0,
    limit_value BIGINT NULL,
    PRIMARY KEY (account_id, kind),
    CONSTRAINT account_counter_used CHECK (used >= 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
