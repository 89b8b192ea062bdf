/* Commands of physical networks and their traffic types. Rules are in network_physical_service.c, jobs in
 * network_physical_jobs.c. */
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/identity/identity.h"
#include "cloud/network/network_api.h"
#include "cloud/network/network_jobs.h"

struct physical_network_response {
    const char *id, *name, *broadcastdomainrange, *zoneid, *zonename, *state, *vlan, *domainid, *tags,
        *isolationmethods, *networkspeed, *jobid;
    struct opt_int jobstatus;
};
#define R(member, ...) FIELD(struct physical_network_response, member, __VA_ARGS__)
FIELD_TABLE(PHYSICAL_NETWORK_RESPONSE, struct physical_network_response,
    R(id, .help = "the id of the object"),
    R(name, .help = "the name"),
    R(broadcastdomainrange, .help = "ZONE or POD"),
    R(zoneid, .help = "the zone"),
    R(zonename, .help = "the name of the zone"),
    R(state, .help = "the state"),
    R(vlan, .help = "the VLAN tags or VNIs, or one of them"),
    R(domainid, .help = "the tenant domain"),
    R(tags, .help = "the tags"),
    R(isolationmethods, .help = "how guest networks are kept apart: VLAN or VXLAN"),
    R(networkspeed, .help = "the speed of the network"),
    R(jobid, .help = "the pending job", .no_effect = "operators poll the job itself"),
    R(jobstatus, .help = "the status of that job", .no_effect = "operators poll the job itself"));
#undef R

struct traffic_type_response {
    const char *id, *traffictype, *physicalnetworkid, *xennetworklabel, *kvmnetworklabel, *vmwarenetworklabel,
        *hypervnetworklabel, *ovm3networklabel, *jobid;
    struct opt_int jobstatus;
};
#define R(member, ...) FIELD(struct traffic_type_response, member, __VA_ARGS__)
FIELD_TABLE(TRAFFIC_TYPE_RESPONSE, struct traffic_type_response,
    R(id, .help = "the id of the object"),
    R(traffictype, .help = "the traffic type: Guest, Public, Management or Storage"),
    R(physicalnetworkid, .help = "the physical network"),
    R(xennetworklabel, .help = "the label of the network on XenServer hosts"),
    R(kvmnetworklabel, .help = "the label of the network on KVM hosts: its bridge"),
    R(vmwarenetworklabel, .help = "the label of the network on VMware hosts"),
    R(hypervnetworklabel, .help = "the label of the network on Hyper-V hosts"),
    R(ovm3networklabel, .help = "the label of the network on OVM3 hosts"),
    R(jobid, .help = "the pending job", .no_effect = "operators poll the job itself"),
    R(jobstatus, .help = "the status of that job", .no_effect = "operators poll the job itself"));
#undef R

struct create_physical_args {
    const char *broadcastdomainrange, *name, *networkspeed, *vlan;
    struct object_ref domainid, zoneid;
    struct string_list isolationmethods, tags;
};
#define P(member, ...) FIELD(struct create_physical_args, member, __VA_ARGS__)
FIELD_TABLE(CREATE_PHYSICAL_PARAMS, struct create_physical_args,
    P(broadcastdomainrange, .help = "ZONE or POD"),
    P(domainid, .refers_to = "domain", .help = "the tenant domain"),
    P(isolationmethods, .help = "how guest networks are kept apart: VLAN or VXLAN"),
    P(name, .flags = FIELD_REQUIRED, .help = "the name"),
    P(networkspeed, .help = "the speed of the network"),
    P(tags, .help = "the tags"),
    P(vlan, .help = "the VLAN tags or VNIs, or one of them"),
    P(zoneid, .flags = FIELD_REQUIRED, .refers_to = "zone", .help = "the zone"));
#undef P

struct list_physical_args {
    struct object_ref id, zoneid;
    const char *name;
};
#define P(member, ...) FIELD(struct list_physical_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_PHYSICAL_PARAMS, struct list_physical_args,
    P(id, .refers_to = "physical_network", .help = "the id of the object"),
    P(name, .help = "the name"),
    P(zoneid, .refers_to = "zone", .help = "the zone"));
#undef P

struct update_physical_args {
    struct object_ref id;
    const char *networkspeed, *state, *vlan;
    struct string_list tags;
};
#define P(member, ...) FIELD(struct update_physical_args, member, __VA_ARGS__)
FIELD_TABLE(UPDATE_PHYSICAL_PARAMS, struct update_physical_args,
    P(id, .flags = FIELD_REQUIRED, .refers_to = "physical_network", .help = "the id of the object"),
    P(networkspeed, .help = "the speed of the network"),
    P(state, .help = "the state"),
    P(tags, .help = "the tags"),
    P(vlan, .help = "the VLAN tags or VNIs, or one of them"));
#undef P

struct delete_physical_args {
    struct object_ref id;
};
#define P(member, ...) FIELD(struct delete_physical_args, member, __VA_ARGS__)
FIELD_TABLE(DELETE_PHYSICAL_PARAMS, struct delete_physical_args,
    P(id, .flags = FIELD_REQUIRED, .refers_to = "physical_network", .help = "the id of the object"));
#undef P

struct add_traffic_args {
    const char *hypervnetworklabel, *isolationmethod, *kvmnetworklabel, *ovm3networklabel, *traffictype, *vlan,
        *vmwarenetworklabel, *xennetworklabel;
    struct object_ref physicalnetworkid;
};
#define P(member, ...) FIELD(struct add_traffic_args, member, __VA_ARGS__)
FIELD_TABLE(ADD_TRAFFIC_PARAMS, struct add_traffic_args,
    P(hypervnetworklabel, .help = "the label of the network on Hyper-V hosts"),
    P(isolationmethod, .help = "how this traffic is kept apart",
      .no_effect = "the physical network keeps all its traffic apart in one way"),
    P(kvmnetworklabel, .help = "the label of the network on KVM hosts: its bridge"),
    P(ovm3networklabel, .help = "the label of the network on OVM3 hosts"),
    P(physicalnetworkid, .flags = FIELD_REQUIRED, .refers_to = "physical_network", .help = "the physical network"),
    P(traffictype, .flags = FIELD_REQUIRED, .help = "the traffic type: Guest, Public, Management or Storage"),
    P(vlan, .help = "the VLAN tag of this traffic", .no_effect = "the labels name what hosts connect it to"),
    P(vmwarenetworklabel, .help = "the label of the network on VMware hosts"),
    P(xennetworklabel, .help = "the label of the network on XenServer hosts"));
#undef P

struct list_traffic_args {
    struct object_ref physicalnetworkid;
};
#define P(member, ...) FIELD(struct list_traffic_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_TRAFFIC_PARAMS, struct list_traffic_args,
    P(physicalnetworkid, .flags = FIELD_REQUIRED, .refers_to = "physical_network", .help = "the physical network"));
#undef P

struct update_traffic_args {
    const char *hypervnetworklabel, *kvmnetworklabel, *ovm3networklabel, *vmwarenetworklabel, *xennetworklabel;
    struct object_ref id;
};
#define P(member, ...) FIELD(struct update_traffic_args, member, __VA_ARGS__)
FIELD_TABLE(UPDATE_TRAFFIC_PARAMS, struct update_traffic_args,
    P(hypervnetworklabel, .help = "the label of the network on Hyper-V hosts"),
    P(id, .flags = FIELD_REQUIRED, .refers_to = "traffic_type", .help = "the id of the object"),
    P(kvmnetworklabel, .help = "the label of the network on KVM hosts: its bridge"),
    P(ovm3networklabel, .help = "the label of the network on OVM3 hosts"),
    P(vmwarenetworklabel, .help = "the label of the network on VMware hosts"),
    P(xennetworklabel, .help = "the label of the network on XenServer hosts"));
#undef P

struct delete_traffic_args {
    struct object_ref id;
};
#define P(member, ...) FIELD(struct delete_traffic_args, member, __VA_ARGS__)
FIELD_TABLE(DELETE_TRAFFIC_PARAMS, struct delete_traffic_args,
    P(id, .flags = FIELD_REQUIRED, .refers_to = "traffic_type", .help = "the id of the object"));
#undef P

/* ---- replies ---- */

static bool fill_physical(struct api_call *call, const struct physical_network *row,
                          struct physical_network_response *out, struct error *err)
{
    const struct zone *zone = NULL;
    struct identity_domain *domain = NULL;
    if (!zone_find(call->db, call->arena, row->zone_id, &zone, err) ||
        (row->domain_id != 0 && !identity_find_domain_any(call->db, call->arena, row->domain_id, &domain, err)))
        return false;
    *out = (struct physical_network_response){.id = row->uuid,
                                              .name = row->name,
                                              .broadcastdomainrange = row->broadcast_domain_range,
                                              .state = row->state,
                                              .vlan = row->vlan,
                                              .tags = row->tags,
                                              .isolationmethods = row->isolation_methods,
                                              .networkspeed = row->network_speed,
                                              .zoneid = zone ? zone->uuid : NULL,
                                              .zonename = zone ? zone->name : NULL,
                                              .domainid = domain ? domain->uuid : NULL};
    return true;
}

static bool fill_traffic(struct api_call *call, const struct traffic_type *row, struct traffic_type_response *out,
                         struct error *err)
{
    const struct physical_network *physical = NULL;
    if (!physical_network_find(call->db, call->arena, row->physical_network_id, NULL, &physical, err))
        return false;
    *out = (struct traffic_type_response){.id = row->uuid,
                                          .traffictype = row->traffic_type,
                                          .physicalnetworkid = physical ? physical->uuid : NULL,
                                          .xennetworklabel = row->xen_label,
                                          .kvmnetworklabel = row->kvm_label,
                                          .vmwarenetworklabel = row->vmware_label,
                                          .hypervnetworklabel = row->hyperv_label,
                                          .ovm3networklabel = row->ovm3_label};
    return true;
}

/* find and describe of the kinds whose rows are cached; `label` is what messages call an object. */
#define KIND_FUNCTIONS(short_name, row_type, response_type, label)                                                     \
    static bool find_##short_name(struct db *db, struct arena *arena, const char *uuid,                                \
                                  struct object_found *ret_found, bool *ret_exists, struct error *err)                 \
    {                                                                                                                  \
        const struct row_type *row = NULL;                                                                             \
        if (!row_type##_find(db, arena, 0, uuid, &row, err))                                                           \
            return false;                                                                                              \
        *ret_exists = row != NULL;                                                                                     \
        if (row)                                                                                                       \
            *ret_found = (struct object_found){.id = row->id, .visibility = OBJECT_INFRA, .name = row->label};         \
        return true;                                                                                                   \
    }                                                                                                                  \
    static bool describe_##short_name(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects,      \
                                      size_t *ret_count, struct error *err)                                            \
    {                                                                                                                  \
        struct response_type *objects = ret_objects;                                                                   \
        *ret_count = 0;                                                                                                \
        for (size_t i = 0; i < count; i++) {                                                                           \
            const struct row_type *row = NULL;                                                                         \
            if (!row_type##_find(call->db, call->arena, ids[i], NULL, &row, err))                                      \
                return false;                                                                                          \
            if (row && !fill_##short_name(call, row, &objects[(*ret_count)++], err))                                   \
                return false;                                                                                          \
        }                                                                                                              \
        return true;                                                                                                   \
    }
KIND_FUNCTIONS(physical, physical_network, physical_network_response, name)
KIND_FUNCTIONS(traffic, traffic_type, traffic_type_response, traffic_type)

const struct object_kind PHYSICAL_NETWORK_KIND = {.name = "physical_network",
                                                  .wire_type = "PhysicalNetwork",
                                                  .object_key = "physicalnetwork",
                                                  .response = &PHYSICAL_NETWORK_RESPONSE,
                                                  .find = find_physical,
                                                  .describe = describe_physical};
const struct object_kind TRAFFIC_TYPE_KIND = {.name = "traffic_type",
                                              .wire_type = "TrafficType",
                                              .object_key = "traffictype",
                                              .response = &TRAFFIC_TYPE_RESPONSE,
                                              .find = find_traffic,
                                              .describe = describe_traffic};

/* ---- physical networks ---- */

struct new_object {
    struct api_call *call;
    const struct physical_network *physical;
    const struct traffic_type *traffic;
    int64_t id;
    char uuid[40];
    struct job_ref job;
};

/* The row and its job in one transaction: a job that nobody began would leave a half-made network. */
static bool create_physical(struct db *db, void *context, struct error *err)
{
    struct new_object *new = context;
    struct physical_job_input input = {.id = 0};
    struct job_stamp stamp = api_stamp(new->call);
    struct job_target target = {.object_kind = "physical_network"};
    if (!physical_network_create(db, new->call->arena, new->physical, &new->id, new->uuid, err))
        return false;
    input.id = target.object_id = new->id;
    target.object_uuid = new->uuid;
    return job_create(db, &PHYSICAL_NETWORK_CREATE, &input, &target, &stamp, &new->job, err);
}

static bool handle_create(struct api_call *call, const void *arguments, struct error *err)
{
    const struct create_physical_args *args = arguments;
    const char *range = args->broadcastdomainrange;
    const struct physical_network wish = {.name = args->name,
                                          .zone_id = args->zoneid.id,
                                          .domain_id = args->domainid.id,
                                          .vlan = args->vlan,
                                          .network_speed = args->networkspeed,
                                          .broadcast_domain_range = !range || string_equal_ignoring_case(range, "ZONE")
                                                                        ? "ZONE"
                                                                    : string_equal_ignoring_case(range, "POD") ? "POD"
                                                                                                               : range,
                                          .isolation_methods = reply_joined(call->arena, &args->isolationmethods),
                                          .tags = reply_joined(call->arena, &args->tags)};
    struct new_object new = {.call = call, .physical = &wish};
    if (!db_transaction(call->db, create_physical, &new, err))
        return false;
    api_reply_job(call, &new.job, arena_strdup(call->arena, new.uuid));
    return true;
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_physical_args *args = arguments;
    const struct physical_network *rows = NULL;
    size_t count = 0;
    struct page_pick pick = {.page = &call->page};
    if (!physical_network_all(call->db, call->arena, &rows, &count, err))
        return false;
    struct physical_network_response *objects =
        arena_array(call->arena, page_room(&call->page, count) + 1, sizeof(*objects));
    for (size_t i = 0; i < count; i++) {
        bool wanted = (args->id.id == 0 || args->id.id == rows[i].id) &&
                      (args->zoneid.id == 0 || args->zoneid.id == rows[i].zone_id) &&
                      (!args->name || string_equal_ignoring_case(args->name, rows[i].name)) &&
                      page_keyword_matches(&call->page, rows[i].name);
        if (wanted && page_pick(&pick) && !fill_physical(call, &rows[i], &objects[pick.taken - 1], err))
            return false;
    }
    api_reply_list(call, objects, pick.taken, pick.total);
    return true;
}

static bool start(struct api_call *call, const struct job_kind *kind, const struct physical_job_input *input,
                  const char *object_kind, const struct object_ref *ref, struct error *err)
{
    const struct job_target target = {.object_kind = object_kind, .object_id = ref->id, .object_uuid = ref->uuid};
    return reply_job(call, kind, input, &target, err);
}

static bool handle_update(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_physical_args *args = arguments;
    const struct physical_job_input input = {.id = args->id.id,
                                             .network_speed = args->networkspeed,
                                             .state = args->state,
                                             .vlan = args->vlan,
                                             .tags = reply_joined(call->arena, &args->tags)};
    return start(call, &PHYSICAL_NETWORK_UPDATE, &input, "physical_network", &args->id, err);
}

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_physical_args *args = arguments;
    const struct physical_job_input input = {.id = args->id.id};
    return start(call, &PHYSICAL_NETWORK_DELETE, &input, "physical_network", &args->id, err);
}

/* ---- traffic types ---- */

static bool add_traffic(struct db *db, void *context, struct error *err)
{
    struct new_object *new = context;
    struct physical_job_input input = {.id = 0};
    struct job_stamp stamp = api_stamp(new->call);
    struct job_target target = {.object_kind = "traffic_type"};
    if (!traffic_type_create(db, new->call->arena, new->traffic, &new->id, new->uuid, err))
        return false;
    input.id = target.object_id = new->id;
    target.object_uuid = new->uuid;
    return job_create(db, &TRAFFIC_TYPE_ADD, &input, &target, &stamp, &new->job, err);
}

static bool handle_add_traffic(struct api_call *call, const void *arguments, struct error *err)
{
    const struct add_traffic_args *args = arguments;
    const struct traffic_type wish = {.physical_network_id = args->physicalnetworkid.id,
                                      .traffic_type = args->traffictype,
                                      .xen_label = args->xennetworklabel,
                                      .kvm_label = args->kvmnetworklabel,
                                      .vmware_label = args->vmwarenetworklabel,
                                      .hyperv_label = args->hypervnetworklabel,
                                      .ovm3_label = args->ovm3networklabel};
    struct new_object new = {.call = call, .traffic = &wish};
    if (!db_transaction(call->db, add_traffic, &new, err))
        return false;
    api_reply_job(call, &new.job, arena_strdup(call->arena, new.uuid));
    return true;
}

static bool handle_list_traffic(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_traffic_args *args = arguments;
    const struct traffic_type *rows = NULL;
    size_t count = 0;
    struct page_pick pick = {.page = &call->page};
    if (!traffic_type_all(call->db, call->arena, &rows, &count, err))
        return false;
    struct traffic_type_response *objects =
        arena_array(call->arena, page_room(&call->page, count) + 1, sizeof(*objects));
    for (size_t i = 0; i < count; i++)
        if (rows[i].physical_network_id == args->physicalnetworkid.id &&
            page_keyword_matches(&call->page, rows[i].traffic_type) && page_pick(&pick) &&
            !fill_traffic(call, &rows[i], &objects[pick.taken - 1], err))
            return false;
    api_reply_list(call, objects, pick.taken, pick.total);
    return true;
}

static bool handle_update_traffic(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_traffic_args *args = arguments;
    const struct physical_job_input input = {.id = args->id.id,
                                             .xen_label = args->xennetworklabel,
                                             .kvm_label = args->kvmnetworklabel,
                                             .vmware_label = args->vmwarenetworklabel,
                                             .hyperv_label = args->hypervnetworklabel,
                                             .ovm3_label = args->ovm3networklabel};
    return start(call, &TRAFFIC_TYPE_UPDATE, &input, "traffic_type", &args->id, err);
}

static bool handle_delete_traffic(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_traffic_args *args = arguments;
    const struct physical_job_input input = {.id = args->id.id};
    return start(call, &TRAFFIC_TYPE_DELETE, &input, "traffic_type", &args->id, err);
}

const struct api_command PHYSICAL_NETWORK_COMMANDS[] = {
    {.name = "createPhysicalNetwork",
     .summary = "Adds a physical network to a zone.",
     .since = "3.0.0",
     .object_key = "physicalnetwork",
     .event = "PHYSICAL.NETWORK.CREATE",
     .mode = API_ASYNC,
     .flags = API_CREATES,
     .roles = ROLE_ADMIN,
     .params = &CREATE_PHYSICAL_PARAMS,
     .response = &PHYSICAL_NETWORK_RESPONSE,
     .handle = handle_create,
     .group = "Network"},
    {.name = "listPhysicalNetworks",
     .summary = "Lists physical networks.",
     .since = "3.0.0",
     .object_key = "physicalnetwork",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN,
     .params = &LIST_PHYSICAL_PARAMS,
     .response = &PHYSICAL_NETWORK_RESPONSE,
     .handle = handle_list,
     .group = "Network"},
    {.name = "updatePhysicalNetwork",
     .summary = "Changes a physical network.",
     .since = "3.0.0",
     .object_key = "physicalnetwork",
     .event = "PHYSICAL.NETWORK.UPDATE",
     .mode = API_ASYNC,
     .roles = ROLE_ADMIN,
     .params = &UPDATE_PHYSICAL_PARAMS,
     .response = &PHYSICAL_NETWORK_RESPONSE,
     .handle = handle_update,
     .group = "Network"},
    {.name = "deletePhysicalNetwork",
     .summary = "Removes a physical network without guest networks.",
     .since = "3.0.0",
     .event = "PHYSICAL.NETWORK.DELETE",
     .mode = API_ASYNC,
     .roles = ROLE_ADMIN,
     .params = &DELETE_PHYSICAL_PARAMS,
     .handle = handle_delete,
     .group = "Network"},
    {.name = NULL},
};
const struct api_command TRAFFIC_TYPE_COMMANDS[] = {
    {.name = "addTrafficType",
     .summary = "Adds a traffic type to a physical network.",
     .since = "3.0.0",
     .object_key = "traffictype",
     .event = "TRAFFIC.TYPE.CREATE",
     .mode = API_ASYNC,
     .flags = API_CREATES,
     .roles = ROLE_ADMIN,
     .params = &ADD_TRAFFIC_PARAMS,
     .response = &TRAFFIC_TYPE_RESPONSE,
     .handle = handle_add_traffic,
     .group = "Usage"},
    {.name = "listTrafficTypes",
     .summary = "Lists the traffic types of a physical network.",
     .since = "3.0.0",
     .object_key = "traffictype",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN,
     .params = &LIST_TRAFFIC_PARAMS,
     .response = &TRAFFIC_TYPE_RESPONSE,
     .handle = handle_list_traffic,
     .group = "Usage"},
    {.name = "updateTrafficType",
     .summary = "Changes the labels of a traffic type.",
     .since = "3.0.0",
     .object_key = "traffictype",
     .event = "TRAFFIC.TYPE.UPDATE",
     .mode = API_ASYNC,
     .roles = ROLE_ADMIN,
     .params = &UPDATE_TRAFFIC_PARAMS,
     .response = &TRAFFIC_TYPE_RESPONSE,
     .handle = handle_update_traffic,
     .group = "Usage"},
    {.name = "deleteTrafficType",
     .summary = "Removes a traffic type.",
     .since = "3.0.0",
     .event = "TRAFFIC.TYPE.DELETE",
     .mode = API_ASYNC,
     .roles = ROLE_ADMIN,
     .params = &DELETE_TRAFFIC_PARAMS,
     .handle = handle_delete_traffic,
     .group = "Usage"},
    {.name = NULL},
};
