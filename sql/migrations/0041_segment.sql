-- VLAN tags or VNIs that were given out. network_id 0: given back, to be taken again.
CREATE TABLE IF NOT EXISTS segment (
    physical_network_id BIGINT NOT NULL,
    segment_id BIGINT NOT NULL,
    network_id BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (physical_network_id, segment_id),
    KEY segment_network (physical_network_id, network_id),
    CONSTRAINT segment_physical FOREIGN KEY (physical_network_id) REFERENCES physical_network (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
