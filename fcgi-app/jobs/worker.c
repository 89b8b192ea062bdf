/* The jobs process: threads, what they wait for, and the lease's heart. Jobs that wait (for a provider, for a retry)
 * lie in a heap by time and hold no thread.
 *
 * Threads: workers (take ready jobs, else due ones, else claim), the listener (wake-ups and the fall-back poll), the
 * heart (lease, cancel requests, leases of others that ran out), the scheduler. */
#include "jobs/engine.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

enum { POLL_MS = 250, HEART_MS = 500, BEAT_MS = 5000, WORKERS_MAX = 256, CANCELS_MAX = 1000, COMPLAIN_MS = 1000 };

DB_STATEMENT(JOB_CANCELS, .name = "job.cancels", .row = &DB_NUMBER,
             .sql = "SELECT id AS value FROM job WHERE process_id = ? AND cancel_requested = 1 LIMIT 1000");

DB_STATEMENT(JOB_MINE, .name = "job.mine", .row = &DB_NUMBER,
             .sql = "SELECT id AS value FROM job WHERE process_id = ? LIMIT 4096");
DB_STATEMENT(JOB_ORPHAN, .name = "job.orphan",
             .sql = "UPDATE job SET process_id = NULL, claimable = ? WHERE id = ? AND process_id = ?");

static atomic_llong process_id; /* the lease; 0: none */
static atomic_llong beaten_ms;  /* monotonic: the lease was good for LEASE_MS from then on */
static atomic_bool stopping;
static bool is_quarantine; /* set before the threads start */

static struct mutex queue_lock = MUTEX_INITIALIZER;
static struct {
    struct condition change; /* idle threads sleep on it, but for one: */
    struct condition timer;  /* the timekeeper, who wakes when the first of the heap is due */
    struct condition stop;   /* the heart and the scheduler rest on it */
    bool has_timekeeper;
    size_t sleeping_count;
    struct job_lists lists;
    size_t idle_count;
    bool may_claim, is_claiming;
    bool has_orphans; /* a claim got no clear answer: rows may be ours that are in no list here */
} queue GUARDED_BY(queue_lock) = {
    .change = CONDITION_INITIALIZER, .timer = CONDITION_INITIALIZER, .stop = CONDITION_INITIALIZER};

struct role {
    const struct jobs_config *config;
    struct wake_listener *listener;
    pthread_t workers[WORKERS_MAX], listening, heart, scheduler;
    size_t worker_count;
    int64_t healthy_since_ms; /* the heart's: monotonic; beats were good from then on */
};

int64_t engine_process_id(void)
{
    return atomic_load(&process_id);
}

/* A process that stood still must not call anything before it knows that its jobs are still its own. */
bool engine_lease_is_fresh(void)
{
    return clock_monotonic_ms() - atomic_load(&beaten_ms) < LEASE_MS - BEAT_MS;
}

bool engine_is_quarantine(void)
{
    return is_quarantine;
}

void jobs_stop(void)
{
    atomic_store(&stopping, true);
}

/* ---- workers ---- */

/* One idle thread looks what there is to do. */
static REQUIRES(queue_lock) void wake_one(void)
{
    condition_signal(queue.sleeping_count > 0 ? &queue.change : &queue.timer);
}

static REQUIRES(queue_lock) void sleep_for_work(void)
{
    if (queue.lists.waiting_count > 0 && !queue.has_timekeeper) {
        queue.has_timekeeper = true;
        (void)condition_wait_until(&queue.timer, &queue_lock, queue.lists.waiting[0]->due_ms);
        queue.has_timekeeper = false;
        return;
    }
    queue.sleeping_count++;
    condition_wait(&queue.change, &queue_lock);
    queue.sleeping_count--;
}

static REQUIRES(queue_lock) void claimed_add(const struct db_rows *rows)
{
    const struct job_row *items = rows->items;
    for (size_t i = 0; i < rows->count; i++) {
        struct job_live *job = live_new(&items[i]);
        lists_add(&queue.lists, job);
        lists_push_ready(&queue.lists, job);
    }
}

static bool is_in_hand(int64_t id)
{
    mutex_lock(&queue_lock);
    const struct job_live *job = queue.lists.all;
    while (job != NULL && job->row.id != id)
        job = job->all_next;
    mutex_unlock(&queue_lock);
    return job != NULL;
}

/* Gives back what an uncertain claim took. Nobody claims meanwhile, so that whatever is ours and in no list is an
 * orphan. */
static bool orphans_free(struct db *db, struct arena *arena, struct error *err)
{
    struct db_rows rows;
    struct db_value mine = db_int(engine_process_id());
    if (!db_query(db, &JOB_MINE, arena, LIVE_MAX, &rows, err, mine))
        return false;
    const struct db_number *ids = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        if (!is_in_hand(ids[i].value) &&
            !db_execute(db, &JOB_ORPHAN, err, db_time(clock_now_ms()), db_int(ids[i].value), mine))
            return false;
    return true;
}

static bool claim_rows(const struct role *role, struct claim *claim, bool orphans, struct error *err)
{
    AUTO(db_release_auto) struct db *db = NULL;
    return db_acquire(role->config->pool, &db, err) && (!orphans || orphans_free(db, claim->arena, err)) &&
           journal_claim(db, claim, err);
}

/* As many jobs as threads idle, this one included. The lock is given up meanwhile. */
static REQUIRES(queue_lock) void claim(const struct role *role, struct arena *arena)
{
    struct claim claim = {.quarantine = is_quarantine, .limit = queue.idle_count, .arena = arena};
    bool orphans = queue.has_orphans;
    queue.is_claiming = true;
    queue.may_claim = false;
    mutex_unlock(&queue_lock);
    struct error err;
    error_clear(&err);
    bool claimed = engine_process_id() != 0 && claim_rows(role, &claim, orphans, &err);
    if (error_is_set(&err) && !claimed)
        log_error(LOG_WARNING, "job.claim", &err);
    mutex_lock(&queue_lock);
    queue.is_claiming = false;
    queue.has_orphans = !claimed;
    if (!claimed)
        return;
    claimed_add(&claim.rows);
    queue.may_claim = queue.may_claim || (claim.rows.count > 0 && claim.rows.count == claim.limit);
    if (claim.rows.count > 1)
        condition_broadcast(&queue.change);
}

/* The next job for this thread; NULL: the process stops. */
static struct job_live *job_take(const struct role *role, struct arena *arena)
{
    struct job_live *job = NULL;
    mutex_lock(&queue_lock);
    queue.idle_count++;
    while (!atomic_load(&stopping)) {
        if ((job = lists_pop_ready(&queue.lists)) != NULL)
            break;
        if (queue.lists.waiting_count > 0 && queue.lists.waiting[0]->due_ms <= clock_monotonic_ms()) {
            job = lists_pop_waiting(&queue.lists);
            break;
        }
        if (queue.may_claim && !queue.is_claiming && queue.lists.live_count + CLAIM_MAX < LIVE_MAX) {
            arena_reset(arena);
            claim(role, arena);
            continue;
        }
        sleep_for_work();
    }
    queue.idle_count--;
    /* another idle thread looks after the rest: what is ready, due next, or to be claimed */
    bool is_more = queue.lists.ready_first != NULL || (queue.may_claim && !queue.is_claiming);
    if (job != NULL && (is_more || (queue.lists.waiting_count > 0 && !queue.has_timekeeper)))
        wake_one();
    mutex_unlock(&queue_lock);
    return job;
}

static void job_give(struct job_live *job, enum carry_result result)
{
    mutex_lock(&queue_lock);
    if (result == CARRY_WAIT) {
        lists_push_waiting(&queue.lists, job);
        if (queue.lists.waiting[0] == job)
            condition_signal(&queue.timer);
    } else {
        lists_remove(&queue.lists, job);
        queue.may_claim = true; /* there is a thread again, and perhaps a job that waited for this one's object */
    }
    mutex_unlock(&queue_lock);
    if (result != CARRY_WAIT)
        live_free(job);
}

/* Without a connection the job waits; its lease is kept by the heart. */
static enum carry_result carry(const struct role *role, struct job_live *job, struct arena *arena)
{
    struct db *db = NULL;
    struct error err;
    if (!db_acquire(role->config->pool, &db, &err)) {
        static atomic_llong complained_ms;
        int64_t now = clock_monotonic_ms();
        if (now - atomic_load(&complained_ms) > COMPLAIN_MS) {
            atomic_store(&complained_ms, now);
            log_error(LOG_WARNING, "job.no_connection", &err);
        }
        job->due_ms = now + POLL_MS;
        return CARRY_WAIT;
    }
    enum carry_result result = job_carry(job, db, arena);
    db_release(db);
    return result;
}

static void *work(void *argument)
{
    const struct role *role = argument;
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct job_live *job;
    while ((job = job_take(role, &arena)) != NULL)
        job_give(job, carry(role, job, &arena));
    return NULL;
}

static void *listen_for_jobs(void *argument)
{
    const struct role *role = argument;
    while (!atomic_load(&stopping)) {
        wake_wait(role->listener, POLL_MS);
        mutex_lock(&queue_lock);
        queue.may_claim = true;
        wake_one();
        mutex_unlock(&queue_lock);
    }
    return NULL;
}

/* Until the time is over or the process stops. */
static void rest(int64_t ms)
{
    int64_t until_ms = clock_monotonic_ms() + ms;
    mutex_lock(&queue_lock);
    while (!atomic_load(&stopping) && condition_wait_until(&queue.stop, &queue_lock, until_ms))
        continue;
    mutex_unlock(&queue_lock);
}

/* ---- the heart ---- */

static void cancel_mark(int64_t id)
{
    mutex_lock(&queue_lock);
    for (struct job_live *job = queue.lists.all; job != NULL; job = job->all_next)
        if (job->row.id == id && !atomic_exchange(&job->cancel, true) && lists_hurry(&queue.lists, job))
            condition_signal(&queue.timer);
    mutex_unlock(&queue_lock);
}

static bool cancels_read(struct db *db, struct error *err)
{
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct db_rows rows;
    if (!db_query(db, &JOB_CANCELS, &arena, CANCELS_MAX, &rows, err, db_int(engine_process_id())))
        return false;
    const struct db_number *ids = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        cancel_mark(ids[i].value);
    return true;
}

static bool register_anew(const struct role *role, struct db *db, struct error *err)
{
    int64_t id = 0;
    atomic_store(&process_id, 0); /* whatever is in hand is dropped when it is next looked at */
    int64_t now = clock_monotonic_ms();
    if (!process_register(db, role->config->quarantine, &id, err))
        return false;
    atomic_store(&beaten_ms, now);
    atomic_store(&process_id, id);
    return true;
}

static bool beat(struct role *role, struct db *db, struct error *err)
{
    bool is_alive = false;
    int64_t now = clock_monotonic_ms();
    if (!process_heartbeat(db, engine_process_id(), &is_alive, err))
        return false;
    if (is_alive) {
        atomic_store(&beaten_ms, now);
        return true;
    }
    log_event(LOG_ERROR, "job.lease_lost");
    return register_anew(role, db, err);
}

/* After a silence of the database nobody's lease is judged until all had time to renew it. */
static bool heart_once(struct role *role, struct db *db, bool with_beat, struct error *err)
{
    if (with_beat && !beat(role, db, err))
        return false;
    if (!cancels_read(db, err))
        return false;
    return clock_monotonic_ms() - role->healthy_since_ms < 2 * BEAT_MS || process_reap_expired(db, err);
}

/* A wave of jobs leaves its memory with the allocator, in pieces that only a trim finds. */
static void memory_give_back(void)
{
    enum { WORTH_BYTES = 4 << 20 };
    if (mallinfo2().fordblks > WORTH_BYTES)
        malloc_trim(0);
}

static void *heart_beat(void *argument)
{
    struct role *role = argument;
    for (int64_t next_beat = 0; !atomic_load(&stopping);) {
        int64_t now = clock_monotonic_ms();
        struct db *db = NULL;
        struct error err;
        if (!db_acquire(role->config->pool, &db, &err) || !heart_once(role, db, now >= next_beat, &err)) {
            log_error(LOG_WARNING, "job.heart", &err);
            role->healthy_since_ms = clock_monotonic_ms();
            next_beat = 0;
        } else if (now >= next_beat) {
            next_beat = now + BEAT_MS;
            memory_give_back();
        }
        db_release(db);
        rest(HEART_MS);
    }
    return NULL;
}

static void *schedule_all(void *argument)
{
    const struct role *role = argument;
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    while (!atomic_load(&stopping)) {
        int64_t pause_ms = POLL_MS;
        struct db *db = NULL;
        struct error err;
        if (engine_process_id() != 0 && db_acquire(role->config->pool, &db, &err)) {
            pause_ms = schedule_run_due(db, &arena, engine_process_id());
            db_release(db);
        }
        arena_reset(&arena);
        rest(pause_ms > POLL_MS ? POLL_MS : pause_ms);
    }
    return NULL;
}

/* ---- start and stop ---- */

static bool role_prepare(struct role *role, struct error *err)
{
    struct db *db = NULL;
    if (!db_acquire(role->config->pool, &db, err))
        return false;
    int64_t id = 0;
    atomic_store(&beaten_ms, clock_monotonic_ms());
    bool prepared = process_reap_dead(db, err) && schedule_prepare(db, err) &&
                    process_register(db, role->config->quarantine, &id, err);
    db_release(db);
    atomic_store(&process_id, prepared ? id : 0);
    return prepared && wake_listen(role->config->run_folder, role->config->quarantine ? WAKE_QUARANTINE : WAKE_JOBS,
                                   &role->listener, err);
}

static void queue_prepare(void)
{
    mutex_lock(&queue_lock);
    queue.may_claim = true;
    mutex_unlock(&queue_lock);
}

static bool threads_start(struct role *role, struct error *err)
{
    size_t wanted = role->config->quarantine ? 1 : role->config->threads;
    wanted = wanted < 1 ? 1 : wanted > WORKERS_MAX ? WORKERS_MAX : wanted;
    while (role->worker_count < wanted) {
        if (!thread_start(&role->workers[role->worker_count], "worker", work, role, err))
            return false;
        role->worker_count++;
    }
    return true;
}

static void threads_join(struct role *role)
{
    mutex_lock(&queue_lock);
    condition_broadcast(&queue.change);
    condition_broadcast(&queue.timer);
    condition_broadcast(&queue.stop);
    mutex_unlock(&queue_lock);
    for (size_t i = 0; i < role->worker_count; i++)
        pthread_join(role->workers[i], NULL);
}

static void queue_empty(void)
{
    mutex_lock(&queue_lock);
    while (queue.lists.all != NULL) {
        struct job_live *job = queue.lists.all;
        lists_remove(&queue.lists, job);
        live_free(job);
    }
    queue.lists.ready_first = queue.lists.ready_last = NULL;
    queue.lists.waiting_count = queue.lists.live_count = queue.idle_count = 0;
    mutex_unlock(&queue_lock);
}

static void role_release(const struct role *role)
{
    struct db *db = NULL;
    struct error err;
    if (db_acquire(role->config->pool, &db, &err) && process_release(db, engine_process_id(), &err))
        atomic_store(&process_id, 0);
    else
        log_error(LOG_WARNING, "job.release", &err);
    db_release(db);
}

static bool role_run(struct role *role, struct error *err)
{
    bool listening = thread_start(&role->listening, "jobs-wake", listen_for_jobs, role, err);
    bool beating = listening && thread_start(&role->heart, "jobs-heart", heart_beat, role, err);
    bool scheduling = beating && !role->config->quarantine &&
                      thread_start(&role->scheduler, "jobs-schedule", schedule_all, role, err);
    bool started = beating && (scheduling || role->config->quarantine) && threads_start(role, err);
    while (started && !atomic_load(&stopping))
        nanosleep(&(struct timespec){.tv_nsec = 50 * 1000000L}, NULL);
    atomic_store(&stopping, true);
    threads_join(role);
    if (scheduling)
        pthread_join(role->scheduler, NULL);
    if (beating)
        pthread_join(role->heart, NULL);
    if (listening)
        pthread_join(role->listening, NULL);
    return started;
}

bool jobs_run(const struct jobs_config *config, struct error *err)
{
    static bool is_first = true;
    static struct role role;
    role = (struct role){.config = config, .healthy_since_ms = clock_monotonic_ms() - 2 * BEAT_MS};
    is_quarantine = config->quarantine;
    jobs_set_run_folder(config->run_folder);
    if (is_first) {
        job_register_schedule(&LEFTOVER_SCHEDULE);
        job_register_schedule(&SWEEP_SCHEDULE);
    }
    is_first = false;
    crash_prepare(config->run_folder);
    queue_prepare();
    bool ran = role_prepare(&role, err) && role_run(&role, err);
    queue_empty();
    if (engine_process_id() != 0)
        role_release(&role);
    if (role.listener != NULL)
        wake_close(role.listener);
    atomic_store(&stopping, false); /* not at the beginning: being told to stop while starting counts */
    return ran;
}
