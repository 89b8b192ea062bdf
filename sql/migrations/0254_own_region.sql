-- The cloud itself, as the settings of the release before named it.
INSERT IGNORE INTO region (id, name, endpoint) SELECT 1,
    COALESCE((SELECT value FROM setting_value WHERE scope = 1 AND scope_id = 0 AND name = 'region.name'), 'Local'),
    COALESCE((SELECT value FROM setting_value WHERE scope = 1 AND scope_id = 0 AND name = 'region.endpoint'), 'http://localhost/client/');
