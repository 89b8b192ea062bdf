-- OpenID Connect providers vouch for a mail address only by saying that they verified it.
ALTER TABLE oauth_provider ADD COLUMN IF NOT EXISTS wants_verified BOOLEAN NOT NULL DEFAULT FALSE AFTER issuer;
UPDATE oauth_provider SET wants_verified = TRUE WHERE issuer <> '';
