/* Which events a scope has, held in the process: the ids of all that are older than a minute, so that counts are exact
 * and any page is found at once, however deep. Younger ones are read with each request, because transactions that began
 * earlier may still commit lower ids. Taking events away (archive, delete, purge) raises VERSION_EVENTS, and all is
 * read anew. */
#include <string.h>

#include "base/clock.h"
#include "base/shared_versions.h"
#include "base/thread.h"
#include "cloud/event/event_api.h"

enum {
    SCOPES_MAX = 8,
    SETTLED_AFTER_MS = 60000,
    READ_AT_ONCE = 10000,
    IDS_MAX = 2000000 /* more events than that in a scope are not indexed: 8 MB */
};

struct id_row {
    int64_t id;
    struct opt_time created;
};
FIELD_TABLE(EVENT_ID_ROW, struct id_row, COLUMN(struct id_row, id), COLUMN(struct id_row, created));
#define READ_REASON .scan_reason = "read once by the process, then only what is new"
DB_STATEMENT(EVENT_IDS, .name = "event.ids", .row = &EVENT_ID_ROW, READ_REASON,
             .sql = "SELECT id, created FROM event WHERE id > ? AND archived = 0 ORDER BY id LIMIT ?");
DB_STATEMENT(
    EVENT_IDS_ACCOUNT, .name = "event.ids_account", .row = &EVENT_ID_ROW, READ_REASON,
    .sql = "SELECT id, created FROM event WHERE id > ? AND account_id = ? AND archived = 0 ORDER BY id LIMIT ?");
DB_STATEMENT(
    EVENT_IDS_DOMAIN, .name = "event.ids_domain", .row = &EVENT_ID_ROW, READ_REASON,
    .sql = "SELECT id, created FROM event WHERE id > ? AND domain_id = ? AND archived = 0 ORDER BY id LIMIT ?");
DB_STATEMENT(EVENT_IDS_BELOW, .name = "event.ids_below", .row = &EVENT_ID_ROW, READ_REASON,
             .sql =
                 "SELECT e.id, e.created FROM event e FORCE INDEX (PRIMARY) WHERE e.id > ? AND EXISTS (SELECT 1 FROM "
                 "domain_ancestor a WHERE a.domain_id = e.domain_id AND a.ancestor_id = ?) AND e.archived = 0 "
                 "ORDER BY e.id LIMIT ?");

/* Ids are kept as differences from the first one. */
struct index {
    struct event_scope scope;
    uint64_t version, last_used;
    int64_t base, last; /* the first settled id, and the last one looked at */
    uint32_t *ids;
    size_t count, room;
    bool used;
};
static struct mutex lock = MUTEX_INITIALIZER; /* of all that follows; also while new rows are read */
static struct index indexes[SCOPES_MAX];
static uint64_t uses;

static bool is_same(const struct event_scope *a, const struct event_scope *b)
{
    return a->account_id == b->account_id && a->domain_id == b->domain_id && a->below_id == b->below_id;
}

/* The scope's index; the least recently used one makes room. */
static struct index *find_index(const struct event_scope *scope)
{
    struct index *oldest = &indexes[0];
    for (size_t i = 0; i < SCOPES_MAX; i++) {
        if (indexes[i].used && is_same(&indexes[i].scope, scope))
            return &indexes[i];
        if (indexes[i].last_used < oldest->last_used)
            oldest = &indexes[i];
    }
    free(oldest->ids);
    *oldest = (struct index){.scope = *scope, .used = true};
    return oldest;
}

static bool read_ids(struct db *db, struct arena *arena, const struct event_scope *scope, int64_t after,
                     struct db_rows *ret_rows, struct error *err)
{
    struct db_value from = db_int(after), limit = db_int(READ_AT_ONCE);
    if (scope->account_id)
        return db_query(db, &EVENT_IDS_ACCOUNT, arena, READ_AT_ONCE, ret_rows, err, from, db_int(scope->account_id),
                        limit);
    if (scope->domain_id)
        return db_query(db, &EVENT_IDS_DOMAIN, arena, READ_AT_ONCE, ret_rows, err, from, db_int(scope->domain_id),
                        limit);
    if (scope->below_id)
        return db_query(db, &EVENT_IDS_BELOW, arena, READ_AT_ONCE, ret_rows, err, from, db_int(scope->below_id), limit);
    return db_query(db, &EVENT_IDS, arena, READ_AT_ONCE, ret_rows, err, from, limit);
}

/* False: the scope is too large. */
static bool settle(struct index *index, int64_t id)
{
    if (index->count == 0)
        index->base = id;
    if (index->count == IDS_MAX || id - index->base > UINT32_MAX)
        return false;
    if (index->count == index->room) {
        index->room = index->room ? index->room * 2 : 1024;
        index->ids = reallocarray(index->ids, index->room, sizeof(*index->ids));
        if (!index->ids)
            abort();
    }
    index->ids[index->count++] = (uint32_t)(id - index->base);
    index->last = id;
    return true;
}

struct young {
    int64_t *ids;
    size_t count;
};

/* Takes in what is new; what may still have company goes to `young`. */
static bool catch_up(struct db *db, struct arena *arena, struct index *index, struct young *young, bool *ret_fits,
                     struct error *err)
{
    int64_t settled_before = clock_now_ms() - SETTLED_AFTER_MS, after = index->last;
    struct db_rows rows = {.count = READ_AT_ONCE};
    bool is_young = false;
    *ret_fits = true;
    while (rows.count == READ_AT_ONCE && *ret_fits) {
        if (!read_ids(db, arena, &index->scope, after, &rows, err))
            return false;
        const struct id_row *items = rows.items;
        int64_t *grown = arena_array(arena, young->count + rows.count + 1, sizeof(*grown));
        if (young->count > 0)
            memcpy(grown, young->ids, young->count * sizeof(*grown));
        young->ids = grown;
        for (size_t i = 0; i < rows.count && *ret_fits; i++) {
            is_young = is_young || items[i].created.ms > settled_before;
            if (is_young)
                young->ids[young->count++] = items[i].id;
            else
                *ret_fits = settle(index, items[i].id);
            after = items[i].id;
        }
    }
    return true;
}

static void take_page(const struct index *index, const struct young *young, int64_t offset, int64_t limit,
                      struct event_ids *ret_ids)
{
    int64_t total = (int64_t)(index->count + young->count);
    ret_ids->total = total;
    ret_ids->count = 0;
    for (int64_t at = total - 1 - offset; at >= 0 && ret_ids->count < (size_t)limit; at--) {
        size_t place = (size_t)at;
        ret_ids->ids[ret_ids->count++] =
            place < index->count ? index->base + index->ids[place] : young->ids[place - index->count];
    }
}

bool event_index_page(struct db *db, struct arena *arena, const struct event_scope *scope, int64_t offset,
                      int64_t limit, struct event_ids *ret_ids, bool *ret_indexed, struct error *err)
{
    uint64_t version = shared_version_read(VERSION_EVENTS);
    struct young young = {.count = 0};
    ret_ids->ids = arena_array(arena, (size_t)limit + 1, sizeof(*ret_ids->ids));
    mutex_lock(&lock);
    struct index *index = find_index(scope);
    if (index->version != version) {
        free(index->ids);
        *index = (struct index){.scope = *scope, .used = true, .version = version};
    }
    index->last_used = ++uses;
    bool ok = catch_up(db, arena, index, &young, ret_indexed, err);
    if (ok && *ret_indexed)
        take_page(index, &young, offset, limit, ret_ids);
    mutex_unlock(&lock);
    return ok;
}
