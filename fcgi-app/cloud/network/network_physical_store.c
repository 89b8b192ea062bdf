/* SQL of the physical side: cached snapshots for reading, statements for writing, and segments (VLAN tags, VNIs) given
 * out one by one. */
#include "base/clock.h"
#include "cloud/cache/cache.h"
#include "cloud/cache/columns.h"
#include "cloud/network/network_physical.h"
#include "db/version.h"

enum { PHYSICAL_MAX = 4000, ELEMENTS_MAX = 40000 };

#define PHYSICAL_COLUMNS(X)                                                                                            \
    X(uuid)                                                                                                            \
    X(zone_id) X(name) X(broadcast_domain_range) X(domain_id) X(isolation_methods) X(network_speed) X(state) X(vlan)   \
        X(tags) X(created)
#define TRAFFIC_COLUMNS(X)                                                                                             \
    X(uuid)                                                                                                            \
    X(physical_network_id) X(traffic_type) X(isolation_method) X(vlan) X(xen_label) X(kvm_label) X(vmware_label)       \
        X(hyperv_label) X(ovm3_label) X(created)
#define PROVIDER_COLUMNS(X)                                                                                            \
    X(uuid) X(physical_network_id) X(destination_physical_network_id) X(name) X(state) X(services) X(created)
#define ELEMENT_COLUMNS(X) X(uuid) X(provider_id) X(enabled)

#define AS_PHYSICAL(c) , COLUMN(struct physical_network, c)
#define AS_TRAFFIC(c) , COLUMN(struct traffic_type, c)
#define AS_PROVIDER(c) , COLUMN(struct network_provider, c)
#define AS_ELEMENT(c) , COLUMN(struct virtual_router_element, c)
FIELD_TABLE(PHYSICAL_NETWORK_ROW, struct physical_network,
            COLUMN(struct physical_network, id) PHYSICAL_COLUMNS(AS_PHYSICAL));
FIELD_TABLE(TRAFFIC_TYPE_ROW, struct traffic_type, COLUMN(struct traffic_type, id) TRAFFIC_COLUMNS(AS_TRAFFIC));
FIELD_TABLE(NETWORK_PROVIDER_ROW, struct network_provider,
            COLUMN(struct network_provider, id) PROVIDER_COLUMNS(AS_PROVIDER));
FIELD_TABLE(ROUTER_ELEMENT_ROW, struct virtual_router_element,
            COLUMN(struct virtual_router_element, id) ELEMENT_COLUMNS(AS_ELEMENT));

#define WHY_ALL .scan_reason = "loaded into the cache when places change"
DB_STATEMENT(PHYSICAL_ALL, .name = "physical_network.all",
             .sql = SQL_SELECT("physical_network", PHYSICAL_COLUMNS) " WHERE removed IS NULL ORDER BY id",
             .row = &PHYSICAL_NETWORK_ROW, WHY_ALL);
DB_STATEMENT(TRAFFIC_ALL, .name = "traffic_type.all", .sql = SQL_SELECT("traffic_type", TRAFFIC_COLUMNS) " ORDER BY id",
             .row = &TRAFFIC_TYPE_ROW, WHY_ALL);
DB_STATEMENT(PROVIDER_ALL, .name = "network_provider.all",
             .sql = SQL_SELECT("network_provider", PROVIDER_COLUMNS) " ORDER BY id", .row = &NETWORK_PROVIDER_ROW,
             WHY_ALL);
DB_STATEMENT(ELEMENT_ALL, .name = "virtual_router_element.all",
             .sql = SQL_SELECT("virtual_router_element", ELEMENT_COLUMNS) " ORDER BY id", .row = &ROUTER_ELEMENT_ROW,
             WHY_ALL);
CACHE_TABLE(physical_networks, PHYSICAL_ALL, VERSION_TOPOLOGY, PHYSICAL_MAX);
CACHE_TABLE(traffic_types, TRAFFIC_ALL, VERSION_TOPOLOGY, ELEMENTS_MAX);
CACHE_TABLE(providers, PROVIDER_ALL, VERSION_TOPOLOGY, ELEMENTS_MAX);
CACHE_TABLE(elements, ELEMENT_ALL, VERSION_TOPOLOGY, ELEMENTS_MAX);

DB_STATEMENT(PHYSICAL_ADD, .name = "physical_network.add", .sql = SQL_INSERT("physical_network", PHYSICAL_COLUMNS));
DB_STATEMENT(PHYSICAL_UPDATE, .name = "physical_network.update",
             .sql = SQL_UPDATE("physical_network", PHYSICAL_COLUMNS));
DB_STATEMENT(PHYSICAL_REMOVE, .name = "physical_network.remove",
             .sql = "UPDATE physical_network SET removed = UTC_TIMESTAMP(3) WHERE id = ?");
DB_STATEMENT(PHYSICAL_HOLD, .name = "physical_network.hold",
             .sql = "UPDATE physical_network SET touched = touched + 1 WHERE id = ? AND removed IS NULL");
DB_STATEMENT(PHYSICAL_NETWORKS, .name = "physical_network.count_networks", .row = &DB_NUMBER,
             .sql = "SELECT COUNT(*) AS value FROM network WHERE physical_network_id = ? AND removed IS NULL AND (? IS "
                    "NULL OR traffic_type = ?)",
             .scan_reason = "counts what keeps a physical network or a traffic type from being removed");
DB_STATEMENT(TRAFFIC_ADD, .name = "traffic_type.add", .sql = SQL_INSERT("traffic_type", TRAFFIC_COLUMNS));
DB_STATEMENT(TRAFFIC_UPDATE, .name = "traffic_type.update", .sql = SQL_UPDATE("traffic_type", TRAFFIC_COLUMNS));
DB_STATEMENT(TRAFFIC_REMOVE, .name = "traffic_type.remove", .sql = "DELETE FROM traffic_type WHERE id = ?");
DB_STATEMENT(PROVIDER_ADD, .name = "network_provider.add", .sql = SQL_INSERT("network_provider", PROVIDER_COLUMNS));
DB_STATEMENT(PROVIDER_UPDATE, .name = "network_provider.update",
             .sql = SQL_UPDATE("network_provider", PROVIDER_COLUMNS));
DB_STATEMENT(PROVIDER_REMOVE, .name = "network_provider.remove", .sql = "DELETE FROM network_provider WHERE id = ?");
DB_STATEMENT(ELEMENT_ADD, .name = "virtual_router_element.add",
             .sql = SQL_INSERT("virtual_router_element", ELEMENT_COLUMNS));
DB_STATEMENT(ELEMENT_UPDATE, .name = "virtual_router_element.update",
             .sql = SQL_UPDATE("virtual_router_element", ELEMENT_COLUMNS));
DB_STATEMENT(ELEMENT_REMOVE, .name = "virtual_router_element.remove",
             .sql = "DELETE FROM virtual_router_element WHERE id = ?");

/* The functions that each of the four tables needs, typed. */
#define ACCESS(name, table, ROW, ADD, UPDATE, REMOVE)                                                                  \
    bool name##_find(struct db *db,                                                                                    \
                     struct arena *arena,                                                                              \
                     int64_t id,                                                                                       \
                     const char *uuid,                                                                                 \
                     const struct name **ret_row,                                                                      \
                     struct error *err)                                                                                \
    {                                                                                                                  \
        const void *row = NULL;                                                                                        \
        if (!(uuid ? cache_find_uuid(&table, db, arena, uuid, &row, err)                                               \
                   : cache_find(&table, db, arena, id, &row, err)))                                                    \
            return false;                                                                                              \
        *ret_row = row;                                                                                                \
        return true;                                                                                                   \
    }                                                                                                                  \
    bool name##_all(                                                                                                   \
        struct db *db, struct arena *arena, const struct name **ret_rows, size_t *ret_count, struct error *err)        \
    {                                                                                                                  \
        struct cache_view view;                                                                                        \
        if (!cache_read(&table, db, arena, &view, err))                                                                \
            return false;                                                                                              \
        *ret_rows = view.items;                                                                                        \
        *ret_count = view.count;                                                                                       \
        return true;                                                                                                   \
    }                                                                                                                  \
    bool name##_store_add(struct db *db, const struct name *row, int64_t *ret_id, struct error *err)                   \
    {                                                                                                                  \
        if (!row_write(db, &ADD, &ROW, row, 0, err))                                                                   \
            return false;                                                                                              \
        *ret_id = db_inserted_id(db);                                                                                  \
        return version_raise(db, VERSION_TOPOLOGY, err);                                                               \
    }                                                                                                                  \
    bool name##_store_update(struct db *db, const struct name *row, struct error *err)                                 \
    {                                                                                                                  \
        return row_write(db, &UPDATE, &ROW, row, row->id, err) && version_raise(db, VERSION_TOPOLOGY, err);            \
    }                                                                                                                  \
    bool name##_store_remove(struct db *db, int64_t id, struct error *err)                                             \
    {                                                                                                                  \
        return db_execute(db, &REMOVE, err, db_int(id)) && version_raise(db, VERSION_TOPOLOGY, err);                   \
    }
ACCESS(physical_network, physical_networks, PHYSICAL_NETWORK_ROW, PHYSICAL_ADD, PHYSICAL_UPDATE, PHYSICAL_REMOVE)
ACCESS(traffic_type, traffic_types, TRAFFIC_TYPE_ROW, TRAFFIC_ADD, TRAFFIC_UPDATE, TRAFFIC_REMOVE)
ACCESS(network_provider, providers, NETWORK_PROVIDER_ROW, PROVIDER_ADD, PROVIDER_UPDATE, PROVIDER_REMOVE)
ACCESS(virtual_router_element, elements, ROUTER_ELEMENT_ROW, ELEMENT_ADD, ELEMENT_UPDATE, ELEMENT_REMOVE)

bool physical_network_hold(struct db *db, int64_t id, struct error *err)
{
    if (!db_execute(db, &PHYSICAL_HOLD, err, db_int(id)))
        return false;
    return db_affected_rows(db) == 1 || error_set(err, ERROR_INVALID_VALUE, "network.physical_gone");
}

bool physical_network_count_networks(struct db *db, struct arena *arena, int64_t id, const char *traffic_type,
                                     int64_t *ret_count, struct error *err)
{
    struct db_number count = {0};
    bool found = false;
    if (!db_query_one(db, &PHYSICAL_NETWORKS, arena, &count, &found, err, db_int(id), db_text(traffic_type),
                      db_text(traffic_type)))
        return false;
    *ret_count = count.value;
    return true;
}

/* ---- segments ---- */

FIELD_TABLE(SEGMENT_RANGE_ROW, struct segment_range, COLUMN(struct segment_range, id),
            COLUMN(struct segment_range, first_id), COLUMN(struct segment_range, last_id),
            COLUMN(struct segment_range, next_id));
DB_STATEMENT(
    RANGES, .name = "segment_range.all", .row = &SEGMENT_RANGE_ROW,
    .sql = "SELECT id, first_id, last_id, next_id FROM segment_range WHERE physical_network_id = ? ORDER BY first_id");
DB_STATEMENT(RANGE_ADD, .name = "segment_range.add",
             .sql = "INSERT INTO segment_range (physical_network_id, first_id, last_id, next_id) VALUES (?, ?, ?, ?)");
DB_STATEMENT(RANGES_REMOVE, .name = "segment_range.remove",
             .sql = "DELETE FROM segment_range WHERE physical_network_id = ?");
DB_STATEMENT(RANGE_ADVANCE, .name = "segment_range.advance",
             .sql = "UPDATE segment_range SET next_id = next_id + 1 WHERE id = ? AND next_id = ?");
DB_STATEMENT(SEGMENT_REUSE, .name = "segment.reuse",
             .sql = "UPDATE segment SET network_id = ? WHERE physical_network_id = ? AND network_id = 0 ORDER BY "
                    "segment_id LIMIT 1");
DB_STATEMENT(SEGMENT_OF, .name = "segment.of_network", .row = &DB_NUMBER,
             .sql = "SELECT segment_id AS value FROM segment WHERE physical_network_id = ? AND network_id = ?");
DB_STATEMENT(SEGMENT_ADD, .name = "segment.add",
             .sql = "INSERT INTO segment (physical_network_id, segment_id, network_id) VALUES (?, ?, ?)");
DB_STATEMENT(
    SEGMENT_CLAIM, .name = "segment.claim",
    .sql = "UPDATE segment SET network_id = ? WHERE physical_network_id = ? AND segment_id = ? AND network_id = 0");
DB_STATEMENT(SEGMENT_FREE, .name = "segment.free",
             .sql = "UPDATE segment SET network_id = 0 WHERE physical_network_id = ? AND network_id = ?");
/* Only segments that the ranges have passed wait to be taken again; the others are met in their range, or belong to
 * none. */
DB_STATEMENT(SEGMENT_FORGET, .name = "segment.forget",
             .sql = "DELETE FROM segment WHERE physical_network_id = ? AND network_id = 0 AND NOT EXISTS (SELECT 1 "
                    "FROM segment_range r"
                    " WHERE r.physical_network_id = segment.physical_network_id AND segment.segment_id BETWEEN "
                    "r.first_id AND r.next_id - 1)");
/* Segments of networks outside all ranges that were inside one before. */
DB_STATEMENT(SEGMENTS_OUTSIDE, .name = "segment.outside", .row = &DB_NUMBER,
             .sql = "SELECT COUNT(*) AS value FROM segment s JOIN network n ON n.id = s.network_id WHERE "
                    "s.physical_network_id = ? AND s.network_id > 0"
                    " AND n.guest_type = 'Isolated' AND NOT EXISTS (SELECT 1 FROM segment_range r WHERE "
                    "r.physical_network_id = s.physical_network_id"
                    " AND s.segment_id BETWEEN r.first_id AND r.last_id)",
             .scan_reason = "when an operator changes the ranges of a physical network");

bool segment_ranges(struct db *db, struct arena *arena, int64_t physical_network_id, struct db_rows *ret_ranges,
                    struct error *err)
{
    return db_query(db, &RANGES, arena, SEGMENT_RANGES_MAX, ret_ranges, err, db_int(physical_network_id));
}

static bool count_outside(struct db *db, struct arena *arena, int64_t physical_network_id, int64_t *ret_count,
                          struct error *err)
{
    struct db_number outside = {0};
    bool found = false;
    if (!db_query_one(db, &SEGMENTS_OUTSIDE, arena, &outside, &found, err, db_int(physical_network_id)))
        return false;
    *ret_count = outside.value;
    return true;
}

bool segment_ranges_replace(struct db *db, struct arena *arena, int64_t physical_network_id,
                            const struct segment_range *wanted, size_t count, struct error *err)
{
    struct db_rows before;
    int64_t outside_before, outside_after;
    if (!segment_ranges(db, arena, physical_network_id, &before, err) ||
        !count_outside(db, arena, physical_network_id, &outside_before, err) ||
        !db_execute(db, &RANGES_REMOVE, err, db_int(physical_network_id)))
        return false;
    const struct segment_range *old = before.items;
    for (size_t i = 0; i < count; i++) {
        int64_t next = wanted[i].first_id;
        for (size_t j = 0; j < before.count; j++)
            if (old[j].first_id == wanted[i].first_id)
                next = old[j].next_id <= wanted[i].last_id + 1 ? old[j].next_id : wanted[i].last_id + 1;
        if (!db_execute(db, &RANGE_ADD, err, db_int(physical_network_id), db_int(wanted[i].first_id),
                        db_int(wanted[i].last_id), db_int(next)))
            return false;
    }
    if (!db_execute(db, &SEGMENT_FORGET, err, db_int(physical_network_id)) ||
        !count_outside(db, arena, physical_network_id, &outside_after, err))
        return false;
    return outside_after <= outside_before ||
           error_with(err, ERROR_IN_USE, "network.segment_in_use", E_INT("n", outside_after - outside_before));
}

static bool is_duplicate(struct error *err)
{
    return err && err->kind == ERROR_IN_USE;
}

/* The first that was never given out; one that somebody took by its number meanwhile is passed over. */
static bool take_fresh(struct db *db, struct arena *arena, int64_t physical_network_id, int64_t network_id,
                       int64_t *ret_segment, struct error *err)
{
    struct db_rows rows;
    if (!segment_ranges(db, arena, physical_network_id, &rows, err))
        return false;
    const struct segment_range *ranges = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        for (int64_t next = ranges[i].next_id; next <= ranges[i].last_id; next++) {
            struct error failure = {0};
            if (!db_execute(db, &RANGE_ADVANCE, err, db_int(ranges[i].id), db_int(next)))
                return false;
            if (db_affected_rows(db) == 1 &&
                db_execute(db, &SEGMENT_ADD, &failure, db_int(physical_network_id), db_int(next), db_int(network_id))) {
                *ret_segment = next;
                return true;
            }
            if (error_is_set(&failure) && !is_duplicate(&failure)) {
                if (err)
                    error_copy(err, &failure);
                return false;
            }
        }
    return error_set(err, ERROR_INSUFFICIENT_CAPACITY, "network.no_segment");
}

/* The physical network's row is the guard: one taker at a time, so ranges and segments read here are the last word. */
bool segment_take(struct db *db, struct arena *arena, int64_t physical_network_id, int64_t network_id,
                  int64_t *ret_segment, struct error *err)
{
    struct db_number taken = {0};
    bool found = false;
    if (!physical_network_hold(db, physical_network_id, err) ||
        !db_execute(db, &SEGMENT_REUSE, err, db_int(network_id), db_int(physical_network_id)))
        return false;
    if (db_affected_rows(db) == 0)
        return take_fresh(db, arena, physical_network_id, network_id, ret_segment, err);
    if (!db_query_one(db, &SEGMENT_OF, arena, &taken, &found, err, db_int(physical_network_id), db_int(network_id)))
        return false;
    *ret_segment = taken.value;
    return true;
}

bool segment_take_exactly(struct db *db, struct arena *arena, int64_t physical_network_id, int64_t network_id,
                          int64_t segment, struct error *err)
{
    struct error failure = {0};
    (void)arena;
    if (!physical_network_hold(db, physical_network_id, err) ||
        !db_execute(db, &SEGMENT_CLAIM, err, db_int(network_id), db_int(physical_network_id), db_int(segment)))
        return false;
    if (db_affected_rows(db) == 1 ||
        db_execute(db, &SEGMENT_ADD, &failure, db_int(physical_network_id), db_int(segment), db_int(network_id)))
        return true;
    if (is_duplicate(&failure))
        return error_with(err, ERROR_INVALID_VALUE, "network.vlan_taken", E_INT("vlan", segment));
    if (err)
        error_copy(err, &failure);
    return false;
}

bool segment_release(struct db *db, int64_t physical_network_id, int64_t network_id, struct error *err)
{
    return physical_network_hold(db, physical_network_id, err) &&
           db_execute(db, &SEGMENT_FREE, err, db_int(physical_network_id), db_int(network_id)) &&
           db_execute(db, &SEGMENT_FORGET, err, db_int(physical_network_id));
}
