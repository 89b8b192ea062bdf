/* Commands of pods. Rules are in zone_pod_service.c. */
#include "base/ip4.h"
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/capacity/capacity.h"
#include "cloud/zone/zone_api.h"
#include "cloud/zone/zone_service.h"

struct pod_ip_range_response {
    const char *gateway, *cidr, *startip, *endip, *forsystemvms, *vlanid;
};
#define R(member, ...) FIELD(struct pod_ip_range_response, member, __VA_ARGS__)
FIELD_TABLE(POD_IP_RANGE_RESPONSE, struct pod_ip_range_response,
    R(gateway, .help = "the gateway"),
    R(cidr, .help = "the CIDR"),
    R(startip, .help = "the first address of the range"),
    R(endip, .help = "the last address of the range"),
    R(forsystemvms, .help = "1: the addresses are for the cloud's own machines"),
    R(vlanid, .help = "the VLAN of the range"));
#undef R

struct pod_response {
    const char *id, *name, *zoneid, *zonename, *gateway, *netmask, *allocationstate, *storageaccessgroups,
        *zonestorageaccessgroups;
    struct object_list ipranges, capacity;
    struct string_list startip, endip, forsystemvms, vlanid;
    bool hasannotations;
};
#define R(member, ...) FIELD(struct pod_response, member, __VA_ARGS__)
FIELD_TABLE(POD_RESPONSE, struct pod_response,
    R(id, .help = "the id of the object"),
    R(name, .help = "the name"),
    R(zoneid, .help = "the zone"),
    R(zonename, .help = "the name of the zone"),
    R(gateway, .help = "the gateway"),
    R(netmask, .help = "the netmask"),
    R(ipranges, .since = "4.16.0", .help = "the address ranges", .table = &POD_IP_RANGE_RESPONSE),
    R(startip, .help = "the first address of the range"),
    R(endip, .help = "the last address of the range"),
    R(forsystemvms, .help = "the addresses are for the cloud's own machines"),
    R(vlanid, .help = "the VLAN of each range"),
    R(allocationstate, .help = "Enabled, or Disabled: only administrators put something there"),
    R(capacity, .help = "how full it is", .table = &CAPACITY_RESPONSE),
    R(storageaccessgroups, .since = "4.21.0", .help = "the groups of storage that may be connected here"),
    R(zonestorageaccessgroups, .since = "4.21.0", .help = "the storage access groups of the zone"),
    R(hasannotations, .help = "operators left remarks"));
#undef R

struct create_pod_args {
    const char *allocationstate, *endip, *gateway, *name, *netmask, *startip;
    struct string_list storageaccessgroups;
    struct object_ref zoneid;
};
#define P(member, ...) FIELD(struct create_pod_args, member, __VA_ARGS__)
FIELD_TABLE(CREATE_POD_PARAMS, struct create_pod_args,
    P(allocationstate, .help = "Enabled, or Disabled: only administrators put something there"),
    P(endip, .help = "the last address for the cloud's own machines in the pod"),
    P(gateway, .help = "the gateway"),
    P(name, .flags = FIELD_REQUIRED, .help = "the name"),
    P(netmask, .help = "the netmask"),
    P(startip, .help = "the first address for the cloud's own machines in the pod"),
    P(storageaccessgroups, .since = "4.21.0", .help = "the groups of storage that may be connected here"),
    P(zoneid, .flags = FIELD_REQUIRED, .refers_to = "zone", .help = "the zone"));
#undef P

struct list_pods_args {
    const char *allocationstate, *name, *storageaccessgroup;
    struct object_ref id, zoneid;
    struct opt_bool showcapacities;
};
#define P(member, ...) FIELD(struct list_pods_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_PODS_PARAMS, struct list_pods_args,
    P(allocationstate, .help = "Enabled, or Disabled: only administrators put something there"),
    P(id, .refers_to = "pod", .help = "the id of the object"),
    P(name, .help = "the name"),
    P(showcapacities, .help = "adds how full the place is"),
    P(storageaccessgroup, .since = "4.21.0", .help = "only places of this storage access group"),
    P(zoneid, .refers_to = "zone", .help = "the zone"));
#undef P

struct update_pod_args {
    const char *allocationstate, *endip, *gateway, *name, *netmask, *startip;
    struct object_ref id;
};
#define P(member, ...) FIELD(struct update_pod_args, member, __VA_ARGS__)
FIELD_TABLE(UPDATE_POD_PARAMS, struct update_pod_args,
    P(allocationstate, .help = "Enabled, or Disabled: only administrators put something there"),
    P(endip, .help = "the last address of the range"),
    P(gateway, .help = "the gateway"),
    P(id, .flags = FIELD_REQUIRED, .refers_to = "pod", .help = "the id of the object"),
    P(name, .help = "the name"),
    P(netmask, .help = "the netmask"),
    P(startip, .help = "the first address of the range"));
#undef P

struct delete_pod_args {
    struct object_ref id;
};
#define P(member, ...) FIELD(struct delete_pod_args, member, __VA_ARGS__)
FIELD_TABLE(DELETE_POD_PARAMS, struct delete_pod_args,
    P(id, .flags = FIELD_REQUIRED, .refers_to = "pod", .help = "the id of the object"));
#undef P

/* ---- replies ---- */

bool zone_group_matches(struct arena *arena, const char *groups, const char *wanted)
{
    size_t count = 0;
    const char **items = string_split(arena, groups ? groups : "", ',', &count);
    for (size_t i = 0; wanted && i < count; i++)
        if (string_equal(items[i], wanted))
            return true;
    return !wanted;
}

static struct string_list one_text(struct arena *arena, const char *text)
{
    if (!text)
        return (struct string_list){.items = NULL};
    const char **items = arena_array(arena, 1, sizeof(*items));
    items[0] = text;
    return (struct string_list){.items = items, .count = 1};
}

static void fill_range(struct api_call *call, const struct pod *pod, struct pod_response *out)
{
    uint32_t gateway;
    unsigned bits;
    char cidr[IP4_CIDR_BYTES];
    if (!pod->start_ip || !ip4_parse(pod->gateway, &gateway) || !ip4_parse_netmask(pod->netmask, &bits))
        return;
    ip4_format_cidr((struct ip4_network){gateway & ip4_mask(bits), bits}, cidr);
    struct pod_ip_range_response *range = ARENA_NEW(call->arena, struct pod_ip_range_response);
    *range = (struct pod_ip_range_response){.gateway = pod->gateway, .cidr = arena_strdup(call->arena, cidr),
                                            .startip = pod->start_ip, .endip = pod->end_ip, .forsystemvms = "0",
                                            .vlanid = "untagged"};
    out->ipranges = (struct object_list){.items = range, .count = 1, .set = true};
    out->startip = one_text(call->arena, pod->start_ip);
    out->endip = one_text(call->arena, pod->end_ip);
    out->forsystemvms = one_text(call->arena, range->forsystemvms);
    out->vlanid = one_text(call->arena, range->vlanid);
}

static bool fill(struct api_call *call, const struct pod *pod, bool capacities, struct pod_response *out,
                 struct error *err)
{
    const struct zone *zone = NULL;
    if (!zone_find(call->db, call->arena, pod->zone_id, &zone, err))
        return false;
    *out = (struct pod_response){
        .id = pod->uuid,
        .name = pod->name,
        .gateway = pod->gateway,
        .netmask = pod->netmask,
        .allocationstate = pod->allocation_state,
        .storageaccessgroups = pod->storage_access_groups,
        .zoneid = zone ? zone->uuid : NULL,
        .zonename = zone ? zone->name : NULL,
        .zonestorageaccessgroups = zone ? zone->storage_access_groups : NULL,
    };
    fill_range(call, pod, out);
    struct capacity_place place = {.zone_id = pod->zone_id, .pod_id = pod->id};
    return !capacities || capacity_of(call->db, call->arena, place, &out->capacity, err);
}

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    struct pod_response *objects = ret_objects;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct pod *pod = NULL;
        if (!pod_find(call->db, call->arena, ids[i], &pod, err))
            return false;
        if (pod && !fill(call, pod, false, &objects[(*ret_count)++], err))
            return false;
    }
    return true;
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    const struct pod *pod = NULL;
    if (!pod_store_find_uuid(db, arena, uuid, &pod, err))
        return false;
    *ret_exists = pod != NULL;
    if (pod)
        *ret_found = (struct object_found){.id = pod->id, .visibility = OBJECT_INFRA, .name = pod->name};
    return true;
}

const struct object_kind POD_KIND = {
    .name = "pod",
    .wire_type = "Pod",
    .object_key = "pod",
    .response = &POD_RESPONSE,
    .find = find,
    .describe = describe,
};

/* ---- commands ---- */

static bool handle_create(struct api_call *call, const void *arguments, struct error *err)
{
    const struct create_pod_args *args = arguments;
    int64_t id = 0;
    struct pod wish = {.zone_id = args->zoneid.id,
                       .name = args->name,
                       .gateway = args->gateway,
                       .netmask = args->netmask,
                       .start_ip = args->startip,
                       .end_ip = args->endip,
                       .allocation_state = "Enabled",
                       .storage_access_groups = reply_joined(call->arena, &args->storageaccessgroups)};
    return zone_read_allocation_state(args->allocationstate, &wish.allocation_state, err) &&
           pod_create(call->db, &wish, &id, err) && reply_described(call, &POD_KIND, id, false, err);
}

static bool matches(struct api_call *call, const struct list_pods_args *args, const struct pod *pod)
{
    return (args->id.id == 0 || args->id.id == pod->id) && (args->zoneid.id == 0 || args->zoneid.id == pod->zone_id) &&
           (!args->name || string_equal_ignoring_case(args->name, pod->name)) &&
           (!args->allocationstate || string_equal_ignoring_case(args->allocationstate, pod->allocation_state)) &&
           zone_group_matches(call->arena, pod->storage_access_groups, args->storageaccessgroup) &&
           page_keyword_matches(&call->page, pod->name);
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_pods_args *args = arguments;
    const struct pod *pods = NULL;
    size_t count = 0;
    if (!pod_all(call->db, call->arena, &pods, &count, err))
        return false;
    struct page_pick pick = {.page = &call->page};
    struct pod_response *objects = arena_array(call->arena, page_room(&call->page, count) + 1, sizeof(*objects));
    for (size_t i = 0; i < count; i++)
        if (matches(call, args, &pods[i]) && page_pick(&pick) &&
            !fill(call, &pods[i], args->showcapacities.value, &objects[pick.taken - 1], err))
            return false;
    api_reply_list(call, objects, pick.taken, pick.total);
    return true;
}

static bool handle_update(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_pod_args *args = arguments;
    const struct pod *before = NULL;
    if (!pod_find(call->db, call->arena, args->id.id, &before, err))
        return false;
    if (!before)
        return error_set(err, ERROR_INVALID_VALUE, "zone.place_gone");
    struct pod pod = *before;
    pod.name = args->name ? args->name : pod.name;
    pod.gateway = args->gateway ? args->gateway : pod.gateway;
    pod.netmask = args->netmask ? args->netmask : pod.netmask;
    pod.start_ip = args->startip ? args->startip : pod.start_ip;
    pod.end_ip = args->endip ? args->endip : pod.end_ip;
    return zone_read_allocation_state(args->allocationstate, &pod.allocation_state, err) &&
           pod_update(call->db, &pod, err) && reply_described(call, &POD_KIND, pod.id, false, err);
}

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_pod_args *args = arguments;
    if (!place_remove(call->db, call->arena, LEVEL_POD, args->id.id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

const struct api_command POD_COMMANDS[] = {
    {.name = "createPod", .summary = "Adds a pod to a zone.", .object_key = "pod", .event = "POD.CREATE",
     .mode = API_SYNC, .roles = ROLE_ADMIN, .params = &CREATE_POD_PARAMS, .response = &POD_RESPONSE,
     .handle = handle_create, .group = "Pod"},
    {.name = "listPods", .summary = "Lists pods.", .object_key = "pod", .mode = API_LIST, .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN, .params = &LIST_PODS_PARAMS, .response = &POD_RESPONSE,
     .handle = handle_list, .group = "Pod"},
    {.name = "updatePod", .summary = "Changes a pod.", .object_key = "pod", .event = "POD.EDIT", .mode = API_SYNC,
     .roles = ROLE_ADMIN, .params = &UPDATE_POD_PARAMS, .response = &POD_RESPONSE, .handle = handle_update,
     .group = "Pod"},
    {.name = "deletePod", .summary = "Removes a pod that is empty.", .event = "POD.DELETE", .mode = API_SYNC,
     .roles = ROLE_ADMIN, .params = &DELETE_POD_PARAMS, .handle = handle_delete, .group = "Pod"},
    {.name = NULL},
};
