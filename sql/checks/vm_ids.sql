-- Ids of VMs come from runs (table id_run): none is taken that a run has yet to give. What an earlier release added lies above all runs.
SELECT 'vm id that no run has given' AS problem, v.id, v.account_id, r.account_id AS run_of, r.next_id, r.end_id
FROM id_run r JOIN vm v ON v.id >= r.next_id AND v.id < r.end_id
WHERE r.kind = 'vm';
