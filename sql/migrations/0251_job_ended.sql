-- Jobs that ended long ago go away.
ALTER TABLE job ADD KEY IF NOT EXISTS job_ended (ended);
