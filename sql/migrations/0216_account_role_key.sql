-- A role that an account takes at this moment cannot be deleted, and the other way round.
ALTER TABLE account ADD FOREIGN KEY IF NOT EXISTS account_role (role_id) REFERENCES role (id);
