-- Every account and every tenant domain has as many counters as ROOT.
SELECT 'account' AS holder, a.id, COUNT(c.kind) AS counters
FROM account a LEFT JOIN account_counter c ON c.account_id = a.id
GROUP BY a.id
HAVING counters <> (SELECT COUNT(*) FROM domain_counter WHERE domain_id = 1)
UNION ALL
SELECT 'domain', d.id, COUNT(c.kind) AS counters
FROM tenant_domain d LEFT JOIN domain_counter c ON c.domain_id = d.id
GROUP BY d.id
HAVING counters <> (SELECT COUNT(*) FROM domain_counter WHERE domain_id = 1);
