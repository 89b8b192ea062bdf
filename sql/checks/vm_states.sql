-- A VM's state, place and job agree.
SELECT 'running VM without a host' AS problem, id, uuid FROM vm WHERE state = 'Running' AND host_id = 0;
SELECT 'stopped VM on a host' AS problem, id, uuid, host_id FROM vm WHERE state IN ('Stopped', 'Destroyed', 'Error', 'Expunged') AND host_id <> 0 AND job_uuid IS NULL;
SELECT 'VM between states without a job' AS problem, id, uuid, state FROM vm WHERE state IN ('Starting', 'Stopping') AND job_uuid IS NULL;
SELECT 'VM with a job that has ended' AS problem, v.id, v.uuid, v.job_uuid, j.state FROM vm v LEFT JOIN job j ON j.uuid = v.job_uuid
WHERE v.job_uuid IS NOT NULL AND (j.uuid IS NULL OR j.state IN ('succeeded', 'failed', 'cancelled'));
SELECT 'expunged VM with NICs' AS problem, v.id, v.uuid FROM vm v JOIN vm_nic n ON n.vm_id = v.id WHERE v.removed IS NOT NULL;
SELECT 'listed does not fit the state' AS problem, id, uuid, state, listed FROM vm
WHERE listed <> CASE state WHEN 'Expunged' THEN 0 WHEN 'Destroyed' THEN 1 WHEN 'Expunging' THEN 1 ELSE 1 + is_shown END;
SELECT 'listed does not fit the volume' AS problem, id, uuid, state, listed FROM volume WHERE listed <> IF(removed IS NULL, 1 + is_shown, 0);
SELECT 'expunged VM with volumes' AS problem, v.id, d.uuid FROM vm v JOIN volume d ON d.vm_id = v.id WHERE v.removed IS NOT NULL AND d.removed IS NULL;
SELECT 'running VM with a disk that is not ready' AS problem, v.id, d.uuid, d.state FROM vm v JOIN volume d ON d.vm_id = v.id
WHERE v.state = 'Running' AND d.removed IS NULL AND d.state <> 'Ready';
SELECT 'volume being made without a job' AS problem, d.id, d.uuid FROM volume d LEFT JOIN vm v ON v.id = d.vm_id
WHERE d.state = 'Creating' AND v.job_uuid IS NULL
  AND NOT EXISTS (SELECT 1 FROM provider_leftover l WHERE l.object_id = v.id AND l.object_kind = 'vm' AND l.resolved IS NULL);
