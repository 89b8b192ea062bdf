/* Commands of hosts, and this feature's registration. Rules are in host_service.c, plugin calls in host_jobs.c. */
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/host/host_tag.h"
#include "cloud/host/host_check.h"
#include "cloud/host/host_response.h"
#include "cloud/host/host_service.h"
#include "cloud/host/host_watch.h"
#include "cloud/zone/zone.h"

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
        if (!host_fill(call, &hosts[i], &objects[i], err))
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
