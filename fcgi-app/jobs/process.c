/* The lease: one row of job_process for each jobs process; it stands for all jobs and schedules in that process's
 * hands. */
#include "jobs/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

struct process_row {
    int64_t id, pid;
};
FIELD_TABLE(PROCESS_ROW, struct process_row, COLUMN(struct process_row, id), COLUMN(struct process_row, pid));

DB_STATEMENT(PROCESS_ADD, .name = "job_process.add",
             .sql = "INSERT INTO job_process (machine, pid, quarantine, started, alive_until) VALUES (?, ?, ?, ?, ?)");
DB_STATEMENT(PROCESS_ALIVE, .name = "job_process.alive", .sql = "UPDATE job_process SET alive_until = ? WHERE id = ?");
DB_STATEMENT(PROCESS_EXPIRED, .name = "job_process.expired", .row = &PROCESS_ROW,
             .sql = "SELECT id, pid FROM job_process WHERE alive_until < ? ORDER BY alive_until LIMIT 100");
DB_STATEMENT(PROCESS_OF_MACHINE, .name = "job_process.of_machine", .row = &PROCESS_ROW,
             .scan_reason = "a row for each live process",
             .sql = "SELECT id, pid FROM job_process WHERE machine = ? LIMIT 1000");
DB_STATEMENT(PROCESS_JOBS, .name = "job_process.free_jobs",
             .sql = "UPDATE job SET process_id = NULL, claimable = ? WHERE process_id = ?");
DB_STATEMENT(PROCESS_SCHEDULES, .name = "job_process.free_schedules",
             .sql = "UPDATE job_schedule SET process_id = NULL WHERE process_id = ?");
DB_STATEMENT(PROCESS_DROP, .name = "job_process.drop", .sql = "DELETE FROM job_process WHERE id = ?");
DB_STATEMENT(JOB_DEATH, .name = "job.death",
             .sql = "UPDATE job SET bad_slot = IF(deaths + 1 >= ?, ?, bad_slot), deaths = deaths + 1 WHERE id = ? AND "
                    "claimable IS NOT NULL");

const char *jobs_machine(void)
{
    static _Thread_local char name[128];
    if (gethostname(name, sizeof name - 1) != 0)
        return "localhost";
    return name;
}

bool process_register(struct db *db, bool quarantine, int64_t *ret_id, struct error *err)
{
    int64_t now = clock_now_ms();
    if (!db_execute(db, &PROCESS_ADD, err, db_text(jobs_machine()), db_int(getpid()), db_bool(quarantine), db_time(now),
                    db_time(now + LEASE_MS)))
        return false;
    *ret_id = db_inserted_id(db);
    return true;
}

bool process_heartbeat(struct db *db, int64_t id, bool *ret_is_alive, struct error *err)
{
    if (!db_execute(db, &PROCESS_ALIVE, err, db_time(clock_now_ms() + LEASE_MS), db_int(id)))
        return false;
    *ret_is_alive = db_affected_rows(db) > 0;
    return true;
}

/* The row goes first: a process whose row is gone knows that it has lost everything. */
static bool release_body(struct db *db, void *context, struct error *err)
{
    const int64_t *id = context;
    db_on_commit(db, engine_wake_jobs, NULL);
    return db_execute(db, &PROCESS_DROP, err, db_int(*id)) &&
           db_execute(db, &PROCESS_JOBS, err, db_time(clock_now_ms()), db_int(*id)) &&
           db_execute(db, &PROCESS_SCHEDULES, err, db_int(*id));
}

bool process_release(struct db *db, int64_t id, struct error *err)
{
    return db_transaction(db, release_body, &id, err);
}

bool process_reap_expired(struct db *db, struct error *err)
{
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct db_rows rows;
    if (!db_query(db, &PROCESS_EXPIRED, &arena, 100, &rows, err, db_time(clock_now_ms())))
        return false;
    const struct process_row *items = rows.items;
    for (size_t i = 0; i < rows.count; i++) {
        log_with(LOG_WARNING, "job.lease_expired", L_INT("process", items[i].id), L_INT("pid", items[i].pid));
        if (!process_release(db, items[i].id, err))
            return false;
    }
    return true;
}

/* A container's first process may never bury the dead. */
static bool pid_is_zombie(int64_t pid)
{
    char path[64], line[512] = "";
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file >= 0 ? read(file, line, sizeof line - 1) : -1;
    if (file >= 0)
        close(file);
    const char *state = length > 0 ? strrchr(line, ')') : NULL; /* the name before it may hold anything: proc(5) */
    return state != NULL && (string_starts_with(state, ") Z") || string_starts_with(state, ") X"));
}

bool jobs_pid_is_gone(int64_t pid)
{
    return (kill((pid_t)pid, 0) != 0 && errno == ESRCH) || pid_is_zombie(pid);
}

/* Those of one pid, or (pid 0) those whose pid is no more. */
static bool reap_of_machine(struct db *db, const char *machine, int64_t pid, struct error *err)
{
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct db_rows rows;
    if (!db_query(db, &PROCESS_OF_MACHINE, &arena, 1000, &rows, err, db_text(machine)))
        return false;
    const struct process_row *items = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        if ((pid == 0 ? jobs_pid_is_gone(items[i].pid) : items[i].pid == pid) && !process_release(db, items[i].id, err))
            return false;
    return true;
}

bool process_reap_dead(struct db *db, struct error *err)
{
    return reap_of_machine(db, jobs_machine(), 0, err);
}

bool jobs_release_leases_of(struct db *db, const char *machine, int64_t pid, struct error *err)
{
    return reap_of_machine(db, machine, pid, err);
}

bool jobs_count_death(struct db *db, int64_t job_id, const char *slot, struct error *err)
{
    return db_execute(db, &JOB_DEATH, err, db_int(DEATHS_MAX), db_text(slot), db_int(job_id));
}
