-- Free-form details of zones, as updateZone takes them.
CREATE TABLE IF NOT EXISTS zone_detail (
    zone_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    value VARCHAR(4096) NOT NULL,
    PRIMARY KEY (zone_id, name),
    CONSTRAINT zone_detail_zone FOREIGN KEY (zone_id) REFERENCES zone (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
