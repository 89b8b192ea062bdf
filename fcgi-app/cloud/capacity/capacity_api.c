/* listCapacity, and the capacities that replies of places carry. */
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/capacity/capacity_store.h"
#include "cloud/zone/zone.h"

struct capacity_response {
    struct opt_int type, capacityallocated, capacityused, capacitytotal;
    const char *name, *zoneid, *zonename, *podid, *podname, *clusterid, *clustername, *percentused;
};
#define R(member, ...) FIELD(struct capacity_response, member, __VA_ARGS__)
FIELD_TABLE(CAPACITY_RESPONSE, struct capacity_response,
    R(type, .help = "the type"),
    R(name, .help = "the name"),
    R(zoneid, .help = "the zone"),
    R(zonename, .help = "the name of the zone"),
    R(podid, .help = "the pod"),
    R(podname, .help = "the name of the pod"),
    R(clusterid, .help = "the cluster"),
    R(clustername, .help = "the name of the cluster"),
    R(capacityallocated, .help = "how much is promised"),
    R(capacityused, .help = "how much is in use"),
    R(capacitytotal, .help = "how much there is"),
    R(percentused, .help = "the share in use"));
#undef R

struct list_capacity_args {
    struct object_ref clusterid, podid, zoneid;
    struct opt_bool fetchlatest;
    const char *sortby, *tag;
    struct opt_int type;
};
#define P(member, ...) FIELD(struct list_capacity_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_CAPACITY_PARAMS, struct list_capacity_args,
    P(clusterid, .refers_to = "cluster", .since = "3.0.0", .help = "the cluster"),
    P(fetchlatest, .since = "3.0.0", .help = "counts anew before it answers",
      .no_effect = "figures are always current"),
    P(podid, .refers_to = "pod", .help = "the pod"),
    P(sortby, .since = "3.0.0", .help = "usage: the fullest first"),
    P(tag, .since = "4.20.0", .help = "only hosts and pools with this tag", .no_effect = "figures are not kept by tag"),
    P(type, .help = "the number of the sort of capacity"),
    P(zoneid, .refers_to = "zone", .help = "the zone"));
#undef P

enum { MIB = 1 << 20, TYPES_MAX = CAPACITY_SHARES_MAX };

/* ---- one place ---- */

struct filling {
    struct arena *arena;
    struct capacity_response place; /* what every row of the place says */
    struct capacity_response *rows;
    size_t count;
};

static void add(struct filling *filling, enum capacity_type type, const char *name, int64_t used, int64_t total)
{
    double share = total > 0 ? 100.0 * (double)used / (double)total : 0;
    struct capacity_response *row = &filling->rows[filling->count++];
    *row = filling->place;
    row->type = OPT_INT(type);
    row->name = name;
    row->capacityallocated = OPT_INT(used);
    row->capacityused = OPT_INT(used);
    row->capacitytotal = OPT_INT(total);
    row->percentused = arena_printf(filling->arena, "%.2f", share);
}

static void add_all(struct filling *filling, const struct capacity_sums *sums, bool whole_zone)
{
    add(filling, CAPACITY_MEMORY, "MEMORY", sums->hosts.memory_used_mib * MIB, sums->hosts.memory_limit_mib * MIB);
    add(filling, CAPACITY_CPU, "CPU", sums->hosts.cpu_used_mhz, sums->hosts.cpu_limit_mhz);
    add(filling, CAPACITY_STORAGE, "STORAGE", sums->pools.used_bytes, sums->pools.total_bytes);
    add(filling, CAPACITY_STORAGE_ALLOCATED, "STORAGE_ALLOCATED", sums->pools.allocated_bytes, sums->pools.limit_bytes);
    add(filling, CAPACITY_LOCAL_STORAGE, "LOCAL_STORAGE", sums->pools.local_allocated_bytes,
        sums->pools.local_total_bytes);
    if (!whole_zone)
        return;
    add(filling, CAPACITY_PUBLIC_IP, "VIRTUAL_NETWORK_PUBLIC_IP", sums->addresses.public_taken,
        sums->addresses.public_total);
    add(filling, CAPACITY_SECONDARY_STORAGE, "SECONDARY_STORAGE", sums->stores.used_bytes, sums->stores.total_bytes);
    add(filling, CAPACITY_VLAN, "VLAN", sums->vlans.taken, sums->vlans.total);
    add(filling, CAPACITY_DIRECT_IP, "DIRECT_ATTACHED_PUBLIC_IP", sums->addresses.direct_taken,
        sums->addresses.direct_total);
}

/* With the places that it lies in. */
static bool name_place(struct db *db, struct arena *arena, struct capacity_place place, struct capacity_response *out,
                       struct error *err)
{
    const struct zone *zone = NULL;
    const struct pod *pod = NULL;
    const struct cluster *cluster = NULL;
    if (place.cluster_id && !cluster_find(db, arena, place.cluster_id, &cluster, err))
        return false;
    int64_t pod_id = cluster ? cluster->pod_id : place.pod_id;
    if (pod_id && !pod_find(db, arena, pod_id, &pod, err))
        return false;
    int64_t zone_id = pod ? pod->zone_id : place.zone_id;
    if (zone_id && !zone_find(db, arena, zone_id, &zone, err))
        return false;
    *out = (struct capacity_response){.zoneid = zone ? zone->uuid : NULL,
                                      .zonename = zone ? zone->name : NULL,
                                      .podid = pod ? pod->uuid : NULL,
                                      .podname = pod ? pod->name : NULL,
                                      .clusterid = cluster ? cluster->uuid : NULL,
                                      .clustername = cluster ? cluster->name : NULL};
    return true;
}

bool capacity_of(struct db *db, struct arena *arena, struct capacity_place place, struct object_list *ret_capacities,
                 struct error *err)
{
    struct filling filling = {.arena = arena, .rows = arena_array(arena, TYPES_MAX, sizeof(struct capacity_response))};
    struct capacity_sums sums;
    if (!name_place(db, arena, place, &filling.place, err) || !capacity_store_sum(db, arena, place, &sums, err))
        return false;
    add_all(&filling, &sums, place.pod_id == 0 && place.cluster_id == 0);
    *ret_capacities = (struct object_list){.items = filling.rows, .count = filling.count, .set = true};
    return true;
}

bool capacity_shares(struct db *db, struct arena *arena, struct capacity_place place,
                     struct capacity_share ret_shares[static CAPACITY_SHARES_MAX], size_t *ret_count, struct error *err)
{
    struct object_list list;
    if (!capacity_of(db, arena, place, &list, err))
        return false;
    const struct capacity_response *rows = list.items;
    for (size_t i = 0; i < list.count; i++)
        ret_shares[i] = (struct capacity_share){(enum capacity_type)rows[i].type.value, rows[i].capacityused.value,
                                                rows[i].capacitytotal.value};
    *ret_count = list.count;
    return true;
}

/* ---- listCapacity: a place that was named, else each zone ---- */

static int fullest_first(const void *a, const void *b)
{
    const struct capacity_response *left = a, *right = b;
    double l = left->capacitytotal.value > 0 ? (double)left->capacityused.value / (double)left->capacitytotal.value : 0;
    double r =
        right->capacitytotal.value > 0 ? (double)right->capacityused.value / (double)right->capacitytotal.value : 0;
    return l > r ? -1 : l < r;
}

static bool collect(struct api_call *call, struct capacity_place place, const struct list_capacity_args *args,
                    struct capacity_response *rows, size_t *count, struct error *err)
{
    struct object_list found;
    if (!capacity_of(call->db, call->arena, place, &found, err))
        return false;
    const struct capacity_response *items = found.items;
    for (size_t i = 0; i < found.count; i++)
        if ((!args->type.set || args->type.value == items[i].type.value) &&
            page_keyword_matches(&call->page, items[i].name))
            rows[(*count)++] = items[i];
    return true;
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_capacity_args *args = arguments;
    const struct zone *zones = NULL;
    size_t zone_count = 0, count = 0;
    struct capacity_place named = {
        .zone_id = args->zoneid.id, .pod_id = args->podid.id, .cluster_id = args->clusterid.id};
    bool is_named = named.zone_id || named.pod_id || named.cluster_id;
    if (!zone_all(call->db, call->arena, &zones, &zone_count, err))
        return false;
    struct capacity_response *rows = arena_array(call->arena, (zone_count + 1) * TYPES_MAX, sizeof(*rows));
    if (is_named && !collect(call, named, args, rows, &count, err))
        return false;
    for (size_t i = 0; i < zone_count && !is_named; i++)
        if (!collect(call, (struct capacity_place){.zone_id = zones[i].id}, args, rows, &count, err))
            return false;
    if (string_equal_ignoring_case(args->sortby, "usage"))
        qsort(rows, count, sizeof(*rows), fullest_first);
    struct page_pick pick = {.page = &call->page};
    struct capacity_response *page = rows;
    for (size_t i = 0; i < count; i++)
        if (page_pick(&pick))
            page[pick.taken - 1] = rows[i];
    api_reply_list(call, page, pick.taken, pick.total);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listCapacity", .summary = "Lists how full places are.", .object_key = "capacity", .mode = API_LIST,
     .flags = API_READ_ONLY, .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN, .params = &LIST_CAPACITY_PARAMS,
     .response = &CAPACITY_RESPONSE, .handle = handle_list, .group = "SystemCapacity"},
    {.name = NULL},
};

void capacity_register(void)
{
    api_register_commands(COMMANDS);
}
