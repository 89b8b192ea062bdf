-- Details of objects whose feature keeps none of its own.
CREATE TABLE IF NOT EXISTS resource_detail (
    object_kind VARCHAR(32) CHARACTER SET ascii NOT NULL,
    object_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    value VARCHAR(1024) NOT NULL,
    is_shown BOOLEAN NOT NULL,
    PRIMARY KEY (object_kind, object_id, name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
