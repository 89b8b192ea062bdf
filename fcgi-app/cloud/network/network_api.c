/* Commands of networks, and this feature's registration. Rules are in network_service.c, jobs in network_jobs.c. */
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/cache/reply.h"
#include "cloud/identity/identity.h"
#include "cloud/network/network_api.h"
#include "cloud/network/network_jobs.h"

/* Of IPv4 packets that every device must take, and that Ethernet cards with jumbo frames take. */
enum { MTU_LEAST = 68, MTU_MOST = 9216 };

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
    P(privatemtu, .min = MTU_LEAST, .max = MTU_MOST, .since = "4.18.0", .help = "the packet size inside"),
    P(projectid, .help = "the project"),
    P(publicmtu, .min = MTU_LEAST, .max = MTU_MOST, .since = "4.18.0", .help = "the packet size outside"),
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
    P(privatemtu, .min = MTU_LEAST, .max = MTU_MOST, .since = "4.18.0", .help = "the packet size inside"),
    P(publicmtu, .min = MTU_LEAST, .max = MTU_MOST, .since = "4.18.0", .help = "the packet size outside"),
    P(sourcenatipaddress, .since = "4.19", .help = "the public address for source NAT",
      .no_effect = "public addresses are not chosen yet"),
    P(updateinsequence, .help = "routers one after the other", .no_effect = "there are no router machines"));
#undef P

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
    api_register_commands(NETWORK_LIST_COMMANDS);
    api_register_commands(FORWARDING_COMMANDS);
    network_jobs_register();
    network_register_owned();
}
