/* Rows of hosts to replies, and the object kind "host". */
#include "base/text.h"
#include "cloud/cache/reply.h"
#include "cloud/guestos/guestos.h"
#include "cloud/host/host_response.h"
#include "cloud/stats/stats.h"
#include "cloud/zone/zone.h"

struct host_ha_response {
    struct opt_bool haenable;
    const char *hastate;
};
FIELD_TABLE(HOST_HA_RESPONSE, struct host_ha_response,
    FIELD(struct host_ha_response, haenable, .help = "the host is looked after"),
    FIELD(struct host_ha_response, hastate, .help = "how it is looked after"));
struct host_power_response {
    struct opt_bool enabled;
    const char *powerstate;
};
FIELD_TABLE(HOST_POWER_RESPONSE, struct host_power_response,
    FIELD(struct host_power_response, enabled, .help = "power is managed out of band"),
    FIELD(struct host_power_response, powerstate, .help = "On, Off, Unknown or Disabled"));

#define R(member, ...) FIELD(struct host_response, member, __VA_ARGS__)
FIELD_TABLE(HOST_RESPONSE, struct host_response,
    R(id, .help = "the id of the object"),
    R(name, .help = "the name"),
    R(state, .help = "the state"),
    R(disconnected, .help = "when it was lost"),
    R(type, .help = "the type"),
    R(oscategoryid, .help = "the category of operating systems"),
    R(oscategoryname, .help = "the name of the category"),
    R(ipaddress, .help = "the address, or the name while no address is known: clients read it of every host"),
    R(zoneid, .help = "the zone"),
    R(zonename, .help = "the name of the zone"),
    R(podid, .help = "the pod"),
    R(podname, .help = "the name of the pod"),
    R(version, .help = "the version"),
    R(hypervisor, .help = "the hypervisor"),
    R(cpusockets, .help = "the number of processor sockets"),
    R(cpunumber, .help = "the number of CPUs"),
    R(cpuspeed, .help = "the share of one CPU in MHz"),
    R(cpuallocated, .help = "the share of CPU that is promised"),
    R(cpuallocatedvalue, .help = "the CPU that is promised, in MHz"),
    R(cpuallocatedpercentage, .help = "the share of CPU that is promised"),
    R(cpuallocatedwithoverprovisioning, .help = "the share that is promised, of the CPU with overcommitment"),
    R(cpuwithoverprovisioning, .help = "the CPU with overcommitment, in MHz"),
    R(cpuused, .help = "the share of CPU that is in use"),
    R(networkkbsread, .help = "KiB a second received by the host"),
    R(networkkbswrite, .help = "KiB a second sent by the host"),
    R(memoryused, .help = "the memory in use, in bytes"),
    R(memorytotal, .help = "the memory in bytes"),
    R(memorywithoverprovisioning, .help = "the memory with overcommitment, in bytes"),
    R(memoryallocated, .help = "the memory that is promised, in bytes"),
    R(memoryallocatedpercentage, .help = "the share of memory that is promised"),
    R(memoryallocatedbytes, .help = "the memory that is promised, in bytes"),
    R(capabilities, .help = "what the hypervisor can do"),
    R(lastpinged, .help = "when it answered last"),
    R(clusterid, .help = "the cluster"),
    R(clustername, .help = "the name of the cluster"),
    R(clustertype, .help = "CloudManaged or ExternalManaged"),
    R(islocalstorageactive, .help = "volumes lie on the host's own disks"),
    R(created, .help = "when it was made"),
    R(removed, .help = "when it was removed", .no_effect = "removed hosts are not listed"),
    R(hosttags, .help = "the tags of the host"),
    R(explicithosttags, .since = "4.20.0", .help = "the tags that an operator gave it"),
    R(istagarule, .help = "the tags are a rule to be evaluated"),
    R(hasenoughcapacity, .help = "there is room for one more instance"),
    R(hostha, .help = "how the host is looked after", .table = &HOST_HA_RESPONSE),
    R(outofbandmanagement, .help = "how its power is managed", .table = &HOST_POWER_RESPONSE),
    R(resourcestate, .help = "Enabled, Disabled, Maintenance and the like"),
    R(hypervisorversion, .help = "the version of the hypervisor"),
    R(hahost, .help = "only hosts kept free for high availability"),
    R(details, .since = "4.5", .help = "further details"),
    R(annotation, .since = "4.11", .help = "a remark for operators"),
    R(arch, .since = "4.20", .help = "the processor architecture"),
    R(storageaccessgroups, .since = "4.21.0", .help = "the groups of storage that may be connected here"),
    R(clusterstorageaccessgroups, .since = "4.21.0", .help = "the storage access groups of the cluster"),
    R(podstorageaccessgroups, .since = "4.21.0", .help = "the storage access groups of the pod"),
    R(zonestorageaccessgroups, .since = "4.21.0", .help = "the storage access groups of the zone"),
    R(hasannotations, .help = "operators left remarks"));
#undef R

static const char *percent(struct arena *arena, int64_t part, int64_t whole)
{
    return stats_percent(arena, whole > 0 ? 100.0 * (double)part / (double)whole : 0);
}

static void fill_capacity(struct arena *arena, const struct host *h, struct host_response *out)
{
    enum { MIB = 1 << 20 };
    out->cpunumber = OPT_INT(h->cpu_cores);
    out->cpuspeed = OPT_INT(h->cpu_speed_mhz);
    out->cpuallocated = percent(arena, h->cpu_used_mhz, h->cpu_total_mhz);
    out->cpuallocatedvalue = OPT_INT(h->cpu_used_mhz);
    out->cpuallocatedpercentage = out->cpuallocated;
    out->cpuallocatedwithoverprovisioning = percent(arena, h->cpu_used_mhz, h->cpu_limit_mhz);
    out->cpuwithoverprovisioning = arena_printf(arena, "%lld", (long long)h->cpu_limit_mhz);
    out->memorytotal = OPT_INT(h->memory_total_mib * MIB);
    out->memorywithoverprovisioning = arena_printf(arena, "%lld", (long long)h->memory_limit_mib * MIB);
    out->memoryallocated = OPT_INT(h->memory_used_mib * MIB);
    out->memoryallocatedbytes = OPT_INT(h->memory_used_mib * MIB);
    out->memoryallocatedpercentage = percent(arena, h->memory_used_mib, h->memory_limit_mib);
    out->hasenoughcapacity = OPT_BOOL(h->cpu_used_mhz < h->cpu_limit_mhz && h->memory_used_mib < h->memory_limit_mib);
}

static bool fill_place(struct api_call *call, const struct host *h, struct host_response *out, struct error *err)
{
    const struct zone *zone = NULL;
    const struct pod *pod = NULL;
    const struct cluster *cluster = NULL;
    if (!zone_find(call->db, call->arena, h->zone_id, &zone, err) ||
        !pod_find(call->db, call->arena, h->pod_id, &pod, err) ||
        !cluster_find(call->db, call->arena, h->cluster_id, &cluster, err))
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
    if (cluster) {
        out->clusterid = cluster->uuid;
        out->clustername = cluster->name;
        out->clustertype = cluster->cluster_type;
        out->clusterstorageaccessgroups = cluster->storage_access_groups;
    }
    return true;
}

static void fill_absent_functions(struct arena *arena, struct host_response *out)
{
    struct host_ha_response *ha = ARENA_NEW(arena, struct host_ha_response);
    struct host_power_response *power = ARENA_NEW(arena, struct host_power_response);
    *ha = (struct host_ha_response){.haenable = OPT_BOOL(false), .hastate = "Disabled"};
    *power = (struct host_power_response){.enabled = OPT_BOOL(false), .powerstate = "Disabled"};
    out->hostha.object = ha;
    out->outofbandmanagement.object = power;
    out->hahost = OPT_BOOL(false);
    out->istagarule = OPT_BOOL(false);
}

/* Absent while nothing was measured lately. */
static bool fill_use(struct api_call *call, int64_t host_id, struct host_response *out, struct error *err)
{
    struct stats_host use;
    if (!stats_host_any(call->db, host_id, &use, err))
        return false;
    if (!use.taken.set)
        return true;
    out->cpuused = stats_percent(call->arena, (double)use.cpu_used_permille / 10);
    out->memoryused = OPT_INT(use.memory_used_bytes);
    out->networkkbsread = OPT_INT(stats_kib_second(use.network_in_bytes, use.interval_ms));
    out->networkkbswrite = OPT_INT(stats_kib_second(use.network_out_bytes, use.interval_ms));
    return true;
}

bool host_fill(struct api_call *call, const struct host_row *row, struct host_response *out, struct error *err)
{
    const struct host *h = &row->h;
    const struct os_category *category = NULL;
    int64_t pools = 0;
    *out = (struct host_response){
        .id = h->uuid, .name = h->name, .state = h->state, .type = "Routing",
        .ipaddress = h->private_ip ? h->private_ip : h->name,
        .version = row->version, .hypervisor = h->hypervisor, .capabilities = row->capabilities, .hosttags = h->tags,
        .explicithosttags = h->tags, .resourcestate = h->resource_state, .hypervisorversion = h->hypervisor_version,
        .annotation = row->annotation, .arch = h->arch, .storageaccessgroups = row->storage_access_groups,
        .cpusockets = OPT_INT(row->cpu_sockets), .disconnected = row->disconnected, .lastpinged = row->last_pinged,
        .created = row->created, .removed = row->removed, .details = reply_pairs_of(call->arena, h->provider_details),
    };
    fill_capacity(call->arena, h, out);
    fill_absent_functions(call->arena, out);
    if ((row->os_category_id && !os_category_find(call->db, call->arena, row->os_category_id, &category, err)) ||
        !host_store_count_pools(call->db, call->arena, h->id, &pools, err) || !fill_use(call, h->id, out, err))
        return false;
    out->oscategoryid = category ? category->uuid : NULL;
    out->oscategoryname = category ? category->name : NULL;
    out->islocalstorageactive = OPT_BOOL(pools > 0);
    return fill_place(call, h, out, err);
}

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    struct host_response *objects = ret_objects;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct host_row *row = NULL;
        if (!host_store_find(call->db, call->arena, ids[i], &row, err))
            return false;
        if (row && !host_fill(call, row, &objects[(*ret_count)++], err))
            return false;
    }
    return true;
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    struct host_row *row = NULL;
    if (!host_store_find_uuid(db, arena, uuid, &row, err))
        return false;
    *ret_exists = row && !row->removed.set && !string_equal(row->h.state, "Creating");
    if (*ret_exists)
        *ret_found = (struct object_found){.id = row->h.id, .visibility = OBJECT_INFRA, .name = row->h.name};
    return true;
}

const struct object_kind HOST_KIND = {
    .name = "host",
    .wire_type = "Host",
    .object_key = "host",
    .response = &HOST_RESPONSE,
    .find = find,
    .describe = describe,
};
