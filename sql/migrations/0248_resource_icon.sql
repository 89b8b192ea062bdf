-- Small pictures of objects, in base64. Their own table, because lists read them only when they are asked for.
CREATE TABLE IF NOT EXISTS resource_icon (
    object_uuid CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY,
    object_kind VARCHAR(32) CHARACTER SET ascii NOT NULL,
    object_id BIGINT NOT NULL,
    resource_type VARCHAR(32) CHARACTER SET ascii NOT NULL,
    picture MEDIUMTEXT CHARACTER SET ascii NOT NULL,
    updated DATETIME(3) NOT NULL,
    KEY resource_icon_going (object_kind, object_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
