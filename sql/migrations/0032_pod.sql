CREATE TABLE IF NOT EXISTS pod (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    zone_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    gateway VARCHAR(45),
    netmask VARCHAR(45),
    start_ip VARCHAR(45),
    end_ip VARCHAR(45),
    allocation_state VARCHAR(16) NOT NULL DEFAULT 'Enabled',
    storage_access_groups VARCHAR(1024),
    created DATETIME(3) NOT NULL,
    removed DATETIME(3),
    live_name VARCHAR(255) AS (IF(removed IS NULL, name, NULL)) STORED,
    UNIQUE KEY pod_uuid (uuid),
    UNIQUE KEY pod_live_name (zone_id, live_name),
    CONSTRAINT pod_zone FOREIGN KEY (zone_id) REFERENCES zone (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
