CREATE TABLE IF NOT EXISTS image_detail (
    image_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    value VARCHAR(1024) NOT NULL,
    PRIMARY KEY (image_id, name)
);
