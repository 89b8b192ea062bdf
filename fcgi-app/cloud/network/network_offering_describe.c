/* Network offerings as replies show them. */
#include <string.h>

#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/network/network_api.h"

struct network_offering_response {
    const char *id, *name, *displaytext, *tags, *traffictype, *availability, *state, *guestiptype,
        *serviceofferingid, *networkmode, *domainid, *domain, *zoneid, *zone, *internetprotocol, *routingmode, *jobid;
    struct opt_time created;
    struct opt_bool isdefault, specifyvlan, conservemode, specifyipranges, forvpc, fornsx, fortungsten, ispersistent,
        egressdefaultpolicy, supportsstrechedl2subnet, supportspublicaccess, supportsinternallb, specifyasnumber,
        hasannotations;
    struct opt_int networkrate, maxconnections, jobstatus;
    struct object_list service;
    struct pair_list details;
};
#define R(member, ...) FIELD(struct network_offering_response, member, __VA_ARGS__)
FIELD_TABLE(NETWORK_OFFERING_RESPONSE, struct network_offering_response,
    R(id, .help = "the id of the object"),
    R(name, .help = "the name"),
    R(displaytext, .help = "the text that people see"),
    R(tags, .help = "the tags"),
    R(created, .help = "when it was made"),
    R(traffictype, .help = "the traffic type: Guest, Public, Management or Storage"),
    R(isdefault, .help = "made by the cloud itself"),
    R(specifyvlan, .help = "a VLAN is named with each network"),
    R(conservemode, .help = "one public address may serve several purposes"),
    R(specifyipranges, .help = "addresses are named with each network"),
    R(availability, .help = "Optional or Required"),
    R(networkrate, .help = "the rate in megabits a second"),
    R(state, .help = "the state"),
    R(guestiptype, .help = "Isolated, Shared or L2"),
    R(serviceofferingid, .help = "the service offering of the routers, empty for none: clients read it always"),
    R(service, .help = "the services", .table = &SERVICE_RESPONSE),
    R(forvpc, .help = "for tiers of a VPC"),
    R(fornsx, .help = "for an NSX provider"),
    R(fortungsten, .help = "for a Tungsten provider"),
    R(networkmode, .help = "NATTED or ROUTED"),
    R(ispersistent, .help = "stays up without instances"),
    R(details, .since = "4.2.0", .help = "further details"),
    R(egressdefaultpolicy, .help = "true: instances may reach out unless a rule forbids it"),
    R(maxconnections, .help = "the most connections of the balancer"),
    R(supportsstrechedl2subnet, .since = "4.4", .help = "the network may span zones"),
    R(supportspublicaccess, .since = "4.10.0", .help = "public addresses may be reached"),
    R(supportsinternallb, .since = "4.20.0", .help = "it offers internal load balancing"),
    R(domainid, .help = "the tenant domain"),
    R(domain, .help = "the name of the tenant domain"),
    R(zoneid, .since = "4.13.0", .help = "the zone"),
    R(zone, .since = "4.13.0", .help = "the names of the zones"),
    R(internetprotocol, .help = "IPv4 or DualStack"),
    R(specifyasnumber, .help = "an AS number is named with each network"),
    R(routingmode, .help = "Static or Dynamic"),
    R(hasannotations, .help = "operators left remarks"),
    R(jobid, .help = "the pending job", .no_effect = "offerings are changed at once"),
    R(jobstatus, .help = "the status of that job", .no_effect = "offerings are changed at once"));
#undef R

static bool fill(struct api_call *call, const struct network_offering *row, struct network_offering_response *out,
                 struct error *err)
{
    struct places_text places;
    const struct service_offering *routers = NULL;
    if (!places_describe(call->db, call->arena, (struct offering_places){row->domain_ids, row->zone_ids}, &places,
                         err) ||
        (row->service_offering_id &&
         !service_offering_find_any(call->db, call->arena, row->service_offering_id, &routers, err)))
        return false;
    *out = (struct network_offering_response){
        .id = row->uuid,
        .name = row->name,
        .displaytext = row->display_text,
        .tags = row->tags,
        .created = row->created,
        .traffictype = row->traffic_type,
        .isdefault = OPT_BOOL(row->is_default),
        .specifyvlan = OPT_BOOL(row->specify_vlan),
        .conservemode = OPT_BOOL(row->conserve_mode),
        .specifyipranges = OPT_BOOL(row->specify_ip_ranges),
        .availability = row->availability,
        .state = row->state,
        .guestiptype = row->guest_type,
        .networkrate = {.value = row->network_rate_mbits, .set = row->network_rate_mbits > 0},
        .serviceofferingid = routers ? routers->uuid : "",
        .service = network_service_list(call->arena, row, true),
        .forvpc = OPT_BOOL(row->for_vpc),
        .fornsx = OPT_BOOL(false),
        .fortungsten = OPT_BOOL(false),
        .networkmode = row->network_mode,
        .ispersistent = OPT_BOOL(row->is_persistent),
        .details = reply_pairs_of(call->arena, row->details),
        .egressdefaultpolicy = OPT_BOOL(row->egress_allow),
        .maxconnections = {.value = row->max_connections, .set = row->max_connections > 0},
        .supportsstrechedl2subnet = OPT_BOOL(false),
        .supportspublicaccess = OPT_BOOL(false),
        .supportsinternallb = OPT_BOOL(strstr(row->services ? row->services : "", "Lb=InternalLbVm") != NULL),
        .domainid = places.domain_ids,
        .domain = places.domain_names,
        .zoneid = places.zone_ids,
        .zone = places.zone_names,
        .internetprotocol = row->internet_protocol ? row->internet_protocol : "IPv4",
        .specifyasnumber = OPT_BOOL(false),
        .routingmode = row->routing_mode,
        .hasannotations = OPT_BOOL(false)};
    return true;
}

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    struct network_offering_response *objects = ret_objects;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct network_offering *row = NULL;
        if (!network_offering_find_any(call->db, call->arena, ids[i], &row, err) ||
            (row && !fill(call, row, &objects[(*ret_count)++], err)))
            return false;
    }
    return true;
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    const struct network_offering *row = NULL;
    if (!network_offering_store_find(db, arena, 0, uuid, &row, err))
        return false;
    *ret_exists = row && !row->removed.set;
    if (!*ret_exists)
        return true;
    *ret_found = (struct object_found){.id = row->id, .visibility = OBJECT_SHARED, .name = row->name};
    return places_common_path(db, arena, (struct offering_places){row->domain_ids, row->zone_ids},
                              &ret_found->owner_domain_path, err);
}

const struct object_kind NETWORK_OFFERING_KIND = {.name = "network_offering",
                                                  .wire_type = "NetworkOffering",
                                                  .object_key = "networkoffering",
                                                  .response = &NETWORK_OFFERING_RESPONSE,
                                                  .find = find,
                                                  .describe = describe};

bool network_offering_reply_list(struct api_call *call, const struct network_offering *const *rows, size_t count,
                                 struct error *err)
{
    struct page_pick pick = {.page = &call->page};
    struct network_offering_response *objects =
        arena_array(call->arena, page_room(&call->page, count) + 1, sizeof(*objects));
    for (size_t i = 0; i < count; i++)
        if (page_pick(&pick) && !fill(call, rows[i], &objects[pick.taken - 1], err))
            return false;
    api_reply_list(call, objects, pick.taken, pick.total);
    return true;
}
