/* Commands of network service providers, the virtual routers' elements and the list of services. */
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/network/network_api.h"
#include "cloud/network/network_jobs.h"

struct provider_response {
    const char *name, *physicalnetworkid, *destinationphysicalnetworkid, *state, *id, *jobid;
    struct string_list servicelist;
    struct opt_bool canenableindividualservice;
    struct opt_int jobstatus;
};
#define R(member, ...) FIELD(struct provider_response, member, __VA_ARGS__)
FIELD_TABLE(PROVIDER_RESPONSE, struct provider_response,
    R(name, .help = "the name"),
    R(physicalnetworkid, .help = "the physical network"),
    R(destinationphysicalnetworkid, .help = "the physical network that the provider bridges to"),
    R(state, .help = "the state"),
    R(id, .help = "the id of the object"),
    R(servicelist, .help = "the services that the provider offers here"),
    R(canenableindividualservice, .help = "services can be switched one by one"),
    R(jobid, .help = "the pending job", .no_effect = "operators poll the job itself"),
    R(jobstatus, .help = "the status of that job", .no_effect = "operators poll the job itself"));
#undef R

struct capability_response {
    const char *name, *value, *jobid;
    struct opt_bool canchooseservicecapability;
    struct opt_int jobstatus;
};
#define R(member, ...) FIELD(struct capability_response, member, __VA_ARGS__)
FIELD_TABLE(CAPABILITY_RESPONSE, struct capability_response,
    R(name, .help = "the name"),
    R(value, .help = "the value"),
    R(canchooseservicecapability, .help = "an offering may choose it"),
    R(jobid, .help = "the pending job", .no_effect = "operators poll the job itself"),
    R(jobstatus, .help = "the status of that job", .no_effect = "operators poll the job itself"));
#undef R

struct service_response {
    const char *name, *jobid;
    struct object_list provider, capability;
    struct opt_int jobstatus;
};
#define R(member, ...) FIELD(struct service_response, member, __VA_ARGS__)
FIELD_TABLE(SERVICE_RESPONSE, struct service_response,
    R(name, .help = "the name"),
    R(provider, .help = "the providers", .table = &PROVIDER_RESPONSE),
    R(capability, .help = "what the service can do", .table = &CAPABILITY_RESPONSE),
    R(jobid, .help = "the pending job", .no_effect = "operators poll the job itself"),
    R(jobstatus, .help = "the status of that job", .no_effect = "operators poll the job itself"));
#undef R

struct element_response {
    const char *id, *nspid, *account, *projectid, *project, *domainid, *domain, *domainpath, *jobid;
    struct opt_bool enabled;
    struct opt_int jobstatus;
};
#define R(member, ...) FIELD(struct element_response, member, __VA_ARGS__)
FIELD_TABLE(ELEMENT_RESPONSE, struct element_response,
    R(id, .help = "the id of the object"),
    R(nspid, .help = "the provider"),
    R(enabled, .help = "whether it may be used"),
    R(account, .help = "the account", .no_effect = "it belongs to the cloud"),
    R(projectid, .help = "the project", .no_effect = "it belongs to the cloud"),
    R(project, .help = "the name of the project", .no_effect = "it belongs to the cloud"),
    R(domainid, .help = "the tenant domain", .no_effect = "it belongs to the cloud"),
    R(domain, .help = "the name of the tenant domain", .no_effect = "it belongs to the cloud"),
    R(domainpath, .since = "4.19.2.0", .help = "the path of the tenant domain",
      .no_effect = "it belongs to the cloud"),
    R(jobid, .help = "the pending job", .no_effect = "operators poll the job itself"),
    R(jobstatus, .help = "the status of that job", .no_effect = "operators poll the job itself"));
#undef R

struct add_provider_args {
    struct object_ref destinationphysicalnetworkid, physicalnetworkid;
    const char *name;
    struct string_list servicelist;
};
#define P(member, ...) FIELD(struct add_provider_args, member, __VA_ARGS__)
FIELD_TABLE(ADD_PROVIDER_PARAMS, struct add_provider_args,
    P(destinationphysicalnetworkid, .refers_to = "physical_network",
      .help = "the physical network that the provider bridges to"),
    P(name, .flags = FIELD_REQUIRED, .help = "the name"),
    P(physicalnetworkid, .flags = FIELD_REQUIRED, .refers_to = "physical_network", .help = "the physical network"),
    P(servicelist, .help = "the services that the provider offers here"));
#undef P

struct list_providers_args {
    const char *name, *state;
    struct object_ref physicalnetworkid;
};
#define P(member, ...) FIELD(struct list_providers_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_PROVIDERS_PARAMS, struct list_providers_args,
    P(name, .help = "the name"),
    P(physicalnetworkid, .refers_to = "physical_network", .help = "the physical network"),
    P(state, .help = "the state"));
#undef P

struct update_provider_args {
    struct object_ref id;
    struct string_list servicelist;
    const char *state;
};
#define P(member, ...) FIELD(struct update_provider_args, member, __VA_ARGS__)
FIELD_TABLE(UPDATE_PROVIDER_PARAMS, struct update_provider_args,
    P(id, .flags = FIELD_REQUIRED, .refers_to = "network_provider", .help = "the id of the object"),
    P(servicelist, .help = "the services that the provider offers here"),
    P(state, .help = "the state"));
#undef P

struct delete_provider_args {
    struct object_ref id;
};
#define P(member, ...) FIELD(struct delete_provider_args, member, __VA_ARGS__)
FIELD_TABLE(DELETE_PROVIDER_PARAMS, struct delete_provider_args,
    P(id, .flags = FIELD_REQUIRED, .refers_to = "network_provider", .help = "the id of the object"));
#undef P

struct list_elements_args {
    struct opt_bool enabled;
    struct object_ref id, nspid;
};
#define P(member, ...) FIELD(struct list_elements_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_ELEMENTS_PARAMS, struct list_elements_args,
    P(enabled, .help = "whether it may be used"),
    P(id, .refers_to = "virtual_router_element", .help = "the id of the object"),
    P(nspid, .refers_to = "network_provider", .help = "the provider"));
#undef P

struct configure_element_args {
    struct opt_bool enabled;
    struct object_ref id;
};
#define P(member, ...) FIELD(struct configure_element_args, member, __VA_ARGS__)
FIELD_TABLE(CONFIGURE_ELEMENT_PARAMS, struct configure_element_args,
    P(enabled, .flags = FIELD_REQUIRED, .help = "whether it may be used"),
    P(id, .flags = FIELD_REQUIRED, .refers_to = "virtual_router_element", .help = "the id of the object"));
#undef P

struct list_services_args {
    const char *provider, *service;
};
#define P(member, ...) FIELD(struct list_services_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_SERVICES_PARAMS, struct list_services_args,
    P(provider, .help = "the providers"),
    P(service, .help = "the services"));
#undef P

/* ---- replies ---- */

static struct string_list words(struct arena *arena, const char *text)
{
    struct string_list list = {.items = NULL};
    list.items = string_split(arena, text ? text : "", ',', &list.count);
    return list;
}

static bool fill_provider(struct api_call *call, const struct network_provider *row, struct provider_response *out,
                          struct error *err)
{
    const struct physical_network *physical = NULL, *destination = NULL;
    if (!physical_network_find(call->db, call->arena, row->physical_network_id, NULL, &physical, err) ||
        (row->destination_physical_network_id != 0 &&
         !physical_network_find(call->db, call->arena, row->destination_physical_network_id, NULL, &destination, err)))
        return false;
    *out = (struct provider_response){.id = row->uuid,
                                      .name = row->name,
                                      .state = row->state,
                                      .physicalnetworkid = physical ? physical->uuid : NULL,
                                      .destinationphysicalnetworkid = destination ? destination->uuid : NULL,
                                      .servicelist = words(call->arena, row->services),
                                      .canenableindividualservice = OPT_BOOL(true)};
    return true;
}

static bool fill_element(struct api_call *call, const struct virtual_router_element *row, struct element_response *out,
                         struct error *err)
{
    const struct network_provider *provider = NULL;
    if (!network_provider_find(call->db, call->arena, row->provider_id, NULL, &provider, err))
        return false;
    *out = (struct element_response){
        .id = row->uuid, .nspid = provider ? provider->uuid : NULL, .enabled = OPT_BOOL(row->enabled)};
    return true;
}

/* find and describe of the two kinds whose rows are cached. */
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
KIND_FUNCTIONS(provider, network_provider, provider_response, name)
KIND_FUNCTIONS(element, virtual_router_element, element_response, uuid)

const struct object_kind NETWORK_PROVIDER_KIND = {.name = "network_provider",
                                                  .wire_type = "NetworkServiceProvider",
                                                  .object_key = "networkserviceprovider",
                                                  .response = &PROVIDER_RESPONSE,
                                                  .find = find_provider,
                                                  .describe = describe_provider};
const struct object_kind ROUTER_ELEMENT_KIND = {.name = "virtual_router_element",
                                                .wire_type = "VirtualRouterElement",
                                                .object_key = "virtualrouterelement",
                                                .response = &ELEMENT_RESPONSE,
                                                .find = find_element,
                                                .describe = describe_element};

/* ---- services ---- */

static const char *chosen_value(const struct pair_list *chosen, const char *name)
{
    for (size_t i = 0; i < chosen->count; i++)
        if (string_equal_ignoring_case(chosen->items[i].name, name))
            return chosen->items[i].value;
    return NULL;
}

/* What a service can do; an offering's choices stand in place of what can be chosen. */
static struct object_list capability_list(struct arena *arena, const struct network_service_info *service,
                                          const struct pair_list *chosen)
{
    struct capability_response *items = arena_array(arena, COUNT_OF(service->capabilities), sizeof(*items));
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(service->capabilities) && service->capabilities[i].name; i++) {
        const char *name = service->capabilities[i].name;
        const char *value = chosen_value(chosen, arena_printf(arena, "%s.%s", service->name, name));
        items[count++] =
            (struct capability_response){.name = name,
                                         .value = value ? value : service->capabilities[i].value,
                                         .canchooseservicecapability = OPT_BOOL(service->capabilities[i].can_choose)};
    }
    return (struct object_list){.items = items, .count = count, .set = count > 0};
}

static struct object_list provider_list(struct arena *arena, const char *providers)
{
    struct string_list names = words(arena, providers);
    struct provider_response *items = arena_array(arena, names.count + 1, sizeof(*items));
    for (size_t i = 0; i < names.count; i++)
        items[i] = (struct provider_response){.name = names.items[i]};
    return (struct object_list){.items = items, .count = names.count, .set = true};
}

struct object_list network_service_list(struct arena *arena, const struct network_offering *offering,
                                        bool with_providers)
{
    size_t count;
    const struct offered_service *services = network_offering_services(arena, offering, &count);
    const struct pair_list chosen = reply_pairs_of(arena, offering->capabilities);
    struct service_response *items = arena_array(arena, count + 1, sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct service_response){
            .name = services[i].name,
            .capability = capability_list(arena, network_service_find(services[i].name), &chosen)};
        if (with_providers)
            items[i].provider = provider_list(arena, services[i].providers);
    }
    return (struct object_list){.items = items, .count = count, .set = true};
}

static bool handle_list_services(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_services_args *args = arguments;
    struct service_response *items = arena_array(call->arena, NETWORK_SERVICES_MAX, sizeof(*items));
    struct page_pick pick = {.page = &call->page};
    const struct pair_list none = {.count = 0};
    (void)err;
    for (size_t i = 0; i < NETWORK_SERVICES_MAX; i++) {
        const struct network_service_info *service = &NETWORK_SERVICES[i];
        if ((!args->service || string_equal_ignoring_case(args->service, service->name)) &&
            (!args->provider || network_list_has(service->providers, args->provider)) &&
            page_keyword_matches(&call->page, service->name) && page_pick(&pick))
            items[pick.taken - 1] =
                (struct service_response){.name = service->name,
                                          .provider = provider_list(call->arena, service->providers),
                                          .capability = capability_list(call->arena, service, &none)};
    }
    api_reply_list(call, items, pick.taken, pick.total);
    return true;
}

/* ---- providers ---- */

struct new_provider {
    struct api_call *call;
    const struct network_provider *wish;
    char uuid[40];
    struct job_ref job;
};

static bool add_provider(struct db *db, void *context, struct error *err)
{
    struct new_provider *new = context;
    struct physical_job_input input = {.id = 0};
    struct job_stamp stamp = api_stamp(new->call);
    struct job_target target = {.object_kind = "network_provider", .object_uuid = new->uuid};
    if (!network_provider_create(db, new->call->arena, new->wish, &input.id, new->uuid, err))
        return false;
    target.object_id = input.id;
    return job_create(db, &NETWORK_PROVIDER_ADD, &input, &target, &stamp, &new->job, err);
}

static bool handle_add(struct api_call *call, const void *arguments, struct error *err)
{
    const struct add_provider_args *args = arguments;
    const struct network_provider wish = {.name = args->name, .physical_network_id = args->physicalnetworkid.id,
                                          .destination_physical_network_id = args->destinationphysicalnetworkid.id,
                                          .services = reply_joined(call->arena, &args->servicelist)};
    struct new_provider new = {.call = call, .wish = &wish};
    if (!db_transaction(call->db, add_provider, &new, err))
        return false;
    api_reply_job(call, &new.job, arena_strdup(call->arena, new.uuid));
    return true;
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_providers_args *args = arguments;
    const struct network_provider *rows = NULL;
    size_t count = 0;
    struct page_pick pick = {.page = &call->page};
    if (!network_provider_all(call->db, call->arena, &rows, &count, err))
        return false;
    struct provider_response *objects = arena_array(call->arena, page_room(&call->page, count) + 1, sizeof(*objects));
    for (size_t i = 0; i < count; i++) {
        bool wanted = (args->physicalnetworkid.id == 0 || args->physicalnetworkid.id == rows[i].physical_network_id) &&
                      (!args->name || string_equal_ignoring_case(args->name, rows[i].name)) &&
                      (!args->state || string_equal_ignoring_case(args->state, rows[i].state)) &&
                      page_keyword_matches(&call->page, rows[i].name);
        if (wanted && page_pick(&pick) && !fill_provider(call, &rows[i], &objects[pick.taken - 1], err))
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
    const struct update_provider_args *args = arguments;
    const struct physical_job_input input = {
        .id = args->id.id, .state = args->state, .services = reply_joined(call->arena, &args->servicelist)};
    return start(call, &NETWORK_PROVIDER_UPDATE, &input, "network_provider", &args->id, err);
}

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_provider_args *args = arguments;
    const struct physical_job_input input = {.id = args->id.id};
    return start(call, &NETWORK_PROVIDER_DELETE, &input, "network_provider", &args->id, err);
}

/* ---- virtual router elements ---- */

static bool handle_list_elements(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_elements_args *args = arguments;
    const struct virtual_router_element *rows = NULL;
    size_t count = 0;
    struct page_pick pick = {.page = &call->page};
    if (!virtual_router_element_all(call->db, call->arena, &rows, &count, err))
        return false;
    struct element_response *objects = arena_array(call->arena, page_room(&call->page, count) + 1, sizeof(*objects));
    for (size_t i = 0; i < count; i++) {
        bool wanted = (args->id.id == 0 || args->id.id == rows[i].id) &&
                      (args->nspid.id == 0 || args->nspid.id == rows[i].provider_id) &&
                      (!args->enabled.set || args->enabled.value == rows[i].enabled) &&
                      page_keyword_matches(&call->page, rows[i].uuid);
        if (wanted && page_pick(&pick) && !fill_element(call, &rows[i], &objects[pick.taken - 1], err))
            return false;
    }
    api_reply_list(call, objects, pick.taken, pick.total);
    return true;
}

static bool handle_configure(struct api_call *call, const void *arguments, struct error *err)
{
    const struct configure_element_args *args = arguments;
    const struct physical_job_input input = {.id = args->id.id, .enabled = args->enabled};
    return start(call, &ROUTER_ELEMENT_CONFIGURE, &input, "virtual_router_element", &args->id, err);
}

const struct api_command NETWORK_PROVIDER_COMMANDS[] = {
    {.name = "addNetworkServiceProvider",
     .summary = "Adds a service provider to a physical network.",
     .since = "3.0.0",
     .object_key = "networkserviceprovider",
     .event = "SERVICE.PROVIDER.CREATE",
     .mode = API_ASYNC,
     .flags = API_CREATES,
     .roles = ROLE_ADMIN,
     .params = &ADD_PROVIDER_PARAMS,
     .response = &PROVIDER_RESPONSE,
     .handle = handle_add,
     .group = "Network"},
    {.name = "listNetworkServiceProviders",
     .summary = "Lists the service providers of physical networks.",
     .since = "3.0.0",
     .object_key = "networkserviceprovider",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN,
     .params = &LIST_PROVIDERS_PARAMS,
     .response = &PROVIDER_RESPONSE,
     .handle = handle_list,
     .group = "Network"},
    {.name = "updateNetworkServiceProvider",
     .summary = "Enables, disables or changes a service provider.",
     .since = "3.0.0",
     .object_key = "networkserviceprovider",
     .event = "SERVICE.PROVIDER.UPDATE",
     .mode = API_ASYNC,
     .roles = ROLE_ADMIN,
     .params = &UPDATE_PROVIDER_PARAMS,
     .response = &PROVIDER_RESPONSE,
     .handle = handle_update,
     .group = "Network"},
    {.name = "deleteNetworkServiceProvider",
     .summary = "Removes a service provider that no network uses.",
     .since = "3.0.0",
     .event = "SERVICE.PROVIDER.DELETE",
     .mode = API_ASYNC,
     .roles = ROLE_ADMIN,
     .params = &DELETE_PROVIDER_PARAMS,
     .handle = handle_delete,
     .group = "Network"},
    {.name = "listVirtualRouterElements",
     .summary = "Lists the elements of the virtual router providers.",
     .object_key = "virtualrouterelement",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN | ROLE_DOMAIN_ADMIN,
     .params = &LIST_ELEMENTS_PARAMS,
     .response = &ELEMENT_RESPONSE,
     .handle = handle_list_elements,
     .group = "Router"},
    {.name = "configureVirtualRouterElement",
     .summary = "Enables or disables a virtual router element.",
     .object_key = "virtualrouterelement",
     .event = "NETWORK.ELEMENT.CONFIGURE",
     .mode = API_ASYNC,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN | ROLE_DOMAIN_ADMIN,
     .params = &CONFIGURE_ELEMENT_PARAMS,
     .response = &ELEMENT_RESPONSE,
     .handle = handle_configure,
     .group = "Router"},
    {.name = "listSupportedNetworkServices",
     .summary = "Lists the network services and who may provide them.",
     .since = "3.0.0",
     .object_key = "networkservice",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN,
     .params = &LIST_SERVICES_PARAMS,
     .response = &SERVICE_RESPONSE,
     .handle = handle_list_services,
     .group = "Network"},
    {.name = NULL},
};
