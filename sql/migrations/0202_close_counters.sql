-- Accounts that are locked or disabled already. Counters of lists (from 100 on) are never closed.
UPDATE account_counter c JOIN account a ON a.id = c.account_id SET c.is_closed = TRUE WHERE a.state <> 'enabled' AND c.kind < 100;
