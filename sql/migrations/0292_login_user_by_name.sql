-- listUsers by name, wherever in the tree it is.
ALTER TABLE login_user ADD KEY IF NOT EXISTS login_user_by_name (username);
