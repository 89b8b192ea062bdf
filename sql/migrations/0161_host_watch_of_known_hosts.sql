-- Hosts that were there before hosts were watched.
INSERT IGNORE INTO host_watch (host_id, due) SELECT id, UTC_TIMESTAMP(3) FROM host WHERE removed IS NULL AND state <> 'Creating';
