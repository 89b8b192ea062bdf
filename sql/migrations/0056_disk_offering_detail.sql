CREATE TABLE IF NOT EXISTS disk_offering_detail (
    offering_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    value VARCHAR(1024) NOT NULL,
    PRIMARY KEY (offering_id, name),
    CONSTRAINT disk_offering_detail_offering FOREIGN KEY (offering_id) REFERENCES disk_offering (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
