/* Periodic work: a row for each schedule; the process that writes its id into the row runs it. */
#include "jobs/engine.h"

#include "base/clock.h"
#include "base/log.h"

enum { SCHEDULES_MAX = 64, LOOK_AGAIN_MS = 1000, LOOK_SOON_MS = 20 };

/* Registered before the scheduler's thread starts; `look_ms` is that thread's own. */
static struct {
    const struct job_schedule *schedule;
    int64_t look_ms; /* monotonic: not before then */
} schedules[SCHEDULES_MAX];
static size_t schedule_count;

struct next_run {
    struct opt_time next_run;
};
FIELD_TABLE(NEXT_RUN, struct next_run, COLUMN(struct next_run, next_run));

DB_STATEMENT(
    SCHEDULE_ADD, .name = "job_schedule.add",
    .sql = "INSERT INTO job_schedule (name, next_run) VALUES (?, ?) ON DUPLICATE KEY UPDATE name = VALUES(name)");
DB_STATEMENT(
    SCHEDULE_TAKE, .name = "job_schedule.take",
    .sql = "UPDATE job_schedule SET process_id = ?, began = ? WHERE name = ? AND process_id IS NULL AND next_run <= ?");
DB_STATEMENT(SCHEDULE_NEXT, .name = "job_schedule.next", .row = &NEXT_RUN,
             .sql = "SELECT next_run FROM job_schedule WHERE name = ?");
DB_STATEMENT(SCHEDULE_GIVE, .name = "job_schedule.give",
             .sql =
                 "UPDATE job_schedule SET process_id = NULL, next_run = ?, ended = ?, runs = runs + 1, error_key = ? "
                 "WHERE name = ? AND process_id = ?");

void job_register_schedule(const struct job_schedule *schedule)
{
    if (schedule_count == SCHEDULES_MAX || schedule->interval_ms <= 0)
        abort(); /* a defect of the declarations, seen at the first start */
    schedules[schedule_count++].schedule = schedule;
}

bool schedule_prepare(struct db *db, struct error *err)
{
    for (size_t i = 0; i < schedule_count; i++)
        if (!db_execute(db, &SCHEDULE_ADD, err, db_text(schedules[i].schedule->name), db_time(clock_now_ms())))
            return false;
    return true;
}

static bool schedule_run(struct db *db, struct arena *arena, const struct job_schedule *schedule, int64_t process_id,
                         struct error *err)
{
    struct error failure;
    error_clear(&failure);
    arena_reset(arena);
    bool succeeded = engine_refresh(db, &failure) && schedule->run(db, arena, &failure);
    if (!succeeded)
        log_error(LOG_ERROR, "job.schedule_failed", &failure);
    int64_t now = clock_now_ms();
    return db_execute(db, &SCHEDULE_GIVE, err, db_time(now + schedule->interval_ms), db_time(now),
                      db_text(succeeded ? NULL : failure.key), db_text(schedule->name), db_int(process_id));
}

/* When to look at it again, in ms from now. */
static bool schedule_look(struct db *db, struct arena *arena, const struct job_schedule *schedule, int64_t process_id,
                          int64_t *ret_wait_ms, struct error *err)
{
    int64_t now = clock_now_ms();
    if (!db_execute(db, &SCHEDULE_TAKE, err, db_int(process_id), db_time(now), db_text(schedule->name), db_time(now)))
        return false;
    if (db_affected_rows(db) > 0) {
        *ret_wait_ms = schedule->interval_ms;
        return schedule_run(db, arena, schedule, process_id, err);
    }
    struct next_run next = {.next_run = {.set = false}};
    bool found = false;
    if (!db_query_one(db, &SCHEDULE_NEXT, arena, &next, &found, err, db_text(schedule->name)))
        return false;
    int64_t wait = found && next.next_run.set ? next.next_run.ms - now : LOOK_AGAIN_MS;
    *ret_wait_ms = wait < LOOK_SOON_MS ? LOOK_SOON_MS : wait; /* it is being run by another just now */
    return true;
}

int64_t schedule_run_due(struct db *db, struct arena *arena, int64_t process_id)
{
    int64_t rest = LOOK_AGAIN_MS;
    for (size_t i = 0; i < schedule_count; i++) {
        int64_t now = clock_monotonic_ms(), wait = LOOK_AGAIN_MS;
        if (now >= schedules[i].look_ms) {
            struct error err;
            if (!schedule_look(db, arena, schedules[i].schedule, process_id, &wait, &err))
                log_error(LOG_WARNING, "job.schedule", &err);
            schedules[i].look_ms = clock_monotonic_ms() + wait;
        }
        int64_t left = schedules[i].look_ms - clock_monotonic_ms();
        rest = left < rest ? left : rest;
    }
    return rest < 0 ? 0 : rest;
}
