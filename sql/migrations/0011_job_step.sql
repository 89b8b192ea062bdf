-- The journal: a row for each step that has ended. The step under way stands in the job's row.
CREATE TABLE IF NOT EXISTS job_step (
    job_id BIGINT NOT NULL,
    position INT NOT NULL,
    name VARCHAR(64) CHARACTER SET ascii NOT NULL,
    title_key VARCHAR(128) CHARACTER SET ascii NOT NULL,
    outcome VARCHAR(12) CHARACTER SET ascii NOT NULL,      -- done, skipped, failed
    undo_outcome VARCHAR(12) CHARACTER SET ascii NULL,     -- undone, leftover
    attempts INT NOT NULL,
    begun DATETIME(3) NOT NULL,
    ended DATETIME(3) NOT NULL,
    undone DATETIME(3) NULL,
    PRIMARY KEY (job_id, position)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
