CREATE TABLE IF NOT EXISTS traffic_type (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    physical_network_id BIGINT NOT NULL,
    traffic_type VARCHAR(32) NOT NULL,
    isolation_method VARCHAR(32),
    vlan VARCHAR(255),
    xen_label VARCHAR(255),
    kvm_label VARCHAR(255),
    vmware_label VARCHAR(255),
    hyperv_label VARCHAR(255),
    ovm3_label VARCHAR(255),
    created DATETIME(3) NOT NULL,
    UNIQUE KEY traffic_type_uuid (uuid),
    UNIQUE KEY traffic_type_once (physical_network_id, traffic_type),
    CONSTRAINT traffic_type_network FOREIGN KEY (physical_network_id) REFERENCES physical_network (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
