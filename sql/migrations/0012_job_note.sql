-- Durable notes of an operation, kept until its job ends.
CREATE TABLE IF NOT EXISTS job_note (
    job_id BIGINT NOT NULL,
    operation_id CHAR(36) CHARACTER SET ascii NOT NULL,
    name VARCHAR(64) NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (job_id, operation_id, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
