-- Taken addresses whose VM has no such NIC.
SELECT 'address without NIC' AS finding, a.id, a.network_id, a.object_id FROM address a
    WHERE a.in_use = 1 AND a.object_kind = 'vm' AND NOT EXISTS (SELECT 1 FROM vm_nic n WHERE n.address_id = a.id AND n.vm_id = a.object_id);
-- NICs whose address is not taken by their VM.
SELECT 'NIC without address' AS finding, n.vm_id, n.device_number, n.address_id FROM vm_nic n
    WHERE n.address_id <> 0 AND NOT EXISTS (SELECT 1 FROM address a WHERE a.id = n.address_id AND a.in_use = 1 AND a.object_id = n.vm_id);
-- Networks whose counter differs from the addresses taken in them.
SELECT 'nic_count differs' AS finding, n.id, n.nic_count, (SELECT COUNT(*) FROM address a WHERE a.network_id = n.id AND a.in_use = 1) AS taken
    FROM network n HAVING n.nic_count <> taken;
-- Addresses outside their range, or not yet reached by it.
SELECT 'address outside range' AS finding, a.id, a.range_id FROM address a LEFT JOIN ip_range r ON r.id = a.range_id
    WHERE a.range_id <> 0 AND (r.id IS NULL OR a.ip NOT BETWEEN r.first_ip AND r.last_ip OR a.network_id <> r.network_id);
-- Segments held by a network that is gone or has another one.
SELECT 'segment without network' AS finding, s.physical_network_id, s.segment_id, s.network_id FROM segment s
    LEFT JOIN network n ON n.id = s.network_id AND n.removed IS NULL AND n.segment_id = s.segment_id WHERE s.network_id <> 0 AND n.id IS NULL;
-- Segments that wait to be taken again where no range will find them.
SELECT 'segment outside ranges' AS finding, s.physical_network_id, s.segment_id FROM segment s
    WHERE s.network_id = 0 AND NOT EXISTS (SELECT 1 FROM segment_range r WHERE r.physical_network_id = s.physical_network_id
    AND s.segment_id BETWEEN r.first_id AND r.next_id - 1);
-- Places of networks and hosts that are gone.
SELECT 'place of nothing' AS finding, p.network_id, p.host_id FROM network_place p JOIN network n ON n.id = p.network_id
    LEFT JOIN host h ON h.id = p.host_id WHERE n.removed IS NOT NULL OR (p.host_id <> 0 AND (h.id IS NULL OR h.removed IS NOT NULL));
-- Services that are ahead of what was asked of them.
SELECT 'service ahead' AS finding, p.network_id, p.host_id, p.service_revision, n.service_revision AS asked
    FROM network_place p JOIN network n ON n.id = p.network_id WHERE p.service_revision > n.service_revision;
-- A change that waits for a job which does not exist.
SELECT 'service change without job' AS finding, n.id FROM network n WHERE n.service_pending = 1 AND n.removed IS NULL AND NOT EXISTS
    (SELECT 1 FROM job j WHERE j.object_kind = 'network' AND j.object_id = n.id AND j.kind = 'network.services'
     AND j.state NOT IN ('succeeded', 'failed', 'cancelled'));
