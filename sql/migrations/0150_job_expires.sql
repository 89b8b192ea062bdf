-- Jobs that nobody looks back at (counters read every minute, a piece of a serial log) go away some minutes after their end.
ALTER TABLE job
    ADD COLUMN IF NOT EXISTS expires DATETIME(3) NULL,
    ADD KEY IF NOT EXISTS job_expires (expires);
