-- Every write command: who asked, from where, what for, and the object before and after. A row is added in the transaction of the change
-- ("begun") and completed once; nothing else changes it, and only the retention removes it.
CREATE TABLE IF NOT EXISTS audit_record (
    id BIGINT NOT NULL AUTO_INCREMENT,
    uuid CHAR(36) CHARACTER SET ascii NOT NULL,
    command VARCHAR(64) CHARACTER SET ascii NOT NULL,
    result VARCHAR(8) CHARACTER SET ascii NOT NULL,
    error_code INT NULL,
    error_text VARCHAR(1000) NULL,
    user_id BIGINT NOT NULL,
    caller_account_id BIGINT NOT NULL,
    caller_domain_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL, -- whose object it was
    domain_id BIGINT NOT NULL,
    api_key VARCHAR(16) CHARACTER SET ascii NULL, -- its beginning; NULL: a session
    session_id BIGINT NULL,
    remote_address VARCHAR(64) NULL,
    request_id VARCHAR(64) CHARACTER SET ascii NULL,
    job_uuid CHAR(36) CHARACTER SET ascii NULL,
    object_type VARCHAR(64) CHARACTER SET ascii NULL,
    object_uuid CHAR(36) CHARACTER SET ascii NULL,
    object_name VARCHAR(255) NULL,
    params TEXT NOT NULL,
    before_data MEDIUMTEXT NULL,
    after_data MEDIUMTEXT NULL,
    created DATETIME(3) NOT NULL,
    ended DATETIME(3) NULL,
    PRIMARY KEY (id),
    UNIQUE KEY audit_record_uuid (uuid),
    KEY audit_record_account (account_id, id),
    KEY audit_record_object (object_uuid, id),
    KEY audit_record_request (request_id),
    KEY audit_record_created (created)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4;
