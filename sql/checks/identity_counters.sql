-- Page counters of accounts and users against the rows: of each sub-tree, of everything.
SELECT 'account bucket of domain differs' AS problem, x.ancestor_id, x.bucket, x.live, b.live AS counted_live
FROM (SELECT t.ancestor_id, o.id DIV 512 AS bucket, SUM(o.removed_id = 0) AS live FROM account o JOIN domain_ancestor t ON t.domain_id = o.domain_id AND o.id > 0
      GROUP BY t.ancestor_id, o.id DIV 512) x
LEFT JOIN page_bucket b ON b.kind = 'account' AND b.scope = 'd' AND b.scope_id = x.ancestor_id AND b.bucket = x.bucket
WHERE COALESCE(b.live, 0) <> x.live;
SELECT 'account bucket of everything differs' AS problem, x.bucket, x.live, b.live AS counted_live
FROM (SELECT id DIV 512 AS bucket, SUM(removed_id = 0) AS live FROM account WHERE id > 0 GROUP BY id DIV 512) x
LEFT JOIN page_bucket b ON b.kind = 'account' AND b.scope = 'g' AND b.scope_id = 0 AND b.bucket = x.bucket
WHERE COALESCE(b.live, 0) <> x.live;
SELECT 'user bucket of domain differs' AS problem, x.ancestor_id, x.bucket, x.live, b.live AS counted_live
FROM (SELECT t.ancestor_id, o.id DIV 512 AS bucket, SUM(o.removed_id = 0) AS live FROM login_user o JOIN domain_ancestor t ON t.domain_id = o.domain_id
      GROUP BY t.ancestor_id, o.id DIV 512) x
LEFT JOIN page_bucket b ON b.kind = 'user' AND b.scope = 'd' AND b.scope_id = x.ancestor_id AND b.bucket = x.bucket
WHERE COALESCE(b.live, 0) <> x.live;
SELECT 'user bucket of everything differs' AS problem, x.bucket, x.live, b.live AS counted_live
FROM (SELECT id DIV 512 AS bucket, SUM(removed_id = 0) AS live FROM login_user GROUP BY id DIV 512) x
LEFT JOIN page_bucket b ON b.kind = 'user' AND b.scope = 'g' AND b.scope_id = 0 AND b.bucket = x.bucket
WHERE COALESCE(b.live, 0) <> x.live;
