/* Packet filters of libvirt that keep a guest to its own addresses. A few rules in one chain: libvirt's own filter
 * "clean-traffic" does the same by six chains, and takes four times as long at every start. */
#include "kvm.h"

#include <stdio.h>

#define FILTER_NAME "gurum-clean"     /* for guests without IPv6: none of it comes out */
#define FILTER_NAME_6 "gurum-clean-6" /* IPv6 goes unlooked at */

static xmlNode *rule_build(xmlNode *filter, int priority, const char *action, const char *protocol)
{
    xmlNode *rule = xml_add(filter, "rule");
    xml_set(rule, "action", "%s", action);
    xml_set(rule, "direction", "out");
    xml_set(rule, "priority", "%d", priority);
    return xml_add(rule, protocol);
}

static void differs_build(xmlNode *filter, int priority, const char *protocol, const char *attribute,
                          const char *variable)
{
    xmlNode *match = rule_build(filter, priority, "drop", protocol);
    xml_set(match, "match", "no");
    xml_set(match, attribute, "%s", variable);
}

/* Asking for an address by DHCP, and whether one is taken, is done from 0.0.0.0. */
static char *filter_xml(const char *name, const char *uuid, bool with_ipv6)
{
    XML_DOCUMENT document = xml_new("filter");
    xmlNode *filter = xml_root(document), *match;
    xml_set(filter, "name", "%s", name);
    xml_set(filter, "chain", "root");
    if (uuid != NULL)
        xml_add_text(filter, "uuid", "%s", uuid);
    differs_build(filter, -900, "mac", "srcmacaddr", "$MAC");
    match = rule_build(filter, -800, "accept", "ip");
    xml_set(match, "srcipaddr", "0.0.0.0");
    xml_set(match, "protocol", "udp");
    xml_set(match, "dstportstart", "67");
    differs_build(filter, -700, "ip", "srcipaddr", "$IP");
    differs_build(filter, -600, "arp", "arpsrcmacaddr", "$MAC");
    xml_set(rule_build(filter, -500, "accept", "arp"), "arpsrcipaddr", "0.0.0.0");
    differs_build(filter, -400, "arp", "arpsrcipaddr", "$IP");
    if (!with_ipv6)
        xml_set(rule_build(filter, -300, "drop", "mac"), "protocolid", "ipv6");
    return xml_print(document);
}

static bool filter_define(virConnectPtr connection, const char *name, bool with_ipv6)
{
    char uuid[VIR_UUID_STRING_BUFLEN];
    virNWFilterPtr there = virNWFilterLookupByName(connection, name);
    bool known = there != NULL && virNWFilterGetUUIDString(there, uuid) == 0;
    XML_TEXT xml = filter_xml(name, known ? uuid : NULL, with_ipv6);
    virNWFilterPtr defined = virNWFilterDefineXML(connection, xml);
    if (there != NULL)
        virNWFilterFree(there);
    if (defined != NULL)
        virNWFilterFree(defined);
    return defined != NULL;
}

int32_t filters_ensure(struct gurum_call *call, virConnectPtr connection)
{
    bool able = filter_define(connection, FILTER_NAME, false) && filter_define(connection, FILTER_NAME_6, true);
    return detail_report(call, DETAIL_FILTER, able ? "yes" : "no");
}

void filters_remove(virConnectPtr connection)
{
    static const char *const names[] = {FILTER_NAME, FILTER_NAME_6};
    for (int i = 0; i < 2; i++) {
        virNWFilterPtr filter = virNWFilterLookupByName(connection, names[i]);
        if (filter == NULL)
            continue;
        (void)virNWFilterUndefine(filter); /* guests of others may hold it */
        virNWFilterFree(filter);
    }
}

bool filter_is_wanted(const struct gurum_host *host, const struct gurum_nic *nic)
{
    const char *able = libvirt_detail(&host->details, DETAIL_FILTER);
    return nic->anti_spoofing && nic->ipv4 != NULL && able != NULL && able[0] == 'y' &&
           services->setting_boolean("anti_spoofing");
}

void filter_build(xmlNode *device, const struct gurum_nic *nic)
{
    xmlNode *filter = xml_add(device, "filterref"), *parameter;
    xml_set(filter, "filter", "%s", nic->ipv6 == NULL ? FILTER_NAME : FILTER_NAME_6);
    parameter = xml_add(filter, "parameter");
    xml_set(parameter, "name", "IP");
    xml_set(parameter, "value", "%s", nic->ipv4);
}
