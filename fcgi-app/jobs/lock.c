/* Which job has an object: rows of job_lock. The job that inserts the row has the object from its creation on; later
 * ones count themselves in it and wait; the job that ends hands the row to the oldest of them. Both sides write the
 * row, so neither misses the other, on a Galera cluster too. */
#include "jobs/engine.h"

#include "base/clock.h"

DB_STATEMENT(LOCK_TAKE, .name = "job_lock.take",
             .sql = "INSERT INTO job_lock (object_kind, object_id, job_id) VALUES (?, ?, ?) "
                    "ON DUPLICATE KEY UPDATE waiting = waiting + 1");
DB_STATEMENT(LOCK_DROP, .name = "job_lock.drop",
             .sql = "DELETE FROM job_lock WHERE object_kind = ? AND object_id = ? AND job_id = ? AND waiting = 0");
DB_STATEMENT(LOCK_HAND, .name = "job_lock.hand",
             .sql = "UPDATE job_lock SET waiting = waiting - 1 WHERE object_kind = ? AND object_id = ? AND job_id = ?");
DB_STATEMENT(LOCK_OWN, .name = "job_lock.own",
             .sql = "UPDATE job_lock SET job_id = ? WHERE object_kind = ? AND object_id = ?");
DB_STATEMENT(LOCK_NEXT, .name = "job_lock.next", .row = &DB_NUMBER,
             .sql =
                 "SELECT MIN(id) AS value FROM job WHERE object_kind = ? AND object_id = ? AND claimable IS NOT NULL "
                 "AND id <> ? AND is_plan = 0 HAVING value IS NOT NULL");
DB_STATEMENT(LOCK_FREE_JOB, .name = "job_lock.free_job", .sql = "UPDATE job SET claimable = ? WHERE id = ?");

bool lock_take(struct db *db, const char *object_kind, int64_t object_id, int64_t job_id, bool *ret_is_mine,
               struct error *err)
{
    if (!db_execute(db, &LOCK_TAKE, err, db_text(object_kind), db_int(object_id), db_int(job_id)))
        return false;
    *ret_is_mine = db_affected_rows(db) == 1; /* 2: the row was there and has changed */
    return true;
}

bool lock_pass_on(struct db *db, const struct job_row *row, struct error *err)
{
    if (row->object_kind == NULL || row->object_id == 0 || row->is_plan)
        return true;
    struct db_value kind = db_text(row->object_kind), object = db_int(row->object_id);
    if (!db_execute(db, &LOCK_DROP, err, kind, object, db_int(row->id)))
        return false;
    if (db_affected_rows(db) > 0)
        return true;
    if (!db_execute(db, &LOCK_HAND, err, kind, object, db_int(row->id)))
        return false;
    if (db_affected_rows(db) == 0)
        return true; /* not the owner: nothing to hand on */
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct db_number next = {0};
    bool found = false;
    if (!db_query_one(db, &LOCK_NEXT, &arena, &next, &found, err, kind, object, db_int(row->id)))
        return false;
    if (!found) {
        error_set(err, ERROR_INTERNAL, "job.internal");
        return error_add_detail(err, "job %lld: somebody waits for the object, but no job does", (long long)row->id);
    }
    db_on_commit(db, engine_wake_jobs, NULL);
    return db_execute(db, &LOCK_OWN, err, db_int(next.value), kind, object) &&
           db_execute(db, &LOCK_FREE_JOB, err, db_time(clock_now_ms()), db_int(next.value));
}
