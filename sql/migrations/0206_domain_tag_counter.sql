-- The same for a tenant domain's whole sub-tree.
CREATE TABLE IF NOT EXISTS domain_tag_counter (
    domain_id BIGINT NOT NULL,
    kind INT NOT NULL,
    tag VARCHAR(64) NOT NULL,
    used BIGINT NOT NULL DEFAULT 0,
    limit_value BIGINT NULL,
    PRIMARY KEY (domain_id, kind, tag),
    CONSTRAINT domain_tag_counter_used CHECK (used >= 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
