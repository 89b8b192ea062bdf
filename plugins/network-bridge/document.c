/* libvirt's document of a network of ours: a bridge with its own subnet, NAT and dnsmasq, or a bridge that the host has
 * already (the traffic label). Leases and names in it are content.c's. */
#include "bridge.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BRIDGE_DIGITS = 10, NAME_DIGITS = 8, MTU_LEAST = 576, MTU_MOST = 9216 };

void name_of(const char *uuid, char *ret_name)
{
    snprintf(ret_name, NAME_BYTES, "gurum-%.*s", NAME_DIGITS, uuid);
}

void bridge_of(const char *uuid, char *ret_name)
{
    char digits[BRIDGE_DIGITS + 1];
    size_t count = 0;
    for (const char *c = uuid; *c != '\0' && count < BRIDGE_DIGITS; c++)
        if (*c != '-')
            digits[count++] = *c;
    digits[count] = '\0';
    snprintf(ret_name, NAME_BYTES, "gr%s", digits);
}

static bool has_label(const struct gurum_network *network)
{
    return network->traffic_label != NULL && network->traffic_label[0] != '\0';
}

/* The length of the prefix, or -1. */
static int prefix_of(const char *cidr)
{
    const char *slash = strchr(cidr, '/');
    char *end = NULL;
    long length = slash == NULL ? -1 : strtol(slash + 1, &end, 10);
    return length < 1 || length > 30 || *end != '\0' ? -1 : (int)length;
}

static bool is_inside(const char *cidr, const char *address)
{
    char text[64];
    struct in_addr network, host;
    int length = prefix_of(cidr);
    snprintf(text, sizeof(text), "%.*s", (int)strcspn(cidr, "/"), cidr);
    if (length < 0 || inet_pton(AF_INET, text, &network) != 1 || inet_pton(AF_INET, address, &host) != 1)
        return false;
    uint32_t mask = ~UINT32_C(0) << (32 - length);
    return (ntohl(network.s_addr) & mask) == (ntohl(host.s_addr) & mask);
}

int32_t network_check(struct gurum_call *call, const struct gurum_network *network)
{
    if (network->uuid == NULL || strlen(network->uuid) != 36)
        return host_services->fail(call, GURUM_INVALID, "network_unnamed", "a network needs a uuid");
    if (network->isolation != GURUM_ISOLATION_NONE)
        return host_services->fail(call, GURUM_UNSUPPORTED, "isolation_unknown",
                                   "a libvirt network cannot be kept apart by VLAN or VXLAN: only untagged networks");
    if (network->mtu != 0 && (network->mtu < MTU_LEAST || network->mtu > MTU_MOST))
        return host_services->fail(call, GURUM_INVALID, "mtu_invalid", "an MTU is %d to %d", MTU_LEAST, MTU_MOST);
    if (has_label(network) && strlen(network->traffic_label) > 15)
        return host_services->fail(call, GURUM_INVALID, "label_invalid",
                                   "the traffic label %s is no name of a bridge: it has more than 15 characters",
                                   network->traffic_label);
    if (has_label(network) || network->type == GURUM_NETWORK_L2 || network->ipv4_cidr == NULL)
        return GURUM_OK;
    if (network->ipv4_gateway == NULL || !is_inside(network->ipv4_cidr, network->ipv4_gateway))
        return host_services->fail(call, GURUM_INVALID, "cidr_invalid", "gateway %s is not an address of %s",
                                   network->ipv4_gateway == NULL ? "(none)" : network->ipv4_gateway,
                                   network->ipv4_cidr);
    return GURUM_OK;
}

/* ---- building ---- */

static void add_dns(xmlNode *root, const struct gurum_network *network, const struct content *content)
{
    const char *const forwarders[] = {network->dns1, network->dns2};
    xmlNode *dns = xml_add(root, "dns");
    /* Before anything was applied it is on: what is asked for nearly always, and turned off by a restart. */
    if (content->revision != 0 && !(content->services & GURUM_SERVICE_DNS)) {
        xml_set(dns, "enable", "no");
        return;
    }
    for (size_t i = 0; i < 2; i++)
        if (forwarders[i] != NULL && forwarders[i][0] != '\0')
            xml_set(xml_add(dns, "forwarder"), "addr", "%s", forwarders[i]);
    for (size_t i = 0; i < content->name_count; i++)
        content_add_name(dns, &content->names[i]);
}

static void add_addresses(xmlNode *root, const struct gurum_network *network, const struct content *content)
{
    xmlNode *ip = xml_add(root, "ip");
    xml_set(ip, "address", "%s", network->ipv4_gateway);
    xml_set(ip, "prefix", "%d", prefix_of(network->ipv4_cidr));
    if (content->lease_count == 0)
        return;
    xmlNode *dhcp = xml_add(ip, "dhcp");
    for (size_t i = 0; i < content->lease_count; i++)
        content_add_lease(dhcp, &content->leases[i]);
}

static void add_own_bridge(xmlNode *root, const struct gurum_network *network, const struct content *content)
{
    char name[NAME_BYTES];
    bool routed = network->type != GURUM_NETWORK_L2 && network->ipv4_cidr != NULL;
    if (routed)
        xml_set(xml_add(root, "forward"), "mode", "nat");
    xmlNode *bridge = xml_add(root, "bridge");
    bridge_of(network->uuid, name);
    xml_set(bridge, "name", "%s", name);
    xml_set(bridge, "stp", "off");
    xml_set(bridge, "delay", "0");
    if (network->mtu != 0)
        xml_set(xml_add(root, "mtu"), "size", "%u", network->mtu);
    if (!routed)
        return;
    if (network->search_domain != NULL && network->search_domain[0] != '\0') {
        xmlNode *domain = xml_add(root, "domain");
        xml_set(domain, "name", "%s", network->search_domain);
        xml_set(domain, "localOnly", "yes");
    }
    add_dns(root, network, content);
    add_addresses(root, network, content);
}

xmlDoc *document_build(const struct gurum_network *network, const struct content *content)
{
    char name[NAME_BYTES];
    xmlDoc *document = xml_new("network");
    xmlNode *root = xml_root(document);
    name_of(network->uuid, name);
    xml_add_text(root, "name", "%s", name);
    xml_add_text(root, "uuid", "%s", network->uuid);
    if (network->name != NULL)
        xml_add_text(root, "title", "%s", network->name);
    xmlNode *ours = xml_add_ours(root, "network");
    xml_set(ours, "revision", "%llu", (unsigned long long)content->revision);
    xml_set(ours, "services", "%llu", (unsigned long long)content->services);
    if (!has_label(network)) {
        add_own_bridge(root, network, content);
        return document;
    }
    xml_set(xml_add(root, "forward"), "mode", "bridge");
    xml_set(xml_add(root, "bridge"), "name", "%s", network->traffic_label);
    return document;
}

/* ---- comparing ---- */

static void facts_add(char *facts, const char *name, const char *value)
{
    size_t length = strlen(facts);
    snprintf(facts + length, FACTS_BYTES - length, "%s=%s\n", name, value == NULL ? "" : value);
}

void document_facts(const xmlNode *root, char *ret_facts)
{
    static const char *const paths[] = {"forward@mode", "bridge@name", "mtu@size",
                                        "domain@name",  "ip@address",  "ip@prefix"};
    ret_facts[0] = '\0';
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        facts_add(ret_facts, paths[i], xml_read(root, paths[i]));
    facts_add(ret_facts, "dns", xml_is(root, "dns@enable", "no") ? "no" : "yes");
    for (const xmlNode *node = xml_first(root, "dns/forwarder"); node != NULL; node = xml_next(node))
        facts_add(ret_facts, "forwarder", xml_read(node, "@addr"));
}

bool document_is_foreign_bridge(const xmlNode *root)
{
    return xml_is(root, "forward@mode", "bridge");
}
