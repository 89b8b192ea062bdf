-- Why the cloud decided as it did: message keys with arguments, rendered when read.
CREATE TABLE IF NOT EXISTS explanation (
    id BIGINT NOT NULL AUTO_INCREMENT,
    job_id BIGINT NOT NULL,
    object_kind VARCHAR(32) CHARACTER SET ascii NULL,
    object_id BIGINT NOT NULL DEFAULT 0,
    step VARCHAR(64) CHARACTER SET ascii NULL,
    audience VARCHAR(8) CHARACTER SET ascii NOT NULL,      -- tenant, operator
    topic VARCHAR(64) CHARACTER SET ascii NOT NULL,
    message_key VARCHAR(128) CHARACTER SET ascii NOT NULL,
    arguments TEXT NOT NULL,
    created DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY explanation_job (job_id, id),
    KEY explanation_object (object_kind, object_id, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
