-- Free details of accounts.
CREATE TABLE IF NOT EXISTS account_detail (
    account_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    value VARCHAR(4096) NOT NULL,
    PRIMARY KEY (account_id, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
