-- A job that has ended is in nobody's hands; one that has not can be claimed or is carried.
SELECT id, uuid, state, 'ended job still queued' AS finding FROM job
 WHERE state IN ('succeeded', 'failed', 'cancelled') AND (claimable IS NOT NULL OR process_id IS NOT NULL OR ended IS NULL);
SELECT id, uuid, state, 'open job that nobody can claim' AS finding FROM job
 WHERE state NOT IN ('succeeded', 'failed', 'cancelled') AND claimable IS NULL;
SELECT job.id, job.uuid, job.process_id, 'job of a process that is gone' AS finding FROM job
 LEFT JOIN job_process ON job_process.id = job.process_id WHERE job.process_id IS NOT NULL AND job_process.id IS NULL;

-- A job that succeeded has no failed or undone step; one that failed has undone or listed each step that it took.
SELECT job_step.job_id, job_step.name, job_step.outcome, 'failed step of a job that succeeded' AS finding FROM job_step
  JOIN job ON job.id = job_step.job_id
 WHERE job.state = 'succeeded' AND job.is_plan = 0 AND (job_step.outcome = 'failed' OR job_step.undo_outcome IS NOT NULL);
SELECT job_step.job_id, job_step.name, 'leftover that is not listed' AS finding FROM job_step
  LEFT JOIN provider_leftover ON provider_leftover.job_id = job_step.job_id AND provider_leftover.step = job_step.name
 WHERE job_step.undo_outcome = 'leftover' AND provider_leftover.id IS NULL;

-- A lock belongs to an open job about that object, and counts exactly those that wait.
SELECT job_lock.object_kind, job_lock.object_id, job_lock.job_id, 'lock without an open job' AS finding FROM job_lock
  LEFT JOIN job ON job.id = job_lock.job_id WHERE job.id IS NULL OR job.claimable IS NULL;
SELECT job_lock.object_kind, job_lock.object_id, job_lock.waiting, 'wrong number of waiting jobs' AS finding FROM job_lock
 WHERE job_lock.waiting <> (SELECT COUNT(*) - 1 FROM job WHERE job.object_kind = job_lock.object_kind
   AND job.object_id = job_lock.object_id AND job.claimable IS NOT NULL AND job.is_plan = 0);
SELECT job.id, job.uuid, job.object_kind, job.object_id, 'open job without a lock' AS finding FROM job
  LEFT JOIN job_lock ON job_lock.object_kind = job.object_kind AND job_lock.object_id = job.object_id
 WHERE job.claimable IS NOT NULL AND job.is_plan = 0 AND job.object_id <> 0 AND job_lock.object_id IS NULL;

-- Notes live no longer than their job.
SELECT job_note.job_id, job_note.name, 'note of an ended job' AS finding FROM job_note
  LEFT JOIN job ON job.id = job_note.job_id WHERE job.id IS NULL OR job.claimable IS NULL;
