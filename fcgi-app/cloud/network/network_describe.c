/* Networks as replies show them. */
#include <inttypes.h>

#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/icon/icon.h"
#include "cloud/identity/identity.h"
#include "cloud/network/network_api.h"

struct network_response {
    const char *id, *name, *displaytext, *broadcastdomaintype, *traffictype, *gateway, *netmask, *cidr, *networkcidr,
        *reservediprange, *zoneid, *zonename, *networkofferingid, *networkofferingname, *networkofferingdisplaytext,
        *networkofferingavailability, *state, *related, *broadcasturi, *dns1, *dns2, *type, *vlan, *asnumberid,
        *acltype, *account, *projectid, *project, *domainid, *domain, *domainpath, *networkdomain,
        *physicalnetworkid, *vpcid, *vpcname, *tungstenvirtualrouteruuid, *ip6gateway, *ip6cidr, *aclid, *aclname,
        *externalid, *internetprotocol, *ip6routing, *ip6routes, *ip6dns1, *ip6dns2, *ip4routing, *ip4routes,
        *bgppeers, *associatednetworkid, *associatednetwork, *jobid;
    struct opt_bool networkofferingconservemode, issystem, subdomainaccess, isdefault, restartrequired, specifyvlan,
        specifyipranges, canusefordeploy, ispersistent, displaynetwork, strechedl2subnet, redundantrouter,
        supportsvmautoscaling, egressdefaultpolicy, hasannotations;
    struct opt_int asnumber, receivedbytes, sentbytes, publicmtu, privatemtu, jobstatus;
    struct object_list service, tags;
    struct pair_list details;
    struct string_list zonesnetworkspans;
    struct opt_time created;
    struct nested icon;
};
#define R(member, ...) FIELD(struct network_response, member, __VA_ARGS__)
FIELD_TABLE(NETWORK_RESPONSE, struct network_response,
    R(id, .help = "the id of the object"),
    R(name, .help = "the name"),
    R(displaytext, .help = "the text that people see"),
    R(broadcastdomaintype, .help = "Vlan, Vxlan or Native"),
    R(traffictype, .help = "the traffic type: Guest, Public, Management or Storage"),
    R(gateway, .help = "the gateway"),
    R(netmask, .help = "the netmask"),
    R(cidr, .help = "the CIDR"),
    R(networkcidr, .help = "the whole CIDR when a part is reserved", .no_effect = "no part of a CIDR is reserved"),
    R(reservediprange, .help = "addresses not for instances", .no_effect = "no part of a CIDR is reserved"),
    R(zoneid, .help = "the zone"),
    R(zonename, .help = "the name of the zone"),
    R(networkofferingid, .help = "the network offering"),
    R(networkofferingname, .help = "the name of the network offering"),
    R(networkofferingdisplaytext, .help = "the text of the network offering"),
    R(networkofferingconservemode, .help = "one public address may serve several purposes"),
    R(networkofferingavailability, .help = "Optional or Required"),
    R(issystem, .help = "the cloud's own"),
    R(state, .help = "the state"),
    R(related, .help = "the id of the network"),
    R(broadcasturi, .help = "the VLAN or VNI"),
    R(dns1, .help = "the first DNS server"),
    R(dns2, .help = "the second DNS server"),
    R(type, .help = "Isolated, Shared or L2"),
    R(vlan, .help = "the VLAN tags or VNIs, or one of them"),
    R(asnumberid, .since = "4.20.0", .help = "the id of the AS number", .no_effect = "there are no BGP peers"),
    R(asnumber, .since = "4.20.0", .help = "the AS number", .no_effect = "there are no BGP peers"),
    R(acltype, .help = "Account or Domain: whom it belongs to"),
    R(subdomainaccess, .help = "tenant domains below may use it"),
    R(account, .help = "the account"),
    R(projectid, .help = "the project"), R(project, .help = "the name of the project"),
    R(domainid, .help = "the tenant domain"),
    R(domain, .help = "the name of the tenant domain"),
    R(domainpath, .since = "4.19.0.0", .help = "the path of the tenant domain"),
    R(isdefault, .help = "made by the cloud itself"),
    R(service, .help = "the services", .table = &SERVICE_RESPONSE),
    R(networkdomain, .help = "the DNS suffix of instances"),
    R(physicalnetworkid, .help = "the physical network"),
    R(restartrequired, .help = "a restart is due"),
    R(specifyvlan, .help = "a VLAN is named with each network"),
    R(specifyipranges, .help = "addresses are named with each network"),
    R(vpcid, .help = "the VPC", .no_effect = "there are no VPCs"),
    R(vpcname, .since = "4.15", .help = "the name of the VPC", .no_effect = "there are no VPCs"),
    R(tungstenvirtualrouteruuid, .help = "the Tungsten virtual router",
      .no_effect = "there is no Tungsten provider"),
    R(canusefordeploy, .help = "instances may be put into it"),
    R(ispersistent, .help = "stays up without instances"),
    R(tags, .help = "the tags", .table = &TAG_RESPONSE),
    R(details, .help = "further details", .no_effect = "networks carry none"),
    R(ip6gateway, .help = "the IPv6 gateway"),
    R(ip6cidr, .help = "the IPv6 prefix"),
    R(displaynetwork, .flags = FIELD_ADMIN, .help = "whether tenants see it"),
    R(aclid, .help = "the list of network rules", .no_effect = "there are no VPCs"),
    R(aclname, .help = "the name of the list of rules", .no_effect = "there are no VPCs"),
    R(strechedl2subnet, .since = "4.4", .help = "spans zones"),
    R(zonesnetworkspans, .since = "4.4", .help = "the zones that it spans"),
    R(externalid, .since = "4.11", .help = "its id in another system"),
    R(redundantrouter, .since = "4.11.1", .help = "its routers are redundant"),
    R(supportsvmautoscaling, .since = "4.18.0", .help = "groups of instances may grow by themselves"),
    R(created, .since = "4.16.0", .help = "when it was made"),
    R(receivedbytes, .help = "bytes received", .no_effect = "traffic is not counted"),
    R(sentbytes, .help = "bytes sent", .no_effect = "traffic is not counted"),
    R(egressdefaultpolicy, .help = "true: instances may reach out unless a rule forbids it"),
    R(internetprotocol, .help = "IPv4 or DualStack"),
    R(ip6routing, .since = "4.17.0", .help = "how IPv6 is routed", .no_effect = "IPv6 is not routed"),
    R(ip6routes, .since = "4.17.0", .help = "IPv6 routes", .no_effect = "IPv6 is not routed"),
    R(publicmtu, .help = "the packet size outside"),
    R(privatemtu, .help = "the packet size inside"),
    R(ip6dns1, .since = "4.18.0", .help = "the first IPv6 DNS server"),
    R(ip6dns2, .since = "4.18.0", .help = "the second IPv6 DNS server"),
    R(ip4routing, .since = "4.20.0", .help = "how IPv4 is routed", .no_effect = "networks are not routed"),
    R(ip4routes, .since = "4.20.0", .help = "IPv4 routes", .no_effect = "networks are not routed"),
    R(bgppeers, .since = "4.20.0", .help = "the BGP peers", .no_effect = "there are no BGP peers"),
    R(associatednetworkid, .help = "the network that it is associated with",
      .no_effect = "networks are not associated"),
    R(associatednetwork, .help = "the name of that network", .no_effect = "networks are not associated"),
    R(hasannotations, .help = "operators left remarks"),
    ICON_FIELD(struct network_response),
    R(jobid, .help = "the pending job"),
    R(jobstatus, .help = "the status of that job"));
#undef R

/* The wire calls a shared network "Setup": it is ready from the beginning. */
static const char *wire_state(const struct network *row)
{
    return string_equal(row->guest_type, "Shared") && !string_equal(row->state, "Destroy") ? "Setup" : row->state;
}

static void fill_own(struct api_call *call, const struct network *row, struct network_response *out)
{
    *out = (struct network_response){.id = row->uuid,
                                     .name = row->name,
                                     .displaytext = row->display_text,
                                     .broadcastdomaintype = row->broadcast_type,
                                     .traffictype = row->traffic_type,
                                     .gateway = row->gateway,
                                     .netmask = row->netmask,
                                     .cidr = row->cidr,
                                     .reservediprange = row->reserved_ip_range,
                                     .issystem = OPT_BOOL(row->is_system),
                                     .state = wire_state(row),
                                     .related = row->uuid,
                                     .broadcasturi = row->broadcast_uri,
                                     .dns1 = row->dns1,
                                     .dns2 = row->dns2,
                                     .type = row->guest_type,
                                     .acltype = row->acl_type,
                                     .subdomainaccess = {row->subdomain_access, network_is_shared(row)},
                                     .isdefault = OPT_BOOL(row->is_default),
                                     .networkdomain = row->network_domain,
                                     .restartrequired = OPT_BOOL(row->restart_required),
                                     .canusefordeploy = OPT_BOOL(!row->is_system),
                                     .ispersistent = OPT_BOOL(row->is_persistent),
                                     .ip6gateway = row->ip6_gateway,
                                     .ip6cidr = row->ip6_cidr,
                                     .ip6dns1 = row->ip6_dns1,
                                     .ip6dns2 = row->ip6_dns2,
                                     .displaynetwork = OPT_BOOL(row->display),
                                     .strechedl2subnet = OPT_BOOL(false),
                                     .externalid = row->external_id,
                                     .redundantrouter = OPT_BOOL(false),
                                     .supportsvmautoscaling = OPT_BOOL(false),
                                     .created = row->created,
                                     .publicmtu = {.value = row->public_mtu, .set = row->public_mtu > 0},
                                     .privatemtu = {.value = row->private_mtu, .set = row->private_mtu > 0},
                                     .hasannotations = OPT_BOOL(false)};
    if (row->segment_id > 0 && caller_is_root_admin(call->caller))
        out->vlan = arena_printf(call->arena, "%" PRId64, row->segment_id);
    if (!caller_is_root_admin(call->caller))
        out->broadcasturi = NULL;
}

static void fill_offering(struct api_call *call, const struct network_offering *offering, struct network_response *out)
{
    out->networkofferingid = offering->uuid;
    out->networkofferingname = offering->name;
    out->networkofferingdisplaytext = offering->display_text;
    out->networkofferingconservemode = OPT_BOOL(offering->conserve_mode);
    out->networkofferingavailability = offering->availability;
    out->specifyvlan = OPT_BOOL(offering->specify_vlan);
    out->specifyipranges = OPT_BOOL(offering->specify_ip_ranges);
    out->egressdefaultpolicy = OPT_BOOL(offering->egress_allow);
    out->internetprotocol = offering->internet_protocol ? offering->internet_protocol : "IPv4";
    out->service = network_service_list(call->arena, offering, false);
}

static bool fill(struct api_call *call, const struct network *row, struct network_response *out, struct error *err)
{
    const struct zone *zone = NULL;
    const struct physical_network *physical = NULL;
    const struct network_offering *offering = NULL;
    struct identity_account *account = NULL;
    struct identity_domain *domain = NULL;
    if (!zone_find(call->db, call->arena, row->zone_id, &zone, err) ||
        !physical_network_find(call->db, call->arena, row->physical_network_id, NULL, &physical, err) ||
        (row->offering_id && !network_offering_find_any(call->db, call->arena, row->offering_id, &offering, err)) ||
        (row->account_id && !identity_find_account_any(call->db, call->arena, row->account_id, &account, err)) ||
        (row->domain_id && !identity_find_domain_any(call->db, call->arena, row->domain_id, &domain, err)))
        return false;
    fill_own(call, row, out);
    out->zoneid = zone ? zone->uuid : NULL;
    out->zonename = zone ? zone->name : NULL;
    out->zonesnetworkspans =
        (struct string_list){.items = zone ? arena_array(call->arena, 1, sizeof(char *)) : NULL, .count = 0};
    if (zone)
        out->zonesnetworkspans.items[out->zonesnetworkspans.count++] = zone->uuid;
    out->physicalnetworkid = physical && caller_is_root_admin(call->caller) ? physical->uuid : NULL;
    out->account = account ? account->shown_name : NULL;
    out->projectid = account ? account->project_uuid : NULL;
    out->project = account ? account->project_name : NULL;
    out->domainid = domain ? domain->uuid : NULL;
    out->domain = domain ? domain->name : NULL;
    out->domainpath = domain ? domain->display_path : NULL;
    if (offering)
        fill_offering(call, offering, out);
    return true;
}

/* A page at a time: tags and pending jobs of up to 64 networks with one query each. */
static bool fill_many(struct api_call *call, const struct network *const *rows, size_t count,
                      struct network_response *objects, struct error *err)
{
    for (size_t first = 0; first < count; first += TAG_OBJECTS_MAX) {
        int64_t ids[TAG_OBJECTS_MAX];
        struct object_list tags[TAG_OBJECTS_MAX];
        const char *jobs[TAG_OBJECTS_MAX];
        size_t part = count - first < TAG_OBJECTS_MAX ? count - first : TAG_OBJECTS_MAX;
        for (size_t i = 0; i < part; i++)
            ids[i] = rows[first + i]->id;
        if (!tag_find_for(call->db, call->arena, "network", ids, part, tags, err) ||
            !job_pending_for(call->db, call->arena, "network", ids, part, jobs, err))
            return false;
        for (size_t i = 0; i < part; i++) {
            struct network_response *out = &objects[first + i];
            if (!fill(call, rows[first + i], out, err))
                return false;
            out->tags = tags[i];
            out->jobid = jobs[i];
            out->jobstatus = (struct opt_int){.value = 0, .set = jobs[i] != NULL};
        }
    }
    return true;
}

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    const struct network **rows = arena_array(call->arena, count + 1, sizeof(void *));
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        struct network *row = NULL;
        if (!network_find(call->db, call->arena, ids[i], &row, err))
            return false;
        if (row)
            rows[found++] = row;
    }
    *ret_count = found;
    return fill_many(call, rows, found, ret_objects, err);
}

/* A shared network that is not offered below its domain is not to be seen there either. */
static enum object_visibility visibility_of(const struct network *row)
{
    if (row->is_system)
        return OBJECT_INFRA;
    if (!network_is_shared(row))
        return OBJECT_OWNED;
    return row->subdomain_access ? OBJECT_SHARED : OBJECT_DOMAIN;
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    struct network *row = NULL;
    if (!network_store_find_uuid(db, arena, uuid, &row, err))
        return false;
    *ret_exists = row != NULL;
    if (row)
        *ret_found = (struct object_found){.id = row->id,
                                           .owner_account_id = row->account_id,
                                           .owner_domain_path = row->domain_path,
                                           .name = row->name,
                                           .visibility = visibility_of(row)};
    return true;
}

const struct object_kind NETWORK_KIND = {.name = "network",
                                         .wire_type = "Network",
                                         .object_key = "network",
                                         .response = &NETWORK_RESPONSE,
                                         .find = find,
                                         .describe = describe};

bool network_reply_list(struct api_call *call, const struct network *const *rows, size_t count, int64_t total,
                        struct error *err)
{
    struct network_response *objects = arena_array(call->arena, count + 1, sizeof(*objects));
    if (!fill_many(call, rows, count, objects, err))
        return false;
    api_reply_list(call, objects, count, total);
    return true;
}
