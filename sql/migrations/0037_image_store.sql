CREATE TABLE IF NOT EXISTS image_store (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    zone_id BIGINT NOT NULL DEFAULT 0,
    name VARCHAR(255) NOT NULL,
    provider VARCHAR(64) NOT NULL,
    protocol VARCHAR(32) NOT NULL,
    url VARCHAR(2048),
    scope VARCHAR(16) NOT NULL,
    state VARCHAR(16) NOT NULL DEFAULT 'Up',
    read_only TINYINT(1) NOT NULL DEFAULT 0,
    total_bytes BIGINT NOT NULL DEFAULT 0,
    used_bytes BIGINT NOT NULL DEFAULT 0,
    created DATETIME(3) NOT NULL,
    removed DATETIME(3),
    live_name VARCHAR(255) AS (IF(removed IS NULL, name, NULL)) STORED,
    UNIQUE KEY image_store_uuid (uuid),
    UNIQUE KEY image_store_live_name (live_name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
