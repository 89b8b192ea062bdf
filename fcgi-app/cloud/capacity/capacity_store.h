/* Sums over the tables of hosts, storage and networks. Reads only. */
#ifndef GURUM_CLOUD_CAPACITY_STORE_H
#define GURUM_CLOUD_CAPACITY_STORE_H

#include "cloud/capacity/capacity.h"

struct capacity_sums {
    int64_t cpu_limit_mhz, cpu_used_mhz, cpu_cores, memory_limit_mib, memory_used_mib;
    int64_t pool_total_bytes, pool_used_bytes, pool_limit_bytes, pool_allocated_bytes, local_total_bytes, local_allocated_bytes;
    int64_t store_total_bytes, store_used_bytes, public_total, public_taken, direct_total, direct_taken, vlan_total, vlan_taken;
};
MUST_CHECK bool capacity_store_sum(struct db *db, struct arena *arena, struct capacity_place place, struct capacity_sums *ret_sums,
                                   struct error *err);

#endif
