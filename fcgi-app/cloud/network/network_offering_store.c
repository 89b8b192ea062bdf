/* SQL of network offerings. All rows, removed ones too, are read into the cache: networks keep what they were made of.
 */
#include "cloud/network/network_offering_store.h"

#include <string.h>

#include "base/text.h"
#include "cloud/cache/cache.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "db/version.h"

enum { OFFERINGS_MAX = 20000 };

#define OFFERING_COLUMNS(X)                                                                                            \
    X(uuid)                                                                                                            \
    X(name) X(display_text) X(traffic_type) X(guest_type) X(availability) X(state) X(tags) X(internet_protocol)        \
        X(routing_mode) X(network_mode) X(network_rate_mbits) X(max_connections) X(service_offering_id) X(sort_key)    \
            X(specify_vlan) X(specify_ip_ranges) X(conserve_mode) X(is_default) X(for_vpc) X(is_persistent)            \
                X(egress_allow) X(keep_alive) X(created) X(removed)
#define AS_OFFERING(c) , COLUMN(struct network_offering, c)
FIELD_TABLE(NETWORK_OFFERING_WRITE, struct network_offering,
            COLUMN(struct network_offering, id) OFFERING_COLUMNS(AS_OFFERING));
FIELD_TABLE(NETWORK_OFFERING_READ, struct network_offering,
            COLUMN(struct network_offering, id) OFFERING_COLUMNS(AS_OFFERING) AS_OFFERING(services)
                AS_OFFERING(domain_ids) AS_OFFERING(zone_ids) AS_OFFERING(details) AS_OFFERING(capabilities));

#define OF_OFFERING " WHERE x.offering_id = network_offering.id"
#define PAIRS(condition, alias)                                                                                        \
    ", (SELECT GROUP_CONCAT(CONCAT(x.name, '\x1f', x.value) SEPARATOR '\x1e') FROM network_offering_detail "           \
    "x" OF_OFFERING " AND " condition ") AS " alias
DB_STATEMENT(OFFERING_ALL, .name = "network_offering.all", .row = &NETWORK_OFFERING_READ,
             .sql = "SELECT id" OFFERING_COLUMNS(
                 SQL_NAME) ", (SELECT GROUP_CONCAT(CONCAT(x.service, '=', x.provider) ORDER BY x.service, x.provider) "
                           "FROM network_offering_service x" OF_OFFERING ") AS services"
                           ", (SELECT GROUP_CONCAT(x.domain_id) FROM network_offering_place x" OF_OFFERING
                           " AND x.domain_id > 0) AS domain_ids"
                           ", (SELECT GROUP_CONCAT(x.zone_id) FROM network_offering_place x" OF_OFFERING
                           " AND x.zone_id > 0) AS zone_ids" PAIRS("x.is_capability = 0", "details")
                               PAIRS("x.is_capability = 1", "capabilities") " FROM network_offering ORDER BY id",
             .scan_reason = "loaded into the cache when offerings change");
DB_STATEMENT(OFFERING_ADD, .name = "network_offering.add", .sql = SQL_INSERT("network_offering", OFFERING_COLUMNS));
DB_STATEMENT(OFFERING_UPDATE, .name = "network_offering.update",
             .sql = SQL_UPDATE("network_offering", OFFERING_COLUMNS));
DB_STATEMENT(SERVICE_ADD, .name = "network_offering.service_add",
             .sql = "INSERT INTO network_offering_service (offering_id, service, provider) VALUES (?, ?, ?)");
DB_STATEMENT(
    DETAIL_ADD, .name = "network_offering.detail_add",
    .sql = "INSERT INTO network_offering_detail (offering_id, name, value, is_capability) VALUES (?, ?, ?, ?)");
DB_STATEMENT(PLACE_ADD, .name = "network_offering.place_add",
             .sql = "INSERT INTO network_offering_place (offering_id, domain_id, zone_id) VALUES (?, ?, ?)");
DB_STATEMENT(PLACES_REMOVE, .name = "network_offering.places_remove",
             .sql = "DELETE FROM network_offering_place WHERE offering_id = ?");

CACHE_TABLE(offerings, OFFERING_ALL, VERSION_CATALOGUE, OFFERINGS_MAX);

bool network_offering_store_find(struct db *db, struct arena *arena, int64_t id, const char *uuid,
                                 const struct network_offering **ret_offering, struct error *err)
{
    const void *row = NULL;
    if (!(uuid ? cache_find_uuid(&offerings, db, arena, uuid, &row, err)
               : cache_find(&offerings, db, arena, id, &row, err)))
        return false;
    *ret_offering = row;
    return true;
}

bool network_offering_store_all(struct db *db, struct arena *arena, const struct network_offering **ret_offerings,
                                size_t *ret_count, struct error *err)
{
    struct cache_view view;
    if (!cache_read(&offerings, db, arena, &view, err))
        return false;
    *ret_offerings = view.items;
    *ret_count = view.count;
    return true;
}

static bool add_services(struct db *db, struct arena *arena, const struct network_offering *offering, int64_t id,
                         struct error *err)
{
    size_t count;
    const char **items = string_split(arena, offering->services ? offering->services : "", ',', &count);
    for (size_t i = 0; i < count; i++) {
        const char *cut = strchr(items[i], '=');
        if (cut && !db_execute(db, &SERVICE_ADD, err, db_int(id),
                               db_text(arena_strndup(arena, items[i], (size_t)(cut - items[i]))), db_text(cut + 1)))
            return false;
    }
    return true;
}

static bool add_details(struct db *db, struct arena *arena, const char *text, bool is_capability, int64_t id,
                        struct error *err)
{
    struct pair_list pairs = reply_pairs_of(arena, text);
    for (size_t i = 0; i < pairs.count; i++)
        if (!db_execute(db, &DETAIL_ADD, err, db_int(id), db_text(pairs.items[i].name), db_text(pairs.items[i].value),
                        db_bool(is_capability)))
            return false;
    return true;
}

static bool set_places(struct db *db, struct arena *arena, const struct network_offering *offering, int64_t id,
                       struct error *err)
{
    size_t domain_count, zone_count;
    const int64_t *domains = places_ids(arena, offering->domain_ids, &domain_count),
                  *zones = places_ids(arena, offering->zone_ids, &zone_count);
    if (!db_execute(db, &PLACES_REMOVE, err, db_int(id)))
        return false;
    for (size_t i = 0; i < domain_count; i++)
        if (!db_execute(db, &PLACE_ADD, err, db_int(id), db_int(domains[i]), db_int(0)))
            return false;
    for (size_t i = 0; i < zone_count; i++)
        if (!db_execute(db, &PLACE_ADD, err, db_int(id), db_int(0), db_int(zones[i])))
            return false;
    return true;
}

bool network_offering_store_add(struct db *db, struct arena *arena, const struct network_offering *offering,
                                int64_t *ret_id, struct error *err)
{
    if (!row_write(db, &OFFERING_ADD, &NETWORK_OFFERING_WRITE, offering, 0, err))
        return false;
    int64_t id = *ret_id = db_inserted_id(db);
    return add_services(db, arena, offering, id, err) && add_details(db, arena, offering->details, false, id, err) &&
           add_details(db, arena, offering->capabilities, true, id, err) && set_places(db, arena, offering, id, err) &&
           version_raise(db, VERSION_CATALOGUE, err);
}

bool network_offering_store_update(struct db *db, struct arena *arena, const struct network_offering *offering,
                                   struct error *err)
{
    return row_write(db, &OFFERING_UPDATE, &NETWORK_OFFERING_WRITE, offering, offering->id, err) &&
           set_places(db, arena, offering, offering->id, err) && version_raise(db, VERSION_CATALOGUE, err);
}
