/* Fleeting jobs: marked when they end, removed with their steps some minutes later, so that whoever waits can still
 * read them. */
#include "jobs/engine.h"

#include "base/clock.h"

enum { KEPT_MS = 300000, SWEEP_EVERY_MS = 30000 };

DB_STATEMENT(JOB_EXPIRE, .name = "job.expire", .sql = "UPDATE job SET expires = ? WHERE id = ?");
DB_STATEMENT(SWEEP_STEPS, .name = "job.sweep_steps",
             .sql = "DELETE s FROM job_step s JOIN job j ON j.id = s.job_id WHERE j.expires < ?");
DB_STATEMENT(SWEEP_JOBS, .name = "job.sweep", .sql = "DELETE FROM job WHERE expires < ?");

bool sweep_mark(struct db *db, int64_t job_id, struct error *err)
{
    return db_execute(db, &JOB_EXPIRE, err, db_time(clock_now_ms() + KEPT_MS), db_int(job_id));
}

static bool sweep_body(struct db *db, void *context, struct error *err)
{
    const int64_t *before_ms = context;
    return db_execute(db, &SWEEP_STEPS, err, db_time(*before_ms)) &&
           db_execute(db, &SWEEP_JOBS, err, db_time(*before_ms));
}

static bool sweep_run(struct db *db, struct arena *arena, struct error *err)
{
    int64_t before_ms = clock_now_ms();
    (void)arena;
    return db_transaction(db, sweep_body, &before_ms, err);
}

const struct job_schedule SWEEP_SCHEDULE = {.name = "job.sweep", .interval_ms = SWEEP_EVERY_MS, .run = sweep_run};
