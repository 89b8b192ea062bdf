-- An image in one zone: which store holds it, how far its download is. state: Queued, Downloading, Ready, Failed, Removing.
CREATE TABLE IF NOT EXISTS image_zone (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    image_id BIGINT NOT NULL,
    zone_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    state VARCHAR(16) CHARACTER SET ascii NOT NULL,
    percent INT NOT NULL,
    size_bytes BIGINT NOT NULL,
    physical_size_bytes BIGINT NOT NULL,
    location VARCHAR(1024) NULL,
    failure_key VARCHAR(128) CHARACTER SET ascii NULL,
    failure_text VARCHAR(1024) NULL,
    created DATETIME(3) NOT NULL,
    updated DATETIME(3) NOT NULL,
    UNIQUE KEY image_zone_pair (image_id, zone_id),
    KEY image_zone_zone (zone_id),
    KEY image_zone_store (store_id)
);
