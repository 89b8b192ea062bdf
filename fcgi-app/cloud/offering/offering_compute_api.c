/* Commands of service offerings. Rules are in offering_compute_service.c. */
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/offering/offering_api.h"
#include "cloud/offering/offering_service.h"

struct service_offering_response {
    const char *id, *name, *state, *displaytext, *storagetype, *provisioningtype, *storagetags, *domainid, *domain,
        *zoneid, *zone, *hosttags, *systemvmtype, *deploymentplanner, *cacheMode, *diskofferingid, *diskofferingname,
        *diskofferingdisplaytext, *leaseexpiryaction;
    struct opt_int cpunumber, cpuspeed, memory, networkrate, miniops, maxiops, hypervisorsnapshotreserve,
        rootdisksize, leaseduration;
    struct rate_response rates;
    struct opt_time created;
    struct opt_bool offerha, limitcpuuse, isvolatile, issystem, defaultuse, iscustomizediops, iscustomized,
        dynamicscalingenabled, diskofferingstrictness, encryptroot, purgeresources;
    bool hasannotations;
    struct pair_list serviceofferingdetails;
};
#define R(member, ...) FIELD(struct service_offering_response, member, __VA_ARGS__)
#define RATE(parameter, member, column, text) FIELD_IN(struct service_offering_response, rates, member, .help = text),
FIELD_TABLE(SERVICE_OFFERING_RESPONSE, struct service_offering_response,
    R(id, .help = "the id of the object"),
    R(name, .help = "the name"),
    R(state, .help = "the state"),
    R(displaytext, .help = "the text that people see"),
    R(cpunumber, .help = "the number of CPUs"),
    R(cpuspeed, .help = "the share of one CPU in MHz"),
    R(memory, .help = "the memory in MiB"),
    R(created, .help = "when it was made"),
    R(storagetype, .help = "shared or local"),
    R(provisioningtype, .since = "4.4.0", .help = "thin, sparse or fat"),
    R(offerha, .help = "starts instances elsewhere when a host fails"),
    R(limitcpuuse, .help = "no more CPU than bought, even on an idle host"),
    R(isvolatile, .help = "the root disk is made anew with each start"),
    R(storagetags, .help = "the tags that a storage pool must have"),
    R(domainid, .help = "the tenant domain"),
    R(domain, .help = "the name of the tenant domain"),
    R(zoneid, .since = "4.13.0", .help = "the zone"),
    R(zone, .since = "4.13.0", .help = "the zone"),
    R(hosttags, .help = "the tags that a host must have"),
    R(issystem, .help = "the cloud's own"),
    R(defaultuse, .help = "for the cloud's own machines"),
    R(systemvmtype, .help = "which sort of the cloud's own machines it is for"),
    R(networkrate, .help = "the rate in megabits a second"),
    R(iscustomizediops, .since = "4.4", .help = "the tenant says how many operations a second"),
    R(miniops, .since = "4.4", .help = "the fewest operations a second"),
    R(maxiops, .since = "4.4", .help = "the most operations a second"),
    R(hypervisorsnapshotreserve, .since = "4.4", .help = "space for snapshots of the hypervisor, in percent"),
    OFFERING_RATES(RATE)
    R(deploymentplanner, .help = "how hosts are chosen"),
    R(serviceofferingdetails, .since = "4.2.0", .help = "further details"),
    R(iscustomized, .since = "4.3.0", .help = "the tenant says how large"),
    R(cacheMode, .since = "4.14", .help = "none, writeback, writethrough or hypervisor_default"),
    R(rootdisksize, .since = "4.15", .help = "the size of the root disk in GiB"),
    R(dynamicscalingenabled, .since = "4.16", .help = "CPU and memory may change while the instance runs"),
    R(diskofferingstrictness, .since = "4.17", .help = "the root disk must keep this disk offering"),
    R(diskofferingid, .since = "4.17", .help = "the disk offering"),
    R(diskofferingname, .since = "4.17", .help = "the name of the disk offering"),
    R(diskofferingdisplaytext, .since = "4.17", .help = "the text of the disk offering"),
    R(encryptroot, .since = "4.18", .help = "the root disk is encrypted"),
    R(purgeresources, .since = "4.20", .help = "removes records of expunged instances"),
    R(leaseduration, .since = "4.21.0", .help = "how many days an instance lives"),
    R(leaseexpiryaction, .since = "4.21.0", .help = "what happens then: STOP or DESTROY"),
    R(hasannotations, .help = "operators left remarks"));
#undef R
#undef RATE

struct create_service_offering_args {
    struct opt_int cpunumber, cpuspeed, gpucount, hypervisorsnapshotreserve, leaseduration, maxcpunumber, maxiops,
        maxmemory, memory, mincpunumber, miniops, minmemory, networkrate, rootdisksize;
    struct rate_args rates;
    const char *cachemode, *deploymentplanner, *displaytext, *hosttags, *leaseexpiryaction, *name, *provisioningtype,
        *storagepolicy, *storagetype, *systemvmtype, *tags, *vgpuprofileid;
    struct opt_bool customized, customizediops, diskofferingstrictness, dynamicscalingenabled, encryptroot,
        gpudisplay, issystem, isvolatile, limitcpuuse, offerha, purgeresources;
    struct object_ref diskofferingid;
    struct ref_list domainid, zoneid;
    struct map_list externaldetails, serviceofferingdetails;
};
#define P(member, ...) FIELD(struct create_service_offering_args, member, __VA_ARGS__)
#define RATE(parameter, member, column, text)                                                                          \
    FIELD_IN(struct create_service_offering_args, rates, parameter, .help = text),
FIELD_TABLE(CREATE_SERVICE_OFFERING_PARAMS, struct create_service_offering_args,
    OFFERING_RATES(RATE)
    P(cachemode, .since = "4.14", .help = "none, writeback, writethrough or hypervisor_default"),
    P(cpunumber, .flags = FIELD_POSITIVE, .help = "the number of CPUs"),
    P(cpuspeed, .flags = FIELD_POSITIVE, .help = "the share of one CPU in MHz"),
    P(customized, .since = "4.13", .help = "the tenant says how large"),
    P(customizediops, .since = "4.4", .help = "the tenant says how many operations a second"),
    P(deploymentplanner, .help = "how hosts are chosen"),
    P(diskofferingid, .refers_to = "disk_offering", .since = "4.17", .help = "the disk offering"),
    P(diskofferingstrictness, .since = "4.17", .help = "the root disk must keep this disk offering"),
    P(displaytext, .flags = FIELD_PLAIN_TEXT, .max = 4096, .help = "the text that people see"),
    P(domainid, .refers_to = "domain", .help = "offers it to these tenant domains only"),
    P(dynamicscalingenabled, .since = "4.16", .help = "CPU and memory may change while the instance runs"),
    P(encryptroot, .since = "4.18", .help = "the root disk is encrypted"),
    P(externaldetails, .since = "4.21.0", .help = "details for an extension", .no_effect = "there are no extensions"),
    P(gpucount, .since = "4.21", .help = "the number of GPUs", .no_effect = "there are no GPUs"),
    P(gpudisplay, .since = "4.21", .help = "the GPU shows the screen", .no_effect = "there are no GPUs"),
    P(hosttags, .help = "the tags that a host must have"),
    P(hypervisorsnapshotreserve, .since = "4.4", .help = "space for snapshots of the hypervisor, in percent"),
    P(issystem, .help = "the cloud's own"),
    P(isvolatile, .help = "the root disk is made anew with each start"),
    P(leaseduration, .since = "4.21.0", .help = "how many days an instance lives"),
    P(leaseexpiryaction, .since = "4.21.0", .help = "what happens then: STOP or DESTROY"),
    P(limitcpuuse, .help = "no more CPU than bought, even on an idle host"),
    P(maxcpunumber, .since = "4.13", .help = "the most CPUs"),
    P(maxiops, .since = "4.4", .help = "the most operations a second"),
    P(maxmemory, .since = "4.13", .help = "the most memory in MiB"),
    P(memory, .flags = FIELD_POSITIVE, .help = "the memory in MiB"),
    P(mincpunumber, .since = "4.13", .help = "the fewest CPUs"),
    P(miniops, .since = "4.4", .help = "the fewest operations a second"),
    P(minmemory, .since = "4.13", .help = "the least memory in MiB"),
    P(name, .flags = FIELD_REQUIRED, .help = "the name"),
    P(networkrate, .help = "the rate in megabits a second"),
    P(offerha, .help = "starts instances elsewhere when a host fails"),
    P(provisioningtype, .help = "thin, sparse or fat"),
    P(purgeresources, .since = "4.20", .help = "removes records of expunged instances"),
    P(rootdisksize, .since = "4.15", .help = "the size of the root disk in GiB"),
    P(serviceofferingdetails, .help = "further details"),
    P(storagepolicy, .since = "4.15", .help = "the storage policy", .no_effect = "storage policies are vSphere's"),
    P(storagetype, .help = "shared or local"),
    P(systemvmtype, .help = "which sort of the cloud's own machines it is for"),
    P(tags, .max = 1024, .help = "the tags that a storage pool must have"),
    P(vgpuprofileid, .since = "4.21", .help = "the GPU profile", .no_effect = "there are no GPUs"),
    P(zoneid, .refers_to = "zone", .since = "4.13", .help = "offers it in these zones only"));
#undef P
#undef RATE

struct list_service_offerings_args {
    const char *account, *name, *projectid, *state, *storagetype, *systemvmtype, *templateid, *vgpuprofileid,
        *virtualmachineid;
    struct opt_int cpunumber, cpuspeed, memory;
    struct object_ref domainid, id, zoneid;
    struct opt_bool encryptroot, gpuenabled, isrecursive, issystem, listall;
};
#define P(member, ...) FIELD(struct list_service_offerings_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_SERVICE_OFFERINGS_PARAMS, struct list_service_offerings_args,
    P(account, .help = "the account", .no_effect = "offerings belong to tenant domains, not accounts"),
    P(cpunumber, .flags = FIELD_POSITIVE, .since = "4.15", .help = "the number of CPUs"),
    P(cpuspeed, .flags = FIELD_POSITIVE, .since = "4.15", .help = "the share of one CPU in MHz"),
    P(domainid, .refers_to = "domain", .help = "the tenant domain"),
    P(encryptroot, .since = "4.18", .help = "the root disk is encrypted"),
    P(gpuenabled, .since = "4.21.0", .help = "only offerings with a GPU", .no_effect = "there are no GPUs"),
    P(id, .refers_to = "service_offering", .help = "the id of the object"),
    P(isrecursive, .help = "tenant domains below too", .no_effect = "offerings are listed by what the caller may use"),
    P(issystem, .help = "the cloud's own"),
    P(listall, .help = "all that the caller may see", .no_effect = "offerings are listed by what the caller may use"),
    P(memory, .flags = FIELD_POSITIVE, .since = "4.15", .help = "the memory in MiB"),
    P(name, .help = "the name"),
    P(projectid, .help = "the project", .no_effect = "offerings belong to tenant domains, not projects"),
    P(state, .since = "4.19", .help = "the state"),
    P(storagetype, .since = "4.19", .help = "shared or local"),
    P(systemvmtype, .help = "which sort of the cloud's own machines it is for"),
    P(templateid, .since = "4.20.0", .help = "the image", .no_effect = "every offering fits every image"),
    P(vgpuprofileid, .since = "4.21.0", .help = "the GPU profile", .no_effect = "there are no GPUs"),
    P(virtualmachineid, .help = "the instance", .no_effect = "every offering in reach is listed"),
    P(zoneid, .refers_to = "zone", .since = "4.13", .help = "the zone"));
#undef P

struct update_service_offering_args {
    struct opt_bool cleanupexternaldetails, purgeresources;
    const char *displaytext, *domainid, *hosttags, *name, *state, *storagetags, *zoneid;
    struct map_list externaldetails;
    struct object_ref id;
    struct opt_int sortkey;
};
#define P(member, ...) FIELD(struct update_service_offering_args, member, __VA_ARGS__)
FIELD_TABLE(UPDATE_SERVICE_OFFERING_PARAMS, struct update_service_offering_args,
    P(cleanupexternaldetails, .since = "4.22.0", .help = "removes the details for extensions",
      .no_effect = "there are no extensions"),
    P(displaytext, .flags = FIELD_PLAIN_TEXT, .max = 4096, .help = "the text that people see"),
    P(domainid, .max = 4096, .help = "the tenant domains it is offered to: ids with commas, or 'public' for all"),
    P(externaldetails, .since = "4.21.0", .help = "details for an extension", .no_effect = "there are no extensions"),
    P(hosttags, .since = "4.16", .help = "the tags that a host must have"),
    P(id, .flags = FIELD_REQUIRED, .refers_to = "service_offering", .help = "the id of the object"),
    P(name, .help = "the name"),
    P(purgeresources, .since = "4.20", .help = "removes records of expunged instances"),
    P(sortkey, .help = "the position in lists, the lowest first"),
    P(state, .help = "the state"),
    P(storagetags, .since = "4.16", .help = "the tags that a storage pool must have"),
    P(zoneid, .since = "4.13", .help = "the zones it is offered in: ids with commas, or 'all'"));
#undef P

struct delete_service_offering_args {
    struct object_ref id;
};
#define P(member, ...) FIELD(struct delete_service_offering_args, member, __VA_ARGS__)
FIELD_TABLE(DELETE_SERVICE_OFFERING_PARAMS, struct delete_service_offering_args,
    P(id, .flags = FIELD_REQUIRED, .refers_to = "service_offering", .help = "the id of the object"));
#undef P

/* ---- replies ---- */

static void fill_flags(const struct service_offering *row, struct service_offering_response *out)
{
    out->offerha = OPT_BOOL(row->offer_ha);
    out->limitcpuuse = OPT_BOOL(row->limit_cpu_use);
    out->isvolatile = OPT_BOOL(row->is_volatile);
    out->issystem = OPT_BOOL(row->is_system);
    out->defaultuse = OPT_BOOL(row->is_system && row->is_default);
    out->iscustomizediops = OPT_BOOL(row->is_customized_iops);
    out->iscustomized = OPT_BOOL(row->is_customized);
    out->dynamicscalingenabled = OPT_BOOL(row->dynamic_scaling);
    out->diskofferingstrictness = OPT_BOOL(row->disk_strictness);
    out->encryptroot = OPT_BOOL(row->encrypt_root);
    out->purgeresources = OPT_BOOL(row->purge_resources);
}

static bool fill_disk_offering(struct api_call *call, int64_t id, struct service_offering_response *out,
                               struct error *err)
{
    const struct disk_offering *disk = NULL;
    if (id != 0 && !disk_offering_find_any(call->db, call->arena, id, &disk, err))
        return false;
    if (disk) {
        out->diskofferingid = disk->uuid;
        out->diskofferingname = disk->name;
        out->diskofferingdisplaytext = disk->display_text;
    }
    return true;
}

static bool fill(struct api_call *call, const struct service_offering *row, struct service_offering_response *out,
                 struct error *err)
{
    struct places_text places;
    if (!places_describe(call->db, call->arena, (struct offering_places){row->domain_ids, row->zone_ids}, &places, err))
        return false;
    *out = (struct service_offering_response){
        .id = row->uuid,
        .name = row->name,
        .state = row->state,
        .displaytext = row->display_text,
        .storagetype = row->storage_type,
        .provisioningtype = row->provisioning_type,
        .storagetags = row->storage_tags,
        .hosttags = row->host_tags,
        .systemvmtype = row->system_vm_type,
        .deploymentplanner = row->deployment_planner,
        .cacheMode = row->cache_mode,
        .leaseexpiryaction = row->lease_expiry_action,
        .cpunumber = offering_unless_zero(row->cpu_number),
        .cpuspeed = offering_unless_zero(row->cpu_speed),
        .memory = offering_unless_zero(row->memory_mib),
        .networkrate = offering_unless_zero(row->network_rate_mbits),
        .miniops = offering_unless_zero(row->min_iops),
        .maxiops = offering_unless_zero(row->max_iops),
        .hypervisorsnapshotreserve = offering_unless_zero(row->snapshot_reserve_percent),
        .rootdisksize = OPT_INT(row->root_disk_size_gib),
        .leaseduration = offering_unless_zero(row->lease_duration_days),
        .created = row->created,
        .serviceofferingdetails = reply_pairs_of(call->arena, row->details),
        .domainid = places.domain_ids,
        .domain = places.domain_names,
        .zoneid = places.zone_ids,
        .zone = places.zone_names,
    };
    rates_describe(&row->rates, &out->rates);
    fill_flags(row, out);
    return fill_disk_offering(call, row->disk_offering_id, out, err);
}

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    struct service_offering_response *objects = ret_objects;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct service_offering *row = NULL;
        if (!service_offering_find_any(call->db, call->arena, ids[i], &row, err))
            return false;
        if (row && !fill(call, row, &objects[(*ret_count)++], err))
            return false;
    }
    return true;
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    const struct service_offering *row = NULL;
    if (!service_offering_store_find(db, arena, 0, uuid, &row, err))
        return false;
    *ret_exists = row && !row->removed.set;
    if (!*ret_exists)
        return true;
    struct offering_places places = {row->domain_ids, row->zone_ids};
    *ret_found = (struct object_found){.id = row->id, .visibility = OBJECT_SHARED, .name = row->name};
    return places_common_path(db, arena, places, &ret_found->owner_domain_path, err);
}

const struct object_kind SERVICE_OFFERING_KIND = {
    .name = "service_offering", .wire_type = "ServiceOffering", .object_key = "serviceoffering",
    .response = &SERVICE_OFFERING_RESPONSE, .find = find, .describe = describe,
};

/* ---- createServiceOffering ---- */

static void read_size(const struct create_service_offering_args *args, struct service_offering *row)
{
    bool sized = args->cpunumber.set || args->memory.set;
    row->cpu_number = args->cpunumber.value;
    row->cpu_speed = args->cpuspeed.value;
    row->memory_mib = args->memory.value;
    row->min_cpu_number = args->mincpunumber.value;
    row->max_cpu_number = args->maxcpunumber.value;
    row->min_memory_mib = args->minmemory.value;
    row->max_memory_mib = args->maxmemory.value;
    row->is_customized = args->customized.set ? args->customized.value : !sized;
    row->root_disk_size_gib = args->rootdisksize.value;
    row->network_rate_mbits = args->networkrate.value;
    row->min_iops = args->miniops.value;
    row->max_iops = args->maxiops.value;
    row->snapshot_reserve_percent = args->hypervisorsnapshotreserve.value;
    row->lease_duration_days = args->leaseduration.value;
    rates_change(&args->rates, &row->rates);
}

static void read_flags(const struct create_service_offering_args *args, struct service_offering *row)
{
    row->is_customized_iops = args->customizediops.value;
    row->offer_ha = args->offerha.value;
    row->limit_cpu_use = args->limitcpuuse.value;
    row->is_volatile = args->isvolatile.value;
    row->is_system = args->issystem.value;
    row->dynamic_scaling = !args->dynamicscalingenabled.set || args->dynamicscalingenabled.value;
    row->disk_strictness = args->diskofferingstrictness.value;
    row->encrypt_root = args->encryptroot.value;
    row->purge_resources = args->purgeresources.value;
}

static bool handle_create(struct api_call *call, const void *arguments, struct error *err)
{
    const struct create_service_offering_args *args = arguments;
    int64_t id = 0;
    struct service_offering_wish wish = {.row = {
        .name = args->name, .display_text = args->displaytext ? args->displaytext : args->name,
        .storage_type = args->storagetype ? string_lower(call->arena, args->storagetype) : "shared",
        .provisioning_type = args->provisioningtype ? string_lower(call->arena, args->provisioningtype) : "thin",
        .cache_mode = args->cachemode ? string_lower(call->arena, args->cachemode) : "none",
        .storage_tags = args->tags, .host_tags = args->hosttags, .deployment_planner = args->deploymentplanner,
        .system_vm_type = args->systemvmtype, .lease_expiry_action = args->leaseexpiryaction,
        .disk_offering_id = args->diskofferingid.id, .domain_ids = places_of_refs(call->arena, &args->domainid),
        .zone_ids = places_of_refs(call->arena, &args->zoneid),
    }, .details = reply_pairs(call->arena, &args->serviceofferingdetails)};
    read_size(args, &wish.row);
    read_flags(args, &wish.row);
    return service_offering_create(call->db, call->arena, call->caller, &wish, &id, err) &&
           reply_described(call, &SERVICE_OFFERING_KIND, id, false, err);
}

/* ---- listServiceOfferings ---- */

static bool fits(struct opt_int least, bool customized, int64_t value)
{
    return !least.set || customized || value >= least.value;
}

/* Apart from what offering_list looks at. */
static bool matches(const struct list_service_offerings_args *args, const struct service_offering *row)
{
    return !row->removed.set && row->is_system == (args->issystem.set && args->issystem.value) &&
           (!args->systemvmtype || string_equal_ignoring_case(args->systemvmtype, row->system_vm_type)) &&
           (!args->encryptroot.set || args->encryptroot.value == row->encrypt_root) &&
           fits(args->cpunumber, row->is_customized, row->cpu_number) &&
           fits(args->cpuspeed, row->is_customized, row->cpu_speed) &&
           fits(args->memory, row->is_customized, row->memory_mib);
}

static struct offering_listed listed(const struct service_offering *row)
{
    return (struct offering_listed){.row = row,
                                    .id = row->id,
                                    .sort_key = row->sort_key,
                                    .name = row->name,
                                    .state = row->state,
                                    .storage_type = row->storage_type,
                                    .places = {row->domain_ids, row->zone_ids},
                                    .is_shown = true};
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_service_offerings_args *args = arguments;
    const struct service_offering *rows = NULL;
    size_t count = 0, matching = 0;
    if (!service_offering_store_all(call->db, call->arena, &rows, &count, err))
        return false;
    struct offering_listed *found = arena_array(call->arena, count + 1, sizeof(*found));
    for (size_t i = 0; i < count; i++)
        if (matches(args, &rows[i]))
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
    struct service_offering_response *objects =
        arena_array(call->arena, page_room(&call->page, matching) + 1, sizeof(*objects));
    for (size_t i = 0; i < matching; i++)
        if (page_pick(&pick) && !fill(call, found[i].row, &objects[pick.taken - 1], err))
            return false;
    api_reply_list(call, objects, pick.taken, pick.total);
    return true;
}

/* ---- updateServiceOffering, deleteServiceOffering ---- */

static bool handle_update(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_service_offering_args *args = arguments;
    const struct service_offering *before = NULL;
    if (!service_offering_find_any(call->db, call->arena, args->id.id, &before, err))
        return false;
    if (!before)
        return error_set(err, ERROR_INVALID_VALUE, "offering.gone");
    struct service_offering row = *before;
    row.name = args->name ? args->name : row.name;
    row.display_text = args->displaytext ? args->displaytext : row.display_text;
    row.host_tags = args->hosttags ? args->hosttags : row.host_tags;
    row.storage_tags = args->storagetags ? args->storagetags : row.storage_tags;
    row.sort_key = args->sortkey.set ? args->sortkey.value : row.sort_key;
    row.purge_resources = args->purgeresources.set ? args->purgeresources.value : row.purge_resources;
    if (!offering_read_state(args->state, &row.state, err) ||
        (args->domainid &&
         !places_of_text(call, "domain", "domainid", "public", args->domainid, &row.domain_ids, err)) ||
        (args->zoneid && !places_of_text(call, "zone", "zoneid", "all", args->zoneid, &row.zone_ids, err)))
        return false;
    return service_offering_update(call->db, call->arena, call->caller, &row, err) &&
           reply_described(call, &SERVICE_OFFERING_KIND, row.id, false, err);
}

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_service_offering_args *args = arguments;
    if (!service_offering_remove(call->db, call->arena, call->caller, args->id.id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

const struct api_command SERVICE_OFFERING_COMMANDS[] = {
    {.name = "createServiceOffering", .summary = "Adds a service offering.", .object_key = "serviceoffering",
     .event = "SERVICE.OFFERING.CREATE", .mode = API_SYNC,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN | ROLE_DOMAIN_ADMIN, .params = &CREATE_SERVICE_OFFERING_PARAMS,
     .response = &SERVICE_OFFERING_RESPONSE, .handle = handle_create, .group = "ServiceOffering"},
    {.name = "listServiceOfferings", .summary = "Lists service offerings.", .object_key = "serviceoffering",
     .mode = API_LIST, .flags = API_READ_ONLY, .roles = ROLES_ALL, .params = &LIST_SERVICE_OFFERINGS_PARAMS,
     .response = &SERVICE_OFFERING_RESPONSE, .handle = handle_list, .group = "ServiceOffering"},
    {.name = "updateServiceOffering", .summary = "Changes a service offering.", .object_key = "serviceoffering",
     .event = "SERVICE.OFFERING.EDIT", .mode = API_SYNC, .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN | ROLE_DOMAIN_ADMIN,
     .params = &UPDATE_SERVICE_OFFERING_PARAMS, .response = &SERVICE_OFFERING_RESPONSE, .handle = handle_update,
     .group = "ServiceOffering"},
    {.name = "deleteServiceOffering", .summary = "Removes a service offering; instances keep it.",
     .event = "SERVICE.OFFERING.DELETE", .mode = API_SYNC,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN | ROLE_DOMAIN_ADMIN, .params = &DELETE_SERVICE_OFFERING_PARAMS,
     .handle = handle_delete, .group = "ServiceOffering"},
    {.name = NULL},
};
