/* Words of networks: services and who offers them, traffic and guest types, VLAN tags and ranges of them. Pure. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cloud/network/network_physical.h"

#define ROUTERS "VirtualRouter,VpcVirtualRouter"
const struct network_service_info NETWORK_SERVICES[NETWORK_SERVICES_MAX] = {
    {.name = "Vpn",
     .providers = ROUTERS,
     .capabilities = {{"SupportedVpnTypes", "removeaccessvpn", false}, {"VpnTypes", "removeaccessvpn,s2svpn", false}}},
    {.name = "Dhcp",
     .providers = ROUTERS ",ConfigDrive",
     .capabilities = {{"DhcpAccrossMultipleSubnets", "true", false}}},
    {.name = "Dns",
     .providers = ROUTERS ",ConfigDrive",
     .capabilities = {{"AllowDnsSuffixModification", "true", false}}},
    {.name = "Gateway", .providers = ROUTERS},
    {.name = "Firewall",
     .providers = "VirtualRouter",
     .capabilities = {{"SupportedProtocols", "tcp,udp,icmp", false},
                      {"SupportedEgressProtocols", "tcp,udp,icmp,all", false},
                      {"MultipleIps", "true", false},
                      {"SupportedTrafficDirection", "ingress,egress", false},
                      {"TrafficStatistics", "per public ip", false}}},
    {.name = "Lb",
     .providers = ROUTERS ",InternalLbVm",
     .capabilities = {{"SupportedLBIsolation", "dedicated", true},
                      {"SupportedLbAlgorithms", "roundrobin,leastconn,source", false},
                      {"SupportedProtocols", "tcp,udp,tcp-proxy", false},
                      {"LbSchemes", "Public", true},
                      {"ElasticLb", "false", true},
                      {"InlineMode", "false", true}}},
    {.name = "UserData", .providers = ROUTERS ",ConfigDrive"},
    {.name = "SourceNat",
     .providers = ROUTERS,
     .capabilities = {{"SupportedSourceNatTypes", "peraccount", true}, {"RedundantRouter", "false", true}}},
    {.name = "StaticNat",
     .providers = ROUTERS,
     .capabilities = {{"ElasticIp", "false", true}, {"AssociatePublicIP", "true", true}}},
    {.name = "PortForwarding", .providers = ROUTERS},
    {.name = "NetworkACL",
     .providers = "VpcVirtualRouter",
     .capabilities = {{"SupportedProtocols", "tcp,udp,icmp", false}}},
    {.name = "SecurityGroup", .providers = "SecurityGroupProvider"},
    {.name = "Connectivity",
     .providers = "",
     .capabilities = {{"NoVlan", "", false}, {"StretchedL2Subnet", "false", true}, {"RegionLevelVpc", "false", true}}},
};

const char *const NETWORK_PROVIDERS[] = {"VirtualRouter",         "VpcVirtualRouter", "InternalLbVm",
                                         "SecurityGroupProvider", "ConfigDrive",      NULL};

static const char *word_of(const char *const *words, const char *text)
{
    for (; text && *words; words++)
        if (string_equal_ignoring_case(*words, text))
            return *words;
    return NULL;
}

const char *network_provider_word(const char *name)
{
    return word_of(NETWORK_PROVIDERS, name);
}

const char *network_traffic_word(const char *text)
{
    static const char *const WORDS[] = {"Guest", "Public", "Management", "Storage", "Control", NULL};
    return word_of(WORDS, text);
}

const char *network_guest_type_word(const char *text)
{
    static const char *const WORDS[] = {"Isolated", "Shared", "L2", NULL};
    return word_of(WORDS, text);
}

const char *network_state_word(const char *text)
{
    static const char *const WORDS[] = {"Enabled", "Disabled", NULL};
    return word_of(WORDS, text);
}

bool network_provider_has_element(const char *provider)
{
    static const char *const WITH[] = {"VirtualRouter", "VpcVirtualRouter", "InternalLbVm", NULL};
    return word_of(WITH, provider) != NULL;
}

bool network_list_has(const char *list, const char *item)
{
    size_t length = strlen(item);
    for (const char *at = list; at && *at;) {
        const char *end = strchrnul(at, ',');
        while (at < end && *at == ' ')
            at++;
        if ((size_t)(end - at) == length && strncasecmp(at, item, length) == 0)
            return true;
        at = *end ? end + 1 : end;
    }
    return false;
}

const struct network_service_info *network_service_find(const char *name)
{
    for (size_t i = 0; name && i < NETWORK_SERVICES_MAX; i++)
        if (string_equal_ignoring_case(NETWORK_SERVICES[i].name, name))
            return &NETWORK_SERVICES[i];
    return NULL;
}

const char *network_provider_services(struct arena *arena, const char *provider)
{
    struct text list;
    if (network_provider_word(provider) == NULL)
        return NULL;
    text_init(&list, arena, 1024);
    for (size_t i = 0; i < NETWORK_SERVICES_MAX; i++)
        if (network_list_has(NETWORK_SERVICES[i].providers, provider))
            text_addf(&list, "%s%s", list.length > 0 ? "," : "", NETWORK_SERVICES[i].name);
    return text_string(&list);
}

/* ---- VLAN tags and VNIs ---- */

static bool bad_range(const char *text, struct error *err)
{
    return error_with(err, ERROR_INVALID_VALUE, "network.bad_vlan_range", E_TEXT("value", text));
}

static bool parse_range(struct arena *arena, const char *text, int64_t most, struct segment_range *ret_range,
                        struct error *err)
{
    const char *dash = strchr(text, '-');
    const char *first = dash ? arena_strndup(arena, text, (size_t)(dash - text)) : text;
    if (!string_to_int(first, &ret_range->first_id) || !string_to_int(dash ? dash + 1 : text, &ret_range->last_id))
        return bad_range(text, err);
    if (ret_range->first_id < 1 || ret_range->last_id < ret_range->first_id || ret_range->last_id > most)
        return bad_range(text, err);
    ret_range->next_id = ret_range->first_id;
    return true;
}

static int by_first(const void *a, const void *b)
{
    const struct segment_range *left = a, *right = b;
    return left->first_id < right->first_id ? -1 : left->first_id > right->first_id;
}

bool segment_ranges_parse(struct arena *arena, const char *text, bool vxlan, struct segment_range **ret_ranges,
                          size_t *ret_count, struct error *err)
{
    size_t count = 0;
    const char **items = string_split(arena, text ? text : "", ',', &count);
    struct segment_range *ranges = arena_array(arena, count + 1, sizeof(*ranges));
    if (count > SEGMENT_RANGES_MAX)
        return bad_range(text, err);
    for (size_t i = 0; i < count; i++)
        if (!parse_range(arena, items[i], vxlan ? VNI_MAX : VLAN_TAG_MAX, &ranges[i], err))
            return false;
    qsort(ranges, count, sizeof(*ranges), by_first);
    for (size_t i = 1; i < count; i++)
        if (ranges[i].first_id <= ranges[i - 1].last_id)
            return error_with(err, ERROR_INVALID_VALUE, "network.vlan_ranges_overlap", E_TEXT("value", text));
    *ret_ranges = ranges;
    *ret_count = count;
    return true;
}

bool network_parse_vlan(const char *text, int64_t *ret_tag, struct error *err)
{
    static const char *const SCHEMES[] = {"vlan://", "vxlan://"};
    const char *rest = text;
    bool vxlan = false;
    int64_t tag;
    for (size_t i = 0; i < COUNT_OF(SCHEMES); i++)
        if (strncasecmp(text, SCHEMES[i], strlen(SCHEMES[i])) == 0) {
            rest = text + strlen(SCHEMES[i]);
            vxlan = i == 1;
        }
    if (string_equal_ignoring_case(rest, "untagged")) {
        *ret_tag = 0;
        return true;
    }
    if (!string_to_int(rest, &tag) || tag < 1 || tag > (vxlan ? VNI_MAX : rest == text ? VNI_MAX : VLAN_TAG_MAX))
        return error_with(err, ERROR_INVALID_VALUE, "network.bad_vlan", E_TEXT("value", text));
    *ret_tag = tag;
    return true;
}
