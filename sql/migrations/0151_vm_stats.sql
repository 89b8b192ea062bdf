-- What a VM used between two looks at its host's counters. Clustered by hour, VM and time: an hour is written side by side, a graph reads a
-- few pages, and old hours are removed as one range. interval_ms 0: nothing to compare with (first look, or the counters began anew).
CREATE TABLE IF NOT EXISTS vm_stats (
    hour INT NOT NULL,                                      -- of `taken`, hours since 1970
    vm_id BIGINT NOT NULL,
    taken DATETIME(3) NOT NULL,
    interval_ms BIGINT NOT NULL,
    capacity_ms BIGINT NOT NULL,                            -- CPU time that there was in the interval
    cpu_ms BIGINT NOT NULL,                                 -- … and what was used of it
    memory_mib BIGINT NOT NULL,
    memory_used_mib BIGINT NOT NULL,                        -- 0: the guest does not tell
    disk_read_bytes BIGINT NOT NULL,
    disk_write_bytes BIGINT NOT NULL,
    disk_read_requests BIGINT NOT NULL,
    disk_write_requests BIGINT NOT NULL,
    network_in_bytes BIGINT NOT NULL,
    network_out_bytes BIGINT NOT NULL,
    PRIMARY KEY (hour, vm_id, taken)
) ENGINE = InnoDB;
