-- listAccounts by name, wherever in the tree it is.
ALTER TABLE account ADD KEY IF NOT EXISTS account_by_name (name);
