-- What a job could not take back at a provider. The reconciler tries again until it is resolved.
CREATE TABLE IF NOT EXISTS provider_leftover (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    job_id BIGINT NOT NULL,
    step VARCHAR(64) CHARACTER SET ascii NOT NULL,
    object_kind VARCHAR(32) CHARACTER SET ascii NULL,
    object_id BIGINT NOT NULL DEFAULT 0,
    object_uuid CHAR(36) CHARACTER SET ascii NULL,
    error_kind VARCHAR(32) CHARACTER SET ascii NOT NULL,
    error_key VARCHAR(128) CHARACTER SET ascii NOT NULL,
    error_args TEXT NOT NULL,
    error_detail VARCHAR(400) NOT NULL,
    attempts INT NOT NULL DEFAULT 0,
    created DATETIME(3) NOT NULL,
    next_attempt DATETIME(3) NULL,
    resolved DATETIME(3) NULL,
    PRIMARY KEY (id),
    UNIQUE KEY provider_leftover_uuid (uuid),
    UNIQUE KEY provider_leftover_step (job_id, step),
    KEY provider_leftover_next (next_attempt)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
