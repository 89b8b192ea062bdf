-- Machines that carry jobs. Whether one lives is told by the leases of its processes (job_process).
CREATE TABLE IF NOT EXISTS management_server (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    name VARCHAR(128) NOT NULL,
    version VARCHAR(32) NOT NULL,
    os VARCHAR(255) NOT NULL,
    kernel VARCHAR(255) NOT NULL,
    address VARCHAR(45) NOT NULL,
    booted DATETIME(3) NOT NULL,
    started DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY management_server_uuid (uuid),
    UNIQUE KEY management_server_name (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
