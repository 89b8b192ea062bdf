-- Trouble that operators should know of. open_key names the condition while it stands, so that it is told once; NULL when it is over.
CREATE TABLE IF NOT EXISTS alert (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    type INT NOT NULL,
    name VARCHAR(64) CHARACTER SET ascii NOT NULL,
    message_key VARCHAR(128) CHARACTER SET ascii NOT NULL,
    subject VARCHAR(255) NOT NULL,
    detail VARCHAR(500) NOT NULL,
    zone_id BIGINT NOT NULL DEFAULT 0,
    pod_id BIGINT NOT NULL DEFAULT 0,
    open_key VARCHAR(128) CHARACTER SET ascii NULL,
    archived BOOLEAN NOT NULL DEFAULT FALSE,
    sent DATETIME(3) NOT NULL,
    last_seen DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY alert_uuid (uuid),
    UNIQUE KEY alert_open (open_key),
    KEY alert_archived (archived, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
