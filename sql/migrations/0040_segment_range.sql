-- Ranges of VLAN tags or VNIs of a physical network; next_id is the first that was never given out.
CREATE TABLE IF NOT EXISTS segment_range (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    physical_network_id BIGINT NOT NULL,
    first_id BIGINT NOT NULL,
    last_id BIGINT NOT NULL,
    next_id BIGINT NOT NULL,
    UNIQUE KEY segment_range_first (physical_network_id, first_id),
    CONSTRAINT segment_range_network FOREIGN KEY (physical_network_id) REFERENCES physical_network (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
