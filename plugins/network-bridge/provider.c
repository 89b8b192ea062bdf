/* Reaching libvirt on the host that a call is about, and bringing its networks to their documents. */
#include "bridge.h"

#include <stdlib.h>
#include <string.h>

int32_t provider_connect(struct gurum_call *call, const struct gurum_provider *provider, virConnectPtr *ret_connection)
{
    if (provider->via_host == NULL)
        return host_services->fail(call, GURUM_INVALID, "host_missing", "networks are on hosts, and none was named");
    return libvirt_connect(call, host_services, provider->via_host, ret_connection);
}

int32_t provider_find(struct gurum_call *call, virConnectPtr connection, const char *uuid, virNetworkPtr *ret_network)
{
    *ret_network = uuid == NULL ? NULL : virNetworkLookupByUUIDString(connection, uuid);
    if (*ret_network != NULL || uuid == NULL || libvirt_is_absent())
        return GURUM_OK;
    return libvirt_fail(call, host_services, "cannot look for the network");
}

xmlDoc *provider_document(struct gurum_call *call, virNetworkPtr network, bool inactive, int32_t *ret_status)
{
    XML_TEXT text = virNetworkGetXMLDesc(network, inactive ? VIR_NETWORK_XML_INACTIVE : 0);
    xmlDoc *document = text == NULL ? NULL : xml_parse(text);
    *ret_status = GURUM_OK;
    if (text == NULL)
        *ret_status = libvirt_fail(call, host_services, "cannot read the network");
    else if (document == NULL)
        *ret_status = host_services->fail(call, GURUM_FAILED, "document_broken", "libvirt's document is not XML");
    return document;
}

/* ---- guests in a network ---- */

static bool has_nic_in(virDomainPtr guest, const char *bridge, const char *network)
{
    XML_TEXT text = virDomainGetXMLDesc(guest, 0);
    XML_DOCUMENT document = text == NULL ? NULL : xml_parse(text);
    const xmlNode *nic = document == NULL ? NULL : xml_first(xml_root(document), "devices/interface");
    for (; nic != NULL; nic = xml_next(nic))
        if (xml_is(nic, "source@bridge", bridge) || xml_is(nic, "source@network", network))
            return true;
    return false; /* a guest that ended meanwhile has none */
}

int32_t provider_is_used(struct gurum_call *call, virConnectPtr connection, const xmlNode *root, bool only_running,
                         bool *ret_used)
{
    virDomainPtr *guests = NULL;
    const char *bridge = xml_read(root, "bridge@name"), *name = xml_read(root, "name");
    *ret_used = false;
    /* Others use the host's own bridge too, and what is removed of it is our record alone. */
    if (document_is_foreign_bridge(root) || bridge == NULL || name == NULL)
        return GURUM_OK;
    int count = virConnectListAllDomains(connection, &guests, only_running ? VIR_CONNECT_LIST_DOMAINS_ACTIVE : 0);
    if (count < 0)
        return libvirt_fail(call, host_services, "cannot list the guests");
    for (int i = 0; i < count; i++) {
        *ret_used = *ret_used || has_nic_in(guests[i], bridge, name);
        virDomainFree(guests[i]);
    }
    free(guests);
    return GURUM_OK;
}

/* ---- writing ---- */

int32_t provider_define(struct gurum_call *call, virConnectPtr connection, const struct gurum_network *network,
                        const struct content *content)
{
    char name[NAME_BYTES], uuid[VIR_UUID_STRING_BUFLEN] = "";
    XML_DOCUMENT document = document_build(network, content);
    XML_TEXT text = xml_print(document);
    LIBVIRT_NETWORK defined = virNetworkDefineXML(connection, text);
    if (defined != NULL)
        return virNetworkSetAutostart(defined, 1) == 0 ? GURUM_OK
                                                       : libvirt_fail(call, host_services, "cannot set autostart");
    int32_t status = libvirt_fail(call, host_services, "cannot define the network");
    name_of(network->uuid, name);
    LIBVIRT_NETWORK other = virNetworkLookupByName(connection, name);
    if (other != NULL && virNetworkGetUUIDString(other, uuid) == 0 && strcasecmp(uuid, network->uuid) != 0)
        return host_services->fail(call, GURUM_CONFLICT, "name_taken", "the name %s belongs to network %s", name, uuid);
    return status;
}

static int32_t restart(struct gurum_call *call, virNetworkPtr network)
{
    if (virNetworkDestroy(network) != 0 || virNetworkCreate(network) != 0)
        return libvirt_fail(call, host_services, "cannot restart the network");
    return GURUM_OK;
}

int32_t provider_settle(struct gurum_call *call, virConnectPtr connection, virNetworkPtr network, bool *ret_pending)
{
    char wanted[FACTS_BYTES], running[FACTS_BYTES];
    int32_t status;
    bool used = false;
    *ret_pending = false;
    if (virNetworkIsActive(network) != 1)
        return GURUM_OK;
    XML_DOCUMENT kept = provider_document(call, network, true, &status);
    if (kept == NULL)
        return status;
    XML_DOCUMENT live = provider_document(call, network, false, &status);
    if (live == NULL)
        return status;
    document_facts(xml_root(kept), wanted);
    document_facts(xml_root(live), running);
    if (strcmp(wanted, running) == 0)
        return GURUM_OK;
    status = provider_is_used(call, connection, xml_root(live), true, &used);
    *ret_pending = used;
    return status != GURUM_OK || used ? status : restart(call, network);
}
