/* Rules of disk offerings. */
#include "base/clock.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/offering/offering_rules.h"
#include "cloud/offering/offering_service.h"

enum { DISK_SIZE_MAX_GIB = 1 << 20 };

static bool check_row(const struct disk_offering *row, struct error *err)
{
    if (row->is_customized ? row->disk_size_gib != 0 : row->disk_size_gib <= 0)
        return error_set(err, ERROR_INVALID_VALUE,
                         row->is_customized ? "offering.disk_size_customized" : "offering.disk_size_missing");
    if (row->disk_size_gib > DISK_SIZE_MAX_GIB)
        return error_with(err, ERROR_INVALID_VALUE, "offering.out_of_range", E_TEXT("parameter", "disksize"),
                          E_INT("value", row->disk_size_gib), E_INT("min", 1), E_INT("max", DISK_SIZE_MAX_GIB));
    return offering_check_disk_words(row->storage_type, row->provisioning_type, row->cache_mode, err) &&
           offering_check_iops(row->is_customized_iops, row->min_iops, row->max_iops, err) &&
           offering_check_rates(&row->rates, err);
}

struct creation {
    struct arena *arena;
    struct disk_offering row;
    const struct pair_list *details;
    int64_t id;
};

static bool create_body(struct db *db, void *context, struct error *err)
{
    struct creation *creation = context;
    struct offering_places places = {creation->row.domain_ids, creation->row.zone_ids};
    return disk_offering_store_add(db, &creation->row, &creation->id, err) &&
           offering_store_set_places(db, creation->arena, OFFERING_DISK, creation->id, places, err) &&
           offering_store_add_details(db, OFFERING_DISK, creation->id, creation->details, err);
}

bool disk_offering_create(struct db *db, struct arena *arena, const struct caller *caller,
                          const struct disk_offering_wish *wish, int64_t *ret_id, struct error *err)
{
    char uuid[UUID_BYTES];
    struct creation creation = {.arena = arena, .row = wish->row, .details = &wish->details};
    struct offering_places places = {wish->row.domain_ids, wish->row.zone_ids};
    if (!check_row(&creation.row, err) ||
        !offering_check_tags(db, arena, caller, NULL, creation.row.storage_tags, err) ||
        !offering_places_of_creator(db, arena, caller, places, &places, err))
        return false;
    uuid_random(uuid);
    creation.row.id = 0;
    creation.row.uuid = uuid;
    creation.row.state = "Active";
    creation.row.domain_ids = places.domain_ids;
    creation.row.created = OPT_TIME(clock_now_ms());
    if (!db_transaction(db, create_body, &creation, err))
        return false;
    *ret_id = creation.id;
    return true;
}

struct change {
    struct arena *arena;
    const struct disk_offering *row;
};

static bool update_body(struct db *db, void *context, struct error *err)
{
    const struct change *change = context;
    struct offering_places places = {change->row->domain_ids, change->row->zone_ids};
    return disk_offering_store_update(db, change->row, err) &&
           offering_store_set_places(db, change->arena, OFFERING_DISK, change->row->id, places, err);
}

static bool check_manager(struct db *db, struct arena *arena, const struct caller *caller, int64_t id,
                          const struct disk_offering **ret_offering, struct error *err)
{
    const struct disk_offering *offering = NULL;
    if (!disk_offering_find(db, arena, id, &offering, err))
        return false;
    if (!offering)
        return error_set(err, ERROR_INVALID_VALUE, "offering.gone");
    struct offering_places places = {offering->domain_ids, offering->zone_ids};
    *ret_offering = offering;
    return places_check_manager(db, arena, places, caller, err);
}

bool disk_offering_update(struct db *db, struct arena *arena, const struct caller *caller,
                          const struct disk_offering *changed, struct error *err)
{
    const struct disk_offering *before = NULL;
    struct offering_places places = {changed->domain_ids, changed->zone_ids};
    struct change change = {arena, changed};
    return check_manager(db, arena, caller, changed->id, &before, err) &&
           places_check_manager(db, arena, places, caller, err) && check_row(changed, err) &&
           db_transaction(db, update_body, &change, err);
}

bool disk_offering_remove(struct db *db, struct arena *arena, const struct caller *caller, int64_t id,
                          struct error *err)
{
    const struct disk_offering *before = NULL;
    if (!check_manager(db, arena, caller, id, &before, err))
        return false;
    struct disk_offering removed = *before;
    removed.state = "Inactive";
    removed.removed = OPT_TIME(clock_now_ms());
    struct change change = {arena, &removed};
    return db_transaction(db, update_body, &change, err);
}
