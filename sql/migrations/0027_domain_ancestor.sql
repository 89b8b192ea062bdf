-- Every tenant domain with itself and all domains above it up to ROOT, so that one UPDATE finds all counters.
CREATE TABLE IF NOT EXISTS domain_ancestor (
    domain_id BIGINT NOT NULL,
    ancestor_id BIGINT NOT NULL,
    PRIMARY KEY (domain_id, ancestor_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
