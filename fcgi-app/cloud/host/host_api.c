/* Commands of hosts, and this feature's registration. Rules are in host_service.c, plugin calls in host_jobs.c. */
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/guestos/guestos.h"
#include "cloud/host/host_tag.h"
#include "cloud/host/host_check.h"
#include "cloud/host/host_service.h"
#include "cloud/stats/stats.h"
#include "cloud/host/host_watch.h"
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

struct host_response {
    const char *id, *name, *state, *type, *oscategoryid, *oscategoryname, *ipaddress, *zoneid, *zonename, *podid,
        *podname, *version, *hypervisor, *cpuused, *cpuallocated, *cpuallocatedpercentage,
        *cpuallocatedwithoverprovisioning,
        *cpuwithoverprovisioning, *memorywithoverprovisioning, *memoryallocatedpercentage, *capabilities, *clusterid,
        *clustername, *clustertype, *hosttags, *explicithosttags, *resourcestate, *hypervisorversion, *annotation,
        *arch, *storageaccessgroups, *clusterstorageaccessgroups, *podstorageaccessgroups, *zonestorageaccessgroups;
    struct opt_time disconnected, lastpinged, created, removed;
    struct opt_int cpusockets, cpunumber, cpuspeed, cpuallocatedvalue, memorytotal, memoryallocated,
        memoryallocatedbytes, memoryused, networkkbsread, networkkbswrite;
    struct opt_bool islocalstorageactive, istagarule, hasenoughcapacity, hahost, hasannotations;
    struct nested hostha, outofbandmanagement;
    struct pair_list details;
};
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

struct add_host_args {
    const char *allocationstate, *clustername, *hypervisor, *url, *username;
    struct object_ref clusterid, podid, zoneid;
    struct map_list externaldetails;
    struct string_list hosttags, storageaccessgroups;
    struct secret password;
};
#define P(member, ...) FIELD(struct add_host_args, member, __VA_ARGS__)
FIELD_TABLE(ADD_HOST_PARAMS, struct add_host_args,
    P(allocationstate, .help = "Enabled, or Disabled: only administrators put something there"),
    P(clusterid, .refers_to = "cluster", .help = "the cluster"),
    P(clustername, .help = "the name of the cluster"),
    P(externaldetails, .since = "4.21.0", .help = "details for an extension", .no_effect = "there are no extensions"),
    P(hosttags, .help = "the tags of the host"),
    P(hypervisor, .flags = FIELD_REQUIRED, .help = "the hypervisor"),
    P(password, .help = "the password"),
    P(podid, .flags = FIELD_REQUIRED, .refers_to = "pod", .help = "the pod"),
    P(storageaccessgroups, .since = "4.21.0", .help = "the groups of storage that may be connected here"),
    P(url, .flags = FIELD_REQUIRED, .max = 2048, .help = "where the hypervisor answers"),
    P(username, .help = "the user name"),
    P(zoneid, .flags = FIELD_REQUIRED, .refers_to = "zone", .help = "the zone"));
#undef P

struct list_hosts_args {
    const char *arch, *hypervisor, *managementserverid, *name, *outofbandmanagementpowerstate, *resourcestate, *state,
        *storageaccessgroup, *type, *version, *virtualmachineid;
    struct object_ref clusterid, id, podid, zoneid;
    struct string_list details;
    struct opt_bool hahost, outofbandmanagementenabled;
};
#define P(member, ...) FIELD(struct list_hosts_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_HOSTS_PARAMS, struct list_hosts_args,
    P(arch, .since = "4.20.1", .help = "the processor architecture"),
    P(clusterid, .refers_to = "cluster", .help = "the cluster"),
    P(details, .help = "which groups of fields to show", .no_effect = "all details are shown"),
    P(hahost, .help = "only hosts kept free for high availability"),
    P(hypervisor, .help = "the hypervisor"),
    P(id, .refers_to = "host", .help = "the id of the object"),
    P(managementserverid, .since = "4.21.0", .help = "the management server that looks after it",
      .no_effect = "hosts belong to no single server"),
    P(name, .help = "the name"),
    P(outofbandmanagementenabled, .help = "only hosts whose out-of-band management is on"),
    P(outofbandmanagementpowerstate, .help = "only hosts in this power state",
      .no_effect = "there is no out-of-band management"),
    P(podid, .refers_to = "pod", .help = "the pod"),
    P(resourcestate, .help = "Enabled, Disabled, Maintenance and the like"),
    P(state, .help = "the state"),
    P(storageaccessgroup, .since = "4.21.0", .help = "only places of this storage access group"),
    P(type, .help = "the type"),
    P(version, .help = "the version"),
    P(virtualmachineid, .help = "hosts where this instance could move to",
      .no_effect = "findHostsForMigration answers that"),
    P(zoneid, .refers_to = "zone", .help = "the zone"));
#undef P

struct update_host_args {
    const char *allocationstate, *annotation, *name, *url;
    struct opt_bool cleanupexternaldetails, istagarule;
    struct map_list externaldetails;
    struct string_list hosttags;
    struct object_ref id, oscategoryid;
};
#define P(member, ...) FIELD(struct update_host_args, member, __VA_ARGS__)
FIELD_TABLE(UPDATE_HOST_PARAMS, struct update_host_args,
    P(allocationstate, .help = "Enabled, or Disabled: only administrators put something there"),
    P(annotation, .flags = FIELD_ADMIN, .since = "4.11", .help = "a remark for operators"),
    P(cleanupexternaldetails, .since = "4.22.0", .help = "removes the details for extensions",
      .no_effect = "there are no extensions"),
    P(externaldetails, .since = "4.21.0", .help = "details for an extension", .no_effect = "there are no extensions"),
    P(hosttags, .help = "the tags of the host"),
    P(id, .flags = FIELD_REQUIRED, .refers_to = "host", .help = "the id of the object"),
    P(istagarule, .help = "the tags are a rule to be evaluated", .no_effect = "tags are plain words"),
    P(name, .flags = FIELD_ADMIN, .since = "4.15", .help = "the name"),
    P(oscategoryid, .refers_to = "os_category", .help = "the operating systems that the host prefers"),
    P(url, .max = 2048, .help = "where the hypervisor answers"));
#undef P

struct delete_host_args {
    struct opt_bool forced, forcedestroylocalstorage;
    struct object_ref id;
};
#define P(member, ...) FIELD(struct delete_host_args, member, __VA_ARGS__)
FIELD_TABLE(DELETE_HOST_PARAMS, struct delete_host_args,
    P(forced, .help = "carries on although it is in use or cannot be reached"),
    P(forcedestroylocalstorage, .help = "also removes the pools on the host's own disks",
      .no_effect = "a host with pools of its own is not removed"),
    P(id, .flags = FIELD_REQUIRED, .refers_to = "host", .help = "the id of the object"));
#undef P

struct reconnect_host_args {
    struct object_ref id;
};
#define P(member, ...) FIELD(struct reconnect_host_args, member, __VA_ARGS__)
FIELD_TABLE(RECONNECT_HOST_PARAMS, struct reconnect_host_args,
    P(id, .flags = FIELD_REQUIRED, .refers_to = "host", .help = "the id of the object"));
#undef P

struct hypervisor_response {
    const char *name;
};
#define R(member, ...) FIELD(struct hypervisor_response, member, __VA_ARGS__)
FIELD_TABLE(HYPERVISOR_RESPONSE, struct hypervisor_response,
    R(name, .help = "the name of the hypervisor"));
#undef R

struct list_hypervisors_args {
    struct object_ref zoneid;
};
#define P(member, ...) FIELD(struct list_hypervisors_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_HYPERVISORS_PARAMS, struct list_hypervisors_args,
    P(zoneid, .refers_to = "zone", .help = "the zone"));
#undef P

/* ---- replies ---- */

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
    out->hasannotations = OPT_BOOL(false);
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

static bool fill(struct api_call *call, const struct host_row *row, struct host_response *out, struct error *err)
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
        if (row && !fill(call, row, &objects[(*ret_count)++], err))
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

static const struct object_kind HOST_KIND = {
    .name = "host",
    .wire_type = "Host",
    .object_key = "host",
    .response = &HOST_RESPONSE,
    .find = find,
    .describe = describe,
};

/* ---- addHost ---- */

struct adding {
    struct api_call *call;
    const struct host_wish *wish;
    struct job_ref job;
};

static bool add_body(struct db *db, void *context, struct error *err)
{
    struct adding *adding = context;
    struct host_row *row = NULL;
    struct job_stamp stamp = api_stamp(adding->call);
    if (!host_add(db, adding->call->arena, adding->wish, &row, err) || !row)
        return false;
    struct host_job_input input = {.host_id = row->h.id};
    struct job_target target = {.object_kind = "host", .object_id = row->h.id, .object_uuid = row->h.uuid};
    return job_create(db, &HOST_ADD_JOB, &input, &target, &stamp, &adding->job, err);
}

/* "Enabled", "Enable" → Enabled; what updateHost and addHost call allocation state is the host's resource state. */
static bool read_resource_state(const char *text, const char **ret_state, struct error *err)
{
    if (string_equal_ignoring_case(text, "Enable") || string_equal_ignoring_case(text, "Enabled"))
        *ret_state = "Enabled";
    else if (string_equal_ignoring_case(text, "Disable") || string_equal_ignoring_case(text, "Disabled"))
        *ret_state = "Disabled";
    else if (text)
        return error_with(err, ERROR_INVALID_VALUE, "host.unknown_state", E_TEXT("value", text));
    return true;
}

static bool handle_add(struct api_call *call, const void *arguments, struct error *err)
{
    const struct add_host_args *args = arguments;
    struct host_wish wish = {
        .zone_id = args->zoneid.id, .pod_id = args->podid.id, .cluster_id = args->clusterid.id,
        .cluster_name = args->clustername, .hypervisor = args->hypervisor, .url = args->url, .username = args->username,
        .password = args->password, .tags = reply_joined(call->arena, &args->hosttags), .resource_state = "Enabled",
        .storage_access_groups = reply_joined(call->arena, &args->storageaccessgroups),
    };
    struct adding adding = {.call = call, .wish = &wish};
    if (!read_resource_state(args->allocationstate, &wish.resource_state, err) ||
        !db_transaction(call->db, add_body, &adding, err))
        return false;
    api_reply_job(call, &adding.job, NULL);
    return true;
}

/* ---- listHosts ---- */

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_hosts_args *args = arguments;
    struct host_query query = {
        .id = args->id.id, .zone_id = args->zoneid.id, .pod_id = args->podid.id, .cluster_id = args->clusterid.id,
        .name = args->name, .state = args->state, .resource_state = args->resourcestate, .hypervisor = args->hypervisor,
        .arch = args->arch, .version = args->version, .group = args->storageaccessgroup,
        .keyword_like = call->page.keyword_like, .offset = call->page.offset, .limit = call->page.limit,
    };
    struct db_rows rows = {.count = 0};
    int64_t total = 0;
    bool none = (args->type && !string_equal_ignoring_case(args->type, "Routing")) ||
                (args->hahost.set && args->hahost.value) ||
                (args->outofbandmanagementenabled.set && args->outofbandmanagementenabled.value);
    if (!none && !host_store_list(call->db, call->arena, &query, &rows, &total, err))
        return false;
    const struct host_row *hosts = rows.items;
    struct host_response *objects = arena_array(call->arena, rows.count + 1, sizeof(*objects));
    for (size_t i = 0; i < rows.count; i++)
        if (!fill(call, &hosts[i], &objects[i], err))
            return false;
    api_reply_list(call, objects, rows.count, total);
    return true;
}

/* ---- updateHost ---- */

struct updating {
    struct arena *arena;
    int64_t host_id;
    struct host_edit edit;
};

static bool update_body(struct db *db, void *context, struct error *err)
{
    struct updating *updating = context;
    return host_edit(db, updating->arena, updating->host_id, &updating->edit, err);
}

static bool handle_update(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_host_args *args = arguments;
    const char *tags = reply_joined(call->arena, &args->hosttags);
    struct updating updating = {
        .arena = call->arena,
        .host_id = args->id.id,
        .edit = {.name = args->name,
                 .url = args->url,
                 .tags = args->hosttags.items && !tags ? "" : tags,
                 .annotation = args->annotation,
                 .os_category_id = args->oscategoryid.id},
    };
    return read_resource_state(args->allocationstate, &updating.edit.resource_state, err) &&
           db_transaction(call->db, update_body, &updating, err) &&
           reply_described(call, &HOST_KIND, args->id.id, false, err);
}

/* ---- deleteHost, reconnectHost ---- */

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_host_args *args = arguments;
    struct host_job_input input = {.host_id = args->id.id, .forced = args->forced.value};
    struct job_target target = {.object_kind = "host", .object_id = args->id.id, .object_uuid = args->id.uuid};
    return reply_job(call, &HOST_REMOVE_JOB, &input, &target, err);
}

static bool handle_reconnect(struct api_call *call, const void *arguments, struct error *err)
{
    const struct reconnect_host_args *args = arguments;
    struct host_job_input input = {.host_id = args->id.id};
    struct job_target target = {.object_kind = "host", .object_id = args->id.id, .object_uuid = args->id.uuid};
    return reply_job(call, &HOST_RECONNECT_JOB, &input, &target, err);
}

/* ---- listHypervisors: those of clusters ---- */

static bool handle_hypervisors(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_hypervisors_args *args = arguments;
    const struct cluster *clusters = NULL;
    size_t count = 0, found = 0;
    if (!cluster_all(call->db, call->arena, &clusters, &count, err))
        return false;
    struct hypervisor_response *objects = arena_array(call->arena, count + 1, sizeof(*objects));
    for (size_t i = 0; i < count; i++) {
        bool wanted = args->zoneid.id == 0 || args->zoneid.id == clusters[i].zone_id;
        for (size_t j = 0; j < found && wanted; j++)
            wanted = !string_equal(objects[j].name, clusters[i].hypervisor);
        if (wanted)
            objects[found++].name = clusters[i].hypervisor;
    }
    api_reply_list(call, objects, found, (int64_t)found);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "addHost",
     .summary = "Adds a hypervisor host: looks at it and makes it fit for use.",
     .object_key = "host",
     .event = "HOST.CREATE",
     .flags = API_ANSWERS_LIST,
     .mode = API_WAIT,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN,
     .params = &ADD_HOST_PARAMS,
     .response = &HOST_RESPONSE,
     .handle = handle_add,
     .group = "Host"},
    {.name = "listHosts",
     .summary = "Lists hosts.",
     .object_key = "host",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN,
     .params = &LIST_HOSTS_PARAMS,
     .response = &HOST_RESPONSE,
     .handle = handle_list,
     .group = "Host"},
    {.name = "updateHost",
     .summary = "Changes a host.",
     .object_key = "host",
     .event = "HOST.EDIT",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &UPDATE_HOST_PARAMS,
     .response = &HOST_RESPONSE,
     .handle = handle_update,
     .group = "Host"},
    {.name = "deleteHost",
     .summary = "Removes a host without instances.",
     .event = "HOST.DELETE",
     .mode = API_WAIT,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN,
     .params = &DELETE_HOST_PARAMS,
     .handle = handle_delete,
     .group = "Host"},
    {.name = "reconnectHost",
     .summary = "Looks at a host again and takes it up.",
     .object_key = "host",
     .event = "HOST.RECONNECT",
     .mode = API_ASYNC,
     .roles = ROLE_ADMIN,
     .params = &RECONNECT_HOST_PARAMS,
     .response = &HOST_RESPONSE,
     .handle = handle_reconnect,
     .group = "Host"},
    {.name = "listHypervisors",
     .summary = "Lists the hypervisors in use.",
     .object_key = "hypervisor",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_WHOLE_LIST,
     .roles = ROLES_ALL,
     .params = &LIST_HYPERVISORS_PARAMS,
     .response = &HYPERVISOR_RESPONSE,
     .handle = handle_hypervisors,
     .group = "Hypervisor"},
    {.name = NULL},
};

void host_register(void)
{
    static const struct object_kind *const KINDS[] = {&HOST_KIND, NULL};
    static const struct job_kind *const JOBS[] = {&HOST_ADD_JOB, &HOST_REMOVE_JOB, &HOST_RECONNECT_JOB, NULL};
    api_register_kinds(KINDS);
    api_register_commands(COMMANDS);
    api_register_commands(HOST_TAG_COMMANDS);
    host_register_checks();
    host_register_guests();
    job_register_kinds(JOBS);
    job_register_schedule(&HOST_LIMITS_SCHEDULE);
}
