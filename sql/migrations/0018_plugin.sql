-- Plugins as the newest jobs process found them, and how they behave.
CREATE TABLE IF NOT EXISTS plugin (
    id BIGINT NOT NULL AUTO_INCREMENT,
    name VARCHAR(64) CHARACTER SET ascii NOT NULL,
    kind VARCHAR(32) CHARACTER SET ascii NOT NULL,
    title VARCHAR(255) NOT NULL,
    version VARCHAR(64) NOT NULL,
    license VARCHAR(128) NOT NULL,
    file VARCHAR(255) NOT NULL,
    abi VARCHAR(32) CHARACTER SET ascii NOT NULL,
    threading VARCHAR(16) CHARACTER SET ascii NOT NULL,
    capabilities BIGINT NOT NULL DEFAULT 0,
    types VARCHAR(255) NOT NULL DEFAULT '',                -- further names it serves
    refusal TEXT NULL,
    disabled BOOLEAN NOT NULL DEFAULT FALSE,
    quarantined BOOLEAN NOT NULL DEFAULT FALSE,
    good_calls INT NOT NULL DEFAULT 0,                     -- in quarantine, since the last fault
    fault_count INT NOT NULL DEFAULT 0,
    fault VARCHAR(16) CHARACTER SET ascii NULL,
    last_fault DATETIME(3) NULL,
    loaded DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY plugin_name (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;

CREATE TABLE IF NOT EXISTS plugin_fault (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    plugin VARCHAR(64) CHARACTER SET ascii NOT NULL,
    slot VARCHAR(64) CHARACTER SET ascii NOT NULL,
    what VARCHAR(16) CHARACTER SET ascii NOT NULL,         -- crashed, stuck
    detail VARCHAR(255) NOT NULL,
    job_id BIGINT NOT NULL,
    step VARCHAR(64) CHARACTER SET ascii NOT NULL,
    created DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY plugin_fault_uuid (uuid),
    KEY plugin_fault_plugin (plugin, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
