-- Each VM's last history row that changed its state names the state it is in.
SELECT 'VM without history' AS problem, v.id, v.uuid FROM vm v WHERE NOT EXISTS (SELECT 1 FROM history h WHERE h.object_kind = 'vm' AND h.object_id = v.id);
