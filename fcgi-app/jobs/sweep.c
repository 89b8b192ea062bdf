/* Jobs go some time after their end, with their steps: fleeting ones are marked when they end and go some minutes
 * later, so that whoever waits can still read them; the others after job.expire.minutes, unless something is left over
 * at a provider. What was explained about an object stays. */
#include "jobs/engine.h"

#include "base/clock.h"
#include "base/setting.h"

SETTING(JOB_EXPIRE_MINUTES, .name = "job.expire.minutes", .category = "Advanced", .default_value = "1440",
        .help = "Minutes for which jobs can be looked at after their end; 0: for ever", .type = SETTING_INT,
        .scopes = SCOPE_GLOBAL, .min = 0, .max = 5256000);

enum { KEPT_MS = 300000, SWEEP_EVERY_MS = 30000, MINUTE_MS = 60000 };

DB_STATEMENT(JOB_EXPIRE, .name = "job.expire", .sql = "UPDATE job SET expires = ? WHERE id = ?");
DB_STATEMENT(SWEEP_STEPS, .name = "job.sweep_steps",
             .sql = "DELETE s FROM job_step s JOIN job j ON j.id = s.job_id WHERE j.expires < ?");
DB_STATEMENT(SWEEP_OLD, .name = "job.sweep_old",
             .sql = "UPDATE job SET expires = ? WHERE ended < ? AND expires IS NULL AND NOT EXISTS (SELECT 1 FROM "
                    "provider_leftover l WHERE l.job_id = job.id AND l.resolved IS NULL) LIMIT 1000");
DB_STATEMENT(
    SWEEP_LINES, .name = "job.sweep_lines",
    .sql = "DELETE e FROM explanation e JOIN job j ON j.id = e.job_id WHERE j.expires < ? AND e.object_id = 0");
DB_STATEMENT(SWEEP_JOBS, .name = "job.sweep", .sql = "DELETE FROM job WHERE expires < ?");

bool sweep_mark(struct db *db, int64_t job_id, struct error *err)
{
    return db_execute(db, &JOB_EXPIRE, err, db_time(clock_now_ms() + KEPT_MS), db_int(job_id));
}

static bool sweep_body(struct db *db, void *context, struct error *err)
{
    const int64_t *before_ms = context;
    return db_execute(db, &SWEEP_LINES, err, db_time(*before_ms)) &&
           db_execute(db, &SWEEP_STEPS, err, db_time(*before_ms)) &&
           db_execute(db, &SWEEP_JOBS, err, db_time(*before_ms));
}

static bool sweep_run(struct db *db, struct arena *arena, struct error *err)
{
    int64_t before_ms = clock_now_ms(), minutes = setting_int(&JOB_EXPIRE_MINUTES);
    (void)arena;
    if (minutes > 0 &&
        !db_execute(db, &SWEEP_OLD, err, db_time(before_ms - 1), db_time(before_ms - minutes * MINUTE_MS)))
        return false;
    return db_transaction(db, sweep_body, &before_ms, err);
}

const struct job_schedule SWEEP_SCHEDULE = {.name = "job.sweep", .interval_ms = SWEEP_EVERY_MS, .run = sweep_run};
