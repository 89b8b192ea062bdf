-- Users of a directory are looked for in all domains.
ALTER TABLE login_user ADD KEY IF NOT EXISTS login_user_username (username);
