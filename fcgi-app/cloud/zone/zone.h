/* Places: zones, the pods in them, the clusters in those. Small tables, cached in the process (cloud/cache). What other
 * features may ask of it. */
#ifndef GURUM_CLOUD_ZONE_H
#define GURUM_CLOUD_ZONE_H

#include "api/api.h"

struct zone {
    int64_t id;
    const char *uuid, *name, *network_type; /* "Basic", "Advanced" */
    const char *allocation_state;           /* "Enabled", "Disabled": only root admins deploy into a disabled one */
    const char *dns1, *dns2, *ip6_dns1, *ip6_dns2, *internal_dns1, *internal_dns2, *guest_cidr, *network_domain,
        *dhcp_provider, *token;
    const char *dns_search_order, *storage_access_groups;
    int64_t domain_id; /* 0: for everybody; else for this tenant domain and those below it */
    bool security_groups, local_storage, is_edge;
    int64_t sort_key;
    const char *details; /* see reply_pairs_of */
    struct opt_time created;
};
struct pod {
    int64_t id;
    const char *uuid, *name, *gateway, *netmask, *start_ip, *end_ip, *allocation_state, *storage_access_groups;
    int64_t zone_id;
    struct opt_time created;
};
struct cluster {
    int64_t id;
    const char *uuid, *name, *hypervisor; /* as asked for: "KVM", "Simulator" */
    const char *cluster_type, *allocation_state, *managed_state, *arch, *storage_access_groups;
    int64_t zone_id, pod_id;
    struct opt_double cpu_overcommit, memory_overcommit; /* always set */
    struct opt_time created;
};

/* By id from the cache; NULL: none (removed ones are not found). Rows live as long as the arena. */
MUST_CHECK bool zone_find(struct db *db, struct arena *arena, int64_t id, const struct zone **ret_zone,
                          struct error *err);
MUST_CHECK bool pod_find(struct db *db, struct arena *arena, int64_t id, const struct pod **ret_pod, struct error *err);
MUST_CHECK bool cluster_find(struct db *db, struct arena *arena, int64_t id, const struct cluster **ret_cluster,
                             struct error *err);
/* All of them, by ascending id. */
MUST_CHECK bool zone_all(struct db *db, struct arena *arena, const struct zone **ret_zones, size_t *ret_count,
                         struct error *err);
MUST_CHECK bool pod_all(struct db *db, struct arena *arena, const struct pod **ret_pods, size_t *ret_count,
                        struct error *err);
MUST_CHECK bool cluster_all(struct db *db, struct arena *arena, const struct cluster **ret_clusters, size_t *ret_count,
                            struct error *err);

bool zone_is_basic(const struct zone *zone);
bool zone_is_enabled(const struct zone *zone);
/* Whether an account below `domain_path` may use the zone: it is public, or restricted to a tenant domain above that
 * path. */
MUST_CHECK bool zone_is_offered_to(struct db *db, struct arena *arena, const struct zone *zone, const char *domain_path,
                                   bool *ret_offered, struct error *err);
/* The checks of every command that creates something of a tenant in a zone. Errors: INVALID_VALUE, DENIED
 * "zone.disabled". */
MUST_CHECK bool zone_check_usable(struct db *db, struct arena *arena, int64_t zone_id, const struct caller *caller,
                                  const struct owner *owner, const struct zone **ret_zone, struct error *err);

/* Holds the place until COMMIT: nobody removes it while something is put into it. In the caller's open transaction.
 * The hold is written: of two nodes of a cluster that hold the same place, one is rolled back and repeats.
 * Errors: INVALID_VALUE "zone.place_gone". */
MUST_CHECK bool zone_hold(struct db *db, int64_t zone_id, struct error *err);
MUST_CHECK bool pod_hold(struct db *db, int64_t pod_id, struct error *err);
MUST_CHECK bool cluster_hold(struct db *db, int64_t cluster_id, struct error *err);
/* A cluster of that name in the pod; NULL: none (addHost by clustername). */
MUST_CHECK bool cluster_find_named(struct db *db, struct arena *arena, int64_t pod_id, const char *name,
                                   const struct cluster **ret_cluster, struct error *err);
/* New overcommitment of a cluster, in the open transaction; its hosts are the host feature's matter. */
MUST_CHECK bool cluster_set_overcommit(struct db *db, int64_t cluster_id, double cpu, double memory, struct error *err);

void zone_register(void); /* commands; kinds zone, pod, cluster */

#endif
