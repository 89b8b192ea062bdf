/* Migrations: bringing the schema to this release, once, whoever starts first. The lock is a row with a lease, renewed
 * by a thread on a connection of its own, so that a long ALTER keeps it and a dead process loses it after LEASE_S. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/thread.h"
#include "base/uuid.h"
#include "db/db_private.h"

enum { LEASE_S = 30, RENEW_EVERY_S = 5, LOCK_WAIT_S = 600, LOCK_POLL_MS = 100, MIGRATIONS_MAX = 9999 };

struct migration {
    int64_t number;
    const char *name, *content;
    char checksum[65];
};

struct applied {
    int64_t number;
    const char *name, *checksum;
};
FIELD_TABLE(MIGRATION_APPLIED, struct applied, COLUMN(struct applied, number), COLUMN(struct applied, name),
            COLUMN(struct applied, checksum));

DB_STATEMENT(MIGRATION_LIST, .name = "migration.list",
             .sql = "SELECT number, name, checksum FROM schema_migration ORDER BY number", .row = &MIGRATION_APPLIED,
             .scan_reason = "once at start");
DB_STATEMENT(MIGRATION_ADD, .name = "migration.add",
             .sql = "INSERT INTO schema_migration (number, name, checksum, applied) VALUES (?, ?, ?, NOW(3))");
DB_STATEMENT(LOCK_TAKE, .name = "migration.lock_take",
             .sql = "UPDATE schema_lock SET owner = ?, lease_until = NOW(3) + INTERVAL 30 SECOND WHERE id = 1 AND "
                    "lease_until <= NOW(3)");
DB_STATEMENT(LOCK_RENEW, .name = "migration.lock_renew",
             .sql = "UPDATE schema_lock SET lease_until = NOW(3) + INTERVAL 30 SECOND WHERE id = 1 AND owner = ?");
DB_STATEMENT(LOCK_GIVE, .name = "migration.lock_give",
             .sql = "UPDATE schema_lock SET owner = '', lease_until = NOW(3) WHERE id = 1 AND owner = ?");

/* The lock while it is held, shared with the renewing thread. */
struct lease {
    char owner[UUID_BYTES];
    struct db *db; /* the renewing thread's own connection */
    pthread_t thread;
    struct mutex lock;
    struct condition ended;
    int64_t valid_until_ms; /* under the lock; on the monotonic clock */
    bool end;               /* under the lock */
};

static bool migration_fail(const char *key, const char *what, const char *why, struct error *err)
{
    error_set(err, ERROR_INTERNAL, key);
    return error_add_detail(err, "%s: %s", what, why);
}

static bool has_number(const char *name)
{
    for (int i = 0; i < 4; i++)
        if (!isdigit((unsigned char)name[i]))
            return false;
    return name[4] == '_';
}

static int is_sql(const struct dirent *entry)
{
    return string_ends_with(entry->d_name, ".sql");
}

static bool migration_read(struct arena *arena, const char *folder, const char *file, struct migration *migration,
                           struct error *err)
{
    if (!has_number(file))
        return migration_fail("db.file", file, "is not named NNNN_what.sql", err);
    const char *path = arena_printf(arena, "%s/%s", folder, file);
    if (!script_read_file(arena, path, &migration->content, err))
        return false;
    migration->number = strtol(file, NULL, 10);
    migration->name = arena_strndup(arena, file, strlen(file) - strlen(".sql"));
    token_hash(migration->content, migration->checksum);
    return true;
}

static bool folder_read(struct arena *arena, const char *folder, struct migration **ret_migrations, size_t *ret_count,
                        struct error *err)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_sql, alphasort);
    if (count < 0)
        return migration_fail("db.file", folder, strerror(errno), err);
    struct migration *migrations = arena_array(arena, (size_t)count, sizeof(*migrations));
    bool read = count <= MIGRATIONS_MAX || migration_fail("db.file", folder, "has too many migrations", err);
    for (int i = 0; i < count; i++) {
        read = read && migration_read(arena, folder, entries[i]->d_name, &migrations[i], err);
        if (read && i > 0 && migrations[i].number == migrations[i - 1].number)
            read = migration_fail("db.file", entries[i]->d_name, "has the number of another migration", err);
        free(entries[i]);
    }
    free(entries);
    *ret_migrations = migrations;
    *ret_count = (size_t)count;
    return read;
}

static void lease_extend(struct lease *lease, int64_t asked_ms)
{
    mutex_lock(&lease->lock);
    lease->valid_until_ms = asked_ms + LEASE_S * 1000;
    mutex_unlock(&lease->lock);
}

static bool lease_wait(struct lease *lease)
{
    int64_t until_ms = clock_monotonic_ms() + RENEW_EVERY_S * 1000;
    mutex_lock(&lease->lock);
    while (!lease->end && condition_wait_until(&lease->ended, &lease->lock, until_ms))
        continue;
    bool go_on = !lease->end;
    mutex_unlock(&lease->lock);
    return go_on;
}

static void *lease_renew(void *argument)
{
    struct lease *lease = argument;
    while (lease_wait(lease)) {
        struct error err;
        int64_t asked_ms = clock_monotonic_ms(); /* before asking: never believe in more than the server granted */
        if (!db_execute(lease->db, &LOCK_RENEW, &err, db_text(lease->owner)))
            log_error(LOG_WARNING, "migration.lease_not_renewed", &err);
        else if (db_affected_rows(lease->db) == 1)
            lease_extend(lease, asked_ms);
    }
    return NULL;
}

static bool lease_holds(void *context, struct error *err)
{
    struct lease *lease = context;
    mutex_lock(&lease->lock);
    bool holds = clock_monotonic_ms() < lease->valid_until_ms;
    mutex_unlock(&lease->lock);
    if (holds)
        return true;
    error_set(err, ERROR_DATABASE, "db.migration_lock");
    return error_add_detail(err, "the lease of the migration lock ran out");
}

static bool lock_take(struct db *db, struct lease *lease, struct error *err)
{
    for (int waited_ms = 0; waited_ms < LOCK_WAIT_S * 1000; waited_ms += LOCK_POLL_MS) {
        int64_t asked_ms = clock_monotonic_ms();
        if (!db_execute(db, &LOCK_TAKE, err, db_text(lease->owner)))
            return false;
        if (db_affected_rows(db) == 1) {
            lease_extend(lease, asked_ms);
            return true;
        }
        nanosleep(&(struct timespec){.tv_nsec = LOCK_POLL_MS * 1000000L}, NULL);
    }
    error_set(err, ERROR_DATABASE, "db.migration_lock");
    return error_add_detail(err, "another process has been migrating for %d s", LOCK_WAIT_S);
}

static bool lease_start(struct db *db, struct lease *lease, struct error *err)
{
    if (!lock_take(db, lease, err))
        return false;
    lease->db = db_new(db->pool);
    if (thread_start(&lease->thread, "migration-lease", lease_renew, lease, err))
        return true;
    db_free(lease->db);
    return false; /* the lease runs out by itself */
}

static void lease_stop(struct db *db, struct lease *lease)
{
    mutex_lock(&lease->lock);
    lease->end = true;
    condition_signal(&lease->ended);
    mutex_unlock(&lease->lock);
    pthread_join(lease->thread, NULL);
    db_free(lease->db);
    struct error err;
    if (!db_execute(db, &LOCK_GIVE, &err, db_text(lease->owner)))
        log_error(LOG_WARNING, "migration.lock_not_given_back", &err);
}

static bool bookkeeping_create(struct db *db, struct error *err)
{
    return db_command(db,
                      "CREATE TABLE IF NOT EXISTS schema_migration (number INT NOT NULL PRIMARY KEY, "
                      "name VARCHAR(128) NOT NULL, checksum CHAR(64) CHARACTER SET ascii NOT NULL, "
                      "applied DATETIME(3) NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
                      err) &&
           db_command(db,
                      "CREATE TABLE IF NOT EXISTS schema_lock (id TINYINT NOT NULL PRIMARY KEY, "
                      "owner VARCHAR(36) CHARACTER SET ascii NOT NULL, lease_until DATETIME(3) NOT NULL) "
                      "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
                      err) &&
           db_command(db, "INSERT IGNORE INTO schema_lock (id, owner, lease_until) VALUES (1, '', '2000-01-01')", err);
}

static bool apply(struct db *db, const struct migration *migration, struct lease *lease, struct error *err)
{
    int64_t start_ms = clock_monotonic_ms();
    struct script_run run = {
        .path = migration->name, .content = migration->content, .keep_going = lease_holds, .context = lease};
    if (!script_run(db, &run, err) || !lease_holds(lease, err) ||
        !db_execute(db, &MIGRATION_ADD, err, db_int(migration->number), db_text(migration->name),
                    db_text(migration->checksum)))
        return false;
    log_with(LOG_INFO, "migration.applied", L_TEXT("name", migration->name),
             L_INT("ms", clock_monotonic_ms() - start_ms));
    return true;
}

/* Every applied migration must be in the folder, unchanged. */
static bool applied_check(const struct applied *applied, const struct migration *migrations, size_t count,
                          struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (migrations[i].number == applied->number)
            return strcmp(migrations[i].checksum, applied->checksum) == 0 ||
                   migration_fail("db.migration_changed", migrations[i].name, "was changed after it was applied", err);
    return migration_fail("db.schema_newer", applied->name, "is applied but unknown to this release", err);
}

static bool is_applied(const struct db_rows *applied, int64_t number)
{
    const struct applied *items = applied->items;
    for (size_t i = 0; i < applied->count; i++)
        if (items[i].number == number)
            return true;
    return false;
}

static bool apply_missing(struct db *db, struct arena *arena, const struct migration *migrations, size_t count,
                          struct lease *lease, struct error *err)
{
    struct db_rows applied;
    if (!db_query(db, &MIGRATION_LIST, arena, MIGRATIONS_MAX, &applied, err, DB_NO_VALUES))
        return false;
    for (size_t i = 0; i < applied.count; i++)
        if (!applied_check(&((const struct applied *)applied.items)[i], migrations, count, err))
            return false;
    for (size_t i = 0; i < count; i++)
        if (!is_applied(&applied, migrations[i].number) && !apply(db, &migrations[i], lease, err))
            return false;
    return true;
}

static bool migrate_locked(struct db *db, struct arena *arena, const struct migration *migrations, size_t count,
                           struct error *err)
{
    struct lease lease = {.lock = MUTEX_INITIALIZER, .ended = CONDITION_INITIALIZER};
    uuid_random(lease.owner);
    if (!db_ensure(db, err) || !bookkeeping_create(db, err) || !lease_start(db, &lease, err))
        return false;
    bool done = apply_missing(db, arena, migrations, count, &lease, err);
    lease_stop(db, &lease);
    return done;
}

bool db_migrate(struct db *db, const char *folder, struct error *err)
{
    if (db->in_transaction || db->dry)
        return migration_fail("db.internal", "db_migrate", "inside a transaction or dry", err);
    struct arena arena;
    struct migration *migrations = NULL;
    size_t count = 0;
    arena_init(&arena);
    db_disconnect(db); /* an ALTER may take longer than the read time-out of usual connections */
    db->patient = true;
    bool done =
        folder_read(&arena, folder, &migrations, &count, err) && migrate_locked(db, &arena, migrations, count, err);
    db_disconnect(db); /* whatever session variables the files set are gone, too */
    db->patient = false;
    arena_free(&arena);
    return done;
}
