/* Rules of networks, for this feature's own files. */
#ifndef GURUM_CLOUD_NETWORK_SERVICE_H
#define GURUM_CLOUD_NETWORK_SERVICE_H

#include "cloud/network/network_offering_store.h"
#include "cloud/network/network_range.h"
#include "cloud/network/network_store.h"
#include "cloud/zone/zone.h"

struct network_wish {
    const char *name, *display_text, *acl_type, *gateway, *netmask, *start_ip, *end_ip, *start_ip6, *end_ip6,
        *ip6_gateway, *ip6_cidr, *vlan, *network_domain, *dns1, *dns2, *ip6_dns1, *ip6_dns2, *external_id;
    int64_t zone_id, offering_id, physical_network_id,
        domain_id /* of a shared network for a tenant domain; 0: the root */;
    int64_t cidr_size, private_mtu, public_mtu;
    bool account_given, bypass_vlan_check, display, subdomain_access;
};
/* In the open transaction, or its own. Errors: INVALID_VALUE, DENIED, RESOURCE_ALLOCATION. */
MUST_CHECK bool network_create(struct db *db, struct arena *arena, const struct caller *caller,
                               const struct owner *owner, const struct network_wish *wish, int64_t *ret_id,
                               struct error *err);
/* Gateway, netmask and CIDR of a wish filled against each other. Pure but for the arena. Errors: INVALID_VALUE. */
MUST_CHECK bool network_fill_cidr(struct arena *arena, const struct network_wish *wish, const char *default_cidr,
                                  struct network *network, struct error *err);
/* In the open transaction: the row, its addresses and segment, and the counters of its owner. Errors: IN_USE. */
MUST_CHECK bool network_drop(struct db *db, struct arena *arena, const struct network *network, struct error *err);
/* May an account of that domain see a shared network? Pure. */
bool network_is_shared_with(const struct network *network, int64_t domain_id, const char *domain_path);
bool network_is_shared(const struct network *network); /* nobody's in particular */
MUST_CHECK bool network_update(struct db *db, struct arena *arena, const struct network *network,
                               const struct network_edit *edit, struct error *err);

#endif
