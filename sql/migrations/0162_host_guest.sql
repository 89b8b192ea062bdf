-- Guests of ours that a host has though the records do not say so, as of its last look: `vm_id` 0, no record knows it.
CREATE TABLE IF NOT EXISTS host_guest (
    host_id BIGINT NOT NULL,
    guest_uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    vm_id BIGINT NOT NULL,
    name VARCHAR(255) NULL,
    running BOOLEAN NOT NULL,
    found DATETIME(3) NOT NULL,
    PRIMARY KEY (host_id, guest_uuid),
    KEY host_guest_vm (vm_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
