-- The same summed up by half hours, for the graphs of a day, a week and a month. memory_* are sums over `samples`.
CREATE TABLE IF NOT EXISTS vm_stats_half_hour (
    day INT NOT NULL,                                       -- days since 1970
    vm_id BIGINT NOT NULL,
    taken DATETIME(3) NOT NULL,                             -- where the half hour begins
    samples BIGINT NOT NULL,
    interval_ms BIGINT NOT NULL,
    capacity_ms BIGINT NOT NULL,
    cpu_ms BIGINT NOT NULL,
    memory_mib BIGINT NOT NULL,
    memory_used_mib BIGINT NOT NULL,
    disk_read_bytes BIGINT NOT NULL,
    disk_write_bytes BIGINT NOT NULL,
    disk_read_requests BIGINT NOT NULL,
    disk_write_requests BIGINT NOT NULL,
    network_in_bytes BIGINT NOT NULL,
    network_out_bytes BIGINT NOT NULL,
    PRIMARY KEY (day, vm_id, taken)
) ENGINE = InnoDB;
