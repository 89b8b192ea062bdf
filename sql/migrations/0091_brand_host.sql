-- Host names that lead to a brand.
CREATE TABLE IF NOT EXISTS brand_host (
    host VARCHAR(253) CHARACTER SET ascii NOT NULL PRIMARY KEY,
    brand_id BIGINT NOT NULL,
    KEY brand_host_brand (brand_id)
) ENGINE = InnoDB;
