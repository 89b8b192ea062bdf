-- Which job has an object, from its creation to its end, and how many wait behind it. The row is the guard of both.
CREATE TABLE IF NOT EXISTS job_lock (
    object_kind VARCHAR(32) CHARACTER SET ascii NOT NULL,
    object_id BIGINT NOT NULL,
    job_id BIGINT NOT NULL,
    waiting INT NOT NULL DEFAULT 0,
    PRIMARY KEY (object_kind, object_id),
    KEY job_lock_job (job_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
