/* Commands of network offerings. Rules are in network_offering_service.c. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/network/network_api.h"

static const char *const PROTOCOLS[] = {"IPv4", "IPv6", "DualStack", NULL};
static const char *const MODES[] = {"NATTED", "ROUTED", NULL};
static const char *const ROUTINGS[] = {"Static", "Dynamic", NULL};

struct create_offering_args {
    const char *availability, *displaytext, *guestiptype, *internetprotocol, *name, *networkmode, *provider,
        *routingmode, *tags, *traffictype;
    struct opt_bool conservemode, egressdefaultpolicy, enable, fornsx, fortungsten, forvpc, ispersistent,
        keepaliveenabled, nsxsupportlb, nsxsupportsinternallb, specifyasnumber, specifyipranges, specifyvlan;
    struct map_list details, servicecapabilitylist, serviceproviderlist;
    struct ref_list domainid, zoneid;
    struct opt_int maxconnections, networkrate;
    struct object_ref serviceofferingid;
    struct string_list supportedservices;
};
#define P(member, ...) FIELD(struct create_offering_args, member, __VA_ARGS__)
FIELD_TABLE(CREATE_OFFERING_PARAMS, struct create_offering_args,
    P(availability, .help = "Optional or Required"),
    P(conservemode, .help = "one public address may serve several purposes"),
    P(details, .since = "4.2.0", .help = "further details"),
    P(displaytext, .help = "the text that people see"),
    P(domainid, .refers_to = "domain", .help = "the tenant domain"),
    P(egressdefaultpolicy, .help = "true: instances may reach out unless a rule forbids it"),
    P(enable, .since = "4.16", .help = "offers it at once"),
    P(fornsx, .since = "4.20.0", .help = "for an NSX provider", .no_effect = "there is no NSX provider"),
    P(fortungsten, .help = "for a Tungsten provider", .no_effect = "there is no Tungsten provider"),
    P(forvpc, .help = "for tiers of a VPC"),
    P(guestiptype, .flags = FIELD_REQUIRED, .help = "Isolated, Shared or L2"),
    P(internetprotocol, .choices = PROTOCOLS, .since = "4.17.0", .help = "IPv4 or DualStack"),
    P(ispersistent, .help = "stays up without instances"),
    P(keepaliveenabled, .help = "the balancer keeps connections alive",
      .no_effect = "there are no load balancers"),
    P(maxconnections, .flags = FIELD_POSITIVE, .help = "the most connections of the balancer"),
    P(name, .flags = FIELD_REQUIRED, .help = "the name"),
    P(networkmode, .choices = MODES, .since = "4.20.0", .help = "NATTED or ROUTED"),
    P(networkrate, .max = INT32_MAX, .help = "the rate in megabits a second"),
    P(nsxsupportlb, .since = "4.20.0", .help = "NSX offers load balancing", .no_effect = "there is no NSX provider"),
    P(nsxsupportsinternallb, .since = "4.20.0", .help = "NSX offers internal load balancing",
      .no_effect = "there is no NSX provider"),
    P(provider, .since = "4.21.0", .help = "the providers", .no_effect = "providers are named per service"),
    P(routingmode, .choices = ROUTINGS, .since = "4.20.0", .help = "Static or Dynamic"),
    P(servicecapabilitylist, .help = "chosen capabilities of services"),
    P(serviceofferingid, .refers_to = "service_offering", .help = "the service offering of the routers"),
    P(serviceproviderlist, .help = "which provider offers which service"),
    P(specifyasnumber, .since = "4.20.0", .help = "an AS number is named with each network",
      .no_effect = "there are no BGP peers"),
    P(specifyipranges, .help = "addresses are named with each network"),
    P(specifyvlan, .help = "a VLAN is named with each network"),
    P(supportedservices, .help = "the services"),
    P(tags, .max = 4096, .help = "the tags"),
    P(traffictype, .flags = FIELD_REQUIRED, .help = "the traffic type: Guest, Public, Management or Storage"),
    P(zoneid, .refers_to = "zone", .since = "4.13", .help = "the zone"));
#undef P

struct list_offerings_args {
    const char *availability, *displaytext, *guestiptype, *name, *routingmode, *state, *tags, *traffictype;
    struct object_ref domainid, id, networkid, zoneid;
    struct opt_bool forvpc, isdefault, istagged, sourcenatsupported, specifyipranges, specifyvlan;
    struct string_list supportedservices;
};
#define P(member, ...) FIELD(struct list_offerings_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_OFFERINGS_PARAMS, struct list_offerings_args,
    P(availability, .help = "Optional or Required"),
    P(displaytext, .help = "the text that people see"),
    P(domainid, .refers_to = "domain", .since = "4.13", .help = "the tenant domain"),
    P(forvpc, .help = "for tiers of a VPC"),
    P(guestiptype, .help = "Isolated, Shared or L2"),
    P(id, .refers_to = "network_offering", .help = "the id of the object"),
    P(isdefault, .help = "made by the cloud itself"),
    P(istagged, .help = "only those with tags"),
    P(name, .help = "the name"),
    P(networkid, .refers_to = "network", .help = "the network"),
    P(routingmode, .since = "4.20.0", .help = "Static or Dynamic"),
    P(sourcenatsupported, .help = "only those with, or without, source NAT"),
    P(specifyipranges, .help = "addresses are named with each network"),
    P(specifyvlan, .help = "a VLAN is named with each network"),
    P(state, .help = "the state"),
    P(supportedservices, .help = "the services"),
    P(tags, .max = 4096, .help = "the tags"),
    P(traffictype, .help = "the traffic type: Guest, Public, Management or Storage"),
    P(zoneid, .refers_to = "zone", .help = "the zone"));
#undef P

struct update_offering_args {
    const char *availability, *displaytext, *domainid, *name, *state, *tags, *zoneid;
    struct object_ref id;
    struct opt_bool keepaliveenabled;
    struct opt_int maxconnections, sortkey;
};
#define P(member, ...) FIELD(struct update_offering_args, member, __VA_ARGS__)
FIELD_TABLE(UPDATE_OFFERING_PARAMS, struct update_offering_args,
    P(availability, .help = "Optional or Required"),
    P(displaytext, .help = "the text that people see"),
    P(domainid, .help = "the tenant domain"),
    P(id, .refers_to = "network_offering", .help = "the id of the object"),
    P(keepaliveenabled, .help = "the balancer keeps connections alive",
      .no_effect = "there are no load balancers"),
    P(maxconnections, .flags = FIELD_POSITIVE, .help = "the most connections of the balancer"),
    P(name, .help = "the name"),
    P(sortkey, .help = "the place in lists"),
    P(state, .help = "the state"),
    P(tags, .max = 4096, .help = "the tags"),
    P(zoneid, .max = 4096, .since = "4.13", .help = "the zone"));
#undef P

struct delete_offering_args {
    struct object_ref id;
};
#define P(member, ...) FIELD(struct delete_offering_args, member, __VA_ARGS__)
FIELD_TABLE(DELETE_OFFERING_PARAMS, struct delete_offering_args,
    P(id, .flags = FIELD_REQUIRED, .refers_to = "network_offering", .help = "the id of the object"));
#undef P

/* ---- createNetworkOffering ---- */

static const char *map_value(const struct map_list *map, uint32_t index, const char *field)
{
    for (size_t i = 0; i < map->count; i++)
        if (map->entries[i].index == index && string_equal_ignoring_case(map->entries[i].field, field))
            return map->entries[i].value;
    return NULL;
}

/* serviceproviderlist[i].service/.provider; a service that is only among supportedservices gets its first provider. */
static const char *read_services(struct api_call *call, const struct create_offering_args *args)
{
    struct text list;
    text_init(&list, call->arena, 8192);
    for (size_t i = 0; i < args->serviceproviderlist.count; i++) {
        const struct map_entry *entry = &args->serviceproviderlist.entries[i];
        const char *provider = map_value(&args->serviceproviderlist, entry->index, "provider");
        if (!string_equal_ignoring_case(entry->field, "service") || !provider)
            continue;
        const struct network_service_info *service = network_service_find(entry->value);
        const char *word = network_provider_word(provider);
        text_addf(&list, "%s%s=%s", list.length > 0 ? "," : "", service ? service->name : entry->value,
                  word ? word : provider);
    }
    for (size_t i = 0; i < args->supportedservices.count; i++) {
        const struct network_service_info *service = network_service_find(args->supportedservices.items[i]);
        const struct network_offering so_far = {.services = text_string(&list)};
        if (service && network_offering_has(&so_far, service->name))
            continue;
        const char *providers = service ? service->providers : "";
        text_addf(&list, "%s%s=%.*s", list.length > 0 ? "," : "",
                  service ? service->name : args->supportedservices.items[i], (int)strcspn(providers, ","), providers);
    }
    return list.length > 0 ? text_string(&list) : NULL;
}

static const char *read_capabilities(struct api_call *call, const struct map_list *map)
{
    struct pair_list pairs = {.items = arena_array(call->arena, map->count + 1, sizeof(struct pair))};
    for (size_t i = 0; i < map->count; i++) {
        const char *type = map_value(map, map->entries[i].index, "capabilitytype"),
                   *value = map_value(map, map->entries[i].index, "capabilityvalue");
        if (string_equal_ignoring_case(map->entries[i].field, "service") && type && value)
            pairs.items[pairs.count++] =
                (struct pair){arena_printf(call->arena, "%s.%s", map->entries[i].value, type), value};
    }
    return reply_pairs_text(call->arena, &pairs);
}

static bool handle_create(struct api_call *call, const void *arguments, struct error *err)
{
    const struct create_offering_args *args = arguments;
    struct pair_list details = reply_pairs(call->arena, &args->details);
    bool shared = string_equal_ignoring_case(args->guestiptype, "Shared");
    int64_t id = 0;
    const struct network_offering wish = {
        .name = args->name,
        .display_text = args->displaytext ? args->displaytext : args->name,
        .traffic_type = args->traffictype,
        .guest_type = args->guestiptype,
        .availability = args->availability ? args->availability : "Optional",
        .state = args->enable.value ? "Enabled" : "Disabled",
        .tags = args->tags,
        .internet_protocol = args->internetprotocol,
        .routing_mode = args->routingmode,
        .network_mode = args->networkmode,
        .network_rate_mbits = args->networkrate.value,
        .max_connections = args->maxconnections.value,
        .service_offering_id = args->serviceofferingid.id,
        .specify_vlan = args->specifyvlan.set ? args->specifyvlan.value : shared,
        .specify_ip_ranges = args->specifyipranges.set ? args->specifyipranges.value : shared,
        .conserve_mode = !args->conservemode.set || args->conservemode.value,
        .for_vpc = args->forvpc.value,
        .is_persistent = args->ispersistent.value,
        .egress_allow = args->egressdefaultpolicy.set ? args->egressdefaultpolicy.value
                                                      : !string_equal_ignoring_case(args->guestiptype, "Isolated"),
        .services = read_services(call, args),
        .domain_ids = places_of_refs(call->arena, &args->domainid),
        .zone_ids = places_of_refs(call->arena, &args->zoneid),
        .details = reply_pairs_text(call->arena, &details),
        .capabilities = read_capabilities(call, &args->servicecapabilitylist)};
    return network_offering_create(call->db, call->arena, &wish, &id, err) &&
           reply_described(call, &NETWORK_OFFERING_KIND, id, false, err);
}

/* ---- listNetworkOfferings ---- */

static bool has_services(const struct network_offering *row, const struct string_list *services)
{
    for (size_t i = 0; i < services->count; i++)
        if (!network_offering_has(row, services->items[i]))
            return false;
    return true;
}

static bool flag_fits(struct opt_bool wanted, bool value)
{
    return !wanted.set || wanted.value == value;
}

static bool text_fits(const char *wanted, const char *value)
{
    return !wanted || string_equal_ignoring_case(wanted, value);
}

static bool matches(const struct list_offerings_args *args, const struct list_page *page,
                    const struct network_offering *row)
{
    return !row->removed.set && (args->id.id == 0 || args->id.id == row->id) && text_fits(args->name, row->name) &&
           text_fits(args->displaytext, row->display_text) && text_fits(args->availability, row->availability) &&
           text_fits(args->guestiptype, row->guest_type) && text_fits(args->state, row->state) &&
           text_fits(args->tags, row->tags) && text_fits(args->traffictype, row->traffic_type) &&
           text_fits(args->routingmode, row->routing_mode) && flag_fits(args->forvpc, row->for_vpc) &&
           flag_fits(args->isdefault, row->is_default) && flag_fits(args->istagged, row->tags != NULL) &&
           flag_fits(args->specifyipranges, row->specify_ip_ranges) &&
           flag_fits(args->specifyvlan, row->specify_vlan) &&
           flag_fits(args->sourcenatsupported, network_offering_has(row, "SourceNat")) &&
           has_services(row, &args->supportedservices) && page_keyword_matches(page, row->name);
}

/* Tenants see what is enabled and offered to them; `network` narrows to what it could be changed to. */
static bool may_see(struct api_call *call, const struct list_offerings_args *args, const struct network *network,
                    const struct network_offering *row, bool *ret_may, struct error *err)
{
    struct offering_places places = {row->domain_ids, row->zone_ids};
    bool root = caller_is_root_admin(call->caller);
    *ret_may = (root || string_equal(row->state, "Enabled")) &&
               (!network || string_equal(network->guest_type, row->guest_type));
    if (root && args->zoneid.id == 0 && args->domainid.id == 0)
        return true;
    if (root && args->domainid.id == 0)
        places.domain_ids = NULL;
    bool allowed = false;
    const char *path = call->caller->domain_path;
    int64_t unused;
    if (args->domainid.uuid && !api_identity_hooks()->find_domain(call, args->domainid.uuid, &unused, &path, err))
        return false;
    if (!places_allow(call->db, call->arena, places, path, args->zoneid.id, &allowed, err))
        return false;
    *ret_may = *ret_may && allowed;
    return true;
}

static int by_sort_key(const void *a, const void *b)
{
    const struct network_offering *const *left = a, *const *right = b;
    if ((*left)->sort_key != (*right)->sort_key)
        return (*left)->sort_key < (*right)->sort_key ? -1 : 1;
    return (*left)->id < (*right)->id ? -1 : (*left)->id > (*right)->id;
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_offerings_args *args = arguments;
    const struct network_offering *rows = NULL;
    struct network *network = NULL;
    size_t count = 0, matching = 0;
    if (!network_offering_store_all(call->db, call->arena, &rows, &count, err) ||
        (args->networkid.id != 0 && !network_find(call->db, call->arena, args->networkid.id, &network, err)))
        return false;
    const struct network_offering **found = arena_array(call->arena, count + 1, sizeof(const void *));
    for (size_t i = 0; i < count; i++) {
        bool wanted = matches(args, &call->page, &rows[i]);
        if (wanted && !may_see(call, args, network, &rows[i], &wanted, err))
            return false;
        if (wanted)
            found[matching++] = &rows[i];
    }
    qsort(found, matching, sizeof(*found), by_sort_key);
    return network_offering_reply_list(call, found, matching, err);
}

/* ---- updateNetworkOffering, deleteNetworkOffering ---- */

static bool handle_update(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_offering_args *args = arguments;
    const struct network_offering *before = NULL;
    if (!network_offering_find(call->db, call->arena, args->id.id, &before, err))
        return false;
    if (!before)
        return error_set(err, ERROR_INVALID_VALUE, "network.offering_gone");
    struct network_offering row = *before;
    row.name = args->name ? args->name : row.name;
    row.display_text = args->displaytext ? args->displaytext : row.display_text;
    row.availability = args->availability ? args->availability : row.availability;
    row.state =
        args->state ? (network_state_word(args->state) ? network_state_word(args->state) : args->state) : row.state;
    row.tags = args->tags ? (*args->tags ? args->tags : NULL) : row.tags;
    row.sort_key = args->sortkey.set ? args->sortkey.value : row.sort_key;
    row.max_connections = args->maxconnections.set ? args->maxconnections.value : row.max_connections;
    if ((args->domainid &&
         !places_of_text(call, "domain", "domainid", "public", args->domainid, &row.domain_ids, err)) ||
        (args->zoneid && !places_of_text(call, "zone", "zoneid", "all", args->zoneid, &row.zone_ids, err)))
        return false;
    return network_offering_update(call->db, call->arena, &row, err) &&
           reply_described(call, &NETWORK_OFFERING_KIND, row.id, false, err);
}

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_offering_args *args = arguments;
    if (!network_offering_remove(call->db, call->arena, args->id.id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

const struct api_command NETWORK_OFFERING_COMMANDS[] = {
    {.name = "createNetworkOffering",
     .summary = "Adds a network offering.",
     .since = "3.0.0",
     .object_key = "networkoffering",
     .event = "NETWORK.OFFERING.CREATE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &CREATE_OFFERING_PARAMS,
     .response = &NETWORK_OFFERING_RESPONSE,
     .handle = handle_create,
     .group = "NetworkOffering"},
    {.name = "listNetworkOfferings",
     .summary = "Lists network offerings.",
     .object_key = "networkoffering",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLES_ALL,
     .params = &LIST_OFFERINGS_PARAMS,
     .response = &NETWORK_OFFERING_RESPONSE,
     .handle = handle_list,
     .group = "NetworkOffering"},
    {.name = "updateNetworkOffering",
     .summary = "Changes a network offering.",
     .object_key = "networkoffering",
     .event = "NETWORK.OFFERING.EDIT",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &UPDATE_OFFERING_PARAMS,
     .response = &NETWORK_OFFERING_RESPONSE,
     .handle = handle_update,
     .group = "NetworkOffering"},
    {.name = "deleteNetworkOffering",
     .summary = "Removes a network offering; networks keep it.",
     .since = "3.0.0",
     .event = "NETWORK.OFFERING.DELETE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &DELETE_OFFERING_PARAMS,
     .handle = handle_delete,
     .group = "NetworkOffering"},
    {.name = NULL},
};
