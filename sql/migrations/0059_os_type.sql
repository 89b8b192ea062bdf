CREATE TABLE IF NOT EXISTS os_type (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    category_id BIGINT NOT NULL,
    description VARCHAR(255) NOT NULL,
    user_defined TINYINT(1) NOT NULL DEFAULT 0,
    display TINYINT(1) NOT NULL DEFAULT 1,
    UNIQUE KEY os_type_uuid (uuid),
    UNIQUE KEY os_type_description (description),
    CONSTRAINT os_type_category FOREIGN KEY (category_id) REFERENCES os_category (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
