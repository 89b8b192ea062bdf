/* Plugin kind "storage allocator": ranks pools for a volume; otherwise as gurum_host_allocator.h. */
#ifndef GURUM_STORAGE_ALLOCATOR_H
#define GURUM_STORAGE_ALLOCATOR_H

#include "gurum_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gurum_pool_candidate {
    const char *uuid;
    const char *name;
    const char *cluster_uuid; /* NULL: the whole zone */
    const char *tags;         /* or NULL */
    uint64_t capacity_bytes;  /* after overcommit */
    uint64_t used_bytes;      /* at the provider */
    uint64_t promised_bytes;  /* sizes of all volumes placed there */
    uint32_t volumes;
    uint32_t volumes_of_guest; /* disks of the same guest */
    uint64_t iops_most;        /* 0 = unknown */
    uint64_t iops_promised;
    uint8_t is_local;
    uint8_t has_image; /* the image is cached there */
    uint8_t was_last_pool;
    uint8_t reserved[5];
};

struct gurum_pool_request {
    uint32_t size;
    uint32_t provisioning; /* enum gurum_provisioning of gurum_storage.h */
    uint64_t size_bytes;
    uint64_t iops_least;
    const char *volume_uuid;
    const char *guest_uuid; /* or NULL */
    const char *account_uuid;
    const char *host_uuid;      /* the guest's host when it is known; or NULL */
    const char *tags;           /* or NULL */
    struct gurum_array details; /* struct gurum_detail of the offering */
};

struct gurum_pool_rank_spec {
    uint32_t size;
    uint32_t ranked_most; /* report no more than so many; 0 = all */
    const struct gurum_pool_request *request;
    struct gurum_array candidates; /* struct gurum_pool_candidate */
};

struct gurum_storage_allocator_operations {
    uint32_t size;
    uint32_t reserved;
    /* As gurum_host_allocator_operations.rank. */
    int32_t (*rank)(struct gurum_call *call, const struct gurum_pool_rank_spec *spec);
};

#define GURUM_STORAGE_ALLOCATOR_SLOTS(X) X(rank, gurum_pool_rank_spec, 0)

#ifdef __cplusplus
}
#endif
#endif
