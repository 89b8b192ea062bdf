/* SQL of zones, pods and clusters. */
#include "cloud/detail/detail.h"
#include "cloud/zone/zone_store.h"

#include "base/clock.h"
#include "base/text.h"
#include "cloud/cache/cache.h"
#include "cloud/cache/columns.h"
#include "db/version.h"

enum { ZONES_MAX = 1000, PODS_MAX = 5000, CLUSTERS_MAX = 20000 };

#define ZONE_COLUMNS(X)                                                                                                \
    X(uuid)                                                                                                            \
    X(name) X(network_type) X(allocation_state) X(dns1) X(dns2) X(ip6_dns1) X(ip6_dns2) X(internal_dns1)               \
        X(internal_dns2) X(guest_cidr) X(network_domain) X(dns_search_order) X(dhcp_provider) X(token)                 \
            X(storage_access_groups) X(domain_id) X(security_groups) X(local_storage) X(is_edge) X(sort_key)           \
                X(created)
#define POD_COLUMNS(X)                                                                                                 \
    X(uuid)                                                                                                            \
    X(zone_id) X(name) X(gateway) X(netmask) X(start_ip) X(end_ip) X(allocation_state) X(storage_access_groups)        \
        X(created)
#define CLUSTER_COLUMNS(X)                                                                                             \
    X(uuid)                                                                                                            \
    X(zone_id) X(pod_id) X(name) X(hypervisor) X(cluster_type) X(allocation_state) X(managed_state) X(arch)            \
        X(storage_access_groups) X(cpu_overcommit) X(memory_overcommit) X(created)

#define AS_ZONE(c) , COLUMN(struct zone, c)
#define AS_POD(c) , COLUMN(struct pod, c)
#define AS_CLUSTER(c) , COLUMN(struct cluster, c)
FIELD_TABLE(ZONE_WRITE, struct zone, COLUMN(struct zone, id) ZONE_COLUMNS(AS_ZONE));
FIELD_TABLE(ZONE_READ, struct zone, COLUMN(struct zone, id) ZONE_COLUMNS(AS_ZONE) AS_ZONE(details));
FIELD_TABLE(POD_ROW, struct pod, COLUMN(struct pod, id) POD_COLUMNS(AS_POD));
FIELD_TABLE(CLUSTER_ROW, struct cluster, COLUMN(struct cluster, id) CLUSTER_COLUMNS(AS_CLUSTER));

#define LIVE " WHERE removed IS NULL ORDER BY id"
#define WHY_ALL .scan_reason = "loaded into the cache when places change"
DB_STATEMENT(ZONE_ALL, .name = "zone.all",
             .sql = "SELECT id" ZONE_COLUMNS(SQL_NAME)
                    ", (SELECT GROUP_CONCAT(CONCAT(d.name, '\x1f', d.value) SEPARATOR '\x1e') FROM zone_detail d"
                    " WHERE d.zone_id = zone.id) AS details FROM zone" LIVE,
             .row = &ZONE_READ, WHY_ALL);
DB_STATEMENT(POD_ALL, .name = "pod.all", .sql = SQL_SELECT("pod", POD_COLUMNS) LIVE, .row = &POD_ROW, WHY_ALL);
DB_STATEMENT(CLUSTER_ALL, .name = "cluster.all", .sql = SQL_SELECT("cluster", CLUSTER_COLUMNS) LIVE,
             .row = &CLUSTER_ROW, WHY_ALL);
DB_STATEMENT(ZONE_ADD, .name = "zone.add", .sql = SQL_INSERT("zone", ZONE_COLUMNS));
DB_STATEMENT(ZONE_UPDATE, .name = "zone.update", .sql = SQL_UPDATE("zone", ZONE_COLUMNS));
DB_STATEMENT(ZONE_SET_DETAIL, .name = "zone.set_detail",
             .sql = "INSERT INTO zone_detail (zone_id, name, value) VALUES (?, ?, ?)"
                    " ON DUPLICATE KEY UPDATE value = VALUES(value)");
DB_STATEMENT(POD_ADD, .name = "pod.add", .sql = SQL_INSERT("pod", POD_COLUMNS));
DB_STATEMENT(POD_UPDATE, .name = "pod.update", .sql = SQL_UPDATE("pod", POD_COLUMNS));
DB_STATEMENT(CLUSTER_ADD, .name = "cluster.add", .sql = SQL_INSERT("cluster", CLUSTER_COLUMNS));
DB_STATEMENT(CLUSTER_UPDATE, .name = "cluster.update", .sql = SQL_UPDATE("cluster", CLUSTER_COLUMNS));
DB_STATEMENT(CLUSTER_OVERCOMMIT, .name = "cluster.overcommit",
             .sql = "UPDATE cluster SET cpu_overcommit = ?, memory_overcommit = ? WHERE id = ?");

DB_STATEMENT(ZONE_REMOVE, .name = "zone.remove", .sql = "UPDATE zone SET removed = ? WHERE id = ? AND removed IS NULL");
DB_STATEMENT(POD_REMOVE, .name = "pod.remove", .sql = "UPDATE pod SET removed = ? WHERE id = ? AND removed IS NULL");
DB_STATEMENT(CLUSTER_REMOVE, .name = "cluster.remove",
             .sql = "UPDATE cluster SET removed = ? WHERE id = ? AND removed IS NULL");
DB_STATEMENT(ZONE_HOLD, .name = "zone.hold",
             .sql = "UPDATE zone SET touched = touched + 1 WHERE id = ? AND removed IS NULL");
DB_STATEMENT(POD_HOLD, .name = "pod.hold",
             .sql = "UPDATE pod SET touched = touched + 1 WHERE id = ? AND removed IS NULL");
DB_STATEMENT(CLUSTER_HOLD, .name = "cluster.hold",
             .sql = "UPDATE cluster SET touched = touched + 1 WHERE id = ? AND removed IS NULL");

FIELD_TABLE(PLACE_CONTENT, struct place_content, COLUMN(struct place_content, pods),
            COLUMN(struct place_content, clusters), COLUMN(struct place_content, hosts),
            COLUMN(struct place_content, pools), COLUMN(struct place_content, physical_networks),
            COLUMN(struct place_content, image_stores));
#define COUNT(table, column, alias)                                                                                    \
    "COALESCE((SELECT COUNT(*) FROM " table " t WHERE t." column " = place.id AND t.removed IS NULL), 0) AS " alias
#define WHY_CONTENT .scan_reason = "counts what keeps a place from being removed"
DB_STATEMENT(ZONE_CONTENT, .name = "zone.content",
             .sql = "SELECT " COUNT("pod", "zone_id", "pods") ", " COUNT("cluster", "zone_id", "clusters") ", " COUNT(
                 "host", "zone_id", "hosts") ", " COUNT("storage_pool", "zone_id", "pools") ", "
                 COUNT("physical_network", "zone_id", "physical_networks") ", "
                 COUNT("image_store", "zone_id", "image_stores") " FROM zone place WHERE place.id = ?",
             .row = &PLACE_CONTENT, WHY_CONTENT);
DB_STATEMENT(POD_CONTENT, .name = "pod.content",
             .sql = "SELECT 0 AS pods, " COUNT("cluster", "pod_id", "clusters") ", " COUNT("host", "pod_id", "hosts")
                 ", " COUNT("storage_pool", "pod_id", "pools") ", 0 AS physical_networks, 0 AS image_stores"
                 " FROM pod place WHERE place.id = ?",
             .row = &PLACE_CONTENT, WHY_CONTENT);
DB_STATEMENT(CLUSTER_CONTENT, .name = "cluster.content",
             .sql = "SELECT 0 AS pods, 0 AS clusters, " COUNT("host", "cluster_id", "hosts") ", "
                 COUNT("storage_pool", "cluster_id", "pools") ", 0 AS physical_networks, 0 AS image_stores"
                 " FROM cluster place WHERE place.id = ?",
             .row = &PLACE_CONTENT, WHY_CONTENT);

CACHE_TABLE(zones, ZONE_ALL, VERSION_TOPOLOGY, ZONES_MAX);
CACHE_TABLE(pods, POD_ALL, VERSION_TOPOLOGY, PODS_MAX);
CACHE_TABLE(clusters, CLUSTER_ALL, VERSION_TOPOLOGY, CLUSTERS_MAX);

/* ---- reading ---- */

/* The three functions that each cached table needs, typed. */
#define READERS(name, table)                                                                                           \
    bool name##_find(struct db *db, struct arena *arena, int64_t id, const struct name **ret_row, struct error *err)   \
    {                                                                                                                  \
        const void *row = NULL;                                                                                        \
        if (!cache_find(&table, db, arena, id, &row, err))                                                             \
            return false;                                                                                              \
        *ret_row = row;                                                                                                \
        return true;                                                                                                   \
    }                                                                                                                  \
    bool name##_store_find_uuid(struct db *db, struct arena *arena, const char *uuid, const struct name **ret_row,     \
                                struct error *err)                                                                     \
    {                                                                                                                  \
        const void *row = NULL;                                                                                        \
        if (!cache_find_uuid(&table, db, arena, uuid, &row, err))                                                      \
            return false;                                                                                              \
        *ret_row = row;                                                                                                \
        return true;                                                                                                   \
    }                                                                                                                  \
    bool name##_all(struct db *db, struct arena *arena, const struct name **ret_rows, size_t *ret_count,               \
                    struct error *err)                                                                                 \
    {                                                                                                                  \
        struct cache_view view;                                                                                        \
        if (!cache_read(&table, db, arena, &view, err))                                                                \
            return false;                                                                                              \
        *ret_rows = view.items;                                                                                        \
        *ret_count = view.count;                                                                                       \
        return true;                                                                                                   \
    }
READERS(zone, zones)
READERS(pod, pods)
READERS(cluster, clusters)

bool cluster_find_named(struct db *db, struct arena *arena, int64_t pod_id, const char *name,
                        const struct cluster **ret_cluster, struct error *err)
{
    const struct cluster *rows = NULL;
    size_t count = 0;
    if (!cluster_all(db, arena, &rows, &count, err))
        return false;
    *ret_cluster = NULL;
    for (size_t i = 0; i < count; i++)
        if (rows[i].pod_id == pod_id && string_equal_ignoring_case(rows[i].name, name))
            *ret_cluster = &rows[i];
    return true;
}

/* ---- writing ---- */

static bool add(struct db *db, const struct db_statement *statement, const struct field_table *table, const void *row,
                int64_t *ret_id, struct error *err)
{
    if (!row_write(db, statement, table, row, 0, err))
        return false;
    *ret_id = db_inserted_id(db);
    return version_raise(db, VERSION_TOPOLOGY, err);
}

bool zone_store_add(struct db *db, const struct zone *zone, int64_t *ret_id, struct error *err)
{
    return add(db, &ZONE_ADD, &ZONE_WRITE, zone, ret_id, err);
}

bool pod_store_add(struct db *db, const struct pod *pod, int64_t *ret_id, struct error *err)
{
    return add(db, &POD_ADD, &POD_ROW, pod, ret_id, err);
}

bool cluster_store_add(struct db *db, const struct cluster *cluster, int64_t *ret_id, struct error *err)
{
    return add(db, &CLUSTER_ADD, &CLUSTER_ROW, cluster, ret_id, err);
}

bool zone_store_update(struct db *db, const struct zone *zone, struct error *err)
{
    return row_write(db, &ZONE_UPDATE, &ZONE_WRITE, zone, zone->id, err) && version_raise(db, VERSION_TOPOLOGY, err);
}

bool zone_store_set_detail(struct db *db, int64_t zone_id, const char *name, const char *value, struct error *err)
{
    return db_execute(db, &ZONE_SET_DETAIL, err, db_int(zone_id), db_text(name), db_text(value));
}

bool pod_store_update(struct db *db, const struct pod *pod, struct error *err)
{
    return row_write(db, &POD_UPDATE, &POD_ROW, pod, pod->id, err) && version_raise(db, VERSION_TOPOLOGY, err);
}

bool cluster_store_update(struct db *db, const struct cluster *cluster, struct error *err)
{
    return row_write(db, &CLUSTER_UPDATE, &CLUSTER_ROW, cluster, cluster->id, err) &&
           version_raise(db, VERSION_TOPOLOGY, err);
}

bool cluster_set_overcommit(struct db *db, int64_t cluster_id, double cpu, double memory, struct error *err)
{
    return db_execute(db, &CLUSTER_OVERCOMMIT, err, db_opt_double(OPT_DOUBLE(cpu)), db_opt_double(OPT_DOUBLE(memory)),
                      db_int(cluster_id)) &&
           version_raise(db, VERSION_TOPOLOGY, err);
}

static bool hold(struct db *db, const struct db_statement *statement, int64_t id, struct error *err)
{
    if (!db_execute(db, statement, err, db_int(id)))
        return false;
    return db_affected_rows(db) == 1 || error_set(err, ERROR_INVALID_VALUE, "zone.place_gone");
}

bool zone_hold(struct db *db, int64_t zone_id, struct error *err)
{
    return hold(db, &ZONE_HOLD, zone_id, err);
}

bool pod_hold(struct db *db, int64_t pod_id, struct error *err)
{
    return hold(db, &POD_HOLD, pod_id, err);
}

bool cluster_hold(struct db *db, int64_t cluster_id, struct error *err)
{
    return hold(db, &CLUSTER_HOLD, cluster_id, err);
}

bool place_store_remove(struct db *db, enum zone_level level, int64_t id, bool *ret_removed, struct error *err)
{
    static const struct db_statement *const REMOVES[] = {
        [LEVEL_ZONE] = &ZONE_REMOVE, [LEVEL_POD] = &POD_REMOVE, [LEVEL_CLUSTER] = &CLUSTER_REMOVE};
    if (!db_execute(db, REMOVES[level], err, db_time(clock_now_ms()), db_int(id)))
        return false;
    *ret_removed = db_affected_rows(db) == 1;
    return version_raise(db, VERSION_TOPOLOGY, err);
}

bool place_store_content(struct db *db, struct arena *arena, enum zone_level level, int64_t id,
                         struct place_content *ret_content, struct error *err)
{
    static const struct db_statement *const CONTENTS[] = {
        [LEVEL_ZONE] = &ZONE_CONTENT, [LEVEL_POD] = &POD_CONTENT, [LEVEL_CLUSTER] = &CLUSTER_CONTENT};
    bool found;
    return db_query_one(db, CONTENTS[level], arena, ret_content, &found, err, db_int(id));
}

static bool details_changed(struct db *db, int64_t zone_id, struct error *err)
{
    (void)zone_id;
    return version_raise(db, VERSION_TOPOLOGY, err);
}

DETAIL_KEEPER(ZONE_DETAILS, "zone", "zone_detail", "zone_id", details_changed);

void zone_register_details(void)
{
    detail_register_keeper(&ZONE_DETAILS);
}
