-- Tags of any object. Clustered by object, so that a list reads the tags of a page in one go.
CREATE TABLE IF NOT EXISTS resource_tag (
    object_kind VARCHAR(32) CHARACTER SET ascii NOT NULL,
    object_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    value VARCHAR(255) NOT NULL,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    object_uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    account_id BIGINT NOT NULL,
    domain_id BIGINT NOT NULL,
    customer VARCHAR(255) NULL,
    created DATETIME(3) NOT NULL,
    PRIMARY KEY (object_kind, object_id, name),
    KEY resource_tag_account (account_id),
    KEY resource_tag_domain (domain_id),
    KEY resource_tag_name (object_kind, name, value)
);
