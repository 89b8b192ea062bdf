-- Version rows: raised in the transaction that changes cached data, read by every process at most every 200 ms.
CREATE TABLE IF NOT EXISTS cache_version (
    name VARCHAR(32) CHARACTER SET ascii NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
