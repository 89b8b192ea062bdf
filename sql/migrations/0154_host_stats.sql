-- When each host was last asked for figures and had been worked through, and what it told. taken NULL: it told nothing yet.
CREATE TABLE IF NOT EXISTS host_stats (
    host_id BIGINT NOT NULL,
    asked DATETIME(3) NOT NULL,
    answered DATETIME(3) NULL,
    taken DATETIME(3) NULL,
    interval_ms BIGINT NOT NULL DEFAULT 0,
    cpu_used_permille BIGINT NOT NULL DEFAULT 0,
    memory_used_bytes BIGINT NOT NULL DEFAULT 0,
    network_in_bytes BIGINT NOT NULL DEFAULT 0,             -- in the interval
    network_out_bytes BIGINT NOT NULL DEFAULT 0,
    total_network_in_bytes BIGINT NOT NULL DEFAULT 0,       -- since the host's start
    total_network_out_bytes BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (host_id)
) ENGINE = InnoDB;
