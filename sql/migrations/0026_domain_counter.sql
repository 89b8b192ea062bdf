-- What a tenant domain's whole sub-tree uses, and its limit (NULL: the setting's default, -1: none).
CREATE TABLE IF NOT EXISTS domain_counter (
    domain_id BIGINT NOT NULL,
    kind INT NOT NULL,
    used BIGINT NOT NULL DEFAULT 0,
    limit_value BIGINT NULL,
    PRIMARY KEY (domain_id, kind),
    CONSTRAINT domain_counter_used CHECK (used >= 0)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
