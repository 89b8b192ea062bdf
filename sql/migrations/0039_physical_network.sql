CREATE TABLE IF NOT EXISTS physical_network (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    zone_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    broadcast_domain_range VARCHAR(16) NOT NULL,
    domain_id BIGINT NOT NULL DEFAULT 0,
    isolation_methods VARCHAR(255),
    network_speed VARCHAR(16),
    state VARCHAR(16) NOT NULL DEFAULT 'Disabled',
    vlan VARCHAR(4096),
    tags VARCHAR(1024),
    created DATETIME(3) NOT NULL,
    removed DATETIME(3),
    live_name VARCHAR(255) AS (IF(removed IS NULL, name, NULL)) STORED,
    UNIQUE KEY physical_network_uuid (uuid),
    UNIQUE KEY physical_network_live_name (zone_id, live_name),
    CONSTRAINT physical_network_zone FOREIGN KEY (zone_id) REFERENCES zone (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
