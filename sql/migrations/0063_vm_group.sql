-- Instance groups: names under which a tenant gathers VMs; made when a VM first names one.
CREATE TABLE IF NOT EXISTS vm_group (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    account_id BIGINT NOT NULL,
    domain_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    created DATETIME(3) NOT NULL,
    UNIQUE KEY vm_group_uuid (uuid),
    UNIQUE KEY vm_group_name (account_id, name)
);
