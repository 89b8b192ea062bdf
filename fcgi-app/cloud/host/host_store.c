/* SQL of hosts. */
#include "cloud/host/host_tag.h"
#include "cloud/host/host_store.h"

#include "base/clock.h"
#include "cloud/cache/cache.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/host/host_check.h"
#include "cloud/host/host_watch.h"
#include "db/sealed.h"
#include "db/version.h"

/* ---- columns ---- */

#define HOST_PLACEMENT(X)                                                                                              \
    X(uuid)                                                                                                            \
    X(zone_id) X(pod_id) X(cluster_id) X(name) X(hypervisor) X(url) X(username) X(private_ip) X(state)                 \
        X(resource_state) X(arch) X(hypervisor_version) X(tags) X(provider_details) X(cpu_cores) X(cpu_speed_mhz)      \
            X(cpu_total_mhz) X(cpu_limit_mhz) X(cpu_used_mhz) X(memory_total_mib) X(memory_limit_mib)                  \
                X(memory_used_mib)
#define HOST_FURTHER(X)                                                                                                \
    X(sealed_password)                                                                                                 \
    X(version) X(capabilities) X(storage_access_groups) X(annotation) X(os_category_id) X(cpu_sockets) X(last_pinged)  \
        X(disconnected) X(created) X(removed)
#define HOST_COLUMNS(X) HOST_PLACEMENT(X) HOST_FURTHER(X)

#define AS_PLACEMENT(c) , COLUMN(struct host, c)
#define AS_INNER(c)                                                                                                    \
    ,                                                                                                                  \
    {                                                                                                                  \
        .name = #c, .type = FIELD_TYPE_OF(((struct host *)0)->c), .offset = (uint32_t)offsetof(struct host_row, h.c),  \
        .size = (uint32_t)sizeof(((struct host *)0)->c)                                                                \
    }
#define AS_FURTHER(c) , COLUMN(struct host_row, c)
FIELD_TABLE(HOST_PLACEMENT_ROW, struct host, COLUMN(struct host, id) HOST_PLACEMENT(AS_PLACEMENT));
FIELD_TABLE(HOST_FULL_ROW, struct host_row,
            {.name = "id",
             .type = FIELD_INT,
             .offset = (uint32_t)offsetof(struct host_row, h.id),
             .size = sizeof(int64_t)} HOST_PLACEMENT(AS_INNER) HOST_FURTHER(AS_FURTHER));
FIELD_TABLE(HOST_NAME_ROW, struct host_name, COLUMN(struct host_name, id), COLUMN(struct host_name, uuid),
            COLUMN(struct host_name, name), COLUMN(struct host_name, hypervisor), COLUMN(struct host_name, zone_id),
            COLUMN(struct host_name, pod_id), COLUMN(struct host_name, cluster_id));

/* ---- statements ---- */

DB_STATEMENT(HOST_NAMES, .name = "host.names",
             .sql = "SELECT id, uuid, name, hypervisor, zone_id, pod_id, cluster_id FROM host ORDER BY id",
             .row = &HOST_NAME_ROW, .scan_reason = "loaded into the cache when hosts come, go or are renamed");
DB_STATEMENT(HOST_FIND, .name = "host.find", .sql = SQL_SELECT("host", HOST_COLUMNS) " WHERE id = ?",
             .row = &HOST_FULL_ROW);
DB_STATEMENT(HOST_FIND_UUID, .name = "host.find_uuid", .sql = SQL_SELECT("host", HOST_COLUMNS) " WHERE uuid = ?",
             .row = &HOST_FULL_ROW);
DB_STATEMENT(HOST_ADD, .name = "host.add", .sql = SQL_INSERT("host", HOST_COLUMNS));
DB_STATEMENT(HOST_SET_FACTS, .name = "host.set_facts",
             .sql = "UPDATE host SET arch = ?, hypervisor_version = ?, provider_details = ?, cpu_sockets = ?,"
                    " cpu_cores = ?, cpu_speed_mhz = ?, cpu_total_mhz = ?, cpu_limit_mhz = ?, memory_total_mib = ?,"
                    " memory_limit_mib = ?, version = ?, capabilities = ?, last_pinged = ? WHERE id = ?");
DB_STATEMENT(HOST_EDIT, .name = "host.edit",
             .sql = "UPDATE host SET name = COALESCE(?, name), url = COALESCE(?, url),"
                    " private_ip = IF(? IS NULL, private_ip, ?), resource_state = COALESCE(?, resource_state),"
                    " tags = IF(? IS NULL, tags, NULLIF(?, '')), annotation = COALESCE(?, annotation),"
                    " os_category_id = COALESCE(?, os_category_id) WHERE id = ?");
DB_STATEMENT(
    HOST_SET_STATE, .name = "host.set_state",
    .sql = "UPDATE host SET state = ?, disconnected = IF(? = 'Up', NULL, COALESCE(disconnected, ?)) WHERE id = ?");
SEALED_COLUMN(HOST_PASSWORD, "host", "sealed_password", "TRUE", "CONCAT('host.password:', uuid)", "id", "''", "''");
DB_STATEMENT(HOST_CLOSE, .name = "host.close",
             .sql = "UPDATE host SET state = 'Removing' WHERE id = ? AND cpu_used_mhz = 0 AND memory_used_mib = 0");
DB_STATEMENT(HOST_REMOVE, .name = "host.remove",
             .sql =
                 "UPDATE host SET state = 'Removed', resource_state = 'Disabled', sealed_password = NULL, removed = ?"
                 " WHERE id = ? AND removed IS NULL");
DB_STATEMENT(HOST_POOLS, .name = "host.pools",
             .sql = "SELECT COUNT(*) AS value FROM storage_pool WHERE host_id = ? AND removed IS NULL",
             .row = &DB_NUMBER, .scan_reason = "a host is removed");
DB_STATEMENT(HOST_RESERVE, .name = "host.reserve",
             .sql =
                 "UPDATE host SET cpu_used_mhz = cpu_used_mhz + ?, memory_used_mib = memory_used_mib + ? WHERE id = ?"
                 " AND state = 'Up' AND resource_state = 'Enabled' AND removed IS NULL"
                 " AND cpu_used_mhz + ? <= cpu_limit_mhz AND memory_used_mib + ? <= memory_limit_mib");
DB_STATEMENT(HOST_TAKE, .name = "host.take",
             .sql =
                 "UPDATE host SET cpu_used_mhz = cpu_used_mhz + ?, memory_used_mib = memory_used_mib + ? WHERE id = ?");
DB_STATEMENT(HOST_RELEASE, .name = "host.release",
             .sql =
                 "UPDATE host SET cpu_used_mhz = cpu_used_mhz - ?, memory_used_mib = memory_used_mib - ? WHERE id = ?"
                 " AND cpu_used_mhz >= ? AND memory_used_mib >= ?");
DB_STATEMENT(
    HOST_SET_LIMITS, .name = "host.set_limits",
    .sql = "UPDATE host SET cpu_limit_mhz = FLOOR(cpu_total_mhz * ?), memory_limit_mib = FLOOR(memory_total_mib * ?)"
           " WHERE cluster_id = ? AND removed IS NULL");

#define HOST_FILTER                                                                                                    \
    " FROM host WHERE (? = 0 OR id = ?) AND (? = 0 OR zone_id = ?) AND (? = 0 OR pod_id = ?)"                          \
    " AND (? = 0 OR cluster_id = ?) AND (? IS NULL OR name = ?) AND (? IS NULL OR state = ?)"                          \
    " AND (? IS NULL OR resource_state = ?) AND (? IS NULL OR hypervisor = ?) AND (? IS NULL OR arch = ?)"             \
    " AND (? IS NULL OR version = ?) AND (? IS NULL OR FIND_IN_SET(?, storage_access_groups) > 0)"                     \
    " AND (? IS NULL OR name LIKE ?) AND state <> 'Creating' AND removed IS NULL"
DB_STATEMENT(HOST_LIST, .name = "host.list",
             .sql = "SELECT id" HOST_COLUMNS(SQL_NAME) HOST_FILTER " ORDER BY id LIMIT ? OFFSET ?",
             .row = &HOST_FULL_ROW, .scan_reason = "operators filter hosts by anything");
DB_STATEMENT(HOST_COUNT, .name = "host.count", .sql = "SELECT COUNT(*) AS value" HOST_FILTER, .row = &DB_NUMBER,
             .scan_reason = "operators filter hosts by anything");
DB_STATEMENT(HOST_CANDIDATES, .name = "host.candidates",
             .sql = "SELECT id" HOST_PLACEMENT(SQL_NAME) " FROM host WHERE zone_id = ? AND state = 'Up'"
                    " AND resource_state = 'Enabled' AND removed IS NULL AND cpu_limit_mhz - cpu_used_mhz >= ?"
                    " AND memory_limit_mib - memory_used_mib >= ?",
             .row = &HOST_PLACEMENT_ROW);
DB_STATEMENT(HOST_OF_ZONE, .name = "host.of_zone",
             .sql = "SELECT id" HOST_PLACEMENT(SQL_NAME) " FROM host WHERE zone_id = ? AND removed IS NULL"
                    " AND state <> 'Creating'",
             .row = &HOST_PLACEMENT_ROW, .scan_reason = "explains why no host fitted");

CACHE_TABLE(names, HOST_NAMES, VERSION_TOPOLOGY, HOST_CANDIDATES_MAX * 2);

/* ---- reading ---- */

bool host_name_find(struct db *db, struct arena *arena, int64_t id, const struct host_name **ret_name,
                    struct error *err)
{
    const void *row = NULL;
    if (!cache_find(&names, db, arena, id, &row, err))
        return false;
    *ret_name = row;
    return true;
}

bool host_store_find(struct db *db, struct arena *arena, int64_t id, struct host_row **ret_row, struct error *err)
{
    struct host_row *row = ARENA_NEW(arena, struct host_row);
    bool found = false;
    if (!db_query_one(db, &HOST_FIND, arena, row, &found, err, db_int(id)))
        return false;
    *ret_row = found ? row : NULL;
    return true;
}

bool host_store_find_uuid(struct db *db, struct arena *arena, const char *uuid, struct host_row **ret_row,
                          struct error *err)
{
    struct host_row *row = ARENA_NEW(arena, struct host_row);
    bool found = false;
    if (!db_query_one(db, &HOST_FIND_UUID, arena, row, &found, err, db_text(uuid)))
        return false;
    *ret_row = found ? row : NULL;
    return true;
}

bool host_store_list(struct db *db, struct arena *arena, const struct host_query *q, struct db_rows *ret_rows,
                     int64_t *ret_total, struct error *err)
{
    const struct db_value filters[] = {
        db_int(q->id),    db_int(q->zone_id),  db_int(q->pod_id),          db_int(q->cluster_id),
        db_text(q->name), db_text(q->state),   db_text(q->resource_state), db_text(q->hypervisor),
        db_text(q->arch), db_text(q->version), db_text(q->group),          db_text(q->keyword_like)};
    struct db_binder b = {.count = 0};
    for (size_t i = 0; i < COUNT_OF(filters); i++)
        db_put(&b, filters[i], 2);
    return db_query_page(db, &HOST_COUNT, &HOST_LIST, arena, &b, q->limit, q->offset, ret_rows, ret_total, err);
}

bool host_store_candidates(struct db *db, struct arena *arena, const struct host_filter *filter, bool all,
                           struct db_rows *ret_rows, struct error *err)
{
    if (all)
        return db_query(db, &HOST_OF_ZONE, arena, HOST_CANDIDATES_MAX, ret_rows, err, db_int(filter->zone_id));
    return db_query(db, &HOST_CANDIDATES, arena, HOST_CANDIDATES_MAX, ret_rows, err, db_int(filter->zone_id),
                    db_int(filter->cpu_mhz), db_int(filter->memory_mib));
}

bool host_store_count_pools(struct db *db, struct arena *arena, int64_t id, int64_t *ret_count, struct error *err)
{
    struct db_number count = {0};
    bool found;
    if (!db_query_one(db, &HOST_POOLS, arena, &count, &found, err, db_int(id)))
        return false;
    *ret_count = count.value;
    return true;
}

/* ---- writing ---- */

bool host_store_add(struct db *db, const struct host_row *row, int64_t *ret_id, struct error *err)
{
    if (!row_write(db, &HOST_ADD, &HOST_FULL_ROW, row, 0, err))
        return false;
    *ret_id = db_inserted_id(db);
    return version_raise(db, VERSION_TOPOLOGY, err);
}

bool host_store_set_facts(struct db *db, const struct host_row *row, struct error *err)
{
    const struct host *h = &row->h;
    return db_execute(db, &HOST_SET_FACTS, err, db_text(h->arch), db_text(h->hypervisor_version),
                      db_text(h->provider_details), db_int(row->cpu_sockets), db_int(h->cpu_cores),
                      db_int(h->cpu_speed_mhz), db_int(h->cpu_total_mhz), db_int(h->cpu_limit_mhz),
                      db_int(h->memory_total_mib), db_int(h->memory_limit_mib), db_text(row->version),
                      db_text(row->capabilities), db_opt_time(row->last_pinged), db_int(h->id)) &&
           version_raise(db, VERSION_TOPOLOGY, err);
}

bool host_store_edit(struct db *db, int64_t id, const struct host_edit *edit, struct error *err)
{
    return db_execute(db, &HOST_EDIT, err, db_text(edit->name), db_text(edit->url), db_text(edit->url),
                      db_text(edit->private_ip), db_text(edit->resource_state), db_text(edit->tags),
                      db_text(edit->tags), db_text(edit->annotation), db_ref(edit->os_category_id), db_int(id)) &&
           version_raise(db, VERSION_TOPOLOGY, err);
}

bool host_store_set_state(struct db *db, int64_t id, const char *state, struct error *err)
{
    return db_execute(db, &HOST_SET_STATE, err, db_text(state), db_text(state), db_time(clock_now_ms()), db_int(id));
}

static bool changed_one(struct db *db, bool executed, bool *ret_done)
{
    *ret_done = executed && db_affected_rows(db) == 1;
    return executed;
}

bool host_store_close(struct db *db, int64_t id, bool *ret_closed, struct error *err)
{
    return changed_one(db, db_execute(db, &HOST_CLOSE, err, db_int(id)), ret_closed);
}

bool host_store_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &HOST_REMOVE, err, db_time(clock_now_ms()), db_int(id)) && host_check_forget(db, id, err) &&
           host_watch_forget(db, id, err) &&
           version_raise(db, VERSION_TOPOLOGY, err);
}

bool host_store_take(struct db *db, int64_t id, int64_t cpu_mhz, int64_t memory_mib, struct error *err)
{
    return db_execute(db, &HOST_TAKE, err, db_int(cpu_mhz), db_int(memory_mib), db_int(id));
}

bool host_store_reserve(struct db *db, int64_t id, int64_t cpu_mhz, int64_t memory_mib, bool *ret_done,
                        struct error *err)
{
    return changed_one(db, db_execute(db, &HOST_RESERVE, err, db_int(cpu_mhz), db_int(memory_mib), db_int(id),
                                      db_int(cpu_mhz), db_int(memory_mib)), ret_done);
}

bool host_store_release(struct db *db, int64_t id, int64_t cpu_mhz, int64_t memory_mib, bool *ret_done,
                        struct error *err)
{
    return changed_one(db, db_execute(db, &HOST_RELEASE, err, db_int(cpu_mhz), db_int(memory_mib), db_int(id),
                                      db_int(cpu_mhz), db_int(memory_mib)), ret_done);
}

bool host_store_set_limits(struct db *db, int64_t cluster_id, double cpu, double memory, struct error *err)
{
    return db_execute(db, &HOST_SET_LIMITS, err, db_opt_double(OPT_DOUBLE(cpu)), db_opt_double(OPT_DOUBLE(memory)),
                      db_int(cluster_id));
}

DB_STATEMENT(HOST_TAGGED, .name = "host.tagged", .row = &TAGGED_ROW,
             .sql = "SELECT id, tags FROM host WHERE removed IS NULL AND tags <> '' ORDER BY id",
             .scan_reason = "read when a person chooses tags");
enum { TAGGED_MAX = 100000 };

bool host_store_tagged(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &HOST_TAGGED, arena, TAGGED_MAX, ret_rows, err, DB_NO_VALUES);
}
