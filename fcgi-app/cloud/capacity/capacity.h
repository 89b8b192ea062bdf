/* How full places are: sums over hosts, pools, addresses and VLANs, for listCapacity and for showcapacities of zones,
 * pods, clusters. */
#ifndef GURUM_CLOUD_CAPACITY_H
#define GURUM_CLOUD_CAPACITY_H

#include "api/api.h"

enum capacity_type { /* numbers of the wire */
                     CAPACITY_MEMORY = 0,
                     CAPACITY_CPU = 1,
                     CAPACITY_STORAGE = 2,
                     CAPACITY_STORAGE_ALLOCATED = 3,
                     CAPACITY_PUBLIC_IP = 4,
                     CAPACITY_PRIVATE_IP = 5,
                     CAPACITY_SECONDARY_STORAGE = 6,
                     CAPACITY_VLAN = 7,
                     CAPACITY_DIRECT_IP = 8,
                     CAPACITY_LOCAL_STORAGE = 9,
                     CAPACITY_CPU_CORE = 90
};
extern const struct field_table CAPACITY_RESPONSE;

struct capacity_place { int64_t zone_id, pod_id, cluster_id; }; /* 0: all */
/* The capacity rows of one place, as an object_list of CAPACITY_RESPONSE for a reply. */
MUST_CHECK bool capacity_of(struct db *db, struct arena *arena, struct capacity_place place,
                            struct object_list *ret_capacities, struct error *err);

/* The same as numbers. */
struct capacity_share {
    enum capacity_type type;
    int64_t used, total;
};
enum { CAPACITY_SHARES_MAX = 16 };
MUST_CHECK bool capacity_shares(struct db *db, struct arena *arena, struct capacity_place place,
                                struct capacity_share ret_shares[static CAPACITY_SHARES_MAX], size_t *ret_count,
                                struct error *err);

void capacity_register(void); /* listCapacity */

#endif
