/* Rules of IP ranges. */
#include "cloud/network/network_range.h"

#include "base/clock.h"
#include "base/ip4.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/network/network_store.h"
#include "cloud/zone/zone.h"

static bool bad(struct error *err, const char *parameter, const char *value)
{
    return error_with(err, ERROR_INVALID_VALUE, "network.bad_address", E_TEXT("parameter", parameter),
                      E_TEXT("value", value ? value : ""));
}

static const char *ip_text(struct arena *arena, uint32_t ip)
{
    char text[IP4_TEXT_BYTES];
    ip4_format(ip, text);
    return arena_strdup(arena, text);
}

static const char *cidr_text(struct arena *arena, struct ip4_network network)
{
    char text[IP4_CIDR_BYTES];
    ip4_format_cidr(network, text);
    return arena_strdup(arena, text);
}

static bool fill_ip4(struct arena *arena, struct ip_range *range, struct error *err)
{
    struct ip4_network network;
    uint32_t gateway, first, last;
    if (!ip4_parse_netmask(range->netmask, &network.bits))
        return bad(err, "netmask", range->netmask);
    if (!ip4_parse(range->gateway, &gateway))
        return bad(err, "gateway", range->gateway);
    network.address = gateway & ip4_mask(network.bits);
    range->end_ip = range->end_ip ? range->end_ip : range->start_ip;
    if (!ip4_parse(range->start_ip, &first) || !ip4_contains(network, first))
        return bad(err, "startip", range->start_ip);
    if (!ip4_parse(range->end_ip, &last) || !ip4_contains(network, last) || last < first)
        return bad(err, "endip", range->end_ip);
    if (gateway >= first && gateway <= last)
        return error_with(err, ERROR_INVALID_VALUE, "network.gateway_in_range", E_TEXT("gateway", range->gateway));
    range->cidr = cidr_text(arena, network);
    range->first_ip = range->next_ip = first;
    range->last_ip = last;
    return true;
}

bool ip_range_check_ip6(const struct ip_range *range, struct error *err)
{
    if (range->ip6_cidr && !ip6_is_prefix(range->ip6_cidr))
        return bad(err, "ip6cidr", range->ip6_cidr);
    if (range->ip6_gateway && !ip6_is_address(range->ip6_gateway))
        return bad(err, "ip6gateway", range->ip6_gateway);
    if (range->start_ip6 && !ip6_is_address(range->start_ip6))
        return bad(err, "startipv6", range->start_ip6);
    return !range->end_ip6 || ip6_is_address(range->end_ip6) || bad(err, "endipv6", range->end_ip6);
}

bool ip_range_fill(struct arena *arena, struct ip_range *range, struct error *err)
{
    bool v4 = range->start_ip || range->gateway || range->netmask;
    if (!v4 && !range->ip6_cidr)
        return bad(err, "startip", NULL);
    range->first_ip = range->next_ip = 0;
    range->last_ip = -1;
    if (v4 && !fill_ip4(arena, range, err))
        return false;
    return ip_range_check_ip6(range, err);
}

bool ip_range_of_cidr(struct arena *arena, const struct network *network, struct ip_range *ret_range, struct error *err)
{
    struct ip4_network net;
    uint32_t gateway;
    if (!ip4_parse_cidr(network->cidr, &net) || !ip4_parse(network->gateway, &gateway))
        return bad(err, "cidr", network->cidr);
    uint32_t first = net.address + 1, last = ip4_last(net) - 1;
    first += first == gateway;
    last -= last == gateway;
    *ret_range = (struct ip_range){.zone_id = network->zone_id,
                                   .physical_network_id = network->physical_network_id,
                                   .network_id = network->id,
                                   .gateway = network->gateway,
                                   .netmask = network->netmask,
                                   .cidr = network->cidr,
                                   .start_ip = ip_text(arena, first),
                                   .end_ip = ip_text(arena, last),
                                   .first_ip = first,
                                   .next_ip = first,
                                   .last_ip = last};
    return true;
}

/* ---- listed ranges ---- */

/* A Basic zone has one guest network, so nobody names it. */
static bool find_zone_guest(struct db *db, struct arena *arena, int64_t zone_id, struct network **ret_network,
                            struct error *err)
{
    struct db_rows rows;
    if (!network_store_shared(db, arena, &rows, err))
        return false;
    struct network *networks = rows.items;
    *ret_network = NULL;
    for (size_t i = 0; i < rows.count && !*ret_network; i++)
        if (networks[i].zone_id == zone_id)
            *ret_network = &networks[i];
    return true;
}

static bool find_network(struct db *db, struct arena *arena, const struct ip_range_wish *wish,
                         struct network **ret_network, struct error *err)
{
    if (wish->network_id == 0) {
        if (!(wish->for_virtual_network
                  ? network_store_zone_system(db, arena, wish->zone_id, "Public", ret_network, err)
                  : find_zone_guest(db, arena, wish->zone_id, ret_network, err)))
            return false;
        return *ret_network || error_set(err, ERROR_INVALID_VALUE,
                                         wish->for_virtual_network ? "network.no_public" : "network.none_for_default");
    }
    if (!network_find(db, arena, wish->network_id, ret_network, err))
        return false;
    if (!*ret_network)
        return error_set(err, ERROR_INVALID_VALUE, "network.gone");
    if (!(*ret_network)->is_system && !string_equal((*ret_network)->guest_type, "Shared"))
        return error_set(err, ERROR_INVALID_VALUE, "network.range_of_shared");
    return true;
}

static bool check_pod(struct db *db, struct arena *arena, const struct ip_range_wish *wish,
                      const struct network *network, struct error *err)
{
    const struct pod *pod = NULL;
    if (wish->pod_id == 0)
        return true;
    if (!pod_find(db, arena, wish->pod_id, &pod, err))
        return false;
    return (pod && pod->zone_id == network->zone_id) || bad(err, "podid", pod ? pod->name : NULL);
}

struct range_creation {
    struct arena *arena;
    const struct ip_range *row;
    int64_t id;
};

static bool create_body(struct db *db, void *context, struct error *err)
{
    struct range_creation *creation = context;
    bool overlaps = false;
    if (!physical_network_hold(db, creation->row->physical_network_id, err) ||
        (creation->row->first_ip > 0 && !ip_range_store_overlaps(db, creation->arena, creation->row, &overlaps, err)))
        return false;
    if (overlaps)
        return error_with(err, ERROR_INVALID_VALUE, "network.range_overlaps", E_TEXT("start", creation->row->start_ip),
                          E_TEXT("end", creation->row->end_ip));
    return ip_range_store_add(db, creation->row, &creation->id, err);
}

bool ip_range_create(struct db *db, struct arena *arena, const struct ip_range_wish *wish, int64_t *ret_id,
                     struct error *err)
{
    struct network *network = NULL;
    char uuid[UUID_BYTES];
    int64_t tag = 0;
    if (!find_network(db, arena, wish, &network, err))
        return false;
    if ((wish->vlan && !network_parse_vlan(wish->vlan, &tag, err)) || !check_pod(db, arena, wish, network, err))
        return false;
    const char *vlan = !wish->vlan && network->broadcast_uri ? network->broadcast_uri : "vlan://untagged";
    uuid_random(uuid);
    struct ip_range row = {.uuid = uuid,
                           .zone_id = network->zone_id,
                           .physical_network_id = network->physical_network_id,
                           .network_id = network->id,
                           .pod_id = wish->pod_id,
                           .account_id = wish->account_id,
                           .domain_id = wish->domain_id,
                           .vlan = tag ? arena_printf(arena, "vlan://%lld", (long long)tag) : vlan,
                           .gateway = wish->gateway ? wish->gateway : network->gateway,
                           .netmask = wish->netmask ? wish->netmask : network->netmask,
                           .start_ip = wish->start_ip,
                           .end_ip = wish->end_ip,
                           .start_ip6 = wish->start_ip6,
                           .end_ip6 = wish->end_ip6,
                           .ip6_gateway = wish->ip6_gateway,
                           .ip6_cidr = wish->ip6_cidr,
                           .for_virtual_network = string_equal(network->traffic_type, "Public"),
                           .for_system_vms = wish->for_system_vms,
                           .is_listed = true,
                           .created = OPT_TIME(clock_now_ms())};
    struct range_creation creation = {.arena = arena, .row = &row};
    if (!ip_range_fill(arena, &row, err) || !db_transaction(db, create_body, &creation, err))
        return false;
    *ret_id = creation.id;
    return true;
}

struct range_removal {
    struct arena *arena;
    const struct ip_range *range;
};

/* The network's row is held, so nobody takes an address meanwhile. */
static bool remove_body(struct db *db, void *context, struct error *err)
{
    const struct range_removal *removal = context;
    const struct ip_range *range = removal->range;
    int64_t taken = 0;
    if (!network_store_hold(db, range->network_id, err) ||
        !ip_range_store_taken(db, removal->arena, range->id, &taken, err))
        return false;
    if (taken > 0)
        return error_with(err, ERROR_IN_USE, "network.range_used", E_INT("n", taken));
    return ip_range_store_remove(db, range->id, err);
}

bool ip_range_remove(struct db *db, struct arena *arena, int64_t id, struct error *err)
{
    struct ip_range *range = NULL;
    if (!ip_range_store_find(db, arena, id, NULL, &range, err))
        return false;
    if (!range || !range->is_listed)
        return error_set(err, ERROR_INVALID_VALUE, "network.range_gone");
    struct range_removal removal = {arena, range};
    return db_transaction(db, remove_body, &removal, err);
}
