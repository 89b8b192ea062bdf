-- All tenant domains of a tree, found from its top.
ALTER TABLE domain_ancestor ADD KEY IF NOT EXISTS domain_ancestor_below (ancestor_id, domain_id);
