/* Rules of service offerings: sizes, and what a VM gets of one. */
#include "base/clock.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/offering/offering_rules.h"
#include "cloud/offering/offering_service.h"

enum { CPU_NUMBER_MAX = 1024, CPU_SPEED_MAX_MHZ = 100000, MEMORY_MAX_MIB = 64 << 20, CUSTOM_CPU_SPEED_MHZ = 1000 };

static bool out_of_range(struct error *err, const char *what, int64_t value, int64_t least, int64_t most)
{
    return error_with(err, ERROR_INVALID_VALUE, "offering.out_of_range", E_TEXT("parameter", what),
                      E_INT("value", value), E_INT("min", least), E_INT("max", most));
}

static bool check_number(struct error *err, const char *what, int64_t value, int64_t least, int64_t most)
{
    return value >= least && value <= most ? true : out_of_range(err, what, value, least, most);
}

/* A fixed offering names all three sizes; a customized one may bound what tenants ask for. */
static bool check_size(const struct service_offering *row, struct error *err)
{
    int64_t least = row->is_customized ? 0 : 1;
    if (!check_number(err, "cpunumber", row->cpu_number, least, CPU_NUMBER_MAX) ||
        !check_number(err, "cpuspeed", row->cpu_speed, least, CPU_SPEED_MAX_MHZ) ||
        !check_number(err, "memory", row->memory_mib, row->is_customized ? 0 : 32, MEMORY_MAX_MIB))
        return false;
    bool bounded = row->min_cpu_number || row->max_cpu_number || row->min_memory_mib || row->max_memory_mib;
    if (!row->is_customized && bounded)
        return error_set(err, ERROR_INVALID_VALUE, "offering.bounds_of_fixed");
    if (!check_number(err, "mincpunumber", row->min_cpu_number, 0, CPU_NUMBER_MAX) ||
        !check_number(err, "maxcpunumber", row->max_cpu_number, row->max_cpu_number ? row->min_cpu_number : 0,
                      CPU_NUMBER_MAX) ||
        !check_number(err, "minmemory", row->min_memory_mib, 0, MEMORY_MAX_MIB))
        return false;
    return check_number(err, "maxmemory", row->max_memory_mib, row->max_memory_mib ? row->min_memory_mib : 0,
                        MEMORY_MAX_MIB);
}

static bool check_row(const struct service_offering *row, struct error *err)
{
    static const int64_t ROOT_DISK_MAX_GIB = 1 << 20;
    return check_size(row, err) &&
           offering_check_disk_words(row->storage_type, row->provisioning_type, row->cache_mode, err) &&
           offering_check_iops(row->is_customized_iops, row->min_iops, row->max_iops, err) &&
           offering_check_rates(&row->rates, err) &&
           check_number(err, "rootdisksize", row->root_disk_size_gib, 0, ROOT_DISK_MAX_GIB);
}

struct creation {
    struct arena *arena;
    struct service_offering row;
    const struct pair_list *details;
    int64_t id;
};

static bool create_body(struct db *db, void *context, struct error *err)
{
    struct creation *creation = context;
    struct offering_places places = {creation->row.domain_ids, creation->row.zone_ids};
    return service_offering_store_add(db, &creation->row, &creation->id, err) &&
           offering_store_set_places(db, creation->arena, OFFERING_SERVICE, creation->id, places, err) &&
           offering_store_add_details(db, OFFERING_SERVICE, creation->id, creation->details, err);
}

bool service_offering_create(struct db *db, struct arena *arena, const struct caller *caller,
                             const struct service_offering_wish *wish, int64_t *ret_id, struct error *err)
{
    char uuid[UUID_BYTES];
    struct creation creation = {.arena = arena, .row = wish->row, .details = &wish->details};
    struct offering_places places = {wish->row.domain_ids, wish->row.zone_ids};
    if (!check_row(&creation.row, err) ||
        !offering_check_tags(db, arena, caller, creation.row.host_tags, creation.row.storage_tags, err) ||
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
    const struct service_offering *row;
};

static bool update_body(struct db *db, void *context, struct error *err)
{
    const struct change *change = context;
    struct offering_places places = {change->row->domain_ids, change->row->zone_ids};
    return service_offering_store_update(db, change->row, err) &&
           offering_store_set_places(db, change->arena, OFFERING_SERVICE, change->row->id, places, err);
}

static bool check_manager(struct db *db, struct arena *arena, const struct caller *caller, int64_t id,
                          const struct service_offering **ret_offering, struct error *err)
{
    const struct service_offering *offering = NULL;
    if (!service_offering_find(db, arena, id, &offering, err))
        return false;
    if (!offering)
        return error_set(err, ERROR_INVALID_VALUE, "offering.gone");
    struct offering_places places = {offering->domain_ids, offering->zone_ids};
    *ret_offering = offering;
    return places_check_manager(db, arena, places, caller, err);
}

bool service_offering_update(struct db *db, struct arena *arena, const struct caller *caller,
                             const struct service_offering *changed, struct error *err)
{
    const struct service_offering *before = NULL;
    struct offering_places places = {changed->domain_ids, changed->zone_ids};
    struct change change = {arena, changed};
    return check_manager(db, arena, caller, changed->id, &before, err) &&
           places_check_manager(db, arena, places, caller, err) && check_row(changed, err) &&
           db_transaction(db, update_body, &change, err);
}

bool service_offering_remove(struct db *db, struct arena *arena, const struct caller *caller, int64_t id,
                             struct error *err)
{
    const struct service_offering *before = NULL;
    if (!check_manager(db, arena, caller, id, &before, err))
        return false;
    if (before->is_default)
        return error_set(err, ERROR_INVALID_VALUE, "offering.is_default");
    struct service_offering removed = *before;
    removed.state = "Inactive";
    removed.removed = OPT_TIME(clock_now_ms());
    struct change change = {arena, &removed};
    return db_transaction(db, update_body, &change, err);
}

/* ---- what a VM gets ---- */

static bool pick(struct error *err, const char *what, int64_t fixed, int64_t wanted, int64_t least, int64_t most,
                 int64_t *ret_value)
{
    if (fixed > 0 && wanted > 0 && wanted != fixed)
        return error_with(err, ERROR_INVALID_VALUE, "offering.size_is_fixed", E_TEXT("parameter", what),
                          E_INT("value", fixed));
    int64_t value = fixed > 0 ? fixed : wanted;
    if (value <= 0)
        return error_with(err, ERROR_INVALID_VALUE, "offering.size_missing", E_TEXT("parameter", what));
    if ((least > 0 && value < least) || (most > 0 && value > most))
        return out_of_range(err, what, value, least, most);
    *ret_value = value;
    return true;
}

bool service_offering_size(const struct service_offering *offering, const struct compute_size *wanted,
                           struct compute_size *ret_size, struct error *err)
{
    static const struct compute_size NOTHING_WANTED = {0, 0, 0};
    const struct compute_size *asked = wanted ? wanted : &NOTHING_WANTED;
    struct compute_size size;
    int64_t speed = asked->cpu_speed_mhz;
    if (offering->is_customized && offering->cpu_speed == 0 && speed == 0)
        speed = CUSTOM_CPU_SPEED_MHZ;
    int64_t most_cpus = offering->max_cpu_number ? offering->max_cpu_number : CPU_NUMBER_MAX;
    int64_t most_memory = offering->max_memory_mib ? offering->max_memory_mib : MEMORY_MAX_MIB;
    if (!pick(err, "cpuNumber", offering->cpu_number, asked->cpu_number, offering->min_cpu_number, most_cpus,
              &size.cpu_number) ||
        !pick(err, "cpuSpeed", offering->cpu_speed, speed, 0, CPU_SPEED_MAX_MHZ, &size.cpu_speed_mhz) ||
        !pick(err, "memory", offering->memory_mib, asked->memory_mib, offering->min_memory_mib, most_memory,
              &size.memory_mib))
        return false;
    *ret_size = size;
    return true;
}
