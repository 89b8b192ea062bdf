/* Commands of clusters. Rules are in zone_pod_service.c. */
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/capacity/capacity.h"
#include "cloud/zone/zone_api.h"
#include "cloud/zone/zone_service.h"

struct cluster_response {
    const char *id, *name, *podid, *podname, *zoneid, *zonename, *hypervisortype, *clustertype, *allocationstate,
        *managedstate, *cpuovercommitratio, *memoryovercommitratio, *arch, *storageaccessgroups,
        *podstorageaccessgroups, *zonestorageaccessgroups;
    struct object_list capacity;
    struct pair_list resourcedetails;
    bool hasannotations;
};
#define R(member, ...) FIELD(struct cluster_response, member, __VA_ARGS__)
FIELD_TABLE(CLUSTER_RESPONSE, struct cluster_response,
    R(id, .help = "the id of the object"),
    R(name, .help = "the name"),
    R(podid, .help = "the pod"),
    R(podname, .help = "the name of the pod"),
    R(zoneid, .help = "the zone"),
    R(zonename, .help = "the name of the zone"),
    R(hypervisortype, .help = "the hypervisor"),
    R(clustertype, .help = "CloudManaged or ExternalManaged"),
    R(allocationstate, .help = "Enabled, or Disabled: only administrators put something there"),
    R(managedstate, .help = "Managed or Unmanaged"),
    R(capacity, .help = "how full it is", .table = &CAPACITY_RESPONSE),
    R(cpuovercommitratio, .help = "how much more CPU is promised than there is"),
    R(memoryovercommitratio, .help = "how much more memory is promised than there is"),
    R(resourcedetails, .help = "further details"),
    R(arch, .since = "4.20", .help = "the processor architecture"),
    R(storageaccessgroups, .since = "4.21.0", .help = "the groups of storage that may be connected here"),
    R(podstorageaccessgroups, .since = "4.21.0", .help = "the storage access groups of the pod"),
    R(zonestorageaccessgroups, .since = "4.21.0", .help = "the storage access groups of the zone"),
    R(hasannotations, .help = "operators left remarks"));
#undef R

struct add_cluster_args {
    const char *allocationstate, *arch, *clustername, *clustertype, *extensionid, *guestvswitchname,
        *guestvswitchtype, *hypervisor, *ovm3cluster, *ovm3pool, *ovm3vip, *password, *publicvswitchname,
        *publicvswitchtype, *url, *username, *vsmipaddress, *vsmpassword, *vsmusername;
    struct map_list externaldetails;
    struct object_ref podid, zoneid;
    struct string_list storageaccessgroups;
};
#define P(member, ...) FIELD(struct add_cluster_args, member, __VA_ARGS__)
FIELD_TABLE(ADD_CLUSTER_PARAMS, struct add_cluster_args,
    P(allocationstate, .help = "Enabled, or Disabled: only administrators put something there"),
    P(arch, .since = "4.20", .help = "the processor architecture"),
    P(clustername, .flags = FIELD_REQUIRED, .help = "the name of the cluster"),
    P(clustertype, .flags = FIELD_REQUIRED, .help = "CloudManaged or ExternalManaged"),
    P(extensionid, .since = "4.21.0", .help = "the extension that manages the cluster",
      .no_effect = "there are no extensions"),
    P(externaldetails, .since = "4.21.0", .help = "details for an extension", .no_effect = "there are no extensions"),
    P(guestvswitchname, .help = "the virtual switch of guest traffic",
      .no_effect = "virtual switches are the hypervisor plugin's matter"),
    P(guestvswitchtype, .help = "the sort of that switch",
      .no_effect = "virtual switches are the hypervisor plugin's matter"),
    P(hypervisor, .flags = FIELD_REQUIRED, .help = "the hypervisor"),
    P(ovm3cluster, .help = "whether Oracle VM clusters its servers", .no_effect = "Oracle VM is not supported"),
    P(ovm3pool, .help = "whether Oracle VM pools its servers", .no_effect = "Oracle VM is not supported"),
    P(ovm3vip, .help = "the address of the Oracle VM pool", .no_effect = "Oracle VM is not supported"),
    P(password, .help = "the password", .no_effect = "hosts carry their own credentials"),
    P(podid, .flags = FIELD_REQUIRED, .refers_to = "pod", .help = "the pod"),
    P(publicvswitchname, .help = "the virtual switch of public traffic",
      .no_effect = "virtual switches are the hypervisor plugin's matter"),
    P(publicvswitchtype, .help = "the sort of that switch",
      .no_effect = "virtual switches are the hypervisor plugin's matter"),
    P(storageaccessgroups, .since = "4.21.0", .help = "the groups of storage that may be connected here"),
    P(url, .max = 2048, .help = "where the cluster's manager answers", .no_effect = "hosts carry their own url"),
    P(username, .help = "the user name", .no_effect = "hosts carry their own credentials"),
    P(vsmipaddress, .help = "the address of the switch supervisor", .no_effect = "this switch is not supported"),
    P(vsmpassword, .help = "the password of the switch supervisor", .no_effect = "this switch is not supported"),
    P(vsmusername, .help = "the user of the switch supervisor", .no_effect = "this switch is not supported"),
    P(zoneid, .flags = FIELD_REQUIRED, .refers_to = "zone", .help = "the zone"));
#undef P

struct list_clusters_args {
    const char *allocationstate, *arch, *clustertype, *hypervisor, *managedstate, *name, *storageaccessgroup;
    struct object_ref id, podid, zoneid;
    struct opt_bool showcapacities;
};
#define P(member, ...) FIELD(struct list_clusters_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_CLUSTERS_PARAMS, struct list_clusters_args,
    P(allocationstate, .help = "Enabled, or Disabled: only administrators put something there"),
    P(arch, .since = "4.20.1", .help = "the processor architecture"),
    P(clustertype, .help = "CloudManaged or ExternalManaged"),
    P(hypervisor, .help = "the hypervisor"),
    P(id, .refers_to = "cluster", .help = "the id of the object"),
    P(managedstate, .help = "Managed or Unmanaged"),
    P(name, .help = "the name"),
    P(podid, .refers_to = "pod", .help = "the pod"),
    P(showcapacities, .help = "adds how full the place is"),
    P(storageaccessgroup, .since = "4.21.0", .help = "only places of this storage access group"),
    P(zoneid, .refers_to = "zone", .help = "the zone"));
#undef P

struct update_cluster_args {
    const char *allocationstate, *arch, *clustername, *clustertype, *hypervisor, *managedstate;
    struct map_list externaldetails;
    struct object_ref id;
};
#define P(member, ...) FIELD(struct update_cluster_args, member, __VA_ARGS__)
FIELD_TABLE(UPDATE_CLUSTER_PARAMS, struct update_cluster_args,
    P(allocationstate, .help = "Enabled, or Disabled: only administrators put something there"),
    P(arch, .since = "4.20", .help = "the processor architecture"),
    P(clustername, .help = "the name of the cluster"),
    P(clustertype, .help = "CloudManaged or ExternalManaged"),
    P(externaldetails, .since = "4.21.0", .help = "details for an extension", .no_effect = "there are no extensions"),
    P(hypervisor, .help = "the hypervisor"),
    P(id, .flags = FIELD_REQUIRED, .refers_to = "cluster", .help = "the id of the object"),
    P(managedstate, .help = "Managed or Unmanaged"));
#undef P

struct delete_cluster_args {
    struct object_ref id;
};
#define P(member, ...) FIELD(struct delete_cluster_args, member, __VA_ARGS__)
FIELD_TABLE(DELETE_CLUSTER_PARAMS, struct delete_cluster_args,
    P(id, .flags = FIELD_REQUIRED, .refers_to = "cluster", .help = "the id of the object"));
#undef P

/* ---- replies ---- */

static const char *ratio(struct arena *arena, struct opt_double value)
{
    const char *text = arena_printf(arena, "%g", value.value);
    return strchr(text, '.') ? text : arena_printf(arena, "%s.0", text);
}

static bool fill_place(struct api_call *call, const struct cluster *cluster, struct cluster_response *out,
                       struct error *err)
{
    const struct zone *zone = NULL;
    const struct pod *pod = NULL;
    if (!zone_find(call->db, call->arena, cluster->zone_id, &zone, err) ||
        !pod_find(call->db, call->arena, cluster->pod_id, &pod, err))
        return false;
    if (zone) {
        out->zoneid = zone->uuid;
        out->zonename = zone->name;
        out->zonestorageaccessgroups = zone->storage_access_groups;
    }
    if (pod) {
        out->podid = pod->uuid;
        out->podname = pod->name;
        out->podstorageaccessgroups = pod->storage_access_groups;
    }
    return true;
}

static bool fill(struct api_call *call, const struct cluster *cluster, bool capacities, struct cluster_response *out,
                 struct error *err)
{
    *out = (struct cluster_response){
        .id = cluster->uuid,
        .name = cluster->name,
        .hypervisortype = cluster->hypervisor,
        .clustertype = cluster->cluster_type,
        .allocationstate = cluster->allocation_state,
        .managedstate = cluster->managed_state,
        .arch = cluster->arch,
        .cpuovercommitratio = ratio(call->arena, cluster->cpu_overcommit),
        .memoryovercommitratio = ratio(call->arena, cluster->memory_overcommit),
        .storageaccessgroups = cluster->storage_access_groups,
    };
    struct pair *details = arena_array(call->arena, 2, sizeof(*details));
    details[0] = (struct pair){"cpuOvercommitRatio", out->cpuovercommitratio};
    details[1] = (struct pair){"memoryOvercommitRatio", out->memoryovercommitratio};
    out->resourcedetails = (struct pair_list){.items = details, .count = 2};
    struct capacity_place place = {.zone_id = cluster->zone_id, .pod_id = cluster->pod_id, .cluster_id = cluster->id};
    return fill_place(call, cluster, out, err) &&
           (!capacities || capacity_of(call->db, call->arena, place, &out->capacity, err));
}

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    struct cluster_response *objects = ret_objects;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct cluster *cluster = NULL;
        if (!cluster_find(call->db, call->arena, ids[i], &cluster, err))
            return false;
        if (cluster && !fill(call, cluster, false, &objects[(*ret_count)++], err))
            return false;
    }
    return true;
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    const struct cluster *cluster = NULL;
    if (!cluster_store_find_uuid(db, arena, uuid, &cluster, err))
        return false;
    *ret_exists = cluster != NULL;
    if (cluster)
        *ret_found = (struct object_found){.id = cluster->id, .visibility = OBJECT_INFRA, .name = cluster->name};
    return true;
}

const struct object_kind CLUSTER_KIND = {
    .name = "cluster", .wire_type = "Cluster", .object_key = "cluster", .response = &CLUSTER_RESPONSE, .find = find,
    .describe = describe,
};

/* ---- commands ---- */

static bool check_pod_of_zone(struct api_call *call, int64_t pod_id, int64_t zone_id, struct error *err)
{
    const struct pod *pod = NULL;
    if (!pod_find(call->db, call->arena, pod_id, &pod, err))
        return false;
    return (pod && pod->zone_id == zone_id) || error_set(err, ERROR_INVALID_VALUE, "zone.pod_of_other_zone");
}

static bool handle_add(struct api_call *call, const void *arguments, struct error *err)
{
    const struct add_cluster_args *args = arguments;
    int64_t id = 0;
    struct cluster wish = {.zone_id = args->zoneid.id,
                           .pod_id = args->podid.id,
                           .name = args->clustername,
                           .hypervisor = args->hypervisor,
                           .cluster_type = args->clustertype,
                           .managed_state = "Managed",
                           .allocation_state = "Enabled",
                           .arch = args->arch ? args->arch : "x86_64",
                           .storage_access_groups = reply_joined(call->arena, &args->storageaccessgroups)};
    return check_pod_of_zone(call, args->podid.id, args->zoneid.id, err) &&
           zone_read_allocation_state(args->allocationstate, &wish.allocation_state, err) &&
           cluster_create(call->db, &wish, &id, err) && reply_described(call, &CLUSTER_KIND, id, true, err);
}

static bool matches(struct api_call *call, const struct list_clusters_args *args, const struct cluster *cluster)
{
    return (args->id.id == 0 || args->id.id == cluster->id) &&
           (args->zoneid.id == 0 || args->zoneid.id == cluster->zone_id) &&
           (args->podid.id == 0 || args->podid.id == cluster->pod_id) &&
           (!args->name || string_equal_ignoring_case(args->name, cluster->name)) &&
           (!args->hypervisor || string_equal_ignoring_case(args->hypervisor, cluster->hypervisor)) &&
           (!args->clustertype || string_equal_ignoring_case(args->clustertype, cluster->cluster_type)) &&
           (!args->managedstate || string_equal_ignoring_case(args->managedstate, cluster->managed_state)) &&
           (!args->allocationstate || string_equal_ignoring_case(args->allocationstate, cluster->allocation_state)) &&
           (!args->arch || string_equal_ignoring_case(args->arch, cluster->arch)) &&
           zone_group_matches(call->arena, cluster->storage_access_groups, args->storageaccessgroup) &&
           page_keyword_matches(&call->page, cluster->name);
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_clusters_args *args = arguments;
    const struct cluster *clusters = NULL;
    size_t count = 0;
    if (!cluster_all(call->db, call->arena, &clusters, &count, err))
        return false;
    struct page_pick pick = {.page = &call->page};
    struct cluster_response *objects = arena_array(call->arena, page_room(&call->page, count) + 1, sizeof(*objects));
    for (size_t i = 0; i < count; i++)
        if (matches(call, args, &clusters[i]) && page_pick(&pick) &&
            !fill(call, &clusters[i], args->showcapacities.value, &objects[pick.taken - 1], err))
            return false;
    api_reply_list(call, objects, pick.taken, pick.total);
    return true;
}

/* What hosts of a cluster run on does not change under them. */
static bool check_hypervisor(const struct cluster *cluster, const char *wanted, struct error *err)
{
    return !wanted || string_equal_ignoring_case(wanted, cluster->hypervisor) ||
           error_set(err, ERROR_INVALID_VALUE, "zone.hypervisor_fixed");
}

static bool handle_update(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_cluster_args *args = arguments;
    const struct cluster *before = NULL;
    if (!cluster_find(call->db, call->arena, args->id.id, &before, err))
        return false;
    if (!before)
        return error_set(err, ERROR_INVALID_VALUE, "zone.place_gone");
    struct cluster cluster = *before;
    cluster.name = args->clustername ? args->clustername : cluster.name;
    cluster.cluster_type = args->clustertype ? args->clustertype : cluster.cluster_type;
    cluster.managed_state = args->managedstate ? args->managedstate : cluster.managed_state;
    cluster.arch = args->arch ? args->arch : cluster.arch;
    return check_hypervisor(before, args->hypervisor, err) &&
           zone_read_allocation_state(args->allocationstate, &cluster.allocation_state, err) &&
           cluster_update(call->db, &cluster, err) && reply_described(call, &CLUSTER_KIND, cluster.id, false, err);
}

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_cluster_args *args = arguments;
    if (!place_remove(call->db, call->arena, LEVEL_CLUSTER, args->id.id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

const struct api_command CLUSTER_COMMANDS[] = {
    {.name = "addCluster", .summary = "Adds a cluster to a pod.", .object_key = "cluster", .event = "CLUSTER.CREATE",
     .mode = API_SYNC, .flags = API_ANSWERS_LIST, .roles = ROLE_ADMIN, .params = &ADD_CLUSTER_PARAMS,
     .response = &CLUSTER_RESPONSE, .handle = handle_add, .group = "Cluster"},
    {.name = "listClusters", .summary = "Lists clusters.", .object_key = "cluster", .mode = API_LIST,
     .flags = API_READ_ONLY, .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN, .params = &LIST_CLUSTERS_PARAMS,
     .response = &CLUSTER_RESPONSE, .handle = handle_list, .group = "Cluster"},
    {.name = "updateCluster", .summary = "Changes a cluster.", .object_key = "cluster", .event = "CLUSTER.EDIT",
     .mode = API_SYNC, .roles = ROLE_ADMIN, .params = &UPDATE_CLUSTER_PARAMS, .response = &CLUSTER_RESPONSE,
     .handle = handle_update, .group = "Cluster"},
    {.name = "deleteCluster", .summary = "Removes a cluster that is empty.", .event = "CLUSTER.DELETE",
     .mode = API_SYNC, .roles = ROLE_ADMIN, .params = &DELETE_CLUSTER_PARAMS, .handle = handle_delete,
     .group = "Cluster"},
    {.name = NULL},
};
