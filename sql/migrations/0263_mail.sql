-- Letters that wait to be sent, whole and sealed: they may hold links that let people in. A row goes when its job ends.
CREATE TABLE IF NOT EXISTS mail (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    recipient VARCHAR(254) NOT NULL,
    body_sealed MEDIUMTEXT CHARACTER SET ascii NOT NULL,
    created DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY mail_uuid (uuid)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
