-- Where a network is: the hosts with a segment of it; host 0: its services at the provider itself. service_revision: what was last applied
-- there; handle: what NICs of that host are given to reach it; claim: the job that is applying, so that two never write beside each other.
CREATE TABLE IF NOT EXISTS network_place (
    network_id BIGINT NOT NULL,
    host_id BIGINT NOT NULL,
    handle VARCHAR(255) NULL,
    has_services TINYINT(1) NOT NULL DEFAULT 0,
    service_revision BIGINT NOT NULL DEFAULT 0,
    claim VARCHAR(64) CHARACTER SET ascii NULL,
    claimed DATETIME(3) NULL,
    created DATETIME(3) NOT NULL,
    PRIMARY KEY (network_id, host_id),
    KEY network_place_host (host_id),
    CONSTRAINT network_place_network FOREIGN KEY (network_id) REFERENCES network (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
