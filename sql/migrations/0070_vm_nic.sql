-- Network interfaces of VMs, clustered by VM so that a list reads those of a page in one go.
CREATE TABLE IF NOT EXISTS vm_nic (
    vm_id BIGINT NOT NULL,
    device_number INT NOT NULL,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    network_id BIGINT NOT NULL,
    address_id BIGINT NOT NULL,
    is_default BOOLEAN NOT NULL,
    mac_address VARCHAR(17) CHARACTER SET ascii NOT NULL,
    ip_address VARCHAR(45) CHARACTER SET ascii NULL,
    gateway VARCHAR(45) CHARACTER SET ascii NULL,
    netmask VARCHAR(45) CHARACTER SET ascii NULL,
    cidr VARCHAR(50) CHARACTER SET ascii NULL,
    vlan VARCHAR(64) CHARACTER SET ascii NULL,
    created DATETIME(3) NOT NULL,
    PRIMARY KEY (vm_id, device_number),
    UNIQUE KEY vm_nic_uuid (uuid),
    KEY vm_nic_network (network_id)
);
