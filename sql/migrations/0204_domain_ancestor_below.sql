-- Finds everything below a tenant domain.
CREATE INDEX IF NOT EXISTS domain_ancestor_below ON domain_ancestor (ancestor_id, domain_id);
