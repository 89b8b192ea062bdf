/* DHCP and DNS of a network on one host. The kept document says which revision is in force; it is written last, so a
 * call that died half-way is begun again. */
#include "bridge.h"

enum { UPDATES_MOST = 24 }; /* more of them take longer than a restart, which is free while no guest runs */

static int32_t service_report(struct gurum_call *call, const char *uuid, uint64_t service, uint64_t revision,
                              uint32_t state, const char *detail)
{
    const struct gurum_service_report report = {.item = {.size = sizeof(report), .type = GURUM_ITEM_SERVICE},
                                                .network_uuid = uuid,
                                                .service = service,
                                                .revision = revision,
                                                .state = state,
                                                .detail = detail};
    return host_services->report(call, &report.item);
}

static int32_t services_report(struct gurum_call *call, const char *uuid, const xmlNode *root, bool pending)
{
    static const uint64_t both[] = {GURUM_SERVICE_DHCP, GURUM_SERVICE_DNS};
    const xmlNode *ours = xml_ours(root, "network");
    uint64_t services = xml_read_number(ours, "@services", 0), revision = xml_read_number(ours, "@revision", 0);
    const char *detail = pending ? "guests run in it: a change waits until none does any more" : NULL;
    if (document_is_foreign_bridge(root))
        detail = "addresses and names come from the network behind the host's own bridge";
    int32_t status = GURUM_OK;
    for (size_t i = 0; status == GURUM_OK && i < 2; i++)
        if (services & both[i])
            status = service_report(call, uuid, both[i], revision,
                                    detail == NULL ? GURUM_NETWORK_UP : GURUM_NETWORK_PARTIAL, detail);
    return status;
}

/* Few changes go into the running network one by one. Many are left to a restart, when nobody would notice. */
static int32_t bring_live(struct gurum_call *call, virConnectPtr connection, virNetworkPtr network,
                          struct content *wanted, bool *ret_restart)
{
    struct content running;
    bool used = false;
    int32_t status;
    *ret_restart = false;
    if (virNetworkIsActive(network) != 1)
        return GURUM_OK;
    XML_DOCUMENT live = provider_document(call, network, false, &status);
    if (live == NULL)
        return status;
    if (document_is_foreign_bridge(xml_root(live)))
        return GURUM_OK;
    content_read(call, xml_root(live), &running);
    size_t distance = content_distance(&running, wanted);
    if (distance > UPDATES_MOST)
        status = provider_is_used(call, connection, xml_root(live), true, &used);
    *ret_restart = distance > UPDATES_MOST && !used;
    return status != GURUM_OK || *ret_restart ? status : content_update(call, network, &running, wanted);
}

/* Applies what is newer or the same; the same again repairs what somebody changed behind our back. */
static int32_t apply(struct gurum_call *call, virConnectPtr connection, virNetworkPtr network,
                     const struct gurum_service_spec *spec, bool *ret_pending)
{
    struct content kept, wanted;
    bool restart = false;
    int32_t status;
    XML_DOCUMENT document = provider_document(call, network, true, &status);
    if (document == NULL)
        return status;
    content_read(call, xml_root(document), &kept);
    if (kept.revision > spec->revision)
        return GURUM_OK;
    status = content_wanted(call, spec, &wanted);
    if (status == GURUM_OK)
        status = bring_live(call, connection, network, &wanted, &restart);
    bool same =
        kept.revision == wanted.revision && kept.services == wanted.services && content_distance(&kept, &wanted) == 0;
    if (status == GURUM_OK && !same)
        status = provider_define(call, connection, spec->network, &wanted);
    if (status == GURUM_OK && restart && (virNetworkDestroy(network) != 0 || virNetworkCreate(network) != 0))
        status = libvirt_fail(call, host_services, "cannot restart the network");
    return status == GURUM_OK ? provider_settle(call, connection, network, ret_pending) : status;
}

int32_t bridge_service_apply(struct gurum_call *call, const struct gurum_service_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_NETWORK network = NULL;
    bool pending = false;
    int32_t status = provider_connect(call, spec->provider, &connection);
    if (status == GURUM_OK)
        status = provider_find(call, connection, spec->network->uuid, &network);
    if (status != GURUM_OK)
        return status;
    if (network == NULL || virNetworkIsActive(network) != 1)
        return host_services->fail(call, GURUM_NOT_FOUND, "segment_absent", "network %s does not run on the host",
                                   spec->network->uuid);
    if (host_services->cancelled(call))
        return host_services->fail(call, GURUM_CANCELLED, "cancelled", "nothing was begun");
    status = apply(call, connection, network, spec, &pending);
    if (status != GURUM_OK)
        return status;
    XML_DOCUMENT document = provider_document(call, network, true, &status);
    return document == NULL ? status : services_report(call, spec->network->uuid, xml_root(document), pending);
}

int32_t bridge_service_observe(struct gurum_call *call, const struct gurum_service_spec *spec)
{
    LIBVIRT_LENT connection = NULL;
    LIBVIRT_NETWORK network = NULL;
    int32_t status = provider_connect(call, spec->provider, &connection);
    if (status == GURUM_OK)
        status = provider_find(call, connection, spec->network->uuid, &network);
    if (status != GURUM_OK || network == NULL || virNetworkIsActive(network) != 1)
        return status;
    XML_DOCUMENT document = provider_document(call, network, true, &status);
    return document == NULL ? status : services_report(call, spec->network->uuid, xml_root(document), false);
}
