CREATE TABLE IF NOT EXISTS vm_detail (
    vm_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    value VARCHAR(5120) NOT NULL,
    is_shown BOOLEAN NOT NULL,
    PRIMARY KEY (vm_id, name)
);
