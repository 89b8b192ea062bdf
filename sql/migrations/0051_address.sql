-- Addresses that were given out at least once: an IPv4 address (a number; NULL in an L2 network) and a MAC address. in_use 0: given
-- back, to be taken again.
CREATE TABLE IF NOT EXISTS address (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    network_id BIGINT NOT NULL,
    range_id BIGINT NOT NULL DEFAULT 0,
    ip BIGINT,
    mac CHAR(17) CHARACTER SET ascii,
    in_use TINYINT(1) NOT NULL DEFAULT 1,
    account_id BIGINT NOT NULL DEFAULT 0,
    domain_id BIGINT NOT NULL DEFAULT 0,
    object_kind VARCHAR(32),
    object_id BIGINT NOT NULL DEFAULT 0,
    taken DATETIME(3) NOT NULL,
    UNIQUE KEY address_ip (network_id, ip),
    UNIQUE KEY address_mac (mac),
    KEY address_free (network_id, in_use, ip),
    KEY address_range (range_id, in_use),
    CONSTRAINT address_network FOREIGN KEY (network_id) REFERENCES network (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
