-- Who asked for a job stands in account_id; the project that it works for, as the (negative) id of its account. 0: none.
ALTER TABLE job
    ADD COLUMN IF NOT EXISTS project_account_id BIGINT NOT NULL DEFAULT 0,
    ADD KEY IF NOT EXISTS job_project (project_account_id, id);
