-- Second factors: sealed secrets; a pending one counts from the first code on that its owner gives. A code is good once:
-- last_counter is the time step of the newest one used.
CREATE TABLE IF NOT EXISTS user_factor (
    user_id BIGINT NOT NULL,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    secret_sealed VARCHAR(512) CHARACTER SET ascii NULL,
    pending_sealed VARCHAR(512) CHARACTER SET ascii NULL,
    last_counter BIGINT NOT NULL DEFAULT 0,
    failures INT NOT NULL DEFAULT 0,
    locked_until DATETIME(3) NULL,
    created DATETIME(3) NOT NULL,
    PRIMARY KEY (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
