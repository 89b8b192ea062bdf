-- Counters of the pages of listAccounts, for accounts that were made before these counters; again when it runs again.
INSERT INTO page_bucket (kind, scope, scope_id, bucket, live, present)
SELECT 'account', s.scope, s.scope_id, s.bucket, s.rows_listed, s.rows_listed FROM (
    SELECT 'd' AS scope, t.ancestor_id AS scope_id, o.id DIV 512 AS bucket, COUNT(*) AS rows_listed
    FROM account o JOIN domain_ancestor t ON t.domain_id = o.domain_id WHERE o.removed_id = 0 GROUP BY t.ancestor_id, o.id DIV 512
    UNION ALL
    SELECT 'g', 0, o.id DIV 512, COUNT(*) FROM account o WHERE o.removed_id = 0 GROUP BY o.id DIV 512) s
ON DUPLICATE KEY UPDATE live = VALUES(live), present = VALUES(present);
