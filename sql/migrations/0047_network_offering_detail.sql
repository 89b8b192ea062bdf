-- Chosen capabilities ("SourceNat.SupportedSourceNatTypes" → "peraccount") and free-form details of network offerings.
CREATE TABLE IF NOT EXISTS network_offering_detail (
    offering_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    value VARCHAR(1024) NOT NULL,
    is_capability TINYINT(1) NOT NULL DEFAULT 0,
    PRIMARY KEY (offering_id, name),
    CONSTRAINT network_offering_detail_offering FOREIGN KEY (offering_id) REFERENCES network_offering (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
