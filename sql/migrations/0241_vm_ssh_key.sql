-- The keys a VM was made with, by name, with the public key of then: a pair that is deleted later stays on the VM.
CREATE TABLE IF NOT EXISTS vm_ssh_key (
    vm_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    public_key VARCHAR(5120) NOT NULL,
    PRIMARY KEY (vm_id, name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
