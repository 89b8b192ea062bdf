/* Rows of a large table that are asked for by id again and again (accounts, users): a bounded number of them is held in
 * the process, each good as long as two shared versions stand where they stood before it was read: the table's, and the
 * owner shard of its id (VERSION_OWNERS). So a change forgets one row in 64, not the table. What is not here: small
 * tables, which are held whole (cache.h). */
#ifndef GURUM_CLOUD_ENTRIES_H
#define GURUM_CLOUD_ENTRIES_H

#include "base/shared_versions.h"
#include "base/thread.h"
#include "db/db.h"

enum { ENTRY_SLOTS = 4096, ENTRY_LOCKS = 8, ENTRY_BATCH = 32 };

/* ENTRY_BATCH parameters: … WHERE id IN (ENTRY_MARKS) */
#define ENTRY_MARKS DB_MARKS_32

struct entry {
    uint64_t table_version, own_version;
    void *row; /* the struct and behind it its strings, one block; NULL: free */
    size_t bytes;
};
struct entry_uuid {
    char uuid[37]; /* an object keeps its uuid, so this never goes stale */
    int64_t id;
};
/* Define it with ENTRY_TABLE. The row struct begins with `int64_t id; const char *uuid;` and has no other pointers than
 * strings. `some` takes ENTRY_BATCH ids and orders by nothing; `by_uuid` gives the id as DB_NUMBER. */
struct entry_table {
    const struct db_statement *some, *by_uuid;
    enum shared_version version;
    struct mutex locks[ENTRY_LOCKS]; /* guard the slots whose number leaves that remainder */
    struct entry slots[ENTRY_SLOTS];
    struct entry_uuid uuids[ENTRY_SLOTS];
};
#define ENTRY_TABLE(ident, some_statement, uuid_statement, the_version)                                                \
    static struct entry_table ident = {.some = &(some_statement),                                                      \
                                       .by_uuid = &(uuid_statement),                                                   \
                                       .version = (the_version),                                                       \
                                       .locks = {MUTEX_INITIALIZER, MUTEX_INITIALIZER, MUTEX_INITIALIZER,              \
                                                 MUTEX_INITIALIZER, MUTEX_INITIALIZER, MUTEX_INITIALIZER,              \
                                                 MUTEX_INITIALIZER, MUTEX_INITIALIZER}}

/* The row, copied into the arena; NULL: there is none. Without a query when it was asked for lately. Inside a
 * transaction a row that is held is the one of before the transaction. Errors: DATABASE. */
MUST_CHECK bool entry_find(struct entry_table *table, struct db *db, struct arena *arena, int64_t id,
                           const void **ret_row, struct error *err);
MUST_CHECK bool entry_find_uuid(struct entry_table *table, struct db *db, struct arena *arena, const char *uuid,
                                const void **ret_row, struct error *err);
/* Holds the rows of a page before they are asked for one by one: one query for each ENTRY_BATCH of those that are not
 * held. Ids of 0 and repeated ones are fine. */
MUST_CHECK bool entry_prefetch(struct entry_table *table, struct db *db, struct arena *arena, const int64_t *ids,
                               size_t count, struct error *err);

#endif
