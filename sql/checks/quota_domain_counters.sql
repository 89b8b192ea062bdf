-- The counter of a tenant domain is the sum of its accounts' and of those of every domain below.
SELECT c.domain_id, c.kind, c.used, COALESCE(SUM(a.used), 0) AS accounts
FROM domain_counter c
LEFT JOIN domain_ancestor d ON d.ancestor_id = c.domain_id
LEFT JOIN account o ON o.domain_id = d.domain_id
LEFT JOIN account_counter a ON a.account_id = o.id AND a.kind = c.kind
GROUP BY c.domain_id, c.kind, c.used
HAVING c.used <> accounts;
