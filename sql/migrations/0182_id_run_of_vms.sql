-- VMs begin a run above all ids that are taken.
INSERT IGNORE INTO id_run (kind, account_id, next_id, end_id)
SELECT 'vm', 0, (COALESCE(MAX(id), 0) DIV 32 + 1) * 32, 1099511627776 FROM vm WHERE id < 1099511627776;
