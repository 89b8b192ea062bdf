/* Commands of disk offerings. Rules are in offering_disk_service.c. */
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/host/host.h"
#include "cloud/offering/offering_api.h"
#include "cloud/offering/offering_service.h"
#include "cloud/storage/storage.h"

struct disk_offering_response {
    const char *id, *domainid, *domain, *zoneid, *zone, *name, *state, *displaytext, *tags, *storagetype,
        *provisioningtype, *cacheMode;
    struct opt_int disksize, miniops, maxiops, hypervisorsnapshotreserve;
    struct rate_response rates;
    struct opt_time created;
    struct opt_bool iscustomized, iscustomizediops, displayoffering, disksizestrictness, encrypt;
    bool hasannotations;
    struct pair_list details;
};
#define R(member, ...) FIELD(struct disk_offering_response, member, __VA_ARGS__)
#define RATE(parameter, member, column, text) FIELD_IN(struct disk_offering_response, rates, member, .help = text),
FIELD_TABLE(DISK_OFFERING_RESPONSE, struct disk_offering_response,
    R(id, .help = "the id of the object"),
    R(domainid, .help = "the tenant domain"),
    R(domain, .help = "the name of the tenant domain"),
    R(zoneid, .since = "4.13.0", .help = "the zone"),
    R(zone, .since = "4.13.0", .help = "the zone"),
    R(name, .help = "the name"),
    R(state, .help = "the state"),
    R(displaytext, .help = "the text that people see"),
    R(disksize, .help = "the size in GiB"),
    R(created, .help = "when it was made"),
    R(iscustomized, .help = "the tenant says how large"),
    R(iscustomizediops, .help = "the tenant says how many operations a second"),
    R(miniops, .help = "the fewest operations a second"),
    R(maxiops, .help = "the most operations a second"),
    R(hypervisorsnapshotreserve, .since = "4.4", .help = "space for snapshots of the hypervisor, in percent"),
    R(tags, .help = "the tags"),
    R(storagetype, .help = "shared or local"),
    R(provisioningtype, .since = "4.4.0", .help = "thin, sparse or fat"),
    OFFERING_RATES(RATE)
    R(cacheMode, .since = "4.4", .help = "none, writeback, writethrough or hypervisor_default"),
    R(displayoffering, .help = "shows the offering to tenants"),
    R(disksizestrictness, .since = "4.17", .help = "the size cannot be changed"),
    R(encrypt, .since = "4.18", .help = "the disk is encrypted"),
    R(details, .since = "4.17", .help = "further details"),
    R(hasannotations, .help = "operators left remarks"));
#undef R
#undef RATE

struct create_disk_offering_args {
    struct opt_int disksize, hypervisorsnapshotreserve, maxiops, miniops;
    struct rate_args rates;
    const char *cachemode, *displaytext, *name, *provisioningtype, *storagepolicy, *storagetype, *tags;
    struct opt_bool customized, customizediops, disksizestrictness, displayoffering, encrypt;
    struct map_list details;
    struct ref_list domainid, zoneid;
};
#define P(member, ...) FIELD(struct create_disk_offering_args, member, __VA_ARGS__)
#define RATE(parameter, member, column, text)                                                                          \
    FIELD_IN(struct create_disk_offering_args, rates, parameter, .help = text),
FIELD_TABLE(CREATE_DISK_OFFERING_PARAMS, struct create_disk_offering_args,
    OFFERING_RATES(RATE)
    P(cachemode, .since = "4.14", .help = "none, writeback, writethrough or hypervisor_default"),
    P(customized, .help = "the tenant says how large"),
    P(customizediops, .help = "the tenant says how many operations a second"),
    P(details, .since = "4.16", .help = "further details"),
    P(disksize, .help = "the size in GiB"),
    P(disksizestrictness, .since = "4.17", .help = "the size cannot be changed"),
    P(displayoffering, .help = "shows the offering to tenants"),
    P(displaytext, .flags = FIELD_PLAIN_TEXT, .max = 4096, .help = "the text that people see"),
    P(domainid, .refers_to = "domain", .help = "offers it to these tenant domains only"),
    P(encrypt, .since = "4.18", .help = "the disk is encrypted"),
    P(hypervisorsnapshotreserve, .help = "space for snapshots of the hypervisor, in percent"),
    P(maxiops, .help = "the most operations a second"),
    P(miniops, .help = "the fewest operations a second"),
    P(name, .flags = FIELD_REQUIRED, .help = "the name"),
    P(provisioningtype, .help = "thin, sparse or fat"),
    P(storagepolicy, .since = "4.15", .help = "the storage policy", .no_effect = "storage policies are vSphere's"),
    P(storagetype, .help = "shared or local"),
    P(tags, .max = 4096, .help = "the tags that a storage pool must have"),
    P(zoneid, .refers_to = "zone", .since = "4.13", .help = "offers it in these zones only"));
#undef P
#undef RATE

struct list_disk_offerings_args {
    const char *account, *name, *projectid, *state, *storagetype, *virtualmachineid, *volumeid;
    struct object_ref domainid, id, storageid, zoneid;
    struct opt_bool encrypt, isrecursive, listall;
};
#define P(member, ...) FIELD(struct list_disk_offerings_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_DISK_OFFERINGS_PARAMS, struct list_disk_offerings_args,
    P(account, .help = "the account", .no_effect = "offerings belong to tenant domains, not accounts"),
    P(domainid, .refers_to = "domain", .help = "the tenant domain"),
    P(encrypt, .since = "4.18", .help = "the disk is encrypted"),
    P(id, .refers_to = "disk_offering", .help = "the id of the object"),
    P(isrecursive, .help = "tenant domains below too", .no_effect = "offerings are listed by what the caller may use"),
    P(listall, .help = "all that the caller may see", .no_effect = "offerings are listed by what the caller may use"),
    P(name, .help = "the name"),
    P(projectid, .help = "the project", .no_effect = "offerings belong to tenant domains, not projects"),
    P(state, .since = "4.19", .help = "the state"),
    P(storageid, .refers_to = "storage_pool", .since = "4.17", .help = "the storage pool"),
    P(storagetype, .since = "4.19", .help = "shared or local"),
    P(virtualmachineid, .since = "4.20.0", .help = "the instance", .no_effect = "every offering in reach is listed"),
    P(volumeid, .since = "4.17", .help = "the volume", .no_effect = "every offering in reach is listed"),
    P(zoneid, .refers_to = "zone", .since = "4.13", .help = "the zone"));
#undef P

struct update_disk_offering_args {
    struct opt_int sortkey;
    struct rate_args rates;
    const char *cachemode, *displaytext, *domainid, *name, *state, *tags, *zoneid;
    struct opt_bool displayoffering;
    struct object_ref id;
};
#define P(member, ...) FIELD(struct update_disk_offering_args, member, __VA_ARGS__)
#define RATE(parameter, member, column, text)                                                                          \
    FIELD_IN(struct update_disk_offering_args, rates, parameter, .help = text),
FIELD_TABLE(UPDATE_DISK_OFFERING_PARAMS, struct update_disk_offering_args,
    OFFERING_RATES(RATE)
    P(cachemode, .since = "4.15", .help = "none, writeback, writethrough or hypervisor_default"),
    P(displayoffering, .help = "shows the offering to tenants"),
    P(displaytext, .flags = FIELD_PLAIN_TEXT, .max = 4096, .help = "the text that people see"),
    P(domainid, .max = 4096, .since = "4.13",
      .help = "the tenant domains it is offered to: ids with commas, or 'public' for all"),
    P(id, .flags = FIELD_REQUIRED, .refers_to = "disk_offering", .help = "the id of the object"),
    P(name, .help = "the name"),
    P(sortkey, .help = "the position in lists, the lowest first"),
    P(state, .help = "the state"),
    P(tags, .max = 1024, .since = "4.15", .help = "the tags that a storage pool must have"),
    P(zoneid, .since = "4.13", .help = "the zones it is offered in: ids with commas, or 'all'"));
#undef P
#undef RATE

struct delete_disk_offering_args {
    struct object_ref id;
};
#define P(member, ...) FIELD(struct delete_disk_offering_args, member, __VA_ARGS__)
FIELD_TABLE(DELETE_DISK_OFFERING_PARAMS, struct delete_disk_offering_args,
    P(id, .flags = FIELD_REQUIRED, .refers_to = "disk_offering", .help = "the id of the object"));
#undef P

/* ---- replies ---- */

static bool fill(struct api_call *call, const struct disk_offering *row, struct disk_offering_response *out,
                 struct error *err)
{
    struct places_text places;
    if (!places_describe(call->db, call->arena, (struct offering_places){row->domain_ids, row->zone_ids}, &places, err))
        return false;
    *out = (struct disk_offering_response){
        .id = row->uuid,
        .name = row->name,
        .state = row->state,
        .displaytext = row->display_text,
        .storagetype = row->storage_type,
        .provisioningtype = row->provisioning_type,
        .tags = row->storage_tags,
        .cacheMode = row->cache_mode,
        .disksize = OPT_INT(row->disk_size_gib),
        .created = row->created,
        .miniops = offering_unless_zero(row->min_iops),
        .maxiops = offering_unless_zero(row->max_iops),
        .hypervisorsnapshotreserve = offering_unless_zero(row->snapshot_reserve_percent),
        .iscustomized = OPT_BOOL(row->is_customized),
        .iscustomizediops = OPT_BOOL(row->is_customized_iops),
        .displayoffering = OPT_BOOL(row->display),
        .disksizestrictness = OPT_BOOL(row->size_strictness),
        .encrypt = OPT_BOOL(row->encrypt),
        .details = reply_pairs_of(call->arena, row->details),
        .domainid = places.domain_ids,
        .domain = places.domain_names,
        .zoneid = places.zone_ids,
        .zone = places.zone_names,
    };
    rates_describe(&row->rates, &out->rates);
    return true;
}

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    struct disk_offering_response *objects = ret_objects;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct disk_offering *row = NULL;
        if (!disk_offering_find_any(call->db, call->arena, ids[i], &row, err))
            return false;
        if (row && !fill(call, row, &objects[(*ret_count)++], err))
            return false;
    }
    return true;
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    const struct disk_offering *row = NULL;
    if (!disk_offering_store_find(db, arena, 0, uuid, &row, err))
        return false;
    *ret_exists = row && !row->removed.set;
    if (!*ret_exists)
        return true;
    struct offering_places places = {row->domain_ids, row->zone_ids};
    *ret_found = (struct object_found){.id = row->id, .visibility = OBJECT_SHARED, .name = row->name};
    return places_common_path(db, arena, places, &ret_found->owner_domain_path, err);
}

const struct object_kind DISK_OFFERING_KIND = {
    .name = "disk_offering", .wire_type = "DiskOffering", .object_key = "diskoffering",
    .response = &DISK_OFFERING_RESPONSE, .find = find, .describe = describe,
};

/* ---- createDiskOffering ---- */

static bool handle_create(struct api_call *call, const void *arguments, struct error *err)
{
    const struct create_disk_offering_args *args = arguments;
    int64_t id = 0;
    struct disk_offering_wish wish = {
        .row =
            {
                .name = args->name,
                .display_text = args->displaytext ? args->displaytext : args->name,
                .storage_type = args->storagetype ? string_lower(call->arena, args->storagetype) : "shared",
                .provisioning_type =
                    args->provisioningtype ? string_lower(call->arena, args->provisioningtype) : "thin",
                .cache_mode = args->cachemode ? string_lower(call->arena, args->cachemode) : "none",
                .storage_tags = args->tags,
                .disk_size_gib = args->disksize.value,
                .min_iops = args->miniops.value,
                .max_iops = args->maxiops.value,
                .snapshot_reserve_percent = args->hypervisorsnapshotreserve.value,
                .is_customized = args->customized.set ? args->customized.value : !args->disksize.set,
                .is_customized_iops = args->customizediops.value,
                .encrypt = args->encrypt.value,
                .display = !args->displayoffering.set || args->displayoffering.value,
                .size_strictness = args->disksizestrictness.value,
                .domain_ids = places_of_refs(call->arena, &args->domainid),
                .zone_ids = places_of_refs(call->arena, &args->zoneid),
            },
        .details = reply_pairs(call->arena, &args->details)};
    rates_change(&args->rates, &wish.row.rates);
    return disk_offering_create(call->db, call->arena, call->caller, &wish, &id, err) &&
           reply_described(call, &DISK_OFFERING_KIND, id, false, err);
}

/* ---- listDiskOfferings ---- */

/* Apart from what offering_list looks at. A pool that was named must have the offering's tags. */
static bool matches(const struct list_disk_offerings_args *args, const struct storage_pool *pool,
                    const struct disk_offering *row)
{
    return !row->removed.set && (!args->encrypt.set || args->encrypt.value == row->encrypt) &&
           (!pool || host_has_tags(pool->tags, row->storage_tags));
}

static struct offering_listed listed(const struct disk_offering *row)
{
    return (struct offering_listed){.row = row,
                                    .id = row->id,
                                    .sort_key = row->sort_key,
                                    .name = row->name,
                                    .state = row->state,
                                    .storage_type = row->storage_type,
                                    .places = {row->domain_ids, row->zone_ids},
                                    .is_shown = row->display};
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_disk_offerings_args *args = arguments;
    const struct disk_offering *rows = NULL;
    struct storage_pool *pool = NULL;
    size_t count = 0, matching = 0;
    if (args->storageid.id != 0 && !storage_pool_find(call->db, call->arena, args->storageid.id, &pool, err))
        return false;
    if (!disk_offering_store_all(call->db, call->arena, &rows, &count, err))
        return false;
    struct offering_listed *found = arena_array(call->arena, count + 1, sizeof(*found));
    for (size_t i = 0; i < count; i++)
        if (matches(args, pool, &rows[i]))
            found[matching++] = listed(&rows[i]);
    const struct offering_filter filter = {.name = args->name,
                                           .state = args->state,
                                           .storage_type = args->storagetype,
                                           .id = args->id.id,
                                           .domain_id = args->domainid.id,
                                           .zone_id = args->zoneid.id};
    if (!offering_list(call, &filter, found, &matching, err))
        return false;
    struct page_pick pick = {.page = &call->page};
    struct disk_offering_response *objects =
        arena_array(call->arena, page_room(&call->page, matching) + 1, sizeof(*objects));
    for (size_t i = 0; i < matching; i++)
        if (page_pick(&pick) && !fill(call, found[i].row, &objects[pick.taken - 1], err))
            return false;
    api_reply_list(call, objects, pick.taken, pick.total);
    return true;
}

/* ---- updateDiskOffering, deleteDiskOffering ---- */

static bool handle_update(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_disk_offering_args *args = arguments;
    const struct disk_offering *before = NULL;
    if (!disk_offering_find_any(call->db, call->arena, args->id.id, &before, err))
        return false;
    if (!before)
        return error_set(err, ERROR_INVALID_VALUE, "offering.gone");
    struct disk_offering row = *before;
    row.name = args->name ? args->name : row.name;
    row.display_text = args->displaytext ? args->displaytext : row.display_text;
    row.sort_key = args->sortkey.set ? args->sortkey.value : row.sort_key;
    row.storage_tags = args->tags ? args->tags : row.storage_tags;
    row.cache_mode = args->cachemode ? string_lower(call->arena, args->cachemode) : row.cache_mode;
    row.display = args->displayoffering.set ? args->displayoffering.value : row.display;
    rates_change(&args->rates, &row.rates);
    if (!offering_read_state(args->state, &row.state, err) ||
        (args->domainid &&
         !places_of_text(call, "domain", "domainid", "public", args->domainid, &row.domain_ids, err)) ||
        (args->zoneid && !places_of_text(call, "zone", "zoneid", "all", args->zoneid, &row.zone_ids, err)))
        return false;
    return disk_offering_update(call->db, call->arena, call->caller, &row, err) &&
           reply_described(call, &DISK_OFFERING_KIND, row.id, false, err);
}

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_disk_offering_args *args = arguments;
    if (!disk_offering_remove(call->db, call->arena, call->caller, args->id.id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

const struct api_command DISK_OFFERING_COMMANDS[] = {
    {.name = "createDiskOffering", .summary = "Adds a disk offering.", .object_key = "diskoffering",
     .event = "DISK.OFFERING.CREATE", .mode = API_SYNC, .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN | ROLE_DOMAIN_ADMIN,
     .params = &CREATE_DISK_OFFERING_PARAMS, .response = &DISK_OFFERING_RESPONSE, .handle = handle_create,
     .group = "DiskOffering"},
    {.name = "listDiskOfferings", .summary = "Lists disk offerings.", .object_key = "diskoffering", .mode = API_LIST,
     .flags = API_READ_ONLY, .roles = ROLES_ALL, .params = &LIST_DISK_OFFERINGS_PARAMS,
     .response = &DISK_OFFERING_RESPONSE, .handle = handle_list, .group = "DiskOffering"},
    {.name = "updateDiskOffering", .summary = "Changes a disk offering.", .object_key = "diskoffering",
     .event = "DISK.OFFERING.EDIT", .mode = API_SYNC, .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN | ROLE_DOMAIN_ADMIN,
     .params = &UPDATE_DISK_OFFERING_PARAMS, .response = &DISK_OFFERING_RESPONSE, .handle = handle_update,
     .group = "DiskOffering"},
    {.name = "deleteDiskOffering", .summary = "Removes a disk offering; volumes keep it.",
     .event = "DISK.OFFERING.DELETE", .mode = API_SYNC, .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN | ROLE_DOMAIN_ADMIN,
     .params = &DELETE_DISK_OFFERING_PARAMS, .handle = handle_delete, .group = "DiskOffering"},
    {.name = NULL},
};
