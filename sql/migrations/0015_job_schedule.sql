-- Periodic work. `process_id` is the process that runs it now; it falls with the process's lease.
CREATE TABLE IF NOT EXISTS job_schedule (
    name VARCHAR(64) CHARACTER SET ascii NOT NULL,
    process_id BIGINT NULL,
    next_run DATETIME(3) NOT NULL,
    began DATETIME(3) NULL,
    ended DATETIME(3) NULL,
    runs BIGINT NOT NULL DEFAULT 0,
    error_key VARCHAR(128) CHARACTER SET ascii NULL,
    PRIMARY KEY (name),
    KEY job_schedule_process (process_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
