/* Ranges of IP addresses and the addresses themselves, for this feature's own files. */
#ifndef GURUM_CLOUD_NETWORK_RANGE_H
#define GURUM_CLOUD_NETWORK_RANGE_H

#include "cloud/network/network.h"

#define IP_RANGE_COLUMNS(X)                                                                                            \
    X(uuid)                                                                                                            \
    X(zone_id) X(physical_network_id) X(network_id) X(pod_id) X(account_id) X(domain_id) X(vlan) X(gateway) X(netmask) \
        X(cidr) X(start_ip) X(end_ip) X(first_ip) X(last_ip) X(next_ip) X(start_ip6) X(end_ip6) X(ip6_gateway)         \
            X(ip6_cidr) X(for_virtual_network) X(for_system_vms) X(is_listed) X(created)
struct ip_range {
    int64_t id;
    const char *uuid;
    int64_t zone_id, physical_network_id, network_id, pod_id, account_id, domain_id;
    const char *vlan, *gateway, *netmask, *cidr, *start_ip, *end_ip;
    int64_t first_ip, last_ip, next_ip; /* last < first: no IPv4 in it */
    const char *start_ip6, *end_ip6, *ip6_gateway, *ip6_cidr;
    bool for_virtual_network, for_system_vms, is_listed;
    struct opt_time created;
};
struct address_row {
    int64_t id, ip /* 0: none */, network_id, range_id;
    bool in_use;
    const char *mac; /* stays with an IPv4 address when it is given back; NULL: none yet */
};
enum { IP_RANGES_MAX = 512, IP_RANGES_LISTED_MAX = 20000 };

/* ---- network_address_store.c ---- */

MUST_CHECK bool address_store_raise_nics(struct db *db, int64_t network_id, struct error *err);
MUST_CHECK bool address_store_ranges(struct db *db, struct arena *arena, int64_t network_id, struct db_rows *ret_ranges,
                                     struct error *err);
MUST_CHECK bool address_store_advance(struct db *db, int64_t range_id, int64_t from, bool *ret_mine, struct error *err);
MUST_CHECK bool address_store_find_free(struct db *db, struct arena *arena, int64_t range_id,
                                        struct address_row **ret_row, struct error *err);
MUST_CHECK bool address_store_find_ip(struct db *db, struct arena *arena, int64_t network_id, int64_t ip,
                                      struct address_row **ret_row, struct error *err);
MUST_CHECK bool address_store_find_mac(struct db *db, struct arena *arena, const char *mac,
                                       struct address_row **ret_row, struct error *err);
MUST_CHECK bool address_store_find(struct db *db, struct arena *arena, int64_t id, struct address_row **ret_row,
                                   struct error *err);
MUST_CHECK bool address_store_take(struct db *db, int64_t id, const char *mac, const struct address_owner *owner,
                                   bool *ret_mine, struct error *err);
MUST_CHECK bool address_store_add(struct db *db, const struct address_row *row, const char *mac,
                                  const struct address_owner *owner, int64_t *ret_id, struct error *err);
/* A MAC address that a free address remembers is wanted elsewhere. */
MUST_CHECK bool address_store_drop_mac(struct db *db, int64_t id, struct error *err);
/* Repeating is harmless. */
MUST_CHECK bool address_store_give_back(struct db *db, const struct address_row *row, struct error *err);
MUST_CHECK bool ip_range_store_add(struct db *db, const struct ip_range *range, int64_t *ret_id, struct error *err);
MUST_CHECK bool ip_range_store_find(struct db *db, struct arena *arena, int64_t id, const char *uuid,
                                    struct ip_range **ret_range, struct error *err);
MUST_CHECK bool ip_range_store_listed(struct db *db, struct arena *arena, int64_t zone_id, struct db_rows *ret_ranges,
                                      struct error *err);
MUST_CHECK bool ip_range_store_overlaps(struct db *db, struct arena *arena, const struct ip_range *range,
                                        bool *ret_overlaps, struct error *err);
MUST_CHECK bool ip_range_store_taken(struct db *db, struct arena *arena, int64_t id, int64_t *ret_count,
                                     struct error *err);
MUST_CHECK bool ip_range_store_remove(struct db *db, int64_t id, struct error *err);

/* ---- network_range_service.c ---- */

struct ip_range_wish {
    int64_t zone_id, physical_network_id, network_id, pod_id, account_id, domain_id;
    const char *vlan, *gateway, *netmask, *start_ip, *end_ip, *start_ip6, *end_ip6, *ip6_gateway, *ip6_cidr;
    bool for_virtual_network, for_system_vms;
};
/* A listed range of the zone's public network or of a shared network. Errors: INVALID_VALUE. */
MUST_CHECK bool ip_range_create(struct db *db, struct arena *arena, const struct ip_range_wish *wish, int64_t *ret_id,
                                struct error *err);
/* Errors: IN_USE "network.range_used". */
MUST_CHECK bool ip_range_remove(struct db *db, struct arena *arena, int64_t id, struct error *err);
/* Checks gateway, netmask, first and last address against each other and fills the numbers, CIDR and netmask of the
 * range; end_ip NULL: as start_ip. Pure but for the arena. Errors: INVALID_VALUE. */
MUST_CHECK bool ip_range_fill(struct arena *arena, struct ip_range *range, struct error *err);
/* Prefix, gateway, first and last IPv6 address. Pure. Errors: INVALID_VALUE. */
MUST_CHECK bool ip_range_check_ip6(const struct ip_range *range, struct error *err);
/* The addresses of an isolated network's CIDR but the network's, the gateway's at the edge and the broadcast address.
 */
MUST_CHECK bool ip_range_of_cidr(struct arena *arena, const struct network *network, struct ip_range *ret_range,
                                 struct error *err);

#endif
