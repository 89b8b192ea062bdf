CREATE TABLE IF NOT EXISTS network_offering_service (
    offering_id BIGINT NOT NULL,
    service VARCHAR(32) NOT NULL,
    provider VARCHAR(64) NOT NULL,
    PRIMARY KEY (offering_id, service, provider),
    CONSTRAINT network_offering_service_offering FOREIGN KEY (offering_id) REFERENCES network_offering (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
