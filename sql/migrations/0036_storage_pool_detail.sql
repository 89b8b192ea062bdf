-- Settings of a pool's driver; secret ones are sealed.
CREATE TABLE IF NOT EXISTS storage_pool_detail (
    pool_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    value VARCHAR(4096) NOT NULL,
    is_sealed TINYINT(1) NOT NULL DEFAULT 0,
    PRIMARY KEY (pool_id, name),
    CONSTRAINT storage_pool_detail_pool FOREIGN KEY (pool_id) REFERENCES storage_pool (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
