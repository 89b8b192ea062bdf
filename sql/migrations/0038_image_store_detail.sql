-- Settings of an image store's driver; secret ones are sealed.
CREATE TABLE IF NOT EXISTS image_store_detail (
    store_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    value VARCHAR(4096) NOT NULL,
    is_sealed TINYINT(1) NOT NULL DEFAULT 0,
    PRIMARY KEY (store_id, name),
    CONSTRAINT image_store_detail_store FOREIGN KEY (store_id) REFERENCES image_store (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
