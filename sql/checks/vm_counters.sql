-- Page counters of VMs against the rows: per account, and of everything but what projects own.
SELECT 'vm bucket of account differs' AS problem, x.account_id, x.bucket, x.live, x.present, b.live AS counted_live, b.present AS counted_present
FROM (SELECT account_id, id DIV 512 AS bucket, SUM(listed >= 2) AS live, SUM(listed >= 1) AS present FROM vm GROUP BY account_id, id DIV 512) x
LEFT JOIN page_bucket b ON b.kind = 'vm' AND b.scope = 'a' AND b.scope_id = x.account_id AND b.bucket = x.bucket
WHERE COALESCE(b.live, 0) <> x.live OR COALESCE(b.present, 0) <> x.present;
SELECT 'vm bucket of everything differs' AS problem, x.bucket, x.live, x.present, b.live AS counted_live, b.present AS counted_present
FROM (SELECT id DIV 512 AS bucket, SUM(listed >= 2) AS live, SUM(listed >= 1) AS present FROM vm WHERE account_id > 0 GROUP BY id DIV 512) x
LEFT JOIN page_bucket b ON b.kind = 'vm' AND b.scope = 'g' AND b.scope_id = 0 AND b.bucket = x.bucket
WHERE COALESCE(b.live, 0) <> x.live OR COALESCE(b.present, 0) <> x.present;
SELECT 'volume bucket of account differs' AS problem, x.account_id, x.bucket, x.live, b.live AS counted_live
FROM (SELECT account_id, id DIV 512 AS bucket, SUM(listed >= 2) AS live FROM volume GROUP BY account_id, id DIV 512) x
LEFT JOIN page_bucket b ON b.kind = 'volume' AND b.scope = 'a' AND b.scope_id = x.account_id AND b.bucket = x.bucket
WHERE COALESCE(b.live, 0) <> x.live;
SELECT 'bucket without rows' AS problem, kind, scope, scope_id, bucket, live, present FROM page_bucket WHERE live < 0 OR present < live;
