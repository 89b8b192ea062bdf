-- A pool's allocated bytes are the sum of what its volumes reserved. No row: all is well.
SELECT p.id AS pool_id, p.allocated_bytes, COALESCE(SUM(v.size_bytes), 0) AS reserved_bytes
FROM storage_pool p LEFT JOIN volume v ON v.pool_id = p.id AND v.removed IS NULL
WHERE p.removed IS NULL
GROUP BY p.id, p.allocated_bytes
HAVING p.allocated_bytes <> reserved_bytes;
-- Removed pools hold nothing.
SELECT p.id AS pool_id, p.allocated_bytes FROM storage_pool p WHERE p.removed IS NOT NULL AND p.allocated_bytes <> 0;
-- Images lie in stores that are there.
SELECT z.id AS image_zone_id, z.store_id FROM image_zone z LEFT JOIN image_store s ON s.id = z.store_id AND s.removed IS NULL
WHERE s.id IS NULL;
