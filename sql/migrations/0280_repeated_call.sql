-- Writes that came with an Idempotency-Key, and their answers: a repetition gets the same answer. Rows are forgotten after
-- api.idempotency.retention. The answer is sealed, because it may hold what is shown only once.
CREATE TABLE IF NOT EXISTS repeated_call (
    user_id BIGINT NOT NULL,
    key_hash CHAR(64) CHARACTER SET ascii NOT NULL,
    job_id BIGINT NULL,
    job_uuid CHAR(36) CHARACTER SET ascii NULL,
    sealed_answer MEDIUMTEXT CHARACTER SET ascii NOT NULL,
    created DATETIME(3) NOT NULL,
    PRIMARY KEY (user_id, key_hash),
    KEY repeated_call_created (created)
) ENGINE = InnoDB;
