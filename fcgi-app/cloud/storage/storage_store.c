/* SQL of storage pools, image stores and their drivers' settings. */
#include "cloud/storage/storage_tag.h"
#include "cloud/storage/storage_store.h"

#include "base/clock.h"
#include "cloud/cache/cache.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "db/version.h"
#include "db/sealed.h"

enum { STORES_MAX = 1000, DETAILS_MAX = 200 };

/* ---- pools ---- */

#define POOL_PLACEMENT(X)                                                                                              \
    X(uuid)                                                                                                            \
    X(zone_id) X(pod_id) X(cluster_id) X(host_id) X(name) X(scope) X(provider) X(pool_type) X(url) X(host_address)     \
        X(path) X(hypervisor) X(state) X(tags) X(total_bytes) X(limit_bytes) X(allocated_bytes) X(used_bytes)
#define POOL_FURTHER(X)                                                                                                \
    X(asked_provider)                                                                                                  \
    X(storage_access_groups) X(provider_details) X(is_managed) X(capacity_iops) X(overprovision) X(created) X(removed)
#define POOL_COLUMNS(X) POOL_PLACEMENT(X) POOL_FURTHER(X)
#define AS_PLACEMENT(c) , COLUMN(struct storage_pool, c)
#define AS_INNER(c)                                                                                                    \
    ,                                                                                                                  \
    {                                                                                                                  \
        .name = #c, .type = FIELD_TYPE_OF(((struct storage_pool *)0)->c),                                              \
        .offset = (uint32_t)offsetof(struct pool_row, p.c), .size = (uint32_t)sizeof(((struct storage_pool *)0)->c)    \
    }
#define AS_FURTHER(c) , COLUMN(struct pool_row, c)
FIELD_TABLE(POOL_PLACEMENT_ROW, struct storage_pool, COLUMN(struct storage_pool, id) POOL_PLACEMENT(AS_PLACEMENT));
FIELD_TABLE(POOL_FULL_ROW, struct pool_row,
            {.name = "id",
             .type = FIELD_INT,
             .offset = (uint32_t)offsetof(struct pool_row, p.id),
             .size = sizeof(int64_t)} POOL_PLACEMENT(AS_INNER) POOL_FURTHER(AS_FURTHER));
FIELD_TABLE(POOL_NAME_ROW, struct storage_pool_name, COLUMN(struct storage_pool_name, id),
            COLUMN(struct storage_pool_name, uuid), COLUMN(struct storage_pool_name, name),
            COLUMN(struct storage_pool_name, provider), COLUMN(struct storage_pool_name, scope),
            COLUMN(struct storage_pool_name, url), COLUMN(struct storage_pool_name, zone_id),
            COLUMN(struct storage_pool_name, cluster_id));

DB_STATEMENT(POOL_NAMES, .name = "storage_pool.names",
             .sql = "SELECT id, uuid, name, provider, scope, url, zone_id, cluster_id FROM storage_pool ORDER BY id",
             .row = &POOL_NAME_ROW, .scan_reason = "loaded into the cache when pools come, go or are renamed");
DB_STATEMENT(POOL_FIND, .name = "storage_pool.find", .sql = SQL_SELECT("storage_pool", POOL_COLUMNS) " WHERE id = ?",
             .row = &POOL_FULL_ROW);
DB_STATEMENT(POOL_FIND_UUID, .name = "storage_pool.find_uuid",
             .sql = SQL_SELECT("storage_pool", POOL_COLUMNS) " WHERE uuid = ?", .row = &POOL_FULL_ROW);
DB_STATEMENT(POOL_ADD, .name = "storage_pool.add", .sql = SQL_INSERT("storage_pool", POOL_COLUMNS));
DB_STATEMENT(
    POOL_UPDATE, .name = "storage_pool.update",
    .sql = "UPDATE storage_pool SET name = ?, pool_type = ?, path = ?, tags = ?, total_bytes = ?, limit_bytes = ?,"
           " used_bytes = ?, provider_details = ?, capacity_iops = ? WHERE id = ?");
DB_STATEMENT(POOL_SET_STATE, .name = "storage_pool.set_state",
             .sql = "UPDATE storage_pool SET state = ? WHERE id = ? AND removed IS NULL");
DB_STATEMENT(POOL_CLOSE, .name = "storage_pool.close",
             .sql = "UPDATE storage_pool SET state = 'Removing' WHERE id = ? AND state = ? AND allocated_bytes = 0"
                    " AND removed IS NULL");
DB_STATEMENT(POOL_MOVE, .name = "storage_pool.move",
             .sql = "UPDATE storage_pool SET state = ? WHERE id = ? AND state = ? AND removed IS NULL");
DB_STATEMENT(POOL_SET_SIZES, .name = "storage_pool.set_sizes",
             .sql = "UPDATE storage_pool SET limit_bytes = FLOOR(IF(is_managed, total_bytes, ?) * ?),"
                    " total_bytes = IF(is_managed, total_bytes, ?), used_bytes = ?, overprovision = ? WHERE id = ?");
DB_STATEMENT(POOL_FORGET_SECRETS, .name = "storage_pool.forget_secrets",
             .sql = "DELETE FROM storage_pool_detail WHERE pool_id = ? AND is_sealed = 1");
FIELD_TABLE(POOL_VOLUMES_ROW, struct pool_volumes, COLUMN(struct pool_volumes, count),
            COLUMN(struct pool_volumes, active));
DB_STATEMENT(POOL_VOLUMES, .name = "storage_pool.volumes",
             .sql =
                 "SELECT COUNT(*) AS count, CAST(COALESCE(SUM(m.state NOT IN ('Stopped', 'Destroyed', 'Error')), 0) AS"
                 " SIGNED) AS active FROM volume v LEFT JOIN vm m ON m.id = v.vm_id WHERE v.pool_id = ?"
                 " AND v.removed IS NULL",
             .row = &POOL_VOLUMES_ROW);
FIELD_TABLE(DUE_ROW, struct due_row, COLUMN(struct due_row, id), COLUMN(struct due_row, uuid));
DB_STATEMENT(POOL_DUE, .name = "storage_pool.due",
             .sql = "SELECT id, uuid FROM storage_pool WHERE state IN ('Up', 'Disabled') AND removed IS NULL"
                    " AND (observed IS NULL OR observed < ?) ORDER BY observed, id LIMIT ?",
             .row = &DUE_ROW, .scan_reason = "a small table, once in a while");
DB_STATEMENT(POOL_OBSERVED, .name = "storage_pool.observed",
             .sql = "UPDATE storage_pool SET observed = ? WHERE id = ?");
DB_STATEMENT(POOL_REMOVE, .name = "storage_pool.remove",
             .sql = "UPDATE storage_pool SET state = 'Removed', removed = ? WHERE id = ? AND removed IS NULL");
DB_STATEMENT(POOL_RESERVE, .name = "storage_pool.reserve",
             .sql = "UPDATE storage_pool SET allocated_bytes = allocated_bytes + ? WHERE id = ? AND state = 'Up'"
                    " AND removed IS NULL AND allocated_bytes + ? <= limit_bytes");
DB_STATEMENT(
    POOL_RELEASE, .name = "storage_pool.release",
    .sql = "UPDATE storage_pool SET allocated_bytes = allocated_bytes - ? WHERE id = ? AND allocated_bytes >= ?");
/* Its own, those of its cluster, and those of its whole zone. */
#define POOL_OF_HOST                                                                                                   \
    "EXISTS (SELECT 1 FROM host h WHERE h.id = ? AND h.zone_id = storage_pool.zone_id"                                 \
    " AND storage_pool.cluster_id IN (0, h.cluster_id) AND storage_pool.host_id IN (0, h.id))"
#define POOL_FILTER                                                                                                    \
    " FROM storage_pool WHERE (? = 0 OR id = ?) AND (? = 0 OR zone_id = ?) AND (? = 0 OR pod_id = ?)"                  \
    " AND (? = 0 OR cluster_id = ?) AND (? = 0 OR " POOL_OF_HOST ")"                                                   \
    " AND (? IS NULL OR name = ?) AND (? IS NULL OR scope = ?)"                                                        \
    " AND (? IS NULL OR state = ?) AND (? IS NULL OR host_address = ?) AND (? IS NULL OR path = ?)"                    \
    " AND (? IS NULL OR FIND_IN_SET(?, storage_access_groups) > 0) AND (? IS NULL OR name LIKE ?)"                     \
    " AND state <> 'Creating' AND removed IS NULL"
DB_STATEMENT(POOL_LIST, .name = "storage_pool.list",
             .sql = "SELECT id" POOL_COLUMNS(SQL_NAME) POOL_FILTER " ORDER BY id LIMIT ? OFFSET ?",
             .row = &POOL_FULL_ROW, .scan_reason = "operators filter pools by anything");
DB_STATEMENT(POOL_COUNT, .name = "storage_pool.count", .sql = "SELECT COUNT(*) AS value" POOL_FILTER, .row = &DB_NUMBER,
             .scan_reason = "operators filter pools by anything");
DB_STATEMENT(POOL_OF_ZONE, .name = "storage_pool.of_zone",
             .sql = "SELECT id" POOL_PLACEMENT(SQL_NAME) " FROM storage_pool WHERE zone_id = ? AND state = 'Up'"
                    " AND removed IS NULL AND limit_bytes - allocated_bytes >= ?",
             .row = &POOL_PLACEMENT_ROW);

CACHE_TABLE(pool_names, POOL_NAMES, VERSION_TOPOLOGY, 2 * POOL_CANDIDATES_MAX);

bool storage_pool_name_find(struct db *db, struct arena *arena, int64_t id, const struct storage_pool_name **ret_name,
                            struct error *err)
{
    const void *row = NULL;
    if (!cache_find(&pool_names, db, arena, id, &row, err))
        return false;
    *ret_name = row;
    return true;
}

bool pool_store_find(struct db *db, struct arena *arena, int64_t id, struct pool_row **ret_row, struct error *err)
{
    struct pool_row *row = ARENA_NEW(arena, struct pool_row);
    bool found = false;
    if (!db_query_one(db, &POOL_FIND, arena, row, &found, err, db_int(id)))
        return false;
    *ret_row = found ? row : NULL;
    return true;
}

bool pool_store_find_uuid(struct db *db, struct arena *arena, const char *uuid, struct pool_row **ret_row,
                          struct error *err)
{
    struct pool_row *row = ARENA_NEW(arena, struct pool_row);
    bool found = false;
    if (!db_query_one(db, &POOL_FIND_UUID, arena, row, &found, err, db_text(uuid)))
        return false;
    *ret_row = found ? row : NULL;
    return true;
}

bool pool_store_list(struct db *db, struct arena *arena, const struct pool_query *q, struct db_rows *ret_rows,
                     int64_t *ret_total, struct error *err)
{
    const struct db_value filters[] = {db_int(q->id),         db_int(q->zone_id), db_int(q->pod_id),
                                       db_int(q->cluster_id), db_int(q->host_id), db_text(q->name),
                                       db_text(q->scope),     db_text(q->state),  db_text(q->address),
                                       db_text(q->path),      db_text(q->group),  db_text(q->keyword_like)};
    struct db_binder b = {.count = 0};
    for (size_t i = 0; i < COUNT_OF(filters); i++)
        db_put(&b, filters[i], 2);
    return db_query_page(db, &POOL_COUNT, &POOL_LIST, arena, &b, q->limit, q->offset, ret_rows, ret_total, err);
}

bool pool_store_of_zone(struct db *db, struct arena *arena, int64_t zone_id, int64_t bytes, struct db_rows *ret_rows,
                        struct error *err)
{
    return db_query(db, &POOL_OF_ZONE, arena, POOL_CANDIDATES_MAX, ret_rows, err, db_int(zone_id), db_int(bytes));
}

bool pool_store_add(struct db *db, const struct pool_row *row, int64_t *ret_id, struct error *err)
{
    if (!row_write(db, &POOL_ADD, &POOL_FULL_ROW, row, 0, err))
        return false;
    *ret_id = db_inserted_id(db);
    return version_raise(db, VERSION_TOPOLOGY, err);
}

bool pool_store_update(struct db *db, const struct pool_row *row, struct error *err)
{
    const struct storage_pool *p = &row->p;
    return db_execute(db, &POOL_UPDATE, err, db_text(p->name), db_text(p->pool_type), db_text(p->path),
                      db_text(p->tags), db_int(p->total_bytes), db_int(p->limit_bytes), db_int(p->used_bytes),
                      db_text(row->provider_details), db_opt_int(row->capacity_iops), db_int(p->id)) &&
           version_raise(db, VERSION_TOPOLOGY, err);
}

bool pool_store_set_state(struct db *db, int64_t id, const char *state, struct error *err)
{
    return db_execute(db, &POOL_SET_STATE, err, db_text(state), db_int(id));
}

static bool changed_one(struct db *db, bool executed, bool *ret_done)
{
    *ret_done = executed && db_affected_rows(db) == 1;
    return executed;
}

bool pool_store_move(struct db *db, int64_t id, const char *from, const char *to, bool *ret_done, struct error *err)
{
    return changed_one(db, db_execute(db, &POOL_MOVE, err, db_text(to), db_int(id), db_text(from)), ret_done);
}

bool pool_store_close(struct db *db, int64_t id, const char *from, bool *ret_closed, struct error *err)
{
    return changed_one(db, db_execute(db, &POOL_CLOSE, err, db_int(id), db_text(from)), ret_closed);
}

bool pool_store_set_sizes(struct db *db, int64_t id, int64_t total_bytes, int64_t used_bytes, double factor,
                          struct error *err)
{
    const struct db_value ratio = db_opt_double(OPT_DOUBLE(factor));
    return db_execute(db, &POOL_SET_SIZES, err, db_int(total_bytes), ratio, db_int(total_bytes), db_int(used_bytes),
                      ratio, db_int(id));
}

bool pool_store_count_volumes(struct db *db, struct arena *arena, int64_t id, struct pool_volumes *ret_volumes,
                              struct error *err)
{
    bool found = false;
    return db_query_one(db, &POOL_VOLUMES, arena, ret_volumes, &found, err, db_int(id));
}

bool pool_store_due(struct db *db, struct arena *arena, int64_t before_ms, size_t limit, struct db_rows *ret_rows,
                    struct error *err)
{
    return db_query(db, &POOL_DUE, arena, limit, ret_rows, err, db_time(before_ms), db_int((int64_t)limit));
}

bool pool_store_mark_observed(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &POOL_OBSERVED, err, db_time(clock_now_ms()), db_int(id));
}

bool pool_store_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &POOL_REMOVE, err, db_time(clock_now_ms()), db_int(id)) &&
           db_execute(db, &POOL_FORGET_SECRETS, err, db_int(id)) && version_raise(db, VERSION_TOPOLOGY, err);
}

bool pool_store_reserve(struct db *db, int64_t id, int64_t bytes, bool *ret_done, struct error *err)
{
    return changed_one(db, db_execute(db, &POOL_RESERVE, err, db_int(bytes), db_int(id), db_int(bytes)), ret_done);
}

bool pool_store_release(struct db *db, int64_t id, int64_t bytes, bool *ret_done, struct error *err)
{
    return changed_one(db, db_execute(db, &POOL_RELEASE, err, db_int(bytes), db_int(id), db_int(bytes)), ret_done);
}

/* ---- image stores ---- */

#define STORE_COLUMNS(X)                                                                                               \
    X(uuid)                                                                                                            \
    X(zone_id) X(name) X(provider) X(asked_provider) X(protocol) X(url) X(scope) X(state) X(read_only) X(total_bytes)  \
        X(used_bytes) X(created)
#define AS_STORE(c) , COLUMN(struct image_store, c)
FIELD_TABLE(STORE_ROW, struct image_store, COLUMN(struct image_store, id) STORE_COLUMNS(AS_STORE));
DB_STATEMENT(STORE_ALL, .name = "image_store.all",
             .sql = SQL_SELECT("image_store", STORE_COLUMNS) " WHERE removed IS NULL ORDER BY id", .row = &STORE_ROW,
             .scan_reason = "loaded into the cache when stores change");
DB_STATEMENT(STORE_ADD, .name = "image_store.add", .sql = SQL_INSERT("image_store", STORE_COLUMNS));
DB_STATEMENT(STORE_UPDATE, .name = "image_store.update", .sql = SQL_UPDATE("image_store", STORE_COLUMNS));
DB_STATEMENT(STORE_SET_FILLING, .name = "image_store.set_filling",
             .sql = "UPDATE image_store SET total_bytes = ?, used_bytes = ?, read_only = ? WHERE id = ?");
DB_STATEMENT(STORE_DUE, .name = "image_store.due",
             .sql = "SELECT id, uuid FROM image_store WHERE state = 'Up' AND removed IS NULL"
                    " AND (observed IS NULL OR observed < ?) ORDER BY observed, id LIMIT ?",
             .row = &DUE_ROW, .scan_reason = "a small table, once in a while");
DB_STATEMENT(STORE_OBSERVED, .name = "image_store.observed",
             .sql = "UPDATE image_store SET observed = ? WHERE id = ?");
DB_STATEMENT(STORE_REMOVE, .name = "image_store.remove",
             .sql = "UPDATE image_store SET removed = ? WHERE id = ? AND removed IS NULL");
DB_STATEMENT(STORE_FORGET_SECRETS, .name = "image_store.forget_secrets",
             .sql = "DELETE FROM image_store_detail WHERE store_id = ? AND is_sealed = 1");
DB_STATEMENT(STORE_IMAGES, .name = "image_store.images",
             .sql = "SELECT COUNT(*) AS value FROM image_zone WHERE store_id = ?", .row = &DB_NUMBER);

CACHE_TABLE(stores, STORE_ALL, VERSION_TOPOLOGY, STORES_MAX);

bool image_store_find(struct db *db, struct arena *arena, int64_t id, const struct image_store **ret_store,
                      struct error *err)
{
    const void *row = NULL;
    if (!cache_find(&stores, db, arena, id, &row, err))
        return false;
    *ret_store = row;
    return true;
}

bool image_store_row_find_uuid(struct db *db, struct arena *arena, const char *uuid,
                               const struct image_store **ret_store, struct error *err)
{
    const void *row = NULL;
    if (!cache_find_uuid(&stores, db, arena, uuid, &row, err))
        return false;
    *ret_store = row;
    return true;
}

bool image_store_row_all(struct db *db, struct arena *arena, const struct image_store **ret_stores, size_t *ret_count,
                         struct error *err)
{
    struct cache_view view;
    if (!cache_read(&stores, db, arena, &view, err))
        return false;
    *ret_stores = view.items;
    *ret_count = view.count;
    return true;
}

bool image_store_row_add(struct db *db, const struct image_store *store, int64_t *ret_id, struct error *err)
{
    if (!row_write(db, &STORE_ADD, &STORE_ROW, store, 0, err))
        return false;
    *ret_id = db_inserted_id(db);
    return version_raise(db, VERSION_TOPOLOGY, err);
}

bool image_store_row_update(struct db *db, const struct image_store *store, struct error *err)
{
    return row_write(db, &STORE_UPDATE, &STORE_ROW, store, store->id, err) && version_raise(db, VERSION_TOPOLOGY, err);
}

bool image_store_row_set_filling(struct db *db, int64_t id, int64_t total_bytes, int64_t used_bytes, bool read_only,
                                 struct error *err)
{
    return db_execute(db, &STORE_SET_FILLING, err, db_int(total_bytes), db_int(used_bytes), db_bool(read_only),
                      db_int(id)) &&
           (db_affected_rows(db) == 0 || version_raise(db, VERSION_TOPOLOGY, err));
}

bool image_store_row_due(struct db *db, struct arena *arena, int64_t before_ms, size_t limit, struct db_rows *ret_rows,
                         struct error *err)
{
    return db_query(db, &STORE_DUE, arena, limit, ret_rows, err, db_time(before_ms), db_int((int64_t)limit));
}

bool image_store_row_mark_observed(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &STORE_OBSERVED, err, db_time(clock_now_ms()), db_int(id));
}

bool image_store_row_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &STORE_REMOVE, err, db_time(clock_now_ms()), db_int(id)) &&
           db_execute(db, &STORE_FORGET_SECRETS, err, db_int(id)) && version_raise(db, VERSION_TOPOLOGY, err);
}

bool image_store_row_count_images(struct db *db, struct arena *arena, int64_t id, int64_t *ret_count, struct error *err)
{
    struct db_number count = {0};
    bool found;
    if (!db_query_one(db, &STORE_IMAGES, arena, &count, &found, err, db_int(id)))
        return false;
    *ret_count = count.value;
    return true;
}

/* ---- providers ---- */

FIELD_TABLE(PROVIDER_ROW, struct provider_row, COLUMN(struct provider_row, name));
DB_STATEMENT(PROVIDERS, .name = "storage.providers",
             .sql = "SELECT name FROM plugin WHERE kind = ? AND refusal IS NULL AND disabled = 0 ORDER BY name",
             .row = &PROVIDER_ROW, .scan_reason = "a table of some dozen rows");

bool provider_store_list(struct db *db, struct arena *arena, const char *kind, struct db_rows *ret_rows,
                         struct error *err)
{
    enum { PROVIDERS_MAX = 256 };
    return db_query(db, &PROVIDERS, arena, PROVIDERS_MAX, ret_rows, err, db_text(kind));
}

/* ---- settings of drivers ---- */

FIELD_TABLE(DETAIL_ROW, struct detail_row, COLUMN(struct detail_row, name), COLUMN(struct detail_row, value),
            COLUMN(struct detail_row, is_sealed));
DB_STATEMENT(POOL_DETAILS, .name = "storage_pool.details",
             .sql = "SELECT name, value, is_sealed FROM storage_pool_detail WHERE pool_id = ?", .row = &DETAIL_ROW);
DB_STATEMENT(POOL_DETAIL_SET, .name = "storage_pool.detail_set",
             .sql = "INSERT INTO storage_pool_detail (pool_id, name, value, is_sealed) VALUES (?, ?, ?, ?)"
                    " ON DUPLICATE KEY UPDATE value = VALUES(value), is_sealed = VALUES(is_sealed)");
DB_STATEMENT(STORE_DETAILS, .name = "image_store.details",
             .sql = "SELECT name, value, is_sealed FROM image_store_detail WHERE store_id = ?", .row = &DETAIL_ROW);
DB_STATEMENT(STORE_DETAIL_SET, .name = "image_store.detail_set",
             .sql = "INSERT INTO image_store_detail (store_id, name, value, is_sealed) VALUES (?, ?, ?, ?)"
                    " ON DUPLICATE KEY UPDATE value = VALUES(value), is_sealed = VALUES(is_sealed)");

SEALED_COLUMN(POOL_DETAIL_SECRET, "storage_pool_detail", "value", "is_sealed = 1",
              "CONCAT('storage_pool.detail:', pool_id, ':', name)", "pool_id", "name", "''");
SEALED_COLUMN(STORE_DETAIL_SECRET, "image_store_detail", "value", "is_sealed = 1",
              "CONCAT('image_store.detail:', store_id, ':', name)", "store_id", "name", "''");

bool detail_store_list(struct db *db, struct arena *arena, enum detail_owner owner, int64_t id,
                       struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, owner == DETAILS_OF_POOL ? &POOL_DETAILS : &STORE_DETAILS, arena, DETAILS_MAX, ret_rows, err,
                    db_int(id));
}

bool detail_store_set(struct db *db, enum detail_owner owner, int64_t id, const struct detail_row *row,
                      struct error *err)
{
    return db_execute(db, owner == DETAILS_OF_POOL ? &POOL_DETAIL_SET : &STORE_DETAIL_SET, err, db_int(id),
                      db_text(row->name), db_text(row->value), db_bool(row->is_sealed));
}

DB_STATEMENT(POOL_TAGGED, .name = "storage_pool.tagged", .row = &TAGGED_ROW,
             .sql = "SELECT id, tags FROM storage_pool WHERE removed IS NULL AND tags <> '' ORDER BY id",
             .scan_reason = "read when a person chooses tags");
enum { TAGGED_MAX = 100000 };

bool storage_store_tagged(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &POOL_TAGGED, arena, TAGGED_MAX, ret_rows, err, DB_NO_VALUES);
}
