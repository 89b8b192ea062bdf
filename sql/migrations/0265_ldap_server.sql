-- LDAP servers of a domain (0: of all that have none of their own), asked in the order of their ids.
CREATE TABLE IF NOT EXISTS ldap_server (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    domain_id BIGINT NOT NULL,
    hostname VARCHAR(255) NOT NULL,
    port INT NOT NULL,
    created DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY ldap_server_uuid (uuid),
    UNIQUE KEY ldap_server_place (domain_id, hostname, port)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
