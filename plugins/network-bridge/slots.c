/* The slots about networks and their segments. A network is libvirt's kept document on the host; its segment is the
 * same network running. */
#include "bridge.h"

#include <libvirt/libvirt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MTU_DEFAULT = 1500 };

/* ---- provider ---- */

static int32_t check_report(struct gurum_call *call, const char *code, bool ok, const char *detail, const char *hint)
{
    const struct gurum_check check = {.item = {.size = sizeof(check), .type = GURUM_ITEM_CHECK},
                                      .code = code,
                                      .ok = ok,
                                      .required = 1,
                                      .detail = detail,
                                      .hint = ok ? NULL : hint};
    return host_services->report(call, &check.item);
}

int32_t bridge_provider_probe(struct gurum_call *call, const struct gurum_provider_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    char version[64];
    unsigned long number = 0;
    int32_t status = provider_connect(call, spec->provider, &connection);
    if (status != GURUM_OK)
        return status;
    int count = virConnectNumOfNetworks(connection);
    virConnectGetLibVersion(connection, &number);
    snprintf(version, sizeof(version), "libvirt %lu.%lu.%lu", number / 1000000, number / 1000 % 1000, number % 1000);
    const struct gurum_provider_report report = {.item = {.size = sizeof(report), .type = GURUM_ITEM_PROVIDER},
                                                 .version = version};
    status = host_services->report(call, &report.item);
    if (status == GURUM_OK)
        status = check_report(call, "network_driver", count >= 0,
                              count >= 0 ? "libvirt answers about networks" : virGetLastErrorMessage(),
                              "install libvirt's network driver and dnsmasq on the host");
    return status;
}

/* ---- networks ---- */

static int32_t network_report(struct gurum_call *call, const char *uuid, const char *handle, uint32_t state,
                              const char *detail)
{
    const struct gurum_network_report report = {.item = {.size = sizeof(report), .type = GURUM_ITEM_NETWORK},
                                                .uuid = uuid,
                                                .handle = handle,
                                                .state = state,
                                                .detail = detail};
    return host_services->report(call, &report.item);
}

/* The kept document becomes what is asked for; leases, names and their revision in it stay. */
static int32_t ensure_document(struct gurum_call *call, virConnectPtr connection, const struct gurum_network *wanted,
                               virNetworkPtr network)
{
    struct content content = {.revision = 0};
    char before[FACTS_BYTES], after[FACTS_BYTES];
    int32_t status;
    if (network == NULL)
        return provider_define(call, connection, wanted, &content);
    XML_DOCUMENT kept = provider_document(call, network, true, &status);
    if (kept == NULL)
        return status;
    content_read(call, xml_root(kept), &content);
    XML_DOCUMENT next = document_build(wanted, &content);
    document_facts(xml_root(kept), before);
    document_facts(xml_root(next), after);
    if (strcmp(before, after) == 0 && virNetworkIsPersistent(network) == 1)
        return GURUM_OK;
    return provider_define(call, connection, wanted, &content);
}

int32_t bridge_network_ensure(struct gurum_call *call, const struct gurum_network_spec *spec)
{
    const struct gurum_network *wanted = spec->network;
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_NETWORK network = NULL;
    char name[NAME_BYTES];
    bool pending = false;
    int32_t status = network_check(call, wanted);
    if (status == GURUM_OK && host_services->cancelled(call))
        return host_services->fail(call, GURUM_CANCELLED, "cancelled", "nothing was begun");
    if (status == GURUM_OK)
        status = provider_connect(call, spec->provider, &connection);
    if (status == GURUM_OK)
        status = provider_find(call, connection, wanted->uuid, &network);
    if (status == GURUM_OK)
        status = ensure_document(call, connection, wanted, network);
    if (status == GURUM_OK && network != NULL)
        status = provider_settle(call, connection, network, &pending);
    if (status != GURUM_OK)
        return status;
    name_of(wanted->uuid, name);
    return network_report(call, wanted->uuid, name, pending ? GURUM_NETWORK_PARTIAL : GURUM_NETWORK_UP,
                          pending ? "guests run in it: the change takes effect when none does any more" : NULL);
}

static int32_t state_report(struct gurum_call *call, virNetworkPtr network, const char *uuid)
{
    bool runs = virNetworkIsActive(network) == 1, kept = virNetworkIsPersistent(network) == 1;
    const char *name = virNetworkGetName(network);
    if (!kept)
        return network_report(call, uuid, name, GURUM_NETWORK_BROKEN, "libvirt will forget it when it stops");
    return network_report(call, uuid, name, runs ? GURUM_NETWORK_UP : GURUM_NETWORK_PARTIAL,
                          runs ? NULL : "it does not run");
}

int32_t bridge_network_observe(struct gurum_call *call, const struct gurum_network_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_NETWORK network = NULL;
    int32_t status = provider_connect(call, spec->provider, &connection);
    if (status == GURUM_OK)
        status = provider_find(call, connection, spec->network->uuid, &network);
    if (status != GURUM_OK)
        return status;
    return network == NULL ? network_report(call, spec->network->uuid, NULL, GURUM_NETWORK_ABSENT, NULL)
                           : state_report(call, network, spec->network->uuid);
}

static int32_t list_one(struct gurum_call *call, virNetworkPtr network)
{
    char uuid[VIR_UUID_STRING_BUFLEN] = "";
    XML_TEXT text = virNetworkGetXMLDesc(network, 0);
    XML_DOCUMENT document = text == NULL ? NULL : xml_parse(text);
    if (document == NULL || virNetworkGetUUIDString(network, uuid) != 0)
        return GURUM_OK; /* it went away meanwhile */
    return state_report(call, network, xml_ours(xml_root(document), "network") != NULL ? uuid : NULL);
}

int32_t bridge_network_list(struct gurum_call *call, const struct gurum_provider_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    virNetworkPtr *networks = NULL;
    int32_t status = provider_connect(call, spec->provider, &connection);
    if (status != GURUM_OK)
        return status;
    int count = virConnectListAllNetworks(connection, &networks, 0);
    if (count < 0)
        return libvirt_fail(call, host_services, "cannot list the networks");
    for (int i = 0; i < count; i++) {
        if (status == GURUM_OK)
            status = list_one(call, networks[i]);
        virNetworkFree(networks[i]);
    }
    free(networks);
    return status;
}

/* Of a network that is there and has no NIC in it. *ret_network NULL: absent. */
static int32_t find_unused(struct gurum_call *call, virConnectPtr connection, const char *uuid,
                           virNetworkPtr *ret_network)
{
    bool used = false;
    int32_t status = provider_find(call, connection, uuid, ret_network);
    if (status != GURUM_OK || *ret_network == NULL)
        return status;
    XML_DOCUMENT document = provider_document(call, *ret_network, false, &status);
    if (document == NULL)
        return status;
    status = provider_is_used(call, connection, xml_root(document), false, &used);
    if (status == GURUM_OK && used)
        return host_services->fail(call, GURUM_CONFLICT, "network_in_use", "guests on the host have NICs in network %s",
                                   uuid);
    return status;
}

static int32_t stop_network(struct gurum_call *call, virNetworkPtr network)
{
    if (virNetworkIsActive(network) != 1 || virNetworkDestroy(network) == 0 || virNetworkIsActive(network) == 0 ||
        libvirt_is_absent())
        return GURUM_OK;
    return libvirt_fail(call, host_services, "cannot stop the network");
}

/* Somebody else may start it at this moment. */
static int32_t start_network(struct gurum_call *call, virNetworkPtr network)
{
    if (virNetworkCreate(network) == 0)
        return GURUM_OK;
    virErrorPtr error = virSaveLastError(); /* looking overwrites it */
    int32_t status = virNetworkIsActive(network) == 1
                         ? GURUM_OK
                         : libvirt_fail_by(call, host_services, error, "cannot start the network");
    virFreeError(error);
    return status;
}

int32_t bridge_network_remove(struct gurum_call *call, const struct gurum_network_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_NETWORK network = NULL, kept = NULL;
    int32_t status = provider_connect(call, spec->provider, &connection);
    if (status == GURUM_OK)
        status = find_unused(call, connection, spec->network->uuid, &network);
    if (status != GURUM_OK || network == NULL)
        return status;
    status = stop_network(call, network);
    if (status == GURUM_OK) /* one that libvirt kept only while it ran is gone now */
        status = provider_find(call, connection, spec->network->uuid, &kept);
    if (status != GURUM_OK || kept == NULL || virNetworkUndefine(kept) == 0 || libvirt_is_absent())
        return status;
    return libvirt_fail(call, host_services, "cannot remove the network");
}

/* ---- segments ---- */

/* Does the host have the bridge that the traffic label names? Where libvirt cannot tell, the guest's start will. */
static int32_t check_label(struct gurum_call *call, virConnectPtr connection, const struct gurum_network *network)
{
    if (network->traffic_label == NULL || network->traffic_label[0] == '\0')
        return GURUM_OK;
    virInterfacePtr bridge = virInterfaceLookupByName(connection, network->traffic_label);
    const virError *error = bridge == NULL ? virGetLastError() : NULL;
    if (bridge != NULL)
        virInterfaceFree(bridge);
    if (error == NULL || error->code != VIR_ERR_NO_INTERFACE)
        return GURUM_OK;
    return host_services->fail(call, GURUM_NOT_FOUND, "bridge_absent",
                               "the traffic label names the bridge %s, which the host does not have",
                               network->traffic_label);
}

static int32_t segment_report(struct gurum_call *call, const struct gurum_host_network_spec *spec,
                              virNetworkPtr network)
{
    XML_TEXT bridge = virNetworkGetBridgeName(network);
    if (bridge == NULL)
        return libvirt_fail(call, host_services, "the network has no bridge");
    const struct gurum_segment_report report = {.item = {.size = sizeof(report), .type = GURUM_ITEM_SEGMENT},
                                                .network_uuid = spec->network->uuid,
                                                .host_uuid = spec->host->uuid,
                                                .handle = bridge,
                                                .mtu = spec->network->mtu != 0 ? spec->network->mtu : MTU_DEFAULT};
    return host_services->report(call, &report.item);
}

int32_t bridge_host_network_ensure(struct gurum_call *call, const struct gurum_host_network_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_NETWORK network = NULL;
    int32_t status = provider_connect(call, spec->provider, &connection);
    if (status == GURUM_OK)
        status = provider_find(call, connection, spec->network->uuid, &network);
    if (status != GURUM_OK)
        return status;
    if (network == NULL)
        return host_services->fail(call, GURUM_NOT_FOUND, "network_absent", "network %s does not exist on the host",
                                   spec->network->uuid);
    status = check_label(call, connection, spec->network);
    if (status != GURUM_OK)
        return status;
    if (host_services->cancelled(call))
        return host_services->fail(call, GURUM_CANCELLED, "cancelled", "nothing was begun");
    status = virNetworkIsActive(network) == 1 ? GURUM_OK : start_network(call, network);
    if (status != GURUM_OK)
        return status;
    if (virNetworkSetAutostart(network, 1) != 0)
        return libvirt_fail(call, host_services, "cannot set autostart");
    return segment_report(call, spec, network);
}

int32_t bridge_host_network_remove(struct gurum_call *call, const struct gurum_host_network_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_NETWORK network = NULL;
    int32_t status = provider_connect(call, spec->provider, &connection);
    if (status == GURUM_OK)
        status = find_unused(call, connection, spec->network->uuid, &network);
    if (status != GURUM_OK || network == NULL)
        return status;
    if (virNetworkIsPersistent(network) == 1 && virNetworkSetAutostart(network, 0) != 0)
        return libvirt_fail(call, host_services, "cannot take autostart away");
    return stop_network(call, network);
}
