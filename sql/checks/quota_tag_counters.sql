-- The counters by tag of a tenant domain are the sums of its accounts' and of those of every domain below; those of VMs agree with the VMs.
SELECT 'domain' AS holder, c.domain_id, c.kind, c.tag, c.used, COALESCE(SUM(a.used), 0) AS accounts
FROM domain_tag_counter c
LEFT JOIN domain_ancestor d ON d.ancestor_id = c.domain_id
LEFT JOIN account o ON o.domain_id = d.domain_id
LEFT JOIN account_tag_counter a ON a.account_id = o.id AND a.kind = c.kind AND a.tag = c.tag
GROUP BY c.domain_id, c.kind, c.tag, c.used
HAVING c.used <> accounts;
SELECT 'account' AS holder, c.account_id, c.tag, c.used, COUNT(v.id) AS vms
FROM account_tag_counter c
LEFT JOIN vm v ON v.account_id = c.account_id AND v.removed IS NULL AND FIND_IN_SET(c.tag, v.counted_tags)
    AND v.state NOT IN ('Error', 'Destroyed', 'Expunging', 'Expunged')
WHERE c.kind = 0
GROUP BY c.account_id, c.tag, c.used
HAVING c.used <> vms;
