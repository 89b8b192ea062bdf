-- Whom the provider named, besides the mail address. Grants live for two minutes.
DELETE FROM oauth_grant;
ALTER TABLE oauth_grant ADD COLUMN IF NOT EXISTS subject VARCHAR(255) COLLATE utf8mb4_bin NOT NULL AFTER provider_id;
