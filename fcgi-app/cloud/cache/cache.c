/* Snapshots of small tables: loading, sharing between threads, looking up. */
#include "cloud/cache/cache.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/thread.h"
#include "db/version.h"

struct cache_row { /* how every cached row struct begins */
    int64_t id;
    const char *uuid;
};

struct cache_snapshot {
    atomic_int references;
    uint64_t version;    /* of the machine's counter, which each reader compares */
    int64_t version_row; /* of the database, which only a reader that misses a row compares */
    struct arena arena;
    struct db_rows rows;
    size_t row_size;
    const struct cache_row **by_uuid;
};

/* One reference a thread and table, so that a reader need not lock to get hold of the newest snapshot. */
static _Thread_local struct cache_snapshot *held[CACHE_TABLES_MAX];
static pthread_key_t held_key;
static pthread_once_t held_once = PTHREAD_ONCE_INIT;
static atomic_int slots_used;

static void snapshot_forget(void *argument)
{
    struct cache_snapshot *snapshot = argument;
    if (snapshot && atomic_fetch_sub(&snapshot->references, 1) == 1) {
        arena_free(&snapshot->arena);
        free(snapshot);
    }
}

static void thread_ends(void *argument)
{
    struct cache_snapshot **snapshots = argument;
    for (size_t i = 0; i < CACHE_TABLES_MAX; i++)
        snapshot_forget(snapshots[i]);
}

static void make_key(void)
{
    if (pthread_key_create(&held_key, thread_ends) != 0)
        abort();
}

static struct cache_snapshot *snapshot_share(struct cache_snapshot *snapshot)
{
    atomic_fetch_add(&snapshot->references, 1);
    return snapshot;
}

static const struct cache_row *row_at(const struct cache_snapshot *snapshot, size_t index)
{
    return (const void *)((const char *)snapshot->rows.items + index * snapshot->row_size);
}

static int compare_uuids(const void *a, const void *b)
{
    return strcasecmp((*(const struct cache_row *const *)a)->uuid, (*(const struct cache_row *const *)b)->uuid);
}

static struct cache_snapshot *snapshot_load(const struct cache_table *table, struct db *db, uint64_t version,
                                            struct error *err)
{
    struct cache_snapshot *snapshot = calloc(1, sizeof(*snapshot));
    if (!snapshot)
        abort();
    snapshot->references = 1;
    snapshot->version = version;
    snapshot->row_size = table->statement->row->struct_size;
    arena_init(&snapshot->arena);
    /* The version row first: a change after it is one load too many, never one too few. */
    if (!version_read_row(db, table->version, &snapshot->version_row, err) ||
        !db_query(db, table->statement, &snapshot->arena, table->max_rows, &snapshot->rows, err, DB_NO_VALUES)) {
        snapshot_forget(snapshot);
        return NULL;
    }
    size_t count = snapshot->rows.count;
    snapshot->by_uuid = arena_array(&snapshot->arena, count + 1, sizeof(*snapshot->by_uuid));
    for (size_t i = 0; i < count; i++)
        snapshot->by_uuid[i] = row_at(snapshot, i);
    qsort(snapshot->by_uuid, count, sizeof(*snapshot->by_uuid), compare_uuids);
    return snapshot;
}

static void pin(struct arena *arena, struct cache_snapshot *snapshot)
{
    if (!arena_has_deferred(arena, snapshot_forget, snapshot))
        arena_defer(arena, snapshot_forget, snapshot_share(snapshot));
}

static int slot_of(struct cache_table *table)
{
    int slot = atomic_load(&table->slot);
    if (slot >= 0)
        return slot;
    mutex_lock(&table->lock);
    if (table->slot < 0)
        table->slot = atomic_fetch_add(&slots_used, 1);
    slot = table->slot;
    mutex_unlock(&table->lock);
    if (slot >= CACHE_TABLES_MAX)
        abort();
    return slot;
}

/* The shared snapshot of this version, loaded by the first thread that wants it while the others wait. `least` NULL, or
 * a snapshot that was found wanting: a newer one is loaded unless somebody did so meanwhile. */
static struct cache_snapshot *newest(struct cache_table *table, struct db *db, uint64_t version,
                                     const struct cache_snapshot *wanting, struct error *err)
{
    mutex_lock(&table->lock);
    struct cache_snapshot *snapshot = table->newest;
    if (!snapshot || snapshot->version != version || snapshot == wanting) {
        snapshot = snapshot_load(table, db, version, err);
        if (snapshot) {
            snapshot_forget(table->newest);
            table->newest = snapshot;
        }
    }
    if (snapshot)
        snapshot_share(snapshot);
    mutex_unlock(&table->lock);
    return snapshot;
}

static void hold(int slot, struct cache_snapshot *snapshot)
{
    pthread_once(&held_once, make_key);
    pthread_setspecific(held_key, held);
    snapshot_forget(held[slot]);
    held[slot] = snapshot;
}

/* A snapshot pinned to the arena. A transaction may see rows that it has not committed, so what it loads is its own. */
static bool obtain(struct cache_table *table, struct db *db, struct arena *arena, const struct cache_snapshot *wanting,
                   struct cache_snapshot **ret_snapshot, struct error *err)
{
    int slot = slot_of(table);
    uint64_t version = shared_version_read(table->version); /* before loading: a change meanwhile loads it again */
    struct cache_snapshot *snapshot = held[slot];
    if (!snapshot || snapshot->version != version || snapshot == wanting) {
        bool own = db_in_transaction(db);
        snapshot = own ? snapshot_load(table, db, version, err) : newest(table, db, version, wanting, err);
        if (!snapshot)
            return false;
        if (own) {
            arena_defer(arena, snapshot_forget, snapshot);
            *ret_snapshot = snapshot;
            return true;
        }
        hold(slot, snapshot);
    }
    pin(arena, snapshot);
    *ret_snapshot = snapshot;
    return true;
}

bool cache_read(struct cache_table *table, struct db *db, struct arena *arena, struct cache_view *ret_view,
                struct error *err)
{
    struct cache_snapshot *snapshot;
    if (!obtain(table, db, arena, NULL, &snapshot, err))
        return false;
    *ret_view = (struct cache_view){.items = snapshot->rows.items,
                                    .count = snapshot->rows.count,
                                    .row_size = snapshot->row_size,
                                    .snapshot = snapshot};
    return true;
}

static const struct cache_row *find_id(const struct cache_snapshot *snapshot, int64_t id)
{
    size_t low = 0, high = snapshot->rows.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct cache_row *row = row_at(snapshot, middle);
        if (row->id == id)
            return row;
        if (row->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const struct cache_row *find_uuid(const struct cache_snapshot *snapshot, const char *uuid)
{
    struct cache_row wanted = {.uuid = uuid};
    const struct cache_row *key = &wanted;
    if (snapshot->rows.count == 0)
        return NULL;
    const struct cache_row *const *found =
        bsearch(&key, snapshot->by_uuid, snapshot->rows.count, sizeof(key), compare_uuids);
    return found ? *found : NULL;
}

const void *cache_row(const struct cache_view *view, int64_t id)
{
    return find_id(view->snapshot, id);
}

static const struct cache_row *look_up(const struct cache_snapshot *snapshot, int64_t id, const char *uuid)
{
    return uuid ? find_uuid(snapshot, uuid) : find_id(snapshot, id);
}

/* Another machine's change may be known here some 200 ms late, so a row that is missed is looked for once more in a
 * fresh snapshot: if the version row says that something changed. Anybody may ask for what does not exist, so that must
 * not load a table each time. */
static bool find(struct cache_table *table, struct db *db, struct arena *arena, int64_t id, const char *uuid,
                 const void **ret_row, struct error *err)
{
    struct cache_snapshot *snapshot;
    int64_t version_row;
    if (!obtain(table, db, arena, NULL, &snapshot, err))
        return false;
    *ret_row = look_up(snapshot, id, uuid);
    if (*ret_row || (!uuid && id <= 0))
        return true;
    if (!version_read_row(db, table->version, &version_row, err))
        return false;
    if (version_row == snapshot->version_row)
        return true;
    if (!obtain(table, db, arena, snapshot, &snapshot, err))
        return false;
    *ret_row = look_up(snapshot, id, uuid);
    return true;
}

bool cache_find(struct cache_table *table, struct db *db, struct arena *arena, int64_t id, const void **ret_row,
                struct error *err)
{
    return find(table, db, arena, id, NULL, ret_row, err);
}

bool cache_find_uuid(struct cache_table *table, struct db *db, struct arena *arena, const char *uuid,
                     const void **ret_row, struct error *err)
{
    return find(table, db, arena, 0, uuid, ret_row, err);
}
