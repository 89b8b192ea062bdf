-- What hosts and pools have given away is what VMs and volumes hold.
SELECT 'CPU or memory of host differs' AS problem, h.id, h.cpu_used_mhz, h.memory_used_mib, x.cpu, x.memory
FROM host h LEFT JOIN (SELECT host_id, SUM(cpu_count * cpu_mhz) AS cpu, SUM(memory_mib) AS memory FROM vm WHERE host_id > 0 GROUP BY host_id) x ON x.host_id = h.id
WHERE h.removed IS NULL AND (h.cpu_used_mhz <> COALESCE(x.cpu, 0) OR h.memory_used_mib <> COALESCE(x.memory, 0));
SELECT 'bytes of pool differ' AS problem, p.id, p.allocated_bytes, x.bytes
FROM storage_pool p LEFT JOIN (SELECT pool_id, SUM(size_bytes) AS bytes FROM volume WHERE pool_id > 0 GROUP BY pool_id) x ON x.pool_id = p.id
WHERE p.removed IS NULL AND p.allocated_bytes <> COALESCE(x.bytes, 0);
