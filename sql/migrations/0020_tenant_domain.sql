-- The customer tree. path is "/" for ROOT and "/a/b/" below: a sub-tree is a prefix. removed_id is 0 while it exists, then the row's id.
CREATE TABLE IF NOT EXISTS tenant_domain (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    parent_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    path VARCHAR(700) NOT NULL,
    level INT NOT NULL,
    state VARCHAR(16) CHARACTER SET ascii NOT NULL,
    network_domain VARCHAR(255) NULL,
    created DATETIME(3) NOT NULL,
    removed DATETIME(3) NULL,
    removed_id BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY tenant_domain_uuid (uuid),
    UNIQUE KEY tenant_domain_name (parent_id, name, removed_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
