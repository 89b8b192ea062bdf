/* SQL of networks. Guarding rows: a network's own row for its state and NICs. Lists are in network_list.c. */
#include "cloud/network/network_store.h"

#include "base/clock.h"
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/network/network_columns.h"

#define AS_NETWORK(c) , COLUMN(struct network, c)
FIELD_TABLE(NETWORK_ROW, struct network, COLUMN(struct network, id) NETWORK_COLUMNS(AS_NETWORK));

enum { IDLE_MAX = 64 };

DB_STATEMENT(NETWORK_ADD, .name = "network.add", .sql = SQL_INSERT("network", NETWORK_COLUMNS));
DB_STATEMENT(NETWORK_FIND, .name = "network.find", .sql = NETWORK_SELECT " WHERE n.id = ? AND n.removed IS NULL",
             .row = &NETWORK_ROW);
DB_STATEMENT(NETWORK_FIND_UUID, .name = "network.find_by_uuid",
             .sql = NETWORK_SELECT " WHERE n.uuid = ? AND n.removed IS NULL", .row = &NETWORK_ROW);
DB_STATEMENT(NETWORK_HOLD, .name = "network.hold",
             .sql = "UPDATE network SET nic_count = nic_count WHERE id = ? AND removed IS NULL");
DB_STATEMENT(NETWORK_EDIT, .name = "network.edit",
             .sql = "UPDATE network SET name = ?, display_text = ?, network_domain = ?, dns1 = ?, dns2 = ?,"
                    " ip6_dns1 = ?, ip6_dns2 = ?, uuid = ?, reserved_ip_range = ?, offering_id = ?, private_mtu = ?,"
                    " public_mtu = ?, display = ?, restart_required = ?, service_revision = service_revision + 1"
                    " WHERE id = ? AND removed IS NULL");
DB_STATEMENT(NETWORK_MOVE, .name = "network.move",
             .sql = "UPDATE network SET state = ? WHERE id = ? AND removed IS NULL AND (? IS NULL OR state = ?)");
DB_STATEMENT(
    NETWORK_CLOSE, .name = "network.close",
    .sql = "UPDATE network SET state = ? WHERE id = ? AND removed IS NULL AND nic_count = 0 AND state <> 'Shutdown'");
DB_STATEMENT(NETWORK_SEGMENT, .name = "network.set_segment",
             .sql = "UPDATE network SET segment_id = ?, broadcast_uri = ? WHERE id = ?");
DB_STATEMENT(NETWORK_PROVIDER, .name = "network.set_provider",
             .sql = "UPDATE network SET provider_handle = ?, idle_since = IF(nic_count = 0, ?, NULL) WHERE id = ?");
DB_STATEMENT(NETWORK_RESTART, .name = "network.set_restart_required",
             .sql = "UPDATE network SET restart_required = ? WHERE id = ?");
DB_STATEMENT(
    NETWORK_REMOVE, .name = "network.remove",
    .sql =
        "UPDATE network SET removed = ?, state = 'Destroy', idle_since = NULL, segment_id = 0, provider_handle = NULL"
        " WHERE id = ? AND removed IS NULL AND nic_count = 0");
DB_STATEMENT(NETWORK_REMOVE_ADDRESSES, .name = "network.remove_addresses",
             .sql = "DELETE FROM address WHERE network_id = ?");
DB_STATEMENT(NETWORK_REMOVE_RANGES, .name = "network.remove_ranges",
             .sql = "DELETE FROM ip_range WHERE network_id = ?");
DB_STATEMENT(
    NETWORK_SYSTEM, .name = "network.system", .row = &NETWORK_ROW,
    .sql = NETWORK_SELECT
    " WHERE n.physical_network_id = ? AND n.traffic_type = ? AND n.is_system = 1 AND n.removed IS NULL ORDER BY n.id",
    .scan_reason = "when an operator removes a traffic type");
DB_STATEMENT(
    NETWORK_ZONE_SYSTEM, .name = "network.zone_system", .row = &NETWORK_ROW,
    .sql = NETWORK_SELECT
    " FORCE INDEX (network_zone) WHERE n.zone_id = ? AND n.traffic_type = ? AND n.removed IS NULL AND n.is_system = 1"
    " ORDER BY n.id LIMIT 1",
    .scan_reason = "when an operator adds a range");
DB_STATEMENT(
    NETWORK_COUNT_PROVIDER, .name = "network.count_provider", .row = &DB_NUMBER,
    .sql = "SELECT COUNT(*) AS value FROM network n WHERE n.physical_network_id = ? AND n.removed IS NULL AND EXISTS"
           " (SELECT 1 FROM network_offering_service s WHERE s.offering_id = n.offering_id AND s.provider = ?)",
    .scan_reason = "when an operator removes a provider");
DB_STATEMENT(NETWORK_ISOLATED, .name = "network.isolated_of", .row = &NETWORK_ROW,
             .sql = NETWORK_SELECT
             " FORCE INDEX (network_account) WHERE n.account_id = ? AND n.removed IS NULL AND n.zone_id = ?"
             " AND n.guest_type = 'Isolated' AND n.traffic_type = 'Guest' ORDER BY n.account_id, n.removed, n.id",
             .scan_reason = "reads one account's networks by its index");
DB_STATEMENT(NETWORK_SHARED, .name = "network.shared", .row = &NETWORK_ROW,
             .sql = NETWORK_SELECT
             " FORCE INDEX (network_account) WHERE n.account_id = 0 AND n.removed IS NULL AND n.is_system = 0"
             " ORDER BY n.account_id, n.removed, n.id",
             .scan_reason = "reads the few shared networks by their index");
DB_STATEMENT(NETWORK_IDLE, .name = "network.idle", .row = &NETWORK_ROW,
             .sql = NETWORK_SELECT
             " WHERE n.state = 'Implemented' AND n.idle_since < ? ORDER BY n.state, n.idle_since LIMIT 64",
             .scan_reason = "reads the index of idle networks from its oldest entry");

bool network_store_add(struct db *db, const struct network *network, int64_t *ret_id, struct error *err)
{
    struct network row = *network;
    row.domain_path = row.domain_path ? row.domain_path : "/";
    if (!row_write(db, &NETWORK_ADD, &NETWORK_ROW, &row, 0, err))
        return false;
    *ret_id = db_inserted_id(db);
    return true;
}

bool network_store_hold(struct db *db, int64_t id, struct error *err)
{
    if (!db_execute(db, &NETWORK_HOLD, err, db_int(id)))
        return false;
    return db_affected_rows(db) == 1 || error_set(err, ERROR_INVALID_VALUE, "network.gone");
}

bool network_store_edit(struct db *db, const struct network_edit *e, struct error *err)
{
    return db_execute(db, &NETWORK_EDIT, err, db_text(e->name), db_text(e->display_text), db_text(e->network_domain),
                      db_text(e->dns1), db_text(e->dns2), db_text(e->ip6_dns1), db_text(e->ip6_dns2), db_text(e->uuid),
                      db_text(e->reserved_ip_range), db_int(e->offering_id), db_int(e->private_mtu),
                      db_int(e->public_mtu), db_bool(e->display), db_bool(e->restart_required), db_int(e->id));
}

static bool find_one(struct db *db, struct arena *arena, const struct db_statement *statement,
                     const struct db_value *values, size_t count, struct network **ret_network, struct error *err)
{
    struct network *network = ARENA_NEW(arena, struct network);
    bool found = false;
    if (!db_query_one_values(db, statement, arena, network, &found, values, count, err))
        return false;
    *ret_network = found ? network : NULL;
    return true;
}

bool network_find(struct db *db, struct arena *arena, int64_t id, struct network **ret_network, struct error *err)
{
    const struct db_value values[] = {db_int(id)};
    return find_one(db, arena, &NETWORK_FIND, values, 1, ret_network, err);
}

bool network_store_find_uuid(struct db *db, struct arena *arena, const char *uuid, struct network **ret_network,
                             struct error *err)
{
    const struct db_value values[] = {db_text(uuid)};
    return find_one(db, arena, &NETWORK_FIND_UUID, values, 1, ret_network, err);
}

bool network_store_move(struct db *db, int64_t id, const char *from, const char *to, bool *ret_moved, struct error *err)
{
    if (!db_execute(db, &NETWORK_MOVE, err, db_text(to), db_int(id), db_text(from), db_text(from)))
        return false;
    *ret_moved = db_affected_rows(db) == 1;
    return true;
}

bool network_store_close(struct db *db, int64_t id, const char *to, bool *ret_closed, struct error *err)
{
    if (!db_execute(db, &NETWORK_CLOSE, err, db_text(to), db_int(id)))
        return false;
    *ret_closed = db_affected_rows(db) == 1;
    return true;
}

bool network_store_set_segment(struct db *db, int64_t id, int64_t segment, const char *broadcast_uri, struct error *err)
{
    return db_execute(db, &NETWORK_SEGMENT, err, db_int(segment), db_text(broadcast_uri), db_int(id));
}

bool network_store_set_provider(struct db *db, int64_t id, const char *handle, struct error *err)
{
    return db_execute(db, &NETWORK_PROVIDER, err, db_text(handle), db_time(clock_now_ms()), db_int(id));
}

bool network_store_set_restart_required(struct db *db, int64_t id, bool required, struct error *err)
{
    return db_execute(db, &NETWORK_RESTART, err, db_bool(required), db_int(id));
}

bool network_store_remove_empty(struct db *db, const struct network *network, struct error *err)
{
    if (!db_execute(db, &NETWORK_REMOVE, err, db_time(clock_now_ms()), db_int(network->id)))
        return false;
    if (db_affected_rows(db) != 1)
        return error_with(err, ERROR_IN_USE, "network.has_nics", E_TEXT("name", network->name));
    return db_execute(db, &NETWORK_REMOVE_ADDRESSES, err, db_int(network->id)) &&
           db_execute(db, &NETWORK_REMOVE_RANGES, err, db_int(network->id)) &&
           segment_release(db, network->physical_network_id, network->id, err);
}

bool network_store_system(struct db *db, struct arena *arena, int64_t physical_network_id, const char *traffic_type,
                          struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &NETWORK_SYSTEM, arena, SHARED_NETWORKS_MAX, ret_rows, err, db_int(physical_network_id),
                    db_text(traffic_type));
}

bool network_store_zone_system(struct db *db, struct arena *arena, int64_t zone_id, const char *traffic_type,
                               struct network **ret_network, struct error *err)
{
    const struct db_value values[] = {db_int(zone_id), db_text(traffic_type)};
    return find_one(db, arena, &NETWORK_ZONE_SYSTEM, values, 2, ret_network, err);
}

bool network_store_count_provider(struct db *db, struct arena *arena, int64_t physical_network_id, const char *provider,
                                  int64_t *ret_count, struct error *err)
{
    struct db_number count = {0};
    bool found = false;
    if (!db_query_one(db, &NETWORK_COUNT_PROVIDER, arena, &count, &found, err, db_int(physical_network_id),
                      db_text(provider)))
        return false;
    *ret_count = count.value;
    return true;
}

bool network_store_isolated_of(struct db *db, struct arena *arena, int64_t account_id, int64_t zone_id,
                               struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &NETWORK_ISOLATED, arena, NETWORKS_PER_ACCOUNT_MAX, ret_rows, err, db_int(account_id),
                    db_int(zone_id));
}

bool network_store_shared(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &NETWORK_SHARED, arena, SHARED_NETWORKS_MAX, ret_rows, err, DB_NO_VALUES);
}

bool network_store_idle(struct db *db, struct arena *arena, int64_t before_ms, struct db_rows *ret_rows,
                        struct error *err)
{
    return db_query(db, &NETWORK_IDLE, arena, IDLE_MAX, ret_rows, err, db_time(before_ms));
}
