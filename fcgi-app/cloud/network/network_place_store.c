/* SQL of the places of networks, of the revision of their services, and of the leases that are wanted. */
#include "base/clock.h"
#include "cloud/network/network_place.h"

FIELD_TABLE(NETWORK_PLACE_ROW, struct network_place, COLUMN(struct network_place, network_id),
            COLUMN(struct network_place, host_id), COLUMN(struct network_place, service_revision),
            COLUMN(struct network_place, handle), COLUMN(struct network_place, has_services),
            COLUMN(struct network_place, is_up));
FIELD_TABLE(NETWORK_LEASE_ROW, struct network_lease, COLUMN(struct network_lease, nic_uuid),
            COLUMN(struct network_lease, guest_uuid), COLUMN(struct network_lease, mac),
            COLUMN(struct network_lease, ipv4), COLUMN(struct network_lease, hostname),
            COLUMN(struct network_lease, is_default), COLUMN(struct network_lease, host_id));

#define HOST_ANSWERS "COALESCE(p.host_id = 0 OR (h.state = 'Up' AND h.removed IS NULL), 0)"
#define PLACE_SELECT                                                                                                   \
    "SELECT p.network_id, p.host_id, p.service_revision, p.handle, p.has_services, " HOST_ANSWERS " AS is_up FROM"     \
    " network_place p LEFT JOIN host h ON h.id = p.host_id"
DB_STATEMENT(PLACE_ADD, .name = "network_place.add",
             .sql = "INSERT INTO network_place (network_id, host_id, has_services, created) VALUES (?, ?, ?, ?)"
                    " ON DUPLICATE KEY UPDATE has_services = VALUES(has_services)");
DB_STATEMENT(PLACES_OF_NETWORK, .name = "network_place.of_network", .row = &NETWORK_PLACE_ROW,
             .sql = PLACE_SELECT " WHERE p.network_id = ?");
DB_STATEMENT(PLACES_OF_HOST, .name = "network_place.of_host", .row = &NETWORK_PLACE_ROW,
             .sql = PLACE_SELECT " WHERE p.host_id = ?");
DB_STATEMENT(PLACE_OF_BOTH, .name = "network_place.find", .row = &NETWORK_PLACE_ROW,
             .sql = PLACE_SELECT " WHERE p.network_id = ? AND p.host_id = ?");
DB_STATEMENT(PLACE_SET_HANDLE, .name = "network_place.set_handle",
             .sql = "UPDATE network_place SET handle = ? WHERE network_id = ? AND host_id = ?");
DB_STATEMENT(PLACE_CLAIM, .name = "network_place.claim",
             .sql = "UPDATE network_place SET claim = ?, claimed = ? WHERE network_id = ? AND host_id = ? AND"
                    " (claim IS NULL OR claim = ? OR claimed < ?)");
DB_STATEMENT(PLACE_APPLIED, .name = "network_place.applied",
             .sql = "UPDATE network_place SET service_revision = GREATEST(service_revision, ?), claim = NULL"
                    " WHERE network_id = ? AND host_id = ? AND claim = ?");
DB_STATEMENT(PLACE_REMOVE_NETWORK, .name = "network_place.remove_network",
             .sql = "DELETE FROM network_place WHERE network_id = ?");
DB_STATEMENT(PLACE_REMOVE_HOST, .name = "network_place.remove_host",
             .sql = "DELETE FROM network_place WHERE host_id = ?");
DB_STATEMENT(REVISION, .name = "network.service_revision", .row = &DB_NUMBER,
             .sql = "SELECT service_revision AS value FROM network WHERE id = ? AND removed IS NULL");
DB_STATEMENT(LEASES, .name = "network.leases", .row = &NETWORK_LEASE_ROW,
             .sql = "SELECT c.uuid AS nic_uuid, v.uuid AS guest_uuid, c.mac_address AS mac, c.ip_address AS ipv4,"
                    " v.name AS hostname, c.is_default, IF(v.host_id = 0, v.last_host_id, v.host_id) AS host_id"
                    " FROM vm_nic c FORCE INDEX (vm_nic_network)"
                    " JOIN vm v ON v.id = c.vm_id WHERE c.network_id = ? AND c.ip_address IS NOT NULL"
                    " ORDER BY c.network_id, c.vm_id, c.device_number",
             .scan_reason = "reads one network's NICs by their index");
DB_STATEMENT(TOUCH, .name = "network.touch",
             .sql = "UPDATE network SET service_revision = service_revision + 1 WHERE id = ?");
DB_STATEMENT(FOLLOW, .name = "network.follow",
             .sql =
                 "UPDATE network SET service_pending = 1 WHERE id = ? AND service_pending = 0 AND removed IS NULL"
                 " AND EXISTS (SELECT 1 FROM network_place p WHERE p.network_id = network.id AND p.has_services = 1)");
DB_STATEMENT(FOLLOWED, .name = "network.followed", .sql = "UPDATE network SET service_pending = 0 WHERE id = ?");
DB_STATEMENT(LAGGING, .name = "network.lagging", .row = &DB_NUMBER,
             .sql = "SELECT DISTINCT n.id AS value FROM network_place p JOIN network n ON n.id = p.network_id"
                    " LEFT JOIN host h ON h.id = p.host_id WHERE p.has_services = 1 AND n.service_pending = 0 AND"
                    " p.service_revision < n.service_revision AND " HOST_ANSWERS " LIMIT 64",
             .scan_reason = "run by a schedule over the places of networks");

bool place_store_add(struct db *db, int64_t network_id, int64_t host_id, bool has_services, struct error *err)
{
    return db_execute(db, &PLACE_ADD, err, db_int(network_id), db_int(host_id), db_bool(has_services),
                      db_time(clock_now_ms()));
}

bool place_store_of_network(struct db *db, struct arena *arena, int64_t network_id, struct db_rows *ret_rows,
                            struct error *err)
{
    return db_query(db, &PLACES_OF_NETWORK, arena, NETWORK_PLACES_MAX, ret_rows, err, db_int(network_id));
}

bool place_store_of_host(struct db *db, struct arena *arena, int64_t host_id, struct db_rows *ret_rows,
                         struct error *err)
{
    return db_query(db, &PLACES_OF_HOST, arena, NETWORK_PLACES_MAX, ret_rows, err, db_int(host_id));
}

bool place_store_set_handle(struct db *db, int64_t network_id, int64_t host_id, const char *handle, struct error *err)
{
    return db_execute(db, &PLACE_SET_HANDLE, err, db_text(handle), db_int(network_id), db_int(host_id));
}

bool network_segment_handle(struct db *db, struct arena *arena, int64_t network_id, int64_t host_id,
                            const char **ret_handle, struct error *err)
{
    struct network_place place = {0};
    bool found = false;
    if (!db_query_one(db, &PLACE_OF_BOTH, arena, &place, &found, err, db_int(network_id), db_int(host_id)))
        return false;
    *ret_handle = found ? place.handle : NULL;
    return true;
}

bool place_store_claim(struct db *db, int64_t network_id, int64_t host_id, const char *claim, bool *ret_mine,
                       struct error *err)
{
    int64_t now = clock_now_ms();
    if (!db_execute(db, &PLACE_CLAIM, err, db_text(claim), db_time(now), db_int(network_id), db_int(host_id),
                    db_text(claim), db_time(now - NETWORK_CLAIM_MS)))
        return false;
    *ret_mine = db_affected_rows(db) == 1;
    return true;
}

bool place_store_applied(struct db *db, int64_t network_id, int64_t host_id, const char *claim, int64_t revision,
                         struct error *err)
{
    return db_execute(db, &PLACE_APPLIED, err, db_int(revision), db_int(network_id), db_int(host_id), db_text(claim));
}

bool place_store_remove_network(struct db *db, int64_t network_id, struct error *err)
{
    return db_execute(db, &PLACE_REMOVE_NETWORK, err, db_int(network_id));
}

bool place_store_remove_host(struct db *db, int64_t host_id, struct error *err)
{
    return db_execute(db, &PLACE_REMOVE_HOST, err, db_int(host_id));
}

bool network_store_wanted(struct db *db, struct arena *arena, int64_t network_id, int64_t *ret_revision,
                          struct db_rows *ret_leases, struct error *err)
{
    struct db_number revision = {0};
    bool found = false;
    if (!db_query_one(db, &REVISION, arena, &revision, &found, err, db_int(network_id)))
        return false;
    *ret_revision = revision.value;
    return db_query(db, &LEASES, arena, NETWORK_LEASES_MAX, ret_leases, err, db_int(network_id));
}

bool network_store_touch(struct db *db, int64_t network_id, struct error *err)
{
    return db_execute(db, &TOUCH, err, db_int(network_id));
}

bool network_store_follow(struct db *db, int64_t network_id, bool *ret_first, struct error *err)
{
    if (!db_execute(db, &FOLLOW, err, db_int(network_id)))
        return false;
    *ret_first = db_affected_rows(db) == 1;
    return true;
}

bool network_store_followed(struct db *db, int64_t network_id, struct error *err)
{
    return db_execute(db, &FOLLOWED, err, db_int(network_id));
}

bool network_store_lagging(struct db *db, struct arena *arena, struct db_rows *ret_ids, struct error *err)
{
    enum { LAGGING_MAX = 64 };
    return db_query(db, &LAGGING, arena, LAGGING_MAX, ret_ids, err, DB_NO_VALUES);
}
