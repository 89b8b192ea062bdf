-- What the last probe of a host looked at, line by line, as its plugin reported it.
CREATE TABLE IF NOT EXISTS host_check (
    host_id BIGINT NOT NULL,
    position INT NOT NULL,
    code VARCHAR(64) CHARACTER SET ascii NOT NULL,
    ok BOOLEAN NOT NULL,
    required BOOLEAN NOT NULL,
    detail VARCHAR(1000) NULL,
    hint VARCHAR(1000) NULL,
    checked DATETIME(3) NOT NULL,
    PRIMARY KEY (host_id, position)
) ENGINE = InnoDB;
