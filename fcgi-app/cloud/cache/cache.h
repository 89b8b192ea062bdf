/* Small tables held in the process: a snapshot of all rows of one statement, loaded again when the shared version says
 * that something changed. Rows are looked up here, not joined. No lock on the hot path: each thread keeps a reference
 * of its own to the newest snapshot it saw. What is not here: which tables there are (see each feature's <f>_store.c).
 */
#ifndef GURUM_CLOUD_CACHE_H
#define GURUM_CLOUD_CACHE_H

#include "base/shared_versions.h"
#include "base/thread.h"
#include "db/db.h"

enum { CACHE_TABLES_MAX = 64 };
struct cache_snapshot;

/* A cached table. Define it with CACHE_TABLE; the row struct begins with `int64_t id; const char *uuid;`, the statement
 * takes no parameters and orders by id. */
struct cache_table {
    const struct db_statement *statement;
    enum shared_version version;
    size_t max_rows;
    struct mutex lock;             /* taken only to exchange `newest` after a change */
    struct cache_snapshot *newest; /* under the lock */
    _Atomic int slot;              /* in each thread's array; given at the first use, under the lock of all tables */
};
#define CACHE_TABLE(ident, the_statement, the_version, the_max_rows)                                                   \
    static struct cache_table ident = {.statement = &(the_statement),                                                  \
                                       .version = (the_version),                                                       \
                                       .max_rows = (the_max_rows),                                                     \
                                       .lock = MUTEX_INITIALIZER,                                                      \
                                       .slot = -1}

struct cache_view {
    const void *items; /* array of the statement's row struct, by ascending id */
    size_t count, row_size;
    const struct cache_snapshot *snapshot;
};
/* The table as it is now. Rows and their strings stay valid as long as the arena. Inside a transaction that may have
 * changed the table the rows of before the transaction are seen, as long as a snapshot is current. Errors: DATABASE. */
MUST_CHECK bool cache_read(struct cache_table *table, struct db *db, struct arena *arena, struct cache_view *ret_view,
                           struct error *err);
/* A row by id or uuid (any case); NULL: none. A miss reads the version row, and loads the table once more when it was
 * raised since: another machine may have added the row just now. A transaction that adds rows raises the version before
 * it looks for them here. */
MUST_CHECK bool cache_find(struct cache_table *table, struct db *db, struct arena *arena, int64_t id,
                           const void **ret_row, struct error *err);
MUST_CHECK bool cache_find_uuid(struct cache_table *table, struct db *db, struct arena *arena, const char *uuid,
                                const void **ret_row, struct error *err);
/* Defines <prefix>_by_id and <prefix>_by_uuid, which do the same with rows of their type, and <prefix>_all. */
#define CACHE_LOOKUPS(table, prefix, row_type)                                                                         \
    ROW_LOOKUPS(table, prefix, row_type, cache_find, cache_find_uuid)                                                  \
    bool prefix##_all(struct db *db, struct arena *arena, struct cache_view *ret_view, struct error *err)              \
    {                                                                                                                  \
        return cache_read(&(table), db, arena, ret_view, err);                                                         \
    }
#define ROW_LOOKUPS(table, prefix, row_type, find, find_uuid)                                                          \
    bool prefix##_by_id(struct db *db, struct arena *arena, int64_t id, const row_type **ret_row, struct error *err)   \
    {                                                                                                                  \
        const void *row = NULL;                                                                                        \
        if (!find(&(table), db, arena, id, &row, err))                                                                 \
            return false;                                                                                              \
        *ret_row = row;                                                                                                \
        return true;                                                                                                   \
    }                                                                                                                  \
    bool prefix##_by_uuid(struct db *db, struct arena *arena, const char *uuid, const row_type **ret_row,              \
                          struct error *err)                                                                           \
    {                                                                                                                  \
        const void *row = NULL;                                                                                        \
        if (!find_uuid(&(table), db, arena, uuid, &row, err))                                                          \
            return false;                                                                                              \
        *ret_row = row;                                                                                                \
        return true;                                                                                                   \
    }
/* Within one view. */
const void *cache_row(const struct cache_view *view, int64_t id);

#endif
