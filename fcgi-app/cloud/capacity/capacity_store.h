/* Sums over the tables of hosts, storage and networks. Reads only. */
#ifndef GURUM_CLOUD_CAPACITY_STORE_H
#define GURUM_CLOUD_CAPACITY_STORE_H

#include "cloud/capacity/capacity.h"

struct host_sums {
    int64_t cpu_limit_mhz, cpu_used_mhz, memory_limit_mib, memory_used_mib;
};
struct pool_sums {
    int64_t total_bytes, used_bytes, limit_bytes, allocated_bytes, local_total_bytes, local_allocated_bytes;
};
struct store_sums {
    int64_t total_bytes, used_bytes;
};
struct address_sums {
    int64_t public_total, public_taken, direct_total, direct_taken;
};
struct vlan_sums {
    int64_t total, taken;
};
struct capacity_sums {
    struct host_sums hosts;
    struct pool_sums pools;
    struct store_sums stores;
    struct address_sums addresses;
    struct vlan_sums vlans;
};
MUST_CHECK bool capacity_store_sum(struct db *db, struct arena *arena, struct capacity_place place,
                                   struct capacity_sums *ret_sums, struct error *err);

#endif
