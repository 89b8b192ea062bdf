-- The jobs processes that live. One row is the lease of all jobs that the process carries.
CREATE TABLE IF NOT EXISTS job_process (
    id BIGINT NOT NULL AUTO_INCREMENT,
    machine VARCHAR(128) NOT NULL,
    pid BIGINT NOT NULL,
    quarantine BOOLEAN NOT NULL DEFAULT FALSE,
    started DATETIME(3) NOT NULL,
    alive_until DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY job_process_alive (alive_until)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
