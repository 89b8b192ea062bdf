/* The waiter thread: one query for all parked requests at each wake-up. What is parked and why is decided in handler.c.
 */
#include "api/wait.h"

#include "api/api_settings.h"
#include "api/throttle.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/thread.h"

enum { POLL_MS = 50, BATCH = 64 };

struct parked {
    struct http_exchange *exchange;
    struct api_call *call;
    const struct registered_command *command;
    int64_t deadline_ms;
    struct parked *next;
};

static struct mutex lock = MUTEX_INITIALIZER;
static struct parked *newcomers GUARDED_BY(lock); /* not yet seen by the waiter */
static size_t parked_count GUARDED_BY(lock);
static bool accepting GUARDED_BY(lock);
static struct db_pool *pool; /* set before the threads start */
static struct wake_listener *listener;
static pthread_t waiter;

struct db_pool *wait_pool(void)
{
    return pool;
}

bool wait_park(struct http_exchange *exchange, struct api_call *call, const struct registered_command *command,
               struct error *err)
{
    struct parked *parked = ARENA_NEW(&exchange->arena, struct parked);
    *parked =
        (struct parked){exchange, call, command, clock_monotonic_ms() + setting_int(&API_WAIT_SECONDS) * 1000, NULL};
    mutex_lock(&lock);
    bool fits = accepting && parked_count < (size_t)setting_int(&API_PARKED_MAX);
    if (fits) {
        call->db = NULL;
        parked_count++;
        parked->next = newcomers;
        newcomers = parked;
    }
    mutex_unlock(&lock);
    return fits || error_with(err, ERROR_UNAVAILABLE, "api.too_many_parked", E_TEXT("job", call->reply->job.uuid));
}

static void answer(struct parked *parked, struct db *db, const struct error *failure)
{
    struct error err = {0};
    parked->call->db = db;
    if (failure)
        err = *failure;
    handler_answer(parked->exchange, parked->call, parked->command, failure ? &err : NULL);
    parked->call->db = NULL;
    http_finish(parked->exchange);
    mutex_lock(&lock);
    parked_count--;
    mutex_unlock(&lock);
}

static void answer_with_job(struct parked *parked, struct db *db, const struct job_view *job)
{
    struct error err = {0};
    parked->call->db = db;
    bool ok = invoke_finish_job(parked->call, job, &err);
    answer(parked, db, ok ? NULL : &err);
}

static void answer_late(struct parked *parked)
{
    struct error err;
    (void)error_with(&err, ERROR_TIMED_OUT, "api.job_takes_longer", E_TEXT("job", parked->call->reply->job.uuid));
    answer(parked, NULL, &err);
}

static const struct job_view *find_view(const struct db_rows *rows, int64_t id)
{
    const struct job_view *views = rows->items;
    for (size_t i = 0; i < rows->count; i++)
        if (views[i].id == id)
            return &views[i];
    return NULL;
}

/* Asks for up to BATCH jobs and answers those that ended; returns what stays parked. */
static struct parked *look_at(struct parked *batch, struct parked *rest, struct db *db, struct arena *arena)
{
    int64_t ids[BATCH], now_ms = clock_monotonic_ms();
    size_t count = 0;
    struct db_rows rows = {0};
    struct error err;
    for (struct parked *p = batch; p; p = p->next)
        ids[count++] = p->call->reply->job.id;
    if (db && !job_find_many(db, arena, ids, count, &rows, &err))
        log_error(LOG_WARNING, "api.waiter_query", &err);
    for (struct parked *p = batch, *next; p; p = next) {
        const struct job_view *job = find_view(&rows, p->call->reply->job.id);
        next = p->next;
        if (job && job_is_done(job)) {
            answer_with_job(p, db, job);
        } else if (now_ms >= p->deadline_ms) {
            answer_late(p);
        } else {
            p->next = rest;
            rest = p;
        }
    }
    return rest;
}

static struct parked *take_newcomers(struct parked *list)
{
    mutex_lock(&lock);
    while (newcomers) {
        struct parked *first = newcomers;
        newcomers = first->next;
        first->next = list;
        list = first;
    }
    mutex_unlock(&lock);
    return list;
}

static struct parked *look_at_all(struct parked *list, struct arena *arena)
{
    AUTO(db_release_auto) struct db *db = NULL;
    struct error err;
    struct parked *rest = NULL;
    if (!db_acquire(pool, &db, &err))
        log_error(LOG_WARNING, "api.waiter_no_database", &err);
    while (list) {
        struct parked *batch = list, *last = list;
        for (size_t i = 1; i < BATCH && last->next; i++)
            last = last->next;
        list = last->next;
        last->next = NULL;
        rest = look_at(batch, rest, db, arena);
        arena_reset(arena);
    }
    return rest;
}

static bool is_accepting(void)
{
    mutex_lock(&lock);
    bool result = accepting;
    mutex_unlock(&lock);
    return result;
}

static void set_accepting(bool value)
{
    mutex_lock(&lock);
    accepting = value;
    mutex_unlock(&lock);
}

static void *wait_for_jobs(void *unused)
{
    (void)unused;
    struct arena arena;
    struct parked *list = NULL;
    arena_init(&arena);
    while (is_accepting() && !http_server_is_stopping()) {
        (void)wake_wait(listener, POLL_MS);
        list = take_newcomers(list);
        if (list)
            list = look_at_all(list, &arena);
    }
    set_accepting(false); /* whoever comes now is refused by api_park; the jobs themselves go on */
    for (struct parked *p = take_newcomers(list), *next; p; p = next) {
        struct error err;
        next = p->next;
        (void)error_with(&err, ERROR_UNAVAILABLE, "api.stopping", E_TEXT("job", p->call->reply->job.uuid));
        answer(p, NULL, &err);
    }
    arena_free(&arena);
    return NULL;
}

bool api_waiters_start(struct db_pool *the_pool, const char *run_folder, struct error *err)
{
    pool = the_pool;
    throttle_set_folder(run_folder);
    if (!wake_listen(run_folder, WAKE_WAITERS, &listener, err))
        return false;
    set_accepting(true);
    if (thread_start(&waiter, "api-waiter", wait_for_jobs, NULL, err))
        return true;
    set_accepting(false);
    wake_close(listener);
    return false;
}

void api_waiters_stop(void)
{
    set_accepting(false);
    pthread_join(waiter, NULL);
    wake_close(listener);
}
