-- An account's instance groups are listed in pages.
ALTER TABLE vm_group ADD KEY IF NOT EXISTS vm_group_account (account_id, id);
