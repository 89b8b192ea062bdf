-- The newest look at each VM: what lists show, and the counters that the next look is compared with.
CREATE TABLE IF NOT EXISTS vm_stats_now (
    vm_id BIGINT NOT NULL,
    taken DATETIME(3) NOT NULL,
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
    total_cpu_ms BIGINT NOT NULL,                           -- the counters since the guest's start
    total_disk_read_bytes BIGINT NOT NULL,
    total_disk_write_bytes BIGINT NOT NULL,
    total_disk_read_requests BIGINT NOT NULL,
    total_disk_write_requests BIGINT NOT NULL,
    total_network_in_bytes BIGINT NOT NULL,
    total_network_out_bytes BIGINT NOT NULL,
    PRIMARY KEY (vm_id)
) ENGINE = InnoDB;
