/* Lists of what accounts acquire on top of their networks: public addresses and the rules that forward to VMs. No
 * command makes any yet, so nobody has one, every list is empty and no id exists; clients that read them beside every
 * list of VMs go on with that. */
#include "cloud/network/network_api.h"

struct forwarding_args {
    struct object_ref id, ipaddressid, networkid, physicalnetworkid, virtualmachineid, vlanid, zoneid;
    struct map_list tags;
    const char *associatednetworkid, *ipaddress, *state, *vpcid;
    struct opt_bool allocatedonly, fordisplay, forloadbalancing, forprovider, forsystemvms, forvirtualnetwork,
        issourcenat, isstaticnat;
};
#define NOBODY_HAS_ONE "nobody has one yet"
#define P(member, ...) FIELD(struct forwarding_args, member, .no_effect = NOBODY_HAS_ONE, __VA_ARGS__)
#define ADDRESS_PARAM P(ipaddressid, .refers_to = "public_address", .help = "only of this public address")
FIELD_TABLE(PUBLIC_ADDRESS_PARAMS, struct forwarding_args,
    P(id, .refers_to = "public_address", .help = "only the one with this id"),
    P(allocatedonly, .help = "only those that belong to an account"),
    P(associatednetworkid, .help = "only of this network"),
    P(fordisplay, .help = "only those shown to users"),
    P(forloadbalancing, .help = "only those of load balancers"),
    P(forprovider, .since = "4.21.0", .help = "only those of outside providers"),
    P(forsystemvms, .help = "only those of the cloud's own machines"),
    P(forvirtualnetwork, .help = "only those of accounts' networks"),
    P(ipaddress, .help = "only this address"),
    P(issourcenat, .help = "only those that networks go out by"),
    P(isstaticnat, .help = "only those of one instance"),
    P(networkid, .refers_to = "network", .help = "only of this network"),
    P(physicalnetworkid, .refers_to = "physical_network", .help = "only of this physical network"),
    P(state, .help = "only in this state"),
    P(tags, .help = "only with these tags"),
    P(vlanid, .refers_to = "vlan_range", .help = "only of this range"),
    P(vpcid, .help = "only of this VPC"),
    P(zoneid, .refers_to = "zone", .help = "only of this zone"));
FIELD_TABLE(PORT_FORWARDING_PARAMS, struct forwarding_args,
    P(id, .refers_to = "port_forwarding_rule", .help = "only the one with this id"),
    P(fordisplay, .help = "only those shown to users"),
    ADDRESS_PARAM,
    P(networkid, .refers_to = "network", .help = "only of this network"),
    P(tags, .help = "only with these tags"));
FIELD_TABLE(IP_FORWARDING_PARAMS, struct forwarding_args,
    P(id, .refers_to = "ip_forwarding_rule", .help = "only the one with this id"),
    ADDRESS_PARAM,
    P(virtualmachineid, .refers_to = "vm", .help = "only of this instance"));

struct forwarding_response {
    const char *id;
};
FIELD_TABLE(PUBLIC_ADDRESS_RESPONSE, struct forwarding_response,
            FIELD(struct forwarding_response, id, .help = "The address's id.", .no_effect = NOBODY_HAS_ONE));
FIELD_TABLE(PORT_FORWARDING_RESPONSE, struct forwarding_response,
            FIELD(struct forwarding_response, id, .help = "The rule's id.", .no_effect = NOBODY_HAS_ONE));
FIELD_TABLE(IP_FORWARDING_RESPONSE, struct forwarding_response,
            FIELD(struct forwarding_response, id, .help = "The rule's id.", .no_effect = NOBODY_HAS_ONE));

static bool find_none(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                      bool *ret_exists, struct error *err)
{
    (void)db, (void)arena, (void)uuid, (void)ret_found, (void)err;
    *ret_exists = false;
    return true;
}

const struct object_kind PUBLIC_ADDRESS_KIND = {.name = "public_address",
                                                .wire_type = "PublicIpAddress",
                                                .object_key = "publicipaddress",
                                                .response = &PUBLIC_ADDRESS_RESPONSE,
                                                .find = find_none};
const struct object_kind PORT_FORWARDING_KIND = {.name = "port_forwarding_rule",
                                                 .wire_type = "PortForwardingRule",
                                                 .object_key = "portforwardingrule",
                                                 .response = &PORT_FORWARDING_RESPONSE,
                                                 .find = find_none};
const struct object_kind IP_FORWARDING_KIND = {.name = "ip_forwarding_rule",
                                               .wire_type = "IpForwardingRule",
                                               .object_key = "ipforwardingrule",
                                               .response = &IP_FORWARDING_RESPONSE,
                                               .find = find_none};

static bool list_none(struct api_call *call, const void *arguments, struct error *err)
{
    (void)arguments, (void)err;
    static const struct forwarding_response none;
    api_reply_list(call, &none, 0, 0);
    return true;
}

#define LIST_OF_NONE(wire_name, what, kind_key, table_params, table_response)                                          \
    {                                                                                                                  \
        .name = (wire_name), .summary = (what), .object_key = (kind_key), .mode = API_LIST,                            \
        .flags = API_READ_ONLY | API_SCOPE_PARAMS, .roles = ROLES_ALL, .params = &(table_params),                      \
        .response = &(table_response), .handle = list_none, .group = "Address", .no_effect = NOBODY_HAS_ONE            \
    }
const struct api_command FORWARDING_COMMANDS[] = {
    LIST_OF_NONE("listPublicIpAddresses", "Lists the public addresses that accounts acquired.", "publicipaddress",
                 PUBLIC_ADDRESS_PARAMS, PUBLIC_ADDRESS_RESPONSE),
    LIST_OF_NONE("listPortForwardingRules", "Lists the rules that forward a port of a public address to a VM.",
                 "portforwardingrule", PORT_FORWARDING_PARAMS, PORT_FORWARDING_RESPONSE),
    LIST_OF_NONE("listIpForwardingRules", "Lists the rules that forward a public address to a VM.", "ipforwardingrule",
                 IP_FORWARDING_PARAMS, IP_FORWARDING_RESPONSE),
    {.name = NULL},
};
