-- Accounts stand in an existing domain with an existing role, users in an existing account of the same domain, sessions belong to users.
SELECT 'account' AS what, a.id FROM account a
LEFT JOIN tenant_domain d ON d.id = a.domain_id LEFT JOIN role r ON r.id = a.role_id WHERE d.id IS NULL OR r.id IS NULL
UNION ALL
SELECT 'user', u.id FROM login_user u LEFT JOIN account a ON a.id = u.account_id AND a.domain_id = u.domain_id WHERE a.id IS NULL
UNION ALL
SELECT 'session', s.id FROM session s LEFT JOIN login_user u ON u.id = s.user_id WHERE u.id IS NULL
UNION ALL
SELECT 'path', d.id FROM tenant_domain d JOIN tenant_domain p ON p.id = d.parent_id WHERE d.path <> CONCAT(p.path, d.name, '/');
