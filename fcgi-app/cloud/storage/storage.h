/* Primary storage pools, where volumes live, and image stores. What other features may ask of it. Plugin calls:
 * storage_jobs.c. */
#ifndef GURUM_CLOUD_STORAGE_H
#define GURUM_CLOUD_STORAGE_H

#include "api/api.h"

/* "limit" is the total times storage.overprovisioning.factor; "allocated" what volumes reserved (their virtual size).
 */
struct storage_pool {
    int64_t id;
    const char *uuid, *name, *scope; /* "ZONE", "CLUSTER", "HOST" */
    const char *provider;            /* storage plugin's name */
    const char *pool_type;           /* "NetworkFilesystem", "Filesystem", "SharedMountPoint" … */
    const char *url, *host_address, *path, *hypervisor,
        *state; /* state "Up", "Disabled", "PrepareForMaintenance", "Maintenance", "Creating", "Removing" */
    const char *tags;
    int64_t zone_id, pod_id, cluster_id, host_id; /* 0: none */
    int64_t total_bytes, limit_bytes, allocated_bytes, used_bytes;
};
MUST_CHECK bool storage_pool_find(struct db *db, struct arena *arena, int64_t id, struct storage_pool **ret_pool,
                                  struct error *err);
/* Names for lists, cached. */
struct storage_pool_name {
    int64_t id;
    const char *uuid, *name, *provider, *scope, *url;
    int64_t zone_id, cluster_id;
};
MUST_CHECK bool storage_pool_name_find(struct db *db, struct arena *arena, int64_t id,
                                       const struct storage_pool_name **ret_name, struct error *err);
/* Driver settings of a pool or image store (struct pair items), secrets opened. */
MUST_CHECK bool storage_pool_details(struct db *db, struct arena *arena, int64_t pool_id, struct pair_list *ret_details,
                                     struct error *err);
MUST_CHECK bool image_store_details(struct db *db, struct arena *arena, int64_t store_id, struct pair_list *ret_details,
                                    struct error *err);

/* One UPDATE that matches only while the pool is Up and has room; in the caller's open transaction. */
MUST_CHECK bool pool_reserve(struct db *db, int64_t pool_id, int64_t bytes, bool *ret_reserved, struct error *err);
MUST_CHECK bool pool_release(struct db *db, int64_t pool_id, int64_t bytes, struct error *err);

enum { POOL_CANDIDATES_MAX = 5000 };
struct pool_filter {
    int64_t zone_id;              /* required */
    int64_t cluster_id;           /* 0: any; else pools that this cluster's hosts reach: its own and the zone's */
    int64_t host_id;              /* with local: this host's pools */
    const char *hypervisor, *tags;/* as for hosts */
    int64_t bytes;                /* 0: full ones too */
    bool local;                   /* pools of scope HOST; else only shared ones */
};
MUST_CHECK bool pool_candidates(struct db *db, struct arena *arena, const struct pool_filter *filter,
                                const struct storage_pool **ret_pools, size_t *ret_count, struct error *err);

struct image_store {
    int64_t id;
    const char *uuid, *name, *provider, *protocol, *url, *scope; /* scope "ZONE" or "REGION" */
    const char *asked_provider; /* what the operator named ("NFS"); provider is the plugin */
    int64_t zone_id; /* 0: every zone */
    const char *state; /* "Creating", "Up", "Removing" */
    bool read_only;
    int64_t total_bytes, used_bytes; /* 0: not known */
    struct opt_time created;
};
/* Cached. */
MUST_CHECK bool image_store_find(struct db *db, struct arena *arena, int64_t id, const struct image_store **ret_store,
                                 struct error *err);
/* The writable store where a zone's images go: the zone's own first, then one for every zone; NULL: none. */
MUST_CHECK bool image_store_for_zone(struct db *db, struct arena *arena, int64_t zone_id,
                                     const struct image_store **ret_store, struct error *err);

void storage_register(void); /* commands, kinds storage_pool and image_store, job kinds */

#endif
