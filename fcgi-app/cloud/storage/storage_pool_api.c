/* Commands of primary storage. Rules are in storage_service.c, plugin calls in storage_jobs.c. */
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/host/host.h"
#include "cloud/storage/storage_api.h"
#include "cloud/storage/storage_service.h"
#include "cloud/zone/zone.h"

struct storage_pool_response {
    const char *id, *zoneid, *zonename, *podid, *podname, *name, *ipaddress, *path, *type, *clusterid, *clustername,
        *tags, *storageaccessgroups, *state, *scope, *overprovisionfactor, *hypervisor, *provider;
    struct opt_time created;
    struct opt_int capacitybytes, disksizetotal, disksizeallocated, disksizeused, capacityiops;
    struct opt_bool istagarule, managed;
    bool hasannotations;
    struct pair_list storagecapabilities, details;
};
#define R(member, ...) FIELD(struct storage_pool_response, member, __VA_ARGS__)
FIELD_TABLE(STORAGE_POOL_RESPONSE, struct storage_pool_response,
    R(id, .help = "the id of the object"),
    R(zoneid, .help = "the zone"),
    R(zonename, .help = "the name of the zone"),
    R(podid, .help = "the pod"),
    R(podname, .help = "the name of the pod"),
    R(name, .help = "the name"),
    R(ipaddress, .help = "the address"),
    R(path, .help = "the path"),
    R(created, .help = "when it was made"),
    R(type, .help = "the type"),
    R(clusterid, .help = "the cluster"),
    R(clustername, .help = "the name of the cluster"),
    R(capacitybytes, .since = "4.22.0", .help = "the capacity in bytes"),
    R(disksizetotal, .help = "the size in bytes"),
    R(disksizeallocated, .help = "the bytes that volumes reserved"),
    R(disksizeused, .help = "the bytes in use"),
    R(capacityiops, .help = "the operations a second that it promises"),
    R(tags, .help = "the tags"),
    R(storageaccessgroups, .since = "4.21.0", .help = "the groups of storage that may be connected here"),
    R(istagarule, .help = "the tags are a rule to be evaluated"),
    R(state, .help = "the state"),
    R(scope, .help = "ZONE, CLUSTER or HOST"),
    R(overprovisionfactor, .since = "4.4", .help = "how much more space is promised than there is"),
    R(hypervisor, .help = "the hypervisor"),
    R(provider, .help = "the provider"),
    R(storagecapabilities, .help = "what the storage can do"),
    R(managed, .help = "every volume is a unit of its own at the array"),
    R(details, .help = "further details"),
    R(hasannotations, .help = "operators left remarks"));
#undef R

struct create_storage_pool_args {
    struct opt_int capacitybytes, capacityiops;
    struct object_ref clusterid, podid, zoneid;
    struct map_list details;
    const char *hypervisor, *name, *provider, *scope, *storageaccessgroups, *tags, *url;
    struct opt_bool istagarule, managed;
};
#define P(member, ...) FIELD(struct create_storage_pool_args, member, __VA_ARGS__)
FIELD_TABLE(CREATE_STORAGE_POOL_PARAMS, struct create_storage_pool_args,
    P(capacitybytes, .help = "the capacity in bytes"),
    P(capacityiops, .help = "the operations a second that it promises"),
    P(clusterid, .refers_to = "cluster", .help = "the cluster"),
    P(details, .flags = FIELD_SENSITIVE, .help = "settings of the storage plugin; secret ones are kept sealed"),
    P(hypervisor, .help = "the hypervisor"),
    P(istagarule, .help = "the tags are a rule to be evaluated", .no_effect = "tags are plain words"),
    P(managed, .help = "every volume is a unit of its own at the array"),
    P(name, .flags = FIELD_REQUIRED, .help = "the name"),
    P(podid, .refers_to = "pod", .help = "the pod"),
    P(provider, .help = "the provider"),
    P(scope, .help = "ZONE, CLUSTER or HOST"),
    P(storageaccessgroups, .since = "4.21.0", .help = "the groups of storage that may be connected here"),
    P(tags, .max = 1024, .help = "the tags"),
    P(url, .flags = FIELD_REQUIRED | FIELD_SENSITIVE, .max = 2048,
      .help = "where the pool lies: nfs://server/path, file:///path and the like"),
    P(zoneid, .flags = FIELD_REQUIRED, .refers_to = "zone", .help = "the zone"));
#undef P

struct list_storage_pools_args {
    struct object_ref clusterid, hostid, id, podid, zoneid;
    const char *ipaddress, *name, *path, *scope, *status, *storageaccessgroup;
    struct opt_bool storagecustomstats;
};
#define P(member, ...) FIELD(struct list_storage_pools_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_STORAGE_POOLS_PARAMS, struct list_storage_pools_args,
    P(clusterid, .refers_to = "cluster", .help = "the cluster"),
    P(hostid, .refers_to = "host", .help = "the host"),
    P(id, .refers_to = "storage_pool", .help = "the id of the object"),
    P(ipaddress, .help = "the address"),
    P(name, .help = "the name"),
    P(path, .help = "the path"),
    P(podid, .refers_to = "pod", .help = "the pod"),
    P(scope, .help = "ZONE, CLUSTER or HOST"),
    P(status, .help = "the state"),
    P(storageaccessgroup, .since = "4.21.0", .help = "only places of this storage access group"),
    P(storagecustomstats, .since = "4.18.1", .help = "adds figures of the storage itself",
      .no_effect = "storage reports no further figures"),
    P(zoneid, .refers_to = "zone", .help = "the zone"));
#undef P

struct update_storage_pool_args {
    struct opt_int capacitybytes, capacityiops;
    struct map_list details;
    struct opt_bool enabled, istagarule;
    struct object_ref id;
    const char *name, *url;
    struct string_list tags;
};
#define P(member, ...) FIELD(struct update_storage_pool_args, member, __VA_ARGS__)
FIELD_TABLE(UPDATE_STORAGE_POOL_PARAMS, struct update_storage_pool_args,
    P(capacitybytes, .help = "the capacity in bytes"),
    P(capacityiops, .help = "the operations a second that it promises"),
    P(details, .since = "4.19.0", .help = "further details",
      .no_effect = "a driver's settings stay as they were given"),
    P(enabled, .help = "true: takes it into use; false: out of use"),
    P(id, .flags = FIELD_REQUIRED, .refers_to = "storage_pool", .help = "the id of the object"),
    P(istagarule, .help = "the tags are a rule to be evaluated", .no_effect = "tags are plain words"),
    P(name, .since = "4.15", .help = "the name"),
    P(tags, .max = 1024, .help = "the tags"),
    P(url, .max = 2048, .since = "4.19.0", .help = "where the pool lies", .no_effect = "a pool stays where it is"));
#undef P

struct delete_storage_pool_args {
    struct opt_bool forced;
    struct object_ref id;
};
#define P(member, ...) FIELD(struct delete_storage_pool_args, member, __VA_ARGS__)
FIELD_TABLE(DELETE_STORAGE_POOL_PARAMS, struct delete_storage_pool_args,
    P(forced, .help = "carries on although the storage does not answer; volumes are never left behind"),
    P(id, .flags = FIELD_REQUIRED, .refers_to = "storage_pool", .help = "the id of the object"));
#undef P

struct maintenance_args {
    struct object_ref id;
};
#define P(member, ...) FIELD(struct maintenance_args, member, __VA_ARGS__)
FIELD_TABLE(STORAGE_MAINTENANCE_PARAMS, struct maintenance_args,
    P(id, .flags = FIELD_REQUIRED, .refers_to = "storage_pool", .help = "the id of the object"));
#undef P

/* ---- replies ---- */

static bool fill_place(struct api_call *call, const struct storage_pool *p, struct storage_pool_response *out,
                       struct error *err)
{
    const struct zone *zone = NULL;
    const struct pod *pod = NULL;
    const struct cluster *cluster = NULL;
    if (!zone_find(call->db, call->arena, p->zone_id, &zone, err) ||
        (p->pod_id && !pod_find(call->db, call->arena, p->pod_id, &pod, err)) ||
        (p->cluster_id && !cluster_find(call->db, call->arena, p->cluster_id, &cluster, err)))
        return false;
    out->zoneid = zone ? zone->uuid : NULL;
    out->zonename = zone ? zone->name : NULL;
    out->podid = pod ? pod->uuid : NULL;
    out->podname = pod ? pod->name : NULL;
    out->clusterid = cluster ? cluster->uuid : NULL;
    out->clustername = cluster ? cluster->name : NULL;
    return true;
}

static bool fill(struct api_call *call, const struct pool_row *row, struct storage_pool_response *out,
                 struct error *err)
{
    static struct pair capabilities[] = {{"VOLUME_SNAPSHOT_QUIESCEVM", "false"}};
    const struct storage_pool *p = &row->p;
    const char *factor = arena_printf(call->arena, "%g", row->overprovision.value);
    *out = (struct storage_pool_response){
        .id = p->uuid,
        .name = p->name,
        .ipaddress = p->host_address,
        .path = p->path,
        .type = p->pool_type,
        .tags = p->tags,
        .storageaccessgroups = row->storage_access_groups,
        .state = p->state,
        .scope = p->scope,
        .hypervisor = p->hypervisor,
        .provider = row->asked_provider,
        .overprovisionfactor = strchr(factor, '.') ? factor : arena_printf(call->arena, "%s.0", factor),
        .capacitybytes = OPT_INT(p->total_bytes),
        .disksizetotal = OPT_INT(p->total_bytes),
        .disksizeallocated = OPT_INT(p->allocated_bytes),
        .disksizeused = OPT_INT(p->used_bytes),
        .capacityiops = row->capacity_iops,
        .created = row->created,
        .istagarule = OPT_BOOL(false),
        .managed = OPT_BOOL(row->is_managed),
        .details = reply_pairs_of(call->arena, row->provider_details),
        .storagecapabilities = {.items = capabilities, .count = COUNT_OF(capabilities)},
    };
    return fill_place(call, p, out, err);
}

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    struct storage_pool_response *objects = ret_objects;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct pool_row *row = NULL;
        if (!pool_store_find(call->db, call->arena, ids[i], &row, err))
            return false;
        if (row && !fill(call, row, &objects[(*ret_count)++], err))
            return false;
    }
    return true;
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    struct pool_row *row = NULL;
    if (!pool_store_find_uuid(db, arena, uuid, &row, err))
        return false;
    *ret_exists = row && !row->removed.set && !string_equal(row->p.state, "Creating");
    if (*ret_exists)
        *ret_found = (struct object_found){.id = row->p.id, .visibility = OBJECT_INFRA, .name = row->p.name};
    return true;
}

const struct object_kind STORAGE_POOL_KIND = {
    .name = "storage_pool", .wire_type = "StoragePool", .object_key = "storagepool", .response = &STORAGE_POOL_RESPONSE,
    .find = find, .describe = describe,
};

/* ---- createStoragePool ---- */

struct creating {
    struct api_call *call;
    const struct pool_row *wish;
    struct pair_list details;
    struct job_ref job;
};

static bool create_body(struct db *db, void *context, struct error *err)
{
    struct creating *creating = context;
    struct pool_row *row = NULL;
    struct job_stamp stamp = api_stamp(creating->call);
    if (!pool_add(db, creating->call->arena, creating->wish, &creating->details, &row, err) || !row)
        return false;
    struct storage_job_input input = {.id = row->p.id};
    struct job_target target = {.object_kind = "storage_pool", .object_id = row->p.id, .object_uuid = row->p.uuid};
    return job_create(db, &POOL_ADD_JOB, &input, &target, &stamp, &creating->job, err);
}

static bool handle_create(struct api_call *call, const void *arguments, struct error *err)
{
    const struct create_storage_pool_args *args = arguments;
    struct pool_row wish = {
        .p = {.zone_id = args->zoneid.id,
              .pod_id = args->podid.id,
              .cluster_id = args->clusterid.id,
              .name = args->name,
              .scope = args->scope,
              .provider = args->provider,
              .url = args->url,
              .hypervisor = args->hypervisor,
              .tags = args->tags,
              .total_bytes = args->capacitybytes.value},
        .capacity_iops = args->capacityiops,
        .is_managed = args->managed.value,
        .storage_access_groups = args->storageaccessgroups,
    };
    struct creating creating = {.call = call, .wish = &wish, .details = reply_pairs(call->arena, &args->details)};
    if (!db_transaction(call->db, create_body, &creating, err))
        return false;
    api_reply_job(call, &creating.job, NULL);
    return true;
}

/* ---- the others ---- */

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_storage_pools_args *args = arguments;
    struct pool_query query = {
        .id = args->id.id,
        .zone_id = args->zoneid.id,
        .pod_id = args->podid.id,
        .cluster_id = args->clusterid.id,
        .host_id = args->hostid.id,
        .name = args->name,
        .scope = args->scope,
        .state = args->status,
        .address = args->ipaddress,
        .path = args->path,
        .group = args->storageaccessgroup,
        .keyword_like = call->page.keyword_like,
        .offset = call->page.offset,
        .limit = call->page.limit,
    };
    struct db_rows rows;
    int64_t total = 0;
    if (!pool_store_list(call->db, call->arena, &query, &rows, &total, err))
        return false;
    const struct pool_row *pools = rows.items;
    struct storage_pool_response *objects = arena_array(call->arena, rows.count + 1, sizeof(*objects));
    for (size_t i = 0; i < rows.count; i++)
        if (!fill(call, &pools[i], &objects[i], err))
            return false;
    api_reply_list(call, objects, rows.count, total);
    return true;
}

struct changing {
    struct pool_row *row;
    const char *state; /* wanted; NULL: as it is */
};

/* Between Up and Disabled only: maintenance has commands of its own. */
static bool change_state(struct db *db, const struct changing *changing, struct error *err)
{
    const char *now = changing->row->p.state, *wanted = changing->state;
    bool moved = false;
    if (!wanted || string_equal(now, wanted))
        return true;
    if (!pool_store_move(db, changing->row->p.id, string_equal(wanted, "Up") ? "Disabled" : "Up", wanted, &moved, err))
        return false;
    return moved || error_set(err, ERROR_INVALID_VALUE, "storage.wrong_state");
}

static bool update_body(struct db *db, void *context, struct error *err)
{
    const struct changing *changing = context;
    return pool_store_update(db, changing->row, err) &&
           change_state(db, changing, err);
}

static bool handle_update(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_storage_pool_args *args = arguments;
    struct changing changing = {.row = NULL};
    if (!pool_store_find(call->db, call->arena, args->id.id, &changing.row, err))
        return false;
    struct pool_row *row = changing.row;
    if (!row || row->removed.set)
        return error_set(err, ERROR_INVALID_VALUE, "storage.gone");
    if (args->capacitybytes.set && !row->is_managed)
        return error_set(err, ERROR_INVALID_VALUE, "storage.capacity_is_found");
    if (args->enabled.set)
        changing.state = args->enabled.value ? "Up" : "Disabled";
    if (args->capacitybytes.set) {
        row->p.total_bytes = args->capacitybytes.value;
        row->p.limit_bytes = (int64_t)((double)row->p.total_bytes * row->overprovision.value);
    }
    row->p.name = args->name ? args->name : row->p.name;
    row->p.tags = args->tags.items ? reply_joined(call->arena, &args->tags) : row->p.tags;
    row->capacity_iops = args->capacityiops.set ? args->capacityiops : row->capacity_iops;
    return db_transaction(call->db, update_body, &changing, err) &&
           reply_described(call, &STORAGE_POOL_KIND, row->p.id, false, err);
}

static bool start(struct api_call *call, const struct job_kind *kind, const struct object_ref *pool, bool forced,
                  struct error *err)
{
    struct pool_row *row = NULL;
    if (!pool_store_find(call->db, call->arena, pool->id, &row, err))
        return false;
    struct storage_job_input input = {.id = pool->id, .forced = forced, .was = row ? row->p.state : NULL};
    struct job_target target = {.object_kind = "storage_pool", .object_id = pool->id, .object_uuid = pool->uuid};
    return reply_job(call, kind, &input, &target, err);
}

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_storage_pool_args *args = arguments;
    return start(call, &POOL_REMOVE_JOB, &args->id, args->forced.value, err);
}

static bool handle_maintain(struct api_call *call, const void *arguments, struct error *err)
{
    const struct maintenance_args *args = arguments;
    return start(call, &POOL_MAINTAIN_JOB, &args->id, false, err);
}

static bool handle_resume(struct api_call *call, const void *arguments, struct error *err)
{
    const struct maintenance_args *args = arguments;
    return start(call, &POOL_RESUME_JOB, &args->id, false, err);
}

const struct api_command STORAGE_POOL_COMMANDS[] = {
    {.name = "createStoragePool",
     .summary = "Adds primary storage: looks at it and makes it usable.",
     .object_key = "storagepool",
     .event = "STORAGE.POOL.CREATE",
     .mode = API_WAIT,
     .roles = ROLE_ADMIN,
     .params = &CREATE_STORAGE_POOL_PARAMS,
     .response = &STORAGE_POOL_RESPONSE,
     .handle = handle_create,
     .group = "Pool"},
    {.name = "listStoragePools",
     .summary = "Lists primary storage.",
     .object_key = "storagepool",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN,
     .params = &LIST_STORAGE_POOLS_PARAMS,
     .response = &STORAGE_POOL_RESPONSE,
     .handle = handle_list,
     .group = "Pool"},
    {.name = "updateStoragePool",
     .summary = "Changes primary storage.",
     .since = "3.0.0",
     .object_key = "storagepool",
     .event = "STORAGE.POOL.EDIT",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &UPDATE_STORAGE_POOL_PARAMS,
     .response = &STORAGE_POOL_RESPONSE,
     .handle = handle_update,
     .group = "Pool"},
    {.name = "deleteStoragePool",
     .summary = "Removes primary storage without volumes.",
     .event = "STORAGE.POOL.DELETE",
     .mode = API_WAIT,
     .roles = ROLE_ADMIN,
     .params = &DELETE_STORAGE_POOL_PARAMS,
     .handle = handle_delete,
     .group = "Pool"},
    {.name = "enableStorageMaintenance",
     .summary = "Takes primary storage out of use while no instance runs from it.",
     .response_key = "prepareprimarystorageformaintenanceresponse",
     .object_key = "storagepool",
     .event = "MAINT.PREPARE.PS",
     .mode = API_ASYNC,
     .roles = ROLE_ADMIN,
     .params = &STORAGE_MAINTENANCE_PARAMS,
     .response = &STORAGE_POOL_RESPONSE,
     .handle = handle_maintain,
     .group = "StoragePool"},
    {.name = "cancelStorageMaintenance",
     .summary = "Makes primary storage usable again after maintenance.",
     .response_key = "cancelprimarystoragemaintenanceresponse",
     .object_key = "storagepool",
     .event = "MAINT.CANCEL.PS",
     .mode = API_ASYNC,
     .roles = ROLE_ADMIN,
     .params = &STORAGE_MAINTENANCE_PARAMS,
     .response = &STORAGE_POOL_RESPONSE,
     .handle = handle_resume,
     .group = "StoragePool"},
    {.name = NULL},
};
