/* The network provider's slots over the simulated state. A segment is keyed "network@host url", and so are the
 * services that run beside it; they are stored as they were asked for. */
#include "gurum_network.h"
#include "server/request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define VNI_FIRST 5000

static int32_t provider_probe(struct request *request)
{
    struct json_object *item = request_item(request, GURUM_ITEM_PROVIDER);
    set_text(item, "version", "1.0");
    set_number(item, "networks_most", 16000000);
    request_check(request, "reachable", true, "the simulator answers", NULL);
    return GURUM_OK;
}

static void network_report(struct request *request, const char *uuid, struct json_object *network)
{
    struct json_object *item = request_item(request, GURUM_ITEM_NETWORK);
    set_text(item, "uuid", uuid);
    set_number(item, "state", network == NULL ? GURUM_NETWORK_ABSENT : GURUM_NETWORK_UP);
    if (network != NULL) {
        set_text(item, "handle", text_of(network, "handle"));
        set_number(item, "isolation_id", number_of(network, "isolation_id"));
    }
}

/* The other network with this id on the same wires; NULL when there is none. */
static const char *isolation_owner(struct json_object *wanted, const char *physical, const char *uuid, int64_t id)
{
    json_object_object_foreach(state_all(STATE_networks), other, network)
    {
        const char *wires = text_of(network, "physical_network_uuid");
        if (strcmp(other, uuid) != 0 && number_of(network, "isolation_id") == id &&
            number_of(network, "isolation") == number_of(wanted, "isolation") &&
            strcmp(wires == NULL ? "" : wires, physical == NULL ? "" : physical) == 0)
            return other;
    }
    return NULL;
}

static int32_t network_ensure(struct request *request)
{
    struct json_object *wanted = member_of(request->spec, "network");
    const char *uuid = text_of(wanted, "uuid"), *physical = spec_text(request, "provider", "physical_network_uuid");
    int64_t id = number_of(wanted, "isolation_id");
    if (uuid == NULL)
        return request_fail(request, GURUM_INVALID, "network_unnamed", "a network needs a uuid");
    struct json_object *network = state_get(STATE_networks, uuid);
    /* An id was left to us: the one it has, else the next free one. */
    if (id == 0 && number_of(wanted, "isolation") == GURUM_ISOLATION_VXLAN) {
        id = number_of(network, "isolation_id") > 0 ? number_of(network, "isolation_id") : VNI_FIRST;
        while (network == NULL && isolation_owner(wanted, physical, uuid, id) != NULL)
            id++;
    }
    const char *owner = NULL;
    if (id > 0 && number_of(wanted, "isolation") != GURUM_ISOLATION_NONE && number_of(network, "isolation_id") != id)
        owner = isolation_owner(wanted, physical, uuid, id);
    if (owner != NULL)
        return request_fail(request, GURUM_CONFLICT, "isolation_taken", "%" PRId64 " belongs to network %s", id, owner);
    struct json_object *next = copy_of(wanted);
    char handle[64];
    snprintf(handle, sizeof(handle), "simnet-%08" PRIx64, hash_of(uuid) & 0xffffffff);
    set_text(next, "handle", handle);
    set_number(next, "isolation_id", id);
    set_text(next, "physical_network_uuid", physical);
    state_put(STATE_networks, uuid, next);
    network_report(request, uuid, next);
    return GURUM_OK;
}

static int32_t network_observe(struct request *request)
{
    const char *uuid = spec_text(request, "network", "uuid");
    network_report(request, uuid, state_get(STATE_networks, uuid));
    return GURUM_OK;
}

static int32_t network_list(struct request *request)
{
    const char *physical = spec_text(request, "provider", "physical_network_uuid");
    json_object_object_foreach(state_all(STATE_networks), uuid, network)
    {
        const char *wires = text_of(network, "physical_network_uuid");
        if (strcmp(wires == NULL ? "" : wires, physical == NULL ? "" : physical) == 0)
            network_report(request, uuid, network);
    }
    return GURUM_OK;
}

static int32_t network_remove(struct request *request)
{
    const char *uuid = spec_text(request, "network", "uuid"), *guest;
    if (uuid == NULL || state_get(STATE_networks, uuid) == NULL)
        return GURUM_OK;
    if (network_is_used(uuid, NULL, &guest))
        return request_fail(request, GURUM_CONFLICT, "network_in_use", "guest %s has a NIC in network %s", guest, uuid);
    struct json_object *doomed = json_object_new_object();
    json_object_object_foreach(state_all(STATE_segments), id, segment)
    {
        const char *network = text_of(segment, "network_uuid");
        if (network != NULL && strcmp(network, uuid) == 0)
            json_object_object_add(doomed, id, NULL);
    }
    json_object_object_foreach(doomed, segment_id, ignored)
    {
        (void)ignored;
        state_remove(STATE_segments, segment_id);
        state_remove(STATE_services, segment_id);
    }
    json_object_put(doomed);
    state_remove(STATE_networks, uuid);
    return GURUM_OK;
}

/* ---- Segments ---- */

enum { SEGMENT_ID_BYTES = 512 };

static void segment_id_write(char *id, const char *uuid, const char *url)
{
    snprintf(id, SEGMENT_ID_BYTES, "%s@%s", uuid == NULL ? "" : uuid, url == NULL ? "" : url);
}

static int32_t host_network_ensure(struct request *request)
{
    const char *uuid = spec_text(request, "network", "uuid"), *url = spec_text(request, "host", "url");
    int32_t status = host_reach(request, url);
    if (status != GURUM_OK)
        return status;
    struct json_object *network = state_get(STATE_networks, uuid);
    if (network == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "network_absent", "network %s does not exist", uuid);
    char id[SEGMENT_ID_BYTES], handle[64];
    segment_id_write(id, uuid, url);
    snprintf(handle, sizeof(handle), "simbr%" PRId64, number_of(network, "isolation_id"));
    if (state_get(STATE_segments, id) == NULL) {
        struct json_object *segment = json_object_new_object();
        set_text(segment, "network_uuid", uuid);
        set_text(segment, "host", url);
        set_text(segment, "handle", handle);
        state_put(STATE_segments, id, segment);
    }
    struct json_object *item = request_item(request, GURUM_ITEM_SEGMENT);
    set_text(item, "network_uuid", uuid);
    set_text(item, "host_uuid", spec_text(request, "host", "uuid"));
    set_text(item, "handle", handle);
    set_number(item, "mtu", number_of(network, "mtu") > 0 ? number_of(network, "mtu") : 1450);
    return GURUM_OK;
}

static int32_t host_network_remove(struct request *request)
{
    const char *uuid = spec_text(request, "network", "uuid"), *url = spec_text(request, "host", "url"), *guest;
    char id[SEGMENT_ID_BYTES];
    segment_id_write(id, uuid, url);
    if (state_get(STATE_segments, id) == NULL)
        return GURUM_OK;
    if (network_is_used(uuid, url, &guest))
        return request_fail(request, GURUM_CONFLICT, "segment_in_use", "guest %s has a NIC in network %s", guest, uuid);
    state_remove(STATE_segments, id);
    state_remove(STATE_services, id);
    return GURUM_OK;
}

/* ---- Services ---- */

static void services_report(struct request *request, const char *uuid, struct json_object *services)
{
    int64_t bits = number_of(services, "services");
    for (int bit = 0; bit < 16; bit++) {
        if (!(bits >> bit & 1))
            continue;
        struct json_object *item = request_item(request, GURUM_ITEM_SERVICE);
        set_text(item, "network_uuid", uuid);
        set_number(item, "service", INT64_C(1) << bit);
        set_number(item, "revision", number_of(services, "revision"));
        set_number(item, "state", GURUM_NETWORK_UP);
    }
}

static int32_t service_apply(struct request *request)
{
    const char *uuid = spec_text(request, "network", "uuid"), *url = spec_text(request, "host", "url");
    char id[SEGMENT_ID_BYTES];
    int32_t status = host_reach(request, url);
    if (status != GURUM_OK)
        return status;
    segment_id_write(id, uuid, url);
    if (state_get(STATE_segments, id) == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "segment_absent", "network %s has no segment at %s", uuid, url);
    struct json_object *services = state_get(STATE_services, id);
    if (services == NULL || number_of(services, "revision") <= number_of(request->spec, "revision")) {
        static const char *const kept[] = {"services",         "revision",       "addresses",   "leases",
                                           "dns_records",      "firewall_rules", "forwardings", "balancers",
                                           "balancer_members", "routes",         "metadata"};
        services = json_object_new_object();
        for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
            json_object_object_add(services, kept[i], copy_of(member_of(request->spec, kept[i])));
        state_put(STATE_services, id, services);
    }
    services_report(request, uuid, services);
    return GURUM_OK;
}

static int32_t service_observe(struct request *request)
{
    const char *uuid = spec_text(request, "network", "uuid"), *url = spec_text(request, "host", "url");
    char id[SEGMENT_ID_BYTES];
    int32_t status = host_reach(request, url);
    if (status != GURUM_OK)
        return status;
    segment_id_write(id, uuid, url);
    services_report(request, uuid, state_get(STATE_services, id));
    return GURUM_OK;
}

static void traffic_report(struct request *request, const char *uuid, const char *address)
{
    struct json_object *item = request_item(request, GURUM_ITEM_TRAFFIC);
    int64_t rate = (int64_t)(hash_of(address == NULL ? uuid : address) % 900) + 100;
    set_text(item, "network_uuid", uuid);
    set_text(item, "public_ipv4", address);
    set_number(item, "in_bytes", request->now_ms / 1000 % 100000000 * rate);
    set_number(item, "out_bytes", request->now_ms / 1000 % 100000000 * rate / 2);
    set_number(item, "since_ms", 1);
}

/* The public addresses as they are at one of the network's hosts: all have the same. */
static struct json_object *addresses_of(const char *uuid)
{
    json_object_object_foreach(state_all(STATE_services), id, services)
    {
        if (strncmp(id, uuid, strlen(uuid)) == 0)
            return member_of(services, "addresses");
    }
    return NULL;
}

static int32_t traffic_observe(struct request *request)
{
    const char *uuid = spec_text(request, "network", "uuid");
    if (state_get(STATE_networks, uuid) == NULL)
        return GURUM_OK;
    traffic_report(request, uuid, NULL);
    struct json_object *addresses = addresses_of(uuid);
    for (size_t i = 0; addresses != NULL && i < json_object_array_length(addresses); i++)
        traffic_report(request, uuid, text_of(json_object_array_get_idx(addresses, i), "ipv4"));
    return GURUM_OK;
}

const struct slot network_slots[] = {
    {"provider_probe", provider_probe, 0},
    {"network_ensure", network_ensure, 0},
    {"network_observe", network_observe, 0},
    {"network_list", network_list, 0},
    {"network_remove", network_remove, SLOT_IGNORES_CANCEL},
    {"host_network_ensure", host_network_ensure, 0},
    {"host_network_remove", host_network_remove, SLOT_IGNORES_CANCEL},
    {"service_apply", service_apply, 0},
    {"service_observe", service_observe, 0},
    {"traffic_observe", traffic_observe, 0},
    {NULL, NULL, 0},
};
