-- Comments of people on objects of any kind.
CREATE TABLE IF NOT EXISTS annotation (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    object_kind VARCHAR(32) CHARACTER SET ascii NOT NULL,
    object_id BIGINT NOT NULL,
    object_uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    entity_type VARCHAR(32) CHARACTER SET ascii NOT NULL,
    user_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    content VARCHAR(255) NOT NULL,
    admins_only BOOLEAN NOT NULL,
    created DATETIME(3) NOT NULL,
    UNIQUE KEY annotation_uuid (uuid),
    KEY annotation_object (object_uuid, admins_only),
    KEY annotation_going (object_kind, object_id),
    KEY annotation_account (account_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
