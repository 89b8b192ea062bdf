-- Each owner draws the ids of its objects from a run of its own, so that the rows of a page lie together in every table that is clustered by
-- the object's id. account_id 0: what no owner has been given yet.
CREATE TABLE IF NOT EXISTS id_run (
    kind VARCHAR(16) CHARACTER SET ascii NOT NULL,
    account_id BIGINT NOT NULL,
    next_id BIGINT NOT NULL,
    end_id BIGINT NOT NULL,
    PRIMARY KEY (kind, account_id)
);
