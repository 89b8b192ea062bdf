/* The pool: which thread has which connection. Connections are opened by their first user and kept until the pool ends.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/thread.h"
#include "db/db_private.h"

enum { ACQUIRE_WAIT_S = 5 };

struct db_pool {
    struct db_config config; /* copies */
    size_t max;
    struct mutex lock;
    struct condition freed;
    /* Under the lock: */
    struct db **idle; /* the last one is taken first: the others may be closed by the server when idle for long */
    size_t idle_count, open_count;
};

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void library_start(void)
{
    if (mysql_library_init(0, NULL, NULL) != 0)
        abort();
}

static char *copy_text(const char *text)
{
    char *copy = text == NULL ? NULL : strdup(text);
    if (copy == NULL && text != NULL)
        abort();
    return copy;
}

static struct secret copy_secret(struct secret secret)
{
    if (secret.bytes == NULL)
        return (struct secret){.bytes = NULL};
    char *copy = calloc(1, secret.length + 1);
    if (copy == NULL)
        abort();
    memcpy(copy, secret.bytes, secret.length);
    return (struct secret){.bytes = copy, .length = secret.length};
}

struct db_pool *db_pool_new(const struct db_config *config, size_t max_connections)
{
    pthread_once(&library_once, library_start);
    struct db_pool *pool = calloc(1, sizeof(*pool));
    struct db **idle = calloc(max_connections, sizeof(*idle));
    if (pool == NULL || idle == NULL)
        abort();
    pool->idle = idle;
    pool->max = max_connections;
    pool->config = (struct db_config){.host = copy_text(config->host),
                                      .unix_socket = copy_text(config->unix_socket),
                                      .user = copy_text(config->user),
                                      .database = copy_text(config->database),
                                      .password = copy_secret(config->password),
                                      .port = config->port,
                                      .cluster_reads_wait = config->cluster_reads_wait};
    mutex_init(&pool->lock);
    condition_init(&pool->freed);
    return pool;
}

static void free_text(const char *text)
{
    free((void *)(uintptr_t)text);
}

void db_pool_free(struct db_pool *pool)
{
    if (pool == NULL)
        return;
    for (size_t i = 0; i < pool->idle_count; i++)
        db_free(pool->idle[i]);
    free(pool->idle);
    if (pool->config.password.bytes != NULL)
        explicit_bzero((void *)(uintptr_t)pool->config.password.bytes, pool->config.password.length);
    free_text(pool->config.password.bytes);
    free_text(pool->config.host);
    free_text(pool->config.unix_socket);
    free_text(pool->config.user);
    free_text(pool->config.database);
    condition_destroy(&pool->freed);
    mutex_destroy(&pool->lock);
    free(pool);
}

const struct db_config *db_pool_config(const struct db_pool *pool)
{
    return &pool->config;
}

/* An idle connection, or the right to open one more: *ret_db is NULL then. False: none came free in time. */
static bool pool_take(struct db_pool *pool, struct db **ret_db)
{
    int64_t deadline_ms = clock_monotonic_ms() + ACQUIRE_WAIT_S * 1000;
    mutex_lock(&pool->lock);
    for (bool in_time = true; pool->idle_count == 0 && pool->open_count == pool->max && in_time;)
        in_time = condition_wait_until(&pool->freed, &pool->lock, deadline_ms);
    bool taken = true;
    *ret_db = NULL;
    if (pool->idle_count > 0)
        *ret_db = pool->idle[--pool->idle_count];
    else if (pool->open_count < pool->max)
        pool->open_count++;
    else
        taken = false;
    mutex_unlock(&pool->lock);
    return taken;
}

bool db_acquire(struct db_pool *pool, struct db **ret_db, struct error *err)
{
    struct db *db;
    if (!pool_take(pool, &db)) {
        error_set(err, ERROR_DATABASE, "db.busy");
        return error_add_detail(err, "no free connection of %zu after %d s", pool->max, ACQUIRE_WAIT_S);
    }
    if (db == NULL)
        db = db_new(pool);
    mysql_thread_init(); /* for MySQL's client, when another thread opened the connection */
    if (db->mysql != NULL && db_looks_dead(db))
        db_disconnect(db);
    if (!db_ensure(db, err)) {
        db_release(db);
        return false;
    }
    *ret_db = db;
    return true;
}

void db_release(struct db *db)
{
    if (db == NULL)
        return;
    struct error ignored; /* the server says whether something is open, whoever began it */
    if (db->mysql != NULL && (db->mysql->server_status & SERVER_STATUS_IN_TRANS) != 0 &&
        !db_command(db, "ROLLBACK", &ignored))
        db_disconnect(db);
    db->in_transaction = db->dry = false;
    db->hook_count = 0;
    struct db_pool *pool = db->pool;
    mutex_lock(&pool->lock);
    pool->idle[pool->idle_count++] = db;
    condition_signal(&pool->freed);
    mutex_unlock(&pool->lock);
}

void db_release_auto(struct db **db)
{
    db_release(*db);
    *db = NULL;
}
