/* SQL of addresses and the ranges they come from. */
#include "base/clock.h"
#include "cloud/cache/columns.h"
#include "cloud/network/network_range.h"

#define AS_RANGE(c) , COLUMN(struct ip_range, c)
FIELD_TABLE(IP_RANGE_ROW, struct ip_range, COLUMN(struct ip_range, id) IP_RANGE_COLUMNS(AS_RANGE));
FIELD_TABLE(ADDRESS_ROW, struct address_row, COLUMN(struct address_row, id), COLUMN(struct address_row, ip),
            COLUMN(struct address_row, network_id), COLUMN(struct address_row, range_id),
            COLUMN(struct address_row, in_use), COLUMN(struct address_row, mac));

#define ADDRESS_SELECT "SELECT id, COALESCE(ip, 0) AS ip, network_id, range_id, in_use, mac FROM address"
DB_STATEMENT(NETWORK_RAISE, .name = "address.raise_nics",
             .sql = "UPDATE network SET nic_count = nic_count + 1, service_revision = service_revision + 1,"
                    " idle_since = NULL WHERE id = ? AND removed IS NULL AND state <> 'Destroy'");
DB_STATEMENT(NETWORK_LOWER, .name = "address.lower_nics",
             .sql = "UPDATE network SET nic_count = nic_count - 1, service_revision = service_revision + 1,"
                    " idle_since = IF(nic_count = 0, ?, NULL) WHERE id = ? AND nic_count > 0");
DB_STATEMENT(
    RANGES_OF, .name = "ip_range.of_network", .row = &IP_RANGE_ROW,
    .sql = SQL_SELECT("ip_range",
                      IP_RANGE_COLUMNS) " FORCE INDEX (ip_range_network) WHERE network_id = ? ORDER BY network_id, id");
DB_STATEMENT(RANGE_ADVANCE, .name = "ip_range.advance",
             .sql = "UPDATE ip_range SET next_ip = ? WHERE id = ? AND next_ip = ?");
DB_STATEMENT(ADDRESS_FREE, .name = "address.free", .row = &ADDRESS_ROW,
             .sql = ADDRESS_SELECT
             " FORCE INDEX (address_range) WHERE range_id = ? AND in_use = 0 ORDER BY range_id, in_use, id LIMIT 1");
DB_STATEMENT(ADDRESS_OF_IP, .name = "address.of_ip", .row = &ADDRESS_ROW,
             .sql = ADDRESS_SELECT " WHERE network_id = ? AND ip = ?");
DB_STATEMENT(ADDRESS_OF_MAC, .name = "address.of_mac", .row = &ADDRESS_ROW, .sql = ADDRESS_SELECT " WHERE mac = ?");
DB_STATEMENT(ADDRESS_FIND, .name = "address.find", .row = &ADDRESS_ROW, .sql = ADDRESS_SELECT " WHERE id = ?");
DB_STATEMENT(ADDRESS_TAKE, .name = "address.take",
             .sql = "UPDATE address SET in_use = 1, mac = ?, account_id = ?, domain_id = ?, object_kind = ?, object_id "
                    "= ?, taken = ?"
                    " WHERE id = ? AND in_use = 0");
DB_STATEMENT(
    ADDRESS_ADD, .name = "address.add",
    .sql = "INSERT INTO address (network_id, range_id, ip, mac, account_id, domain_id, object_kind, object_id, taken)"
           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
DB_STATEMENT(ADDRESS_GIVE_BACK, .name = "address.give_back",
             .sql = "UPDATE address SET in_use = 0, account_id = 0, domain_id = 0, object_kind = NULL, object_id = 0"
                    " WHERE id = ? AND in_use = 1");
DB_STATEMENT(ADDRESS_DROP_MAC, .name = "address.drop_mac",
             .sql = "UPDATE address SET mac = NULL WHERE id = ? AND in_use = 0");
/* Outside an IP range nothing is taken again: an L2 network's MAC address. */
DB_STATEMENT(ADDRESS_FORGET, .name = "address.forget",
             .sql = "DELETE FROM address WHERE id = ? AND in_use = 0 AND ip IS NULL");
DB_STATEMENT(RANGE_TAKEN, .name = "ip_range.taken", .row = &DB_NUMBER,
             .sql = "SELECT COUNT(*) AS value FROM address WHERE range_id = ? AND in_use = 1",
             .scan_reason = "counts one range's addresses in its index, when an operator removes it");
DB_STATEMENT(RANGE_ADD, .name = "ip_range.add", .sql = SQL_INSERT("ip_range", IP_RANGE_COLUMNS));
DB_STATEMENT(RANGE_REMOVE, .name = "ip_range.remove", .sql = "DELETE FROM ip_range WHERE id = ?");
DB_STATEMENT(RANGE_REMOVE_ADDRESSES, .name = "ip_range.remove_addresses",
             .sql = "DELETE FROM address WHERE range_id = ?");
DB_STATEMENT(RANGE_FIND, .name = "ip_range.find", .row = &IP_RANGE_ROW,
             .sql = SQL_SELECT("ip_range", IP_RANGE_COLUMNS) " WHERE id = ?");
DB_STATEMENT(RANGE_FIND_UUID, .name = "ip_range.find_by_uuid", .row = &IP_RANGE_ROW,
             .sql = SQL_SELECT("ip_range", IP_RANGE_COLUMNS) " WHERE uuid = ?");
DB_STATEMENT(RANGE_LISTED, .name = "ip_range.listed", .row = &IP_RANGE_ROW,
             .sql = SQL_SELECT("ip_range",
                               IP_RANGE_COLUMNS) " WHERE is_listed = 1 AND (? = 0 OR zone_id = ?) ORDER BY id",
             .scan_reason = "few rows: ranges that operators made");
DB_STATEMENT(RANGE_OVERLAPS, .name = "ip_range.overlaps", .row = &DB_NUMBER,
             .sql = "SELECT COUNT(*) AS value FROM ip_range WHERE zone_id = ? AND is_listed = 1 AND vlan = ? AND "
                    "first_ip <= ? AND last_ip >= ?",
             .scan_reason = "few rows: ranges of one zone that operators made");

bool address_store_raise_nics(struct db *db, int64_t network_id, struct error *err)
{
    if (!db_execute(db, &NETWORK_RAISE, err, db_int(network_id)))
        return false;
    return db_affected_rows(db) == 1 || error_set(err, ERROR_INVALID_VALUE, "network.gone");
}

bool address_store_ranges(struct db *db, struct arena *arena, int64_t network_id, struct db_rows *ret_ranges,
                          struct error *err)
{
    return db_query(db, &RANGES_OF, arena, IP_RANGES_MAX, ret_ranges, err, db_int(network_id));
}

bool address_store_advance(struct db *db, int64_t range_id, int64_t from, bool *ret_mine, struct error *err)
{
    if (!db_execute(db, &RANGE_ADVANCE, err, db_int(from + 1), db_int(range_id), db_int(from)))
        return false;
    *ret_mine = db_affected_rows(db) == 1;
    return true;
}

static bool find_row(struct db *db, struct arena *arena, const struct db_statement *statement,
                     const struct db_value *values, size_t count, struct address_row **ret_row, struct error *err)
{
    struct address_row *row = ARENA_NEW(arena, struct address_row);
    bool found = false;
    if (!db_query_one_values(db, statement, arena, row, &found, values, count, err))
        return false;
    *ret_row = found ? row : NULL;
    return true;
}

bool address_store_find_free(struct db *db, struct arena *arena, int64_t range_id, struct address_row **ret_row,
                             struct error *err)
{
    const struct db_value values[] = {db_int(range_id)};
    return find_row(db, arena, &ADDRESS_FREE, values, 1, ret_row, err);
}

bool address_store_find_ip(struct db *db, struct arena *arena, int64_t network_id, int64_t ip,
                           struct address_row **ret_row, struct error *err)
{
    const struct db_value values[] = {db_int(network_id), db_int(ip)};
    return find_row(db, arena, &ADDRESS_OF_IP, values, 2, ret_row, err);
}

bool address_store_find_mac(struct db *db, struct arena *arena, const char *mac, struct address_row **ret_row,
                            struct error *err)
{
    const struct db_value values[] = {db_text(mac)};
    return find_row(db, arena, &ADDRESS_OF_MAC, values, 1, ret_row, err);
}

bool address_store_find(struct db *db, struct arena *arena, int64_t id, struct address_row **ret_row, struct error *err)
{
    const struct db_value values[] = {db_int(id)};
    return find_row(db, arena, &ADDRESS_FIND, values, 1, ret_row, err);
}

bool address_store_take(struct db *db, int64_t id, const char *mac, const struct address_owner *owner, bool *ret_mine,
                        struct error *err)
{
    if (!db_execute(db, &ADDRESS_TAKE, err, db_text(mac), db_int(owner->account_id), db_int(owner->domain_id),
                    db_text(owner->object_kind), db_int(owner->object_id), db_time(clock_now_ms()), db_int(id)))
        return false;
    *ret_mine = db_affected_rows(db) == 1;
    return true;
}

bool address_store_add(struct db *db, const struct address_row *row, const char *mac, const struct address_owner *owner,
                       int64_t *ret_id, struct error *err)
{
    if (!db_execute(db, &ADDRESS_ADD, err, db_int(row->network_id), db_int(row->range_id),
                    row->ip ? db_int(row->ip) : db_null(), db_text(mac), db_int(owner->account_id),
                    db_int(owner->domain_id), db_text(owner->object_kind), db_int(owner->object_id),
                    db_time(clock_now_ms())))
        return false;
    *ret_id = db_inserted_id(db);
    return true;
}

bool address_store_give_back(struct db *db, const struct address_row *row, struct error *err)
{
    if (!db_execute(db, &ADDRESS_GIVE_BACK, err, db_int(row->id)))
        return false;
    if (db_affected_rows(db) != 1)
        return true;
    return db_execute(db, &ADDRESS_FORGET, err, db_int(row->id)) &&
           db_execute(db, &NETWORK_LOWER, err, db_time(clock_now_ms()), db_int(row->network_id));
}

bool address_store_drop_mac(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &ADDRESS_DROP_MAC, err, db_int(id));
}

/* ---- ranges ---- */

bool ip_range_store_add(struct db *db, const struct ip_range *range, int64_t *ret_id, struct error *err)
{
    if (!row_write(db, &RANGE_ADD, &IP_RANGE_ROW, range, 0, err))
        return false;
    *ret_id = db_inserted_id(db);
    return true;
}

bool ip_range_store_find(struct db *db, struct arena *arena, int64_t id, const char *uuid, struct ip_range **ret_range,
                         struct error *err)
{
    struct ip_range *range = ARENA_NEW(arena, struct ip_range);
    bool found = false;
    if (!db_query_one(db, uuid ? &RANGE_FIND_UUID : &RANGE_FIND, arena, range, &found, err,
                      uuid ? db_text(uuid) : db_int(id)))
        return false;
    *ret_range = found ? range : NULL;
    return true;
}

bool ip_range_store_listed(struct db *db, struct arena *arena, int64_t zone_id, struct db_rows *ret_ranges,
                           struct error *err)
{
    return db_query(db, &RANGE_LISTED, arena, IP_RANGES_LISTED_MAX, ret_ranges, err, db_int(zone_id), db_int(zone_id));
}

static bool number(struct db *db, struct arena *arena, const struct db_statement *statement,
                   const struct db_value *values, size_t count, int64_t *ret_number, struct error *err)
{
    struct db_number result = {0};
    bool found = false;
    if (!db_query_one_values(db, statement, arena, &result, &found, values, count, err))
        return false;
    *ret_number = result.value;
    return true;
}

bool ip_range_store_overlaps(struct db *db, struct arena *arena, const struct ip_range *range, bool *ret_overlaps,
                             struct error *err)
{
    const struct db_value values[] = {db_int(range->zone_id), db_text(range->vlan), db_int(range->last_ip),
                                      db_int(range->first_ip)};
    int64_t count = 0;
    if (!number(db, arena, &RANGE_OVERLAPS, values, COUNT_OF(values), &count, err))
        return false;
    *ret_overlaps = count > 0;
    return true;
}

bool ip_range_store_taken(struct db *db, struct arena *arena, int64_t id, int64_t *ret_count, struct error *err)
{
    const struct db_value values[] = {db_int(id)};
    return number(db, arena, &RANGE_TAKEN, values, 1, ret_count, err);
}

bool ip_range_store_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &RANGE_REMOVE_ADDRESSES, err, db_int(id)) && db_execute(db, &RANGE_REMOVE, err, db_int(id));
}
