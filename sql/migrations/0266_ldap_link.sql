-- Whom a directory lets in by himself: members of a group, or of a part of the tree, become users of the domain (account_id
-- 0: each with an account of his own, of the role) or of one account.
CREATE TABLE IF NOT EXISTS ldap_link (
    id BIGINT NOT NULL AUTO_INCREMENT,
    domain_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    kind VARCHAR(5) CHARACTER SET ascii NOT NULL,
    dn VARCHAR(500) NOT NULL,
    role_id BIGINT NOT NULL,
    created DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY ldap_link_place (domain_id, account_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
