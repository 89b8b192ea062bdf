-- Where an offering is offered: a row names a tenant domain or a zone (the other is 0); no row of a sort: everywhere.
CREATE TABLE IF NOT EXISTS service_offering_place (
    offering_id BIGINT NOT NULL,
    domain_id BIGINT NOT NULL DEFAULT 0,
    zone_id BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (offering_id, domain_id, zone_id),
    CONSTRAINT service_offering_place_offering FOREIGN KEY (offering_id) REFERENCES service_offering (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
