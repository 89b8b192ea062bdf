/* Commands of IP ranges. Rules are in network_range_service.c. */
#include <string.h>

#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/identity/identity.h"
#include "cloud/network/network_api.h"

struct vlan_range_response {
    const char *id, *zoneid, *vlan, *podid, *podname, *description,
        *gateway, *netmask, *cidr, *startip, *endip, *networkid, *physicalnetworkid,
        *startipv6, *endipv6, *ip6gateway, *ip6cidr, *provider, *jobid;
    struct shown_owner owner;
    struct opt_bool forvirtualnetwork, forsystemvms;
    struct opt_int jobstatus;
};
#define R(member, ...) FIELD(struct vlan_range_response, member, __VA_ARGS__)
FIELD_TABLE(VLAN_RANGE_RESPONSE, struct vlan_range_response,
    R(id, .help = "the id of the object"),
    R(forvirtualnetwork, .help = "public addresses"),
    R(zoneid, .help = "the zone"),
    R(vlan, .help = "the VLAN tags or VNIs, or one of them"),
    OWNER_FIELDS(struct vlan_range_response, owner, "has it for itself"),
    OWNER_PATH_FIELD(struct vlan_range_response, owner),
    R(podid, .help = "the pod"),
    R(podname, .help = "the name of the pod"),
    R(description, .help = "a description", .no_effect = "ranges carry none"),
    R(gateway, .help = "the gateway"),
    R(netmask, .help = "the netmask"),
    R(cidr, .help = "the CIDR"),
    R(startip, .help = "the first address"),
    R(endip, .help = "the last address"),
    R(networkid, .help = "the network"),
    R(physicalnetworkid, .help = "the physical network"),
    R(startipv6, .help = "the first IPv6 address"),
    R(endipv6, .help = "the last IPv6 address"),
    R(ip6gateway, .help = "the IPv6 gateway"),
    R(ip6cidr, .help = "the IPv6 prefix"),
    R(forsystemvms, .help = "for the cloud's own machines only"),
    R(provider, .since = "4.21.0", .help = "the providers", .no_effect = "ranges belong to no outside provider"),
    R(jobid, .help = "the pending job", .no_effect = "ranges are changed at once"),
    R(jobstatus, .help = "the status of that job", .no_effect = "ranges are changed at once"));
#undef R

struct create_range_args {
    const char *account, *endip, *endipv6, *gateway, *ip6cidr, *ip6gateway, *netmask, *projectid, *provider,
        *startip, *startipv6, *vlan;
    struct object_ref domainid, networkid, physicalnetworkid, podid, zoneid;
    struct opt_bool forsystemvms, forvirtualnetwork;
};
#define P(member, ...) FIELD(struct create_range_args, member, __VA_ARGS__)
FIELD_TABLE(CREATE_RANGE_PARAMS, struct create_range_args,
    P(account, .help = "the account"),
    P(domainid, .refers_to = "domain", .help = "the tenant domain"),
    P(endip, .help = "the last address"),
    P(endipv6, .help = "the last IPv6 address"),
    P(forsystemvms, .help = "for the cloud's own machines only"),
    P(forvirtualnetwork, .help = "public addresses"),
    P(gateway, .help = "the gateway"),
    P(ip6cidr, .help = "the IPv6 prefix"),
    P(ip6gateway, .help = "the IPv6 gateway"),
    P(netmask, .help = "the netmask"),
    P(networkid, .refers_to = "network", .help = "the network"),
    P(physicalnetworkid, .refers_to = "physical_network", .help = "the physical network"),
    P(podid, .refers_to = "pod", .help = "the pod"),
    P(projectid, .help = "the project"),
    P(provider, .since = "4.21.0", .help = "the providers", .no_effect = "ranges belong to no outside provider"),
    P(startip, .help = "the first address"),
    P(startipv6, .help = "the first IPv6 address"),
    P(vlan, .help = "the VLAN tags or VNIs, or one of them"),
    P(zoneid, .refers_to = "zone", .help = "the zone"));
#undef P

struct list_ranges_args {
    const char *account, *projectid, *vlan;
    struct object_ref domainid, id, networkid, physicalnetworkid, podid, zoneid;
    struct opt_bool forvirtualnetwork;
};
#define P(member, ...) FIELD(struct list_ranges_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_RANGES_PARAMS, struct list_ranges_args,
    P(account, .help = "the account"),
    P(domainid, .refers_to = "domain", .help = "the tenant domain"),
    P(forvirtualnetwork, .help = "public addresses"),
    P(id, .refers_to = "vlan_range", .help = "the id of the object"),
    P(networkid, .refers_to = "network", .help = "the network"),
    P(physicalnetworkid, .refers_to = "physical_network", .help = "the physical network"),
    P(podid, .refers_to = "pod", .help = "the pod"),
    P(projectid, .help = "the project"),
    P(vlan, .help = "the VLAN tags or VNIs, or one of them"),
    P(zoneid, .refers_to = "zone", .help = "the zone"));
#undef P

struct delete_range_args {
    struct object_ref id;
};
#define P(member, ...) FIELD(struct delete_range_args, member, __VA_ARGS__)
FIELD_TABLE(DELETE_RANGE_PARAMS, struct delete_range_args,
    P(id, .flags = FIELD_REQUIRED, .refers_to = "vlan_range", .help = "the id of the object"));
#undef P

static bool fill(struct api_call *call, const struct ip_range *row, struct vlan_range_response *out, struct error *err)
{
    const struct zone *zone = NULL;
    const struct pod *pod = NULL;
    const struct physical_network *physical = NULL;
    struct network *network = NULL;
    struct shown_owner owner = {0};
    if (!zone_find(call->db, call->arena, row->zone_id, &zone, err) ||
        (row->pod_id && !pod_find(call->db, call->arena, row->pod_id, &pod, err)) ||
        !physical_network_find(call->db, call->arena, row->physical_network_id, NULL, &physical, err) ||
        !network_find(call->db, call->arena, row->network_id, &network, err) ||
        !(row->account_id ? identity_show_owner(call->db, call->arena, row->account_id, &owner, err)
                          : identity_show_domain(call->db, call->arena, row->domain_id, &owner, err)))
        return false;
    *out = (struct vlan_range_response){.id = row->uuid,
                                        .forvirtualnetwork = OPT_BOOL(row->for_virtual_network),
                                        .zoneid = zone ? zone->uuid : NULL,
                                        .vlan = row->vlan,
                                        .owner = owner,
                                        .podid = pod ? pod->uuid : NULL,
                                        .podname = pod ? pod->name : NULL,
                                        .gateway = row->gateway,
                                        .netmask = row->netmask,
                                        .cidr = row->cidr,
                                        .startip = row->start_ip,
                                        .endip = row->end_ip,
                                        .networkid = network ? network->uuid : NULL,
                                        .physicalnetworkid = physical ? physical->uuid : NULL,
                                        .startipv6 = row->start_ip6,
                                        .endipv6 = row->end_ip6,
                                        .ip6gateway = row->ip6_gateway,
                                        .ip6cidr = row->ip6_cidr,
                                        .forsystemvms = OPT_BOOL(row->for_system_vms)};
    return true;
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    struct ip_range *row = NULL;
    if (!ip_range_store_find(db, arena, 0, uuid, &row, err))
        return false;
    *ret_exists = row && row->is_listed;
    if (row)
        *ret_found = (struct object_found){.id = row->id, .visibility = OBJECT_INFRA, .name = row->cidr};
    return true;
}

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    struct vlan_range_response *objects = ret_objects;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct ip_range *row = NULL;
        if (!ip_range_store_find(call->db, call->arena, ids[i], NULL, &row, err) ||
            (row && !fill(call, row, &objects[(*ret_count)++], err)))
            return false;
    }
    return true;
}

const struct object_kind VLAN_RANGE_KIND = {.name = "vlan_range",
                                            .wire_type = "VlanIpRange",
                                            .object_key = "vlan",
                                            .response = &VLAN_RANGE_RESPONSE,
                                            .find = find,
                                            .describe = describe};

static bool handle_create(struct api_call *call, const void *arguments, struct error *err)
{
    const struct create_range_args *args = arguments;
    struct owner owner = {.account_id = 0};
    int64_t zone_id = args->zoneid.id;
    if ((args->account || args->projectid) &&
        !api_identity_hooks()->find_owner(call, args->account, args->domainid.uuid, args->projectid, &owner, err))
        return false;
    if (zone_id == 0 && args->physicalnetworkid.id != 0) {
        const struct physical_network *physical = NULL;
        if (!physical_network_find(call->db, call->arena, args->physicalnetworkid.id, NULL, &physical, err))
            return false;
        zone_id = physical ? physical->zone_id : 0;
    }
    const struct ip_range_wish wish = {.zone_id = zone_id,
                                       .physical_network_id = args->physicalnetworkid.id,
                                       .network_id = args->networkid.id,
                                       .pod_id = args->podid.id,
                                       .account_id = owner.account_id,
                                       .domain_id = owner.account_id ? owner.domain_id : args->domainid.id,
                                       .vlan = args->vlan,
                                       .gateway = args->gateway,
                                       .netmask = args->netmask,
                                       .start_ip = args->startip,
                                       .end_ip = args->endip,
                                       .start_ip6 = args->startipv6,
                                       .end_ip6 = args->endipv6,
                                       .ip6_gateway = args->ip6gateway,
                                       .ip6_cidr = args->ip6cidr,
                                       .for_virtual_network =
                                           args->networkid.id == 0 &&
                                           (!args->forvirtualnetwork.set || args->forvirtualnetwork.value),
                                       .for_system_vms = args->forsystemvms.value};
    int64_t id = 0;
    return ip_range_create(call->db, call->arena, &wish, &id, err) &&
           reply_described(call, &VLAN_RANGE_KIND, id, false, err);
}

static bool matches(const struct list_ranges_args *args, const struct list_page *page, int64_t account_id,
                    const struct ip_range *row)
{
    const char *slash = row->vlan ? strrchr(row->vlan, '/') : NULL; /* "vlan://101" is asked for as such or as 101 */
    bool vlan_fits = !args->vlan || string_equal_ignoring_case(args->vlan, row->vlan) ||
                     (slash && string_equal_ignoring_case(args->vlan, slash + 1));
    return (args->id.id == 0 || args->id.id == row->id) &&
           (args->networkid.id == 0 || args->networkid.id == row->network_id) &&
           (args->physicalnetworkid.id == 0 || args->physicalnetworkid.id == row->physical_network_id) &&
           (args->podid.id == 0 || args->podid.id == row->pod_id) &&
           (account_id == 0 || account_id == row->account_id) &&
           (args->domainid.id == 0 || args->domainid.id == row->domain_id) &&
           (!args->forvirtualnetwork.set || args->forvirtualnetwork.value == row->for_virtual_network) && vlan_fits &&
           (page_keyword_matches(page, row->cidr) || page_keyword_matches(page, row->start_ip));
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_ranges_args *args = arguments;
    struct owner owner = {.account_id = 0};
    struct db_rows rows;
    struct page_pick pick = {.page = &call->page};
    if (((args->account || args->projectid) &&
         !api_identity_hooks()->find_owner(call, args->account, args->domainid.uuid, args->projectid, &owner, err)) ||
        !ip_range_store_listed(call->db, call->arena, args->zoneid.id, &rows, err))
        return false;
    const struct ip_range *ranges = rows.items;
    struct vlan_range_response *objects =
        arena_array(call->arena, page_room(&call->page, rows.count) + 1, sizeof(*objects));
    for (size_t i = 0; i < rows.count; i++)
        if (matches(args, &call->page, owner.account_id, &ranges[i]) && page_pick(&pick) &&
            !fill(call, &ranges[i], &objects[pick.taken - 1], err))
            return false;
    api_reply_list(call, objects, pick.taken, pick.total);
    return true;
}

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_range_args *args = arguments;
    if (!ip_range_remove(call->db, call->arena, args->id.id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

const struct api_command VLAN_RANGE_COMMANDS[] = {
    {.name = "createVlanIpRange",
     .summary = "Adds a range of public addresses, or of a shared network.",
     .object_key = "vlan",
     .event = "VLAN.IP.RANGE.CREATE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &CREATE_RANGE_PARAMS,
     .response = &VLAN_RANGE_RESPONSE,
     .handle = handle_create,
     .group = "VLAN"},
    {.name = "listVlanIpRanges",
     .summary = "Lists ranges of addresses.",
     .object_key = "vlaniprange",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN,
     .params = &LIST_RANGES_PARAMS,
     .response = &VLAN_RANGE_RESPONSE,
     .handle = handle_list,
     .group = "VLAN"},
    {.name = "deleteVlanIpRange",
     .summary = "Removes a range of which no address is taken.",
     .event = "VLAN.IP.RANGE.DELETE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &DELETE_RANGE_PARAMS,
     .handle = handle_delete,
     .group = "VLAN"},
    {.name = NULL},
};
