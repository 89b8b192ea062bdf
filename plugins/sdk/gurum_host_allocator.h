/* Plugin kind "host allocator": ranks hosts for a guest. The host has already left out every candidate that cannot
 * work (capacity, tags, state, affinity rules that must hold); an allocator only orders the rest and says why. It
 * touches nothing. */
#ifndef GURUM_HOST_ALLOCATOR_H
#define GURUM_HOST_ALLOCATOR_H

#include "gurum_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gurum_host_candidate {
    const char *uuid;
    const char *name;
    const char *cluster_uuid;
    const char *pod_uuid;
    const char *tags;       /* "ssd,gpu", or NULL */
    uint64_t cpu_mhz_total; /* after overcommit */
    uint64_t cpu_mhz_used;
    uint64_t cpu_mhz_reserved; /* for stopped guests that may come back */
    uint64_t memory_mib_total; /* after overcommit */
    uint64_t memory_mib_used;
    uint64_t memory_mib_reserved;
    uint32_t guests;
    uint32_t guests_of_account;
    uint32_t guests_of_group; /* of the affinity groups of the request */
    uint32_t guests_of_group_in_cluster;
    uint8_t was_last_host; /* the guest ran here last */
    uint8_t has_image;     /* a pool of this host has the image already */
    uint8_t reserved[6];
};

struct gurum_host_request {
    uint32_t size;
    uint32_t cpu_count;
    uint64_t cpu_mhz; /* of all CPUs together */
    uint64_t memory_mib;
    const char *guest_uuid;
    const char *account_uuid;
    const char *tags;           /* or NULL */
    uint32_t prefers_apart;     /* soft anti-affinity: fewer of its group is better */
    uint32_t prefers_together;  /* soft affinity: more is better */
    struct gurum_array details; /* struct gurum_detail of the offering */
};

struct gurum_host_rank_spec {
    uint32_t size;
    uint32_t ranked_most; /* report no more than so many; 0 = all */
    const struct gurum_host_request *request;
    struct gurum_array
        candidates; /* struct gurum_host_candidate; its order means nothing but is the same when repeated */
};

struct gurum_host_allocator_operations {
    uint32_t size;
    uint32_t reserved;
    /* Reports RANK. The same input gives the same order. Returns OK also when nothing is worth ranking; the host
     * then falls back to its own order, as it does after any other status. Never PENDING. */
    int32_t (*rank)(struct gurum_call *call, const struct gurum_host_rank_spec *spec);
};

#define GURUM_HOST_ALLOCATOR_SLOTS(X) X(rank, gurum_host_rank_spec, 0)

#ifdef __cplusplus
}
#endif
#endif
