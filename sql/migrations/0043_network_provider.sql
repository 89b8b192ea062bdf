-- What offers services on a physical network. services: "Dhcp,Dns,…".
CREATE TABLE IF NOT EXISTS network_provider (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    physical_network_id BIGINT NOT NULL,
    destination_physical_network_id BIGINT NOT NULL DEFAULT 0,
    name VARCHAR(64) NOT NULL,
    state VARCHAR(16) NOT NULL DEFAULT 'Disabled',
    services VARCHAR(1024) NOT NULL,
    created DATETIME(3) NOT NULL,
    UNIQUE KEY network_provider_uuid (uuid),
    UNIQUE KEY network_provider_once (physical_network_id, name),
    CONSTRAINT network_provider_network FOREIGN KEY (physical_network_id) REFERENCES physical_network (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
