-- Sessions are listed and ended by their id; those begun before have none and end by themselves. A session whose user owes
-- a second factor may do nothing else.
ALTER TABLE session
    ADD COLUMN IF NOT EXISTS uuid CHAR(36) CHARACTER SET ascii NULL,
    ADD COLUMN IF NOT EXISTS user_agent VARCHAR(255) NULL,
    ADD COLUMN IF NOT EXISTS awaits_factor BOOLEAN NOT NULL DEFAULT FALSE,
    ADD UNIQUE KEY IF NOT EXISTS session_uuid (uuid);
