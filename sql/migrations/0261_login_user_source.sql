-- Who knows a user's password (native, ldap, oauth2), and whether the user signs in with a second factor or has to.
ALTER TABLE login_user
    ADD COLUMN IF NOT EXISTS source VARCHAR(10) CHARACTER SET ascii NOT NULL DEFAULT 'native',
    ADD COLUMN IF NOT EXISTS has_factor BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN IF NOT EXISTS mandates_factor BOOLEAN NOT NULL DEFAULT FALSE;
