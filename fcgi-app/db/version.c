/* Version rows: raising them in the transaction that changes cached data, and the thread that sees other machines'
 * changes. */
#include "db/version.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

enum { WATCH_EVERY_MS = 200, ROWS_MAX = 1000, UNKNOWN = -1 };

struct version_row {
    const char *name;
    int64_t version;
};
FIELD_TABLE(VERSION_ROW, struct version_row, COLUMN(struct version_row, name), COLUMN(struct version_row, version));

DB_STATEMENT(
    VERSION_RAISE, .name = "version.raise",
    .sql = "INSERT INTO cache_version (name, version) VALUES (?, 1) ON DUPLICATE KEY UPDATE version = version + 1");
DB_STATEMENT(VERSION_LIST, .name = "version.list", .sql = "SELECT name, version FROM cache_version",
             .row = &VERSION_ROW, .scan_reason = "a hundred rows at most");

DB_STATEMENT(VERSION_READ, .name = "version.read", .sql = "SELECT version AS value FROM cache_version WHERE name = ?",
             .row = &DB_NUMBER);

static void raise_hook(void *argument)
{
    shared_version_raise((enum shared_version)(uintptr_t)argument);
}

bool version_raise(struct db *db, enum shared_version version, struct error *err)
{
    if (!db_execute(db, &VERSION_RAISE, err, db_text(shared_version_name(version))))
        return false;
    if (db_in_transaction(db))
        shared_version_change(version);
    db_on_commit(db, raise_hook, (void *)(uintptr_t)version);
    return true;
}

bool version_read_row(struct db *db, enum shared_version version, int64_t *ret_row, struct error *err)
{
    struct db_number row = {.value = 0};
    struct arena arena;
    bool found = false;
    arena_init(&arena);
    bool read = db_query_one(db, &VERSION_READ, &arena, &row, &found, err, db_text(shared_version_name(version)));
    arena_free(&arena);
    if (read)
        *ret_row = found ? row.value : 0;
    return read;
}

static struct {
    pthread_t thread;
    struct db_pool *pool;
    bool running;                /* the starter's own */
    bool failing;                /* the watching thread's own */
    int64_t seen[VERSION_COUNT]; /* likewise */
} watch;
static struct mutex stop_lock = MUTEX_INITIALIZER;
static struct condition stopped = CONDITION_INITIALIZER;
static bool is_stopped GUARDED_BY(stop_lock);

/* Each process raises on its own account: comparing with the shared counter cannot tell whose change a raise stood for,
 * and one reload too many is cheap where one too few is a revoked key that still works. The first sight counts as a
 * change, too. */
static void watch_row(const struct version_row *row)
{
    for (int i = 0; i < VERSION_COUNT; i++)
        if (strcmp(shared_version_name((enum shared_version)i), row->name) == 0 && watch.seen[i] != row->version) {
            watch.seen[i] = row->version;
            shared_version_raise((enum shared_version)i);
        }
}

static bool watch_read(struct error *err)
{
    AUTO(db_release_auto) struct db *db = NULL;
    struct arena arena;
    struct db_rows rows;
    if (!db_acquire(watch.pool, &db, err))
        return false;
    arena_init(&arena);
    bool read = db_query(db, &VERSION_LIST, &arena, ROWS_MAX, &rows, err, DB_NO_VALUES);
    for (size_t i = 0; read && i < rows.count; i++)
        watch_row(&((const struct version_row *)rows.items)[i]);
    arena_free(&arena);
    return read;
}

static bool watch_wait(void)
{
    int64_t until_ms = clock_monotonic_ms() + WATCH_EVERY_MS;
    mutex_lock(&stop_lock);
    while (!is_stopped && condition_wait_until(&stopped, &stop_lock, until_ms))
        continue;
    bool go_on = !is_stopped;
    mutex_unlock(&stop_lock);
    return go_on;
}

static void *watch_run(void *argument)
{
    (void)argument;
    do {
        struct error err;
        bool read = watch_read(&err);
        if (!read && !watch.failing) /* once an outage */
            log_error(LOG_WARNING, "version.unread", &err);
        watch.failing = !read;
    } while (watch_wait());
    return NULL;
}

static void set_stopped(bool value)
{
    mutex_lock(&stop_lock);
    is_stopped = value;
    condition_signal(&stopped);
    mutex_unlock(&stop_lock);
}

bool version_watch_start(struct db_pool *pool, struct error *err)
{
    watch.pool = pool;
    set_stopped(false);
    for (int i = 0; i < VERSION_COUNT; i++)
        watch.seen[i] = UNKNOWN;
    watch.running = thread_start(&watch.thread, "versions", watch_run, NULL, err);
    return watch.running;
}

void version_watch_stop(void)
{
    if (!watch.running)
        return;
    set_stopped(true);
    pthread_join(watch.thread, NULL);
    watch.running = false;
}
