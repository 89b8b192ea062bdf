-- service_revision rises in the transaction of every change that the services of the network must follow; service_pending: a job is queued
-- that brings them there.
ALTER TABLE network
    ADD COLUMN IF NOT EXISTS service_revision BIGINT NOT NULL DEFAULT 1,
    ADD COLUMN IF NOT EXISTS service_pending TINYINT(1) NOT NULL DEFAULT 0;
