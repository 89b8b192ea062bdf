/* Commands of networks, and this feature's registration. Rules are in network_service.c, jobs in network_jobs.c. */
#include <inttypes.h>

#include "base/text.h"
#include "base/uuid.h"
#include "cloud/icon/icon.h"
#include "cloud/bucket/bucket.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/identity/identity.h"
#include "cloud/network/network_api.h"
#include "cloud/network/network_jobs.h"

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
    R(reservediprange, .help = "addresses not for instances"),
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

struct create_network_args {
    const char *account, *aclid, *acltype, *associatednetworkid, *displaytext, *dns1, *dns2, *endip, *endipv6,
        *externalid, *gateway, *ip6cidr, *ip6dns1, *ip6dns2, *ip6gateway, *isolatedpvlan, *isolatedpvlantype, *name,
        *netmask, *networkdomain, *projectid, *routerip, *routeripv6, *sourcenatipaddress, *startip, *startipv6,
        *tungstenvirtualrouteruuid, *vlan, *vpcid;
    struct opt_int asnumber, cidrsize, privatemtu, publicmtu;
    struct string_list bgppeerids;
    struct opt_bool bypassvlanoverlapcheck, displaynetwork, hideipaddressusage, subdomainaccess;
    struct object_ref domainid, networkofferingid, physicalnetworkid, zoneid;
};
#define P(member, ...) FIELD(struct create_network_args, member, __VA_ARGS__)
FIELD_TABLE(CREATE_NETWORK_PARAMS, struct create_network_args,
    P(account, .help = "the account"),
    P(aclid, .help = "the list of network rules", .no_effect = "there are no VPCs"),
    P(acltype, .help = "Account or Domain: whom it belongs to"),
    P(asnumber, .since = "4.20.0", .help = "the AS number", .no_effect = "there are no BGP peers"),
    P(associatednetworkid, .since = "4.17.0", .help = "the network that it is associated with",
      .no_effect = "networks are not associated"),
    P(bgppeerids, .since = "4.20.0", .help = "the BGP peers", .no_effect = "there are no BGP peers"),
    P(bypassvlanoverlapcheck, .help = "allows a VLAN that another network uses"),
    P(cidrsize, .since = "4.20.0", .help = "the size of the CIDR", .no_effect = "networks are not routed"),
    P(displaynetwork, .flags = FIELD_ADMIN, .help = "whether tenants see it"),
    P(displaytext, .help = "the text that people see"),
    P(dns1, .since = "4.18.0", .help = "the first DNS server"),
    P(dns2, .since = "4.18.0", .help = "the second DNS server"),
    P(domainid, .refers_to = "domain", .help = "the tenant domain"),
    P(endip, .help = "the last address"),
    P(endipv6, .help = "the last IPv6 address"),
    P(externalid, .help = "its id in another system"),
    P(gateway, .help = "the gateway"),
    P(hideipaddressusage, .help = "hides how many addresses are used",
      .no_effect = "how many addresses are used is not shown"),
    P(ip6cidr, .help = "the IPv6 prefix"),
    P(ip6dns1, .since = "4.18.0", .help = "the first IPv6 DNS server"),
    P(ip6dns2, .since = "4.18.0", .help = "the second IPv6 DNS server"),
    P(ip6gateway, .help = "the IPv6 gateway"),
    P(isolatedpvlan, .help = "the isolated private VLAN", .no_effect = "no provider has private VLANs"),
    P(isolatedpvlantype, .help = "the type of the private VLAN", .no_effect = "no provider has private VLANs"),
    P(name, .flags = FIELD_REQUIRED, .help = "the name"),
    P(netmask, .help = "the netmask"),
    P(networkdomain, .help = "the DNS suffix of instances"),
    P(networkofferingid, .flags = FIELD_REQUIRED, .refers_to = "network_offering", .help = "the network offering"),
    P(physicalnetworkid, .refers_to = "physical_network", .help = "the physical network"),
    P(privatemtu, .since = "4.18.0", .help = "the packet size inside"),
    P(projectid, .help = "the project"),
    P(publicmtu, .since = "4.18.0", .help = "the packet size outside"),
    P(routerip, .since = "4.16", .help = "the address of the router",
      .no_effect = "providers choose the address of what serves a network"),
    P(routeripv6, .since = "4.16", .help = "the IPv6 address of the router",
      .no_effect = "providers choose the address of what serves a network"),
    P(sourcenatipaddress, .since = "4.19", .help = "the public address for source NAT",
      .no_effect = "public addresses are not chosen yet"),
    P(startip, .help = "the first address"),
    P(startipv6, .help = "the first IPv6 address"),
    P(subdomainaccess, .help = "tenant domains below may use it"),
    P(tungstenvirtualrouteruuid, .help = "the Tungsten virtual router",
      .no_effect = "there is no Tungsten provider"),
    P(vlan, .help = "the VLAN tags or VNIs, or one of them"),
    P(vpcid, .help = "the VPC", .no_effect = "there are no VPCs"),
    P(zoneid, .flags = FIELD_REQUIRED, .refers_to = "zone", .help = "the zone"));
#undef P

struct list_networks_args {
    const char *acltype, *associatednetworkid, *name, *networkfilter, *traffictype, *type, *vlan, *vpcid;
    struct opt_bool canusefordeploy, displaynetwork, forvpc, issystem, restartrequired, showicon, specifyipranges;
    struct object_ref id, networkofferingid, physicalnetworkid, zoneid;
    struct string_list supportedservices;
    struct map_list tags;
};
#define P(member, ...) FIELD(struct list_networks_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_NETWORKS_PARAMS, struct list_networks_args,
    P(acltype, .help = "Account or Domain: whom it belongs to"),
    P(associatednetworkid, .since = "4.17.0", .help = "the network that it is associated with",
      .no_effect = "networks are not associated"),
    P(canusefordeploy, .help = "instances may be put into it", .no_effect = "every guest network takes instances"),
    P(displaynetwork, .flags = FIELD_ADMIN, .since = "4.4", .help = "whether tenants see it"),
    P(forvpc, .help = "for tiers of a VPC", .no_effect = "there are no VPCs"),
    P(id, .refers_to = "network", .help = "the id of the object"),
    P(issystem, .help = "the cloud's own"),
    P(name, .since = "4.22.0", .help = "the name"),
    P(networkfilter, .since = "4.17.0", .help = "which: account, domain, accountdomain, shared or all"),
    P(networkofferingid, .refers_to = "network_offering", .help = "the network offering"),
    P(physicalnetworkid, .refers_to = "physical_network", .help = "the physical network"),
    P(restartrequired, .help = "a restart is due"),
    P(showicon, .help = "adds the icon"),
    P(specifyipranges, .help = "addresses are named with each network"),
    P(supportedservices, .help = "the services"),
    P(tags, .help = "the tags"),
    P(traffictype, .help = "the traffic type: Guest, Public, Management or Storage"),
    P(type, .help = "Isolated, Shared or L2"),
    P(vlan, .since = "4.17.0", .help = "the VLAN tags or VNIs, or one of them"),
    P(vpcid, .help = "the VPC", .no_effect = "there are no VPCs"),
    P(zoneid, .refers_to = "zone", .help = "the zone"));
#undef P

struct delete_network_args {
    struct opt_bool forced;
    struct object_ref id;
};
#define P(member, ...) FIELD(struct delete_network_args, member, __VA_ARGS__)
FIELD_TABLE(DELETE_NETWORK_PARAMS, struct delete_network_args,
    P(forced, .help = "even when something goes wrong", .no_effect = "a network with instances is never removed"),
    P(id, .flags = FIELD_REQUIRED, .refers_to = "network", .help = "the id of the object"));
#undef P

struct restart_network_args {
    struct opt_bool cleanup, livepatch, makeredundant;
    struct object_ref id;
};
#define P(member, ...) FIELD(struct restart_network_args, member, __VA_ARGS__)
FIELD_TABLE(RESTART_NETWORK_PARAMS, struct restart_network_args,
    P(cleanup, .help = "makes what serves the network anew",
      .no_effect = "nothing but the provider serves a network"),
    P(id, .flags = FIELD_REQUIRED, .refers_to = "network", .help = "the id of the object"),
    P(livepatch, .since = "4.17.0", .help = "patches routers while they run",
      .no_effect = "there are no router machines"),
    P(makeredundant, .since = "4.11.1", .help = "makes routers redundant",
      .no_effect = "there are no router machines"));
#undef P

struct update_network_args {
    struct opt_bool changecidr, displaynetwork, forced, hideipaddressusage, updateinsequence;
    const char *customid, *displaytext, *dns1, *dns2, *guestvmcidr, *ip6dns1, *ip6dns2, *name, *networkdomain,
        *sourcenatipaddress;
    struct object_ref id, networkofferingid;
    struct opt_int privatemtu, publicmtu;
};
#define P(member, ...) FIELD(struct update_network_args, member, __VA_ARGS__)
FIELD_TABLE(UPDATE_NETWORK_PARAMS, struct update_network_args,
    P(changecidr, .help = "allows a new CIDR", .no_effect = "a new offering never changes the CIDR"),
    P(customid, .flags = FIELD_ADMIN, .since = "4.4", .help = "a new id"),
    P(displaynetwork, .flags = FIELD_ADMIN, .help = "whether tenants see it"),
    P(displaytext, .help = "the text that people see"),
    P(dns1, .since = "4.18.0", .help = "the first DNS server"),
    P(dns2, .since = "4.18.0", .help = "the second DNS server"),
    P(forced, .flags = FIELD_ADMIN, .help = "even when something goes wrong", .no_effect = "nothing asks for force"),
    P(guestvmcidr, .help = "the part for instances", .no_effect = "no part of a CIDR is reserved"),
    P(hideipaddressusage, .help = "hides how many addresses are used",
      .no_effect = "how many addresses are used is not shown"),
    P(id, .flags = FIELD_REQUIRED, .refers_to = "network", .help = "the id of the object"),
    P(ip6dns1, .since = "4.18.0", .help = "the first IPv6 DNS server"),
    P(ip6dns2, .since = "4.18.0", .help = "the second IPv6 DNS server"),
    P(name, .help = "the name"),
    P(networkdomain, .help = "the DNS suffix of instances"),
    P(networkofferingid, .refers_to = "network_offering", .help = "the network offering"),
    P(privatemtu, .since = "4.18.0", .help = "the packet size inside"),
    P(publicmtu, .since = "4.18.0", .help = "the packet size outside"),
    P(sourcenatipaddress, .since = "4.19", .help = "the public address for source NAT",
      .no_effect = "public addresses are not chosen yet"),
    P(updateinsequence, .help = "routers one after the other", .no_effect = "there are no router machines"));
#undef P

/* ---- replies ---- */

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

static const struct object_kind NETWORK_KIND = {.name = "network",
                                                .wire_type = "Network",
                                                .object_key = "network",
                                                .response = &NETWORK_RESPONSE,
                                                .find = find,
                                                .describe = describe};

/* ---- createNetwork ---- */

static bool handle_create(struct api_call *call, const void *arguments, struct error *err)
{
    const struct create_network_args *args = arguments;
    const struct network_wish wish = {.name = args->name,
                                      .display_text = args->displaytext,
                                      .acl_type = args->acltype,
                                      .gateway = args->gateway,
                                      .netmask = args->netmask,
                                      .start_ip = args->startip,
                                      .end_ip = args->endip,
                                      .start_ip6 = args->startipv6,
                                      .end_ip6 = args->endipv6,
                                      .ip6_gateway = args->ip6gateway,
                                      .ip6_cidr = args->ip6cidr,
                                      .vlan = args->vlan,
                                      .network_domain = args->networkdomain,
                                      .dns1 = args->dns1,
                                      .dns2 = args->dns2,
                                      .ip6_dns1 = args->ip6dns1,
                                      .ip6_dns2 = args->ip6dns2,
                                      .external_id = args->externalid,
                                      .zone_id = args->zoneid.id,
                                      .offering_id = args->networkofferingid.id,
                                      .physical_network_id = args->physicalnetworkid.id,
                                      .domain_id = args->domainid.id,
                                      .private_mtu = args->privatemtu.value,
                                      .public_mtu = args->publicmtu.value,
                                      .account_given =
                                          args->account || args->projectid ||
                                          (args->acltype && string_equal_ignoring_case(args->acltype, "Account")),
                                      .bypass_vlan_check = args->bypassvlanoverlapcheck.value,
                                      .display = !args->displaynetwork.set || args->displaynetwork.value,
                                      .subdomain_access = !args->subdomainaccess.set || args->subdomainaccess.value};
    struct owner owner = call->owner;
    int64_t id = 0;
    if ((args->account || args->projectid) &&
        !api_identity_hooks()->find_owner(call, args->account, args->domainid.uuid, args->projectid, &owner, err))
        return false;
    return network_create(call->db, call->arena, call->caller, &owner, &wish, &id, err) &&
           reply_described(call, &NETWORK_KIND, id, false, err);
}

/* ---- listNetworks ---- */

enum { ID_LIST_BYTES_MAX = 256 * 1024 };

/* Shared networks that the scope sees, as rows and as ",3,7,". */
static bool visible_shared(struct api_call *call, const struct network ***ret_rows, size_t *ret_count,
                           const char **ret_ids, struct error *err)
{
    const struct list_scope *scope = &call->scope;
    const char *path = scope->form == SCOPE_ACCOUNT_ONLY && scope->account_id == call->caller->account_id
                           ? call->caller->domain_path
                           : scope->domain_path;
    int64_t domain_id =
        scope->form == SCOPE_ACCOUNT_ONLY && scope->domain_id == 0 ? call->caller->domain_id : scope->domain_id;
    struct db_rows rows;
    struct text ids;
    if (!network_store_shared(call->db, call->arena, &rows, err))
        return false;
    const struct network *all = rows.items;
    const struct network **found = arena_array(call->arena, rows.count + 1, sizeof(void *));
    text_init(&ids, call->arena, ID_LIST_BYTES_MAX);
    text_add_char(&ids, ',');
    *ret_count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        bool below = scope->form == SCOPE_DOMAIN_TREE && path && string_starts_with(all[i].domain_path, path);
        if (scope->form != SCOPE_EVERYTHING && !below && !network_is_shared_with(&all[i], domain_id, path ? path : "/"))
            continue;
        found[(*ret_count)++] = &all[i];
        text_addf(&ids, "%" PRId64 ",", all[i].id);
    }
    *ret_rows = found;
    *ret_ids = text_string(&ids);
    return true;
}

/* Filters that an offering answers, as the ids of the offerings that fit; NULL: none is asked. */
static bool offering_filter(struct api_call *call, const struct list_networks_args *args, const char **ret_ids,
                            struct error *err)
{
    const struct network_offering *rows = NULL;
    size_t count = 0;
    struct text ids;
    *ret_ids = NULL;
    if (args->supportedservices.count == 0 && !args->specifyipranges.set)
        return true;
    if (!network_offering_store_all(call->db, call->arena, &rows, &count, err))
        return false;
    text_init(&ids, call->arena, ID_LIST_BYTES_MAX);
    text_add(&ids, "-1");
    for (size_t i = 0; i < count; i++) {
        bool fits = !args->specifyipranges.set || args->specifyipranges.value == rows[i].specify_ip_ranges;
        for (size_t j = 0; j < args->supportedservices.count; j++)
            fits = fits && network_offering_has(&rows[i], args->supportedservices.items[j]);
        if (fits)
            text_addf(&ids, ",%" PRId64, rows[i].id);
    }
    *ret_ids = text_string(&ids);
    return true;
}

static bool read_filter(struct api_call *call, const struct list_networks_args *args, struct network_query *q,
                        bool *ret_plain, struct error *err)
{
    const char *filter = args->networkfilter ? args->networkfilter : "all";
    int64_t tag = 0;
    if (!network_list_has("all,account,domain,shared,accountdomain", filter))
        return error_with(err, ERROR_INVALID_VALUE, "network.unknown_word", E_TEXT("parameter", "networkfilter"),
                          E_TEXT("value", filter));
    if ((args->vlan && !network_parse_vlan(args->vlan, &tag, err)) || !tag_read_filter(&args->tags, &q->tags, err) ||
        !offering_filter(call, args, &q->offering_ids, err))
        return false;
    q->scope = &call->scope;
    q->owned = !network_list_has("domain,shared", filter);
    q->everything = args->id.id != 0;
    q->id = args->id.id;
    q->name = args->name;
    q->keyword_like = call->page.keyword_like;
    q->traffic_type = args->traffictype;
    q->guest_type = args->type;
    q->acl_type = args->acltype;
    q->broadcast_uri = !args->vlan ? NULL : tag ? arena_printf(call->arena, "vlan://%" PRId64, tag) : "vlan://untagged";
    q->zone_id = args->zoneid.id;
    q->physical_network_id = args->physicalnetworkid.id;
    q->offering_id = args->networkofferingid.id;
    q->restart_required = args->restartrequired;
    q->display = args->displaynetwork;
    q->is_system = args->issystem;
    q->offset = call->page.offset;
    q->limit = call->page.counted_only ? 0 : call->page.limit;
    *ret_plain = q->id == 0 && !q->name && !q->keyword_like && !q->traffic_type && !q->guest_type && !q->acl_type &&
                 !q->broadcast_uri && !q->offering_ids && q->zone_id == 0 && q->physical_network_id == 0 &&
                 q->offering_id == 0 && !q->restart_required.set && !q->display.set &&
                 !(q->is_system.set && q->is_system.value) && q->tags.count == 0 && !args->networkfilter;
    return true;
}

/* Shared networks come first, then the accounts' from an anchor on. */
static bool list_plain(struct api_call *call, const struct network_query *q, const struct network **shared,
                       size_t shared_count, bool *ret_covered, const struct network ***ret_rows, size_t *ret_count,
                       int64_t *ret_total, struct error *err)
{
    struct bucket_page page = {.total = 0};
    struct db_rows owned = {.items = NULL};
    int64_t before = (int64_t)shared_count, skip = q->offset > before ? q->offset - before : 0;
    if (!bucket_page(call->db, call->arena, "network", q->scope, 2, skip, &page, ret_covered, err))
        return false;
    if (!*ret_covered)
        return true;
    const struct network **rows = arena_array(call->arena, (size_t)q->limit + 1, sizeof(void *));
    size_t count = 0;
    for (int64_t i = q->offset; i < before && (int64_t)count < q->limit; i++)
        rows[count++] = shared[i];
    int64_t room = q->limit - (int64_t)count;
    if (room > 0 && page.first_id != INT64_MAX &&
        !network_store_page(call->db, call->arena, q, page.first_id, page.skip, room, &owned, err))
        return false;
    for (size_t i = 0; i < owned.count; i++)
        rows[count++] = (const struct network *)owned.items + i;
    *ret_rows = rows;
    *ret_count = count;
    *ret_total = before + page.total;
    return true;
}

static bool list_searched(struct api_call *call, const struct network_query *q, const struct network ***ret_rows,
                          size_t *ret_count, int64_t *ret_total, struct error *err)
{
    struct db_rows found;
    if (!network_store_search(call->db, call->arena, q, &found, ret_total, err))
        return false;
    *ret_rows = arena_array(call->arena, found.count + 1, sizeof(void *));
    *ret_count = found.count;
    for (size_t i = 0; i < found.count; i++)
        (*ret_rows)[i] = (const struct network *)found.items + i;
    return true;
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_networks_args *args = arguments;
    struct network_query query = {.id = 0};
    const struct network **shared = NULL, **rows = NULL;
    size_t shared_count = 0, count = 0;
    int64_t total = 0;
    bool plain = false, covered = false;
    if (!read_filter(call, args, &query, &plain, err) ||
        !visible_shared(call, &shared, &shared_count, &query.shared_ids, err))
        return false;
    if (args->networkfilter && network_list_has("account", args->networkfilter))
        query.shared_ids = NULL;
    if (!caller_is_root_admin(call->caller))
        query.is_system = OPT_BOOL(false);
    else if (query.id == 0 && !query.is_system.set)
        query.is_system = OPT_BOOL(false);
    if (plain && !list_plain(call, &query, shared, shared_count, &covered, &rows, &count, &total, err))
        return false;
    if (!covered && !list_searched(call, &query, &rows, &count, &total, err))
        return false;
    struct network_response *objects = arena_array(call->arena, count + 1, sizeof(*objects));
    if (!fill_many(call, rows, count, objects, err))
        return false;
    api_reply_list(call, objects, count, total);
    return true;
}

/* ---- deleteNetwork, restartNetwork, updateNetwork ---- */

/* Reading a shared network is everybody's; changing one is not. */
static bool find_changeable(struct api_call *call, const struct object_ref *ref, struct network **ret_network,
                            struct error *err)
{
    if (!network_find(call->db, call->arena, ref->id, ret_network, err))
        return false;
    struct network *network = *ret_network;
    if (!network || network->is_system)
        return error_set(err, ERROR_INVALID_VALUE, network ? "network.is_system" : "network.gone");
    return caller_is_root_admin(call->caller) ||
           (network->account_id != 0 && caller_may_reach(call->caller, network->account_id, network->domain_path)) ||
           error_with(err, ERROR_DENIED, "network.not_yours", E_TEXT("name", network->name));
}

static bool start(struct api_call *call, const struct job_kind *kind, const void *input, const struct network *network,
                  struct error *err)
{
    const struct job_target target = {.object_kind = "network", .object_id = network->id, .object_uuid = network->uuid};
    return reply_job(call, kind, input, &target, err);
}

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_network_args *args = arguments;
    const struct network_job_input input = {.network_id = args->id.id};
    struct network *network = NULL;
    return find_changeable(call, &args->id, &network, err) && start(call, &NETWORK_DELETE, &input, network, err);
}

static bool handle_restart(struct api_call *call, const void *arguments, struct error *err)
{
    const struct restart_network_args *args = arguments;
    const struct network_job_input input = {.network_id = args->id.id};
    struct network *network = NULL;
    return find_changeable(call, &args->id, &network, err) && start(call, &NETWORK_RESTART, &input, network, err);
}

static bool handle_update(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_network_args *args = arguments;
    const struct network_update_input input = {.network_id = args->id.id,
                                               .name = args->name,
                                               .display_text = args->displaytext,
                                               .network_domain = args->networkdomain,
                                               .dns1 = args->dns1,
                                               .dns2 = args->dns2,
                                               .ip6_dns1 = args->ip6dns1,
                                               .ip6_dns2 = args->ip6dns2,
                                               .custom_id = args->customid,
                                               .offering_id = args->networkofferingid.id,
                                               .private_mtu = args->privatemtu,
                                               .public_mtu = args->publicmtu,
                                               .display = args->displaynetwork};
    struct network *network = NULL;
    if (args->customid && !uuid_is_valid(args->customid))
        return error_with(err, ERROR_INVALID_VALUE, "network.unknown_word", E_TEXT("parameter", "customid"),
                          E_TEXT("value", args->customid));
    return find_changeable(call, &args->id, &network, err) && start(call, &NETWORK_UPDATE, &input, network, err);
}

static const struct api_command NETWORK_COMMANDS[] = {
    {.name = "createNetwork",
     .summary = "Creates a network.",
     .object_key = "network",
     .event = "NETWORK.CREATE",
     .mode = API_SYNC,
     .roles = ROLES_ALL,
     .params = &CREATE_NETWORK_PARAMS,
     .response = &NETWORK_RESPONSE,
     .handle = handle_create,
     .group = "Network"},
    {.name = "listNetworks",
     .summary = "Lists networks: those of accounts, and the shared ones that they may use.",
     .object_key = "network",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .params = &LIST_NETWORKS_PARAMS,
     .response = &NETWORK_RESPONSE,
     .handle = handle_list,
     .group = "Network"},
    {.name = "deleteNetwork",
     .summary = "Removes a network without instances.",
     .event = "NETWORK.DELETE",
     .mode = API_ASYNC,
     .roles = ROLES_ALL,
     .params = &DELETE_NETWORK_PARAMS,
     .handle = handle_delete,
     .group = "Network"},
    {.name = "restartNetwork",
     .summary = "Brings a network at its provider to its wanted state again.",
     .event = "NETWORK.RESTART",
     .mode = API_ASYNC,
     .roles = ROLES_ALL,
     .params = &RESTART_NETWORK_PARAMS,
     .handle = handle_restart,
     .group = "Network"},
    {.name = "updateNetwork",
     .summary = "Changes a network.",
     .object_key = "network",
     .event = "NETWORK.UPDATE",
     .mode = API_ASYNC,
     .roles = ROLES_ALL,
     .params = &UPDATE_NETWORK_PARAMS,
     .response = &NETWORK_RESPONSE,
     .handle = handle_update,
     .group = "Network"},
    {.name = NULL},
};

void network_register(void)
{
    static const struct object_kind *const KINDS[] = {&PHYSICAL_NETWORK_KIND,
                                                      &TRAFFIC_TYPE_KIND,
                                                      &NETWORK_PROVIDER_KIND,
                                                      &ROUTER_ELEMENT_KIND,
                                                      &VLAN_RANGE_KIND,
                                                      &NETWORK_OFFERING_KIND,
                                                      &NETWORK_KIND,
                                                      &PUBLIC_ADDRESS_KIND,
                                                      &PORT_FORWARDING_KIND,
                                                      &IP_FORWARDING_KIND,
                                                      NULL};
    api_register_kinds(KINDS);
    api_register_commands(PHYSICAL_NETWORK_COMMANDS);
    api_register_commands(TRAFFIC_TYPE_COMMANDS);
    api_register_commands(NETWORK_PROVIDER_COMMANDS);
    api_register_commands(VLAN_RANGE_COMMANDS);
    api_register_commands(NETWORK_OFFERING_COMMANDS);
    api_register_commands(NETWORK_COMMANDS);
    api_register_commands(FORWARDING_COMMANDS);
    network_jobs_register();
    network_register_owned();
}
