-- How many rows of an owned table a list shows, per owner and range of 512 ids: exact counts and page anchors without a scan.
-- scope: a account, d tenant domain, g everything (scope_id 0).
CREATE TABLE IF NOT EXISTS page_bucket (
    kind VARCHAR(16) CHARACTER SET ascii NOT NULL,
    scope CHAR(1) CHARACTER SET ascii NOT NULL,
    scope_id BIGINT NOT NULL,
    bucket BIGINT NOT NULL,
    live BIGINT NOT NULL,
    present BIGINT NOT NULL,
    PRIMARY KEY (kind, scope, scope_id, bucket)
);
