-- Regions that this cloud tells its clients of; 1 is the cloud itself.
CREATE TABLE IF NOT EXISTS region (
    id INT NOT NULL,
    name VARCHAR(255) NOT NULL,
    endpoint VARCHAR(255) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY region_name (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
