/* SQL of offerings. All rows, removed ones too, are read into the cache: VMs and volumes keep what they were made of.
 */
#include "cloud/detail/detail.h"
#include "cloud/offering/offering_store.h"

#include "cloud/cache/cache.h"
#include "cloud/cache/columns.h"
#include "db/version.h"

enum { OFFERINGS_MAX = 20000 };

/* ---- columns ---- */

#define RATE_COLUMNS(X)                                                                                                \
    X(bytes_read)                                                                                                      \
    X(bytes_read_max) X(bytes_read_max_s) X(bytes_write) X(bytes_write_max) X(bytes_write_max_s) X(iops_read)          \
        X(iops_read_max) X(iops_read_max_s) X(iops_write) X(iops_write_max) X(iops_write_max_s)
#define SERVICE_COLUMNS(X)                                                                                             \
    X(uuid)                                                                                                            \
    X(name) X(display_text) X(state) X(cpu_number) X(cpu_speed) X(memory_mib) X(min_cpu_number) X(max_cpu_number)      \
        X(min_memory_mib) X(max_memory_mib) X(storage_type) X(provisioning_type) X(cache_mode) X(storage_tags)         \
            X(host_tags) X(deployment_planner) X(system_vm_type) X(lease_expiry_action) X(disk_offering_id)            \
                X(root_disk_size_gib) X(network_rate_mbits) X(sort_key) X(min_iops) X(max_iops)                        \
                    X(snapshot_reserve_percent) X(lease_duration_days) X(is_customized) X(is_customized_iops)          \
                        X(offer_ha) X(limit_cpu_use) X(is_volatile) X(is_system) X(is_default) X(dynamic_scaling)      \
                            X(disk_strictness) X(encrypt_root) X(purge_resources) X(created) X(removed)
#define DISK_COLUMNS(X)                                                                                                \
    X(uuid)                                                                                                            \
    X(name) X(display_text) X(state) X(storage_type) X(provisioning_type) X(cache_mode) X(storage_tags)                \
        X(disk_size_gib) X(sort_key) X(min_iops) X(max_iops) X(snapshot_reserve_percent) X(is_customized)              \
            X(is_customized_iops) X(display) X(encrypt) X(size_strictness) X(created) X(removed)
#define SERVICE_ALL(X) SERVICE_COLUMNS(X) RATE_COLUMNS(X)
#define DISK_ALL(X) DISK_COLUMNS(X) RATE_COLUMNS(X)

#define AS_SERVICE(c) , COLUMN(struct service_offering, c)
#define AS_DISK(c) , COLUMN(struct disk_offering, c)
#define AS_RATE(type_name, c)                                                                                          \
    , {.name = #c, .type = FIELD_INT, .offset = (uint32_t)offsetof(type_name, rates.c), .size = sizeof(int64_t)}
#define AS_SERVICE_RATE(c) AS_RATE(struct service_offering, c)
#define AS_DISK_RATE(c) AS_RATE(struct disk_offering, c)

FIELD_TABLE(SERVICE_WRITE, struct service_offering,
            COLUMN(struct service_offering, id) SERVICE_COLUMNS(AS_SERVICE) RATE_COLUMNS(AS_SERVICE_RATE));
FIELD_TABLE(SERVICE_READ, struct service_offering,
            COLUMN(struct service_offering, id) SERVICE_COLUMNS(AS_SERVICE) RATE_COLUMNS(AS_SERVICE_RATE)
                AS_SERVICE(domain_ids) AS_SERVICE(zone_ids) AS_SERVICE(details));
FIELD_TABLE(DISK_WRITE, struct disk_offering,
            COLUMN(struct disk_offering, id) DISK_COLUMNS(AS_DISK) RATE_COLUMNS(AS_DISK_RATE));
FIELD_TABLE(DISK_READ, struct disk_offering,
            COLUMN(struct disk_offering, id) DISK_COLUMNS(AS_DISK) RATE_COLUMNS(AS_DISK_RATE)
                AS_DISK(domain_ids) AS_DISK(zone_ids) AS_DISK(details));

/* ---- statements ---- */

#define PLACE_COLUMNS(name)                                                                                            \
    ", (SELECT GROUP_CONCAT(p.domain_id) FROM " name "_place p WHERE p.offering_id = " name ".id AND p.domain_id > 0)" \
    " AS domain_ids"                                                                                                   \
    ", (SELECT GROUP_CONCAT(p.zone_id) FROM " name "_place p WHERE p.offering_id = " name ".id AND p.zone_id > 0)"     \
    " AS zone_ids"                                                                                                     \
    ", (SELECT GROUP_CONCAT(CONCAT(d.name, '\x1f', d.value) SEPARATOR '\x1e') FROM " name "_detail d"                  \
    " WHERE d.offering_id = " name ".id) AS details"
#define ALL_OFFERINGS(name, COLUMNS)                                                                                   \
    "SELECT id" COLUMNS(SQL_NAME) PLACE_COLUMNS(name) " FROM " name " ORDER BY id"

DB_STATEMENT(SERVICE_ALL_ROWS, .name = "service_offering.all", .sql = ALL_OFFERINGS("service_offering", SERVICE_ALL),
             .row = &SERVICE_READ, .scan_reason = "loaded into the cache when offerings change");
DB_STATEMENT(SERVICE_ADD, .name = "service_offering.add", .sql = SQL_INSERT("service_offering", SERVICE_ALL));
DB_STATEMENT(SERVICE_UPDATE, .name = "service_offering.update", .sql = SQL_UPDATE("service_offering", SERVICE_ALL));
DB_STATEMENT(SERVICE_PLACE_ADD, .name = "service_offering.place_add",
             .sql = "INSERT INTO service_offering_place (offering_id, domain_id, zone_id) VALUES (?, ?, ?)");
DB_STATEMENT(SERVICE_PLACES_REMOVE, .name = "service_offering.places_remove",
             .sql = "DELETE FROM service_offering_place WHERE offering_id = ?");
DB_STATEMENT(SERVICE_DETAIL_ADD, .name = "service_offering.detail_add",
             .sql = "INSERT INTO service_offering_detail (offering_id, name, value) VALUES (?, ?, ?)");

DB_STATEMENT(DISK_ALL_ROWS, .name = "disk_offering.all", .sql = ALL_OFFERINGS("disk_offering", DISK_ALL),
             .row = &DISK_READ, .scan_reason = "loaded into the cache when offerings change");
DB_STATEMENT(DISK_ADD, .name = "disk_offering.add", .sql = SQL_INSERT("disk_offering", DISK_ALL));
DB_STATEMENT(DISK_UPDATE, .name = "disk_offering.update", .sql = SQL_UPDATE("disk_offering", DISK_ALL));
DB_STATEMENT(DISK_PLACE_ADD, .name = "disk_offering.place_add",
             .sql = "INSERT INTO disk_offering_place (offering_id, domain_id, zone_id) VALUES (?, ?, ?)");
DB_STATEMENT(DISK_PLACES_REMOVE, .name = "disk_offering.places_remove",
             .sql = "DELETE FROM disk_offering_place WHERE offering_id = ?");
DB_STATEMENT(DISK_DETAIL_ADD, .name = "disk_offering.detail_add",
             .sql = "INSERT INTO disk_offering_detail (offering_id, name, value) VALUES (?, ?, ?)");

static const struct {
    const struct db_statement *place_add, *places_remove, *detail_add;
} STATEMENTS[] = {
    [OFFERING_SERVICE] = {&SERVICE_PLACE_ADD, &SERVICE_PLACES_REMOVE, &SERVICE_DETAIL_ADD},
    [OFFERING_DISK] = {&DISK_PLACE_ADD, &DISK_PLACES_REMOVE, &DISK_DETAIL_ADD},
};

CACHE_TABLE(service_offerings, SERVICE_ALL_ROWS, VERSION_CATALOGUE, OFFERINGS_MAX);
CACHE_TABLE(disk_offerings, DISK_ALL_ROWS, VERSION_CATALOGUE, OFFERINGS_MAX);

/* ---- reading ---- */

static bool find(struct cache_table *table, struct db *db, struct arena *arena, int64_t id, const char *uuid,
                 const void **ret_row, struct error *err)
{
    return uuid ? cache_find_uuid(table, db, arena, uuid, ret_row, err)
                : cache_find(table, db, arena, id, ret_row, err);
}

bool service_offering_store_all(struct db *db, struct arena *arena, const struct service_offering **ret_offerings,
                                size_t *ret_count, struct error *err)
{
    struct cache_view view;
    if (!cache_read(&service_offerings, db, arena, &view, err))
        return false;
    *ret_offerings = view.items;
    *ret_count = view.count;
    return true;
}

bool service_offering_store_find(struct db *db, struct arena *arena, int64_t id, const char *uuid,
                                 const struct service_offering **ret_offering, struct error *err)
{
    const void *row = NULL;
    if (!find(&service_offerings, db, arena, id, uuid, &row, err))
        return false;
    *ret_offering = row;
    return true;
}

bool disk_offering_store_all(struct db *db, struct arena *arena, const struct disk_offering **ret_offerings,
                             size_t *ret_count, struct error *err)
{
    struct cache_view view;
    if (!cache_read(&disk_offerings, db, arena, &view, err))
        return false;
    *ret_offerings = view.items;
    *ret_count = view.count;
    return true;
}

bool disk_offering_store_find(struct db *db, struct arena *arena, int64_t id, const char *uuid,
                              const struct disk_offering **ret_offering, struct error *err)
{
    const void *row = NULL;
    if (!find(&disk_offerings, db, arena, id, uuid, &row, err))
        return false;
    *ret_offering = row;
    return true;
}

/* ---- writing ---- */

static bool add(struct db *db, const struct db_statement *statement, const struct field_table *table, const void *row,
                int64_t *ret_id, struct error *err)
{
    if (!row_write(db, statement, table, row, 0, err))
        return false;
    *ret_id = db_inserted_id(db);
    return version_raise(db, VERSION_CATALOGUE, err);
}

bool service_offering_store_add(struct db *db, const struct service_offering *offering, int64_t *ret_id,
                                struct error *err)
{
    return add(db, &SERVICE_ADD, &SERVICE_WRITE, offering, ret_id, err);
}

bool disk_offering_store_add(struct db *db, const struct disk_offering *offering, int64_t *ret_id, struct error *err)
{
    return add(db, &DISK_ADD, &DISK_WRITE, offering, ret_id, err);
}

bool service_offering_store_update(struct db *db, const struct service_offering *offering, struct error *err)
{
    return row_write(db, &SERVICE_UPDATE, &SERVICE_WRITE, offering, offering->id, err) &&
           version_raise(db, VERSION_CATALOGUE, err);
}

bool disk_offering_store_update(struct db *db, const struct disk_offering *offering, struct error *err)
{
    return row_write(db, &DISK_UPDATE, &DISK_WRITE, offering, offering->id, err) &&
           version_raise(db, VERSION_CATALOGUE, err);
}

bool offering_store_set_places(struct db *db, struct arena *arena, enum offering_sort sort, int64_t id,
                               struct offering_places places, struct error *err)
{
    size_t domain_count, zone_count;
    const int64_t *domains = places_ids(arena, places.domain_ids, &domain_count);
    const int64_t *zones = places_ids(arena, places.zone_ids, &zone_count);
    if (!db_execute(db, STATEMENTS[sort].places_remove, err, db_int(id)))
        return false;
    for (size_t i = 0; i < domain_count; i++)
        if (!db_execute(db, STATEMENTS[sort].place_add, err, db_int(id), db_int(domains[i]), db_int(0)))
            return false;
    for (size_t i = 0; i < zone_count; i++)
        if (!db_execute(db, STATEMENTS[sort].place_add, err, db_int(id), db_int(0), db_int(zones[i])))
            return false;
    return true;
}

bool offering_store_add_details(struct db *db, enum offering_sort sort, int64_t id, const struct pair_list *details,
                                struct error *err)
{
    for (size_t i = 0; i < details->count; i++)
        if (!db_execute(db, STATEMENTS[sort].detail_add, err, db_int(id), db_text(details->items[i].name),
                        db_text(details->items[i].value)))
            return false;
    return true;
}

static bool details_changed(struct db *db, int64_t offering_id, struct error *err)
{
    (void)offering_id;
    return version_raise(db, VERSION_CATALOGUE, err);
}

DETAIL_KEEPER(SERVICE_DETAILS, "service_offering", "service_offering_detail", "offering_id", details_changed);
DETAIL_KEEPER(DISK_DETAILS, "disk_offering", "disk_offering_detail", "offering_id", details_changed);

void offering_register_details(void)
{
    detail_register_keeper(&SERVICE_DETAILS);
    detail_register_keeper(&DISK_DETAILS);
}
