-- Raised by whoever puts something into a tenant domain or takes the domain away, so that one of them sees the other.
ALTER TABLE tenant_domain ADD COLUMN IF NOT EXISTS touched BIGINT NOT NULL DEFAULT 0;
