-- The element behind a provider of the virtual router family; it must be enabled before its provider can be.
CREATE TABLE IF NOT EXISTS virtual_router_element (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    provider_id BIGINT NOT NULL,
    enabled TINYINT(1) NOT NULL DEFAULT 0,
    UNIQUE KEY virtual_router_element_uuid (uuid),
    UNIQUE KEY virtual_router_element_provider (provider_id),
    CONSTRAINT virtual_router_element_provider FOREIGN KEY (provider_id) REFERENCES network_provider (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
