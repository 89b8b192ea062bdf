/* What the files of this plugin share: the content of a network (leases and names with their revision), libvirt's
 * document of it, and small helpers. Nobody else includes this. */
#ifndef NETWORK_BRIDGE_H
#define NETWORK_BRIDGE_H

#include "gurum_network.h"
#include "libvirt.h"
#include "libvirt_xml.h"

extern const struct gurum_services *host_services;

/* ---- content.c: what changes while a network runs ---- */

struct lease {
    const char *mac, *ip;
    const char *name; /* or NULL: none, or another guest of the network has it already */
    uint64_t minutes;
};
struct name {
    const char *ip, *name;
};
struct content {
    uint64_t revision; /* 0: no services were ever applied */
    uint64_t services; /* GURUM_SERVICE_… bits in force */
    struct lease *leases;
    size_t lease_count;
    struct name *names;
    size_t name_count;
};
enum { CONTENT_MOST = 100000 };
/* What a document says; texts live as long as the document, arrays as long as the call. */
void content_read(struct gurum_call *call, const xmlNode *root, struct content *ret_content);
/* What a spec asks for; `gateway` keeps DHCP alive while no guest has a lease. INVALID: too many. */
int32_t content_wanted(struct gurum_call *call, const struct gurum_service_spec *spec, struct content *ret_content);
/* How many updates lead from one to the other. Both are sorted by it. */
size_t content_distance(struct content *before, struct content *after);
/* Carries them out on the running network, without a restart of anything. */
int32_t content_update(struct gurum_call *call, virNetworkPtr network, struct content *before, struct content *after);
void content_add_lease(xmlNode *parent, const struct lease *lease);
void content_add_name(xmlNode *parent, const struct name *name);

/* ---- document.c: the rest ---- */

enum { NAME_BYTES = 32, FACTS_BYTES = 2048 };
void name_of(const char *uuid, char *ret_name);   /* of the libvirt network: "gurum-0a1b2c3d" */
void bridge_of(const char *uuid, char *ret_name); /* "gr0a1b2c3d4e" */
/* INVALID or UNSUPPORTED, said by fail(): what no libvirt network of ours can be. */
int32_t network_check(struct gurum_call *call, const struct gurum_network *network);
/* The caller frees it by xml_free. */
xmlDoc *document_build(const struct gurum_network *network, const struct content *content);
/* All that can only change by a restart of the network, as text to compare. */
void document_facts(const xmlNode *root, char *ret_facts);
/* Has the network a bridge of the host's own, which the traffic label names? */
bool document_is_foreign_bridge(const xmlNode *root);

/* ---- provider.c: reaching libvirt ---- */

/* The host the call is about. INVALID, said by fail(): none was given. */
int32_t provider_connect(struct gurum_call *call, const struct gurum_provider *provider, virConnectPtr *ret_connection);
/* *ret_network NULL: absent. Give it back with libvirt_network_drop (LIBVIRT_NETWORK). */
int32_t provider_find(struct gurum_call *call, virConnectPtr connection, const char *uuid, virNetworkPtr *ret_network);
/* The document, kept (inactive) or as it runs. NULL: said by fail() with *ret_status. */
xmlDoc *provider_document(struct gurum_call *call, virNetworkPtr network, bool inactive, int32_t *ret_status);
/* Has a guest a NIC in the network? only_running: guests that are off do not count. */
int32_t provider_is_used(struct gurum_call *call, virConnectPtr connection, const xmlNode *root, bool only_running,
                         bool *ret_used);
/* Writes the kept document. CONFLICT: the name belongs to another network. */
int32_t provider_define(struct gurum_call *call, virConnectPtr connection, const struct gurum_network *network,
                        const struct content *content);
/* Brings the running network to the kept document when no guest runs in it. *ret_pending: guests do, so what differs
 * waits for the next start. Not running: nothing to do. */
int32_t provider_settle(struct gurum_call *call, virConnectPtr connection, virNetworkPtr network, bool *ret_pending);

/* ---- the slots ---- */

int32_t bridge_provider_probe(struct gurum_call *call, const struct gurum_provider_spec *spec);
int32_t bridge_network_ensure(struct gurum_call *call, const struct gurum_network_spec *spec);
int32_t bridge_network_observe(struct gurum_call *call, const struct gurum_network_spec *spec);
int32_t bridge_network_list(struct gurum_call *call, const struct gurum_provider_spec *spec);
int32_t bridge_network_remove(struct gurum_call *call, const struct gurum_network_spec *spec);
int32_t bridge_host_network_ensure(struct gurum_call *call, const struct gurum_host_network_spec *spec);
int32_t bridge_host_network_remove(struct gurum_call *call, const struct gurum_host_network_spec *spec);
int32_t bridge_service_apply(struct gurum_call *call, const struct gurum_service_spec *spec);
int32_t bridge_service_observe(struct gurum_call *call, const struct gurum_service_spec *spec);

#endif
