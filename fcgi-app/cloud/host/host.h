/* Hypervisor hosts: what they have, what is reserved on them. What other features may ask of it. Probing is in
 * host_jobs.c. */
#ifndef GURUM_CLOUD_HOST_H
#define GURUM_CLOUD_HOST_H

#include "api/api.h"

/* A host as placement and jobs need it. "limit" is the total times the cluster's overcommit ratio. */
struct host {
    int64_t id;
    const char *uuid, *name, *hypervisor, *url, *arch, *state, *resource_state, *tags; /* tags: "a,b" or NULL */
    const char *hypervisor_version, *private_ip, *username;
    const char *provider_details; /* what its plugin wants to be told again; see reply_pairs_of */
    int64_t zone_id, pod_id, cluster_id;
    int64_t cpu_cores, cpu_speed_mhz;
    int64_t cpu_total_mhz, cpu_limit_mhz, cpu_used_mhz;
    int64_t memory_total_mib, memory_limit_mib, memory_used_mib;
};

/* NULL: none, or removed. Not cached: the figures are the current ones. */
MUST_CHECK bool host_find(struct db *db, struct arena *arena, int64_t id, struct host **ret_host, struct error *err);

/* 0 in *ret_id: none. */
MUST_CHECK bool host_id_find_any(struct db *db, struct arena *arena, const char *uuid, int64_t *ret_id,
                                 struct error *err);

/* Names for lists, cached in the process: NULL in *ret_name and *ret_uuid when there is no such host. */
struct host_name {
    int64_t id;
    const char *uuid, *name, *hypervisor;
    int64_t zone_id, pod_id, cluster_id;
};
MUST_CHECK bool host_name_find(struct db *db, struct arena *arena, int64_t id, const struct host_name **ret_name,
                               struct error *err);

/* Takes capacity of a host in the caller's open transaction: one UPDATE that matches only while the host is Up, Enabled
 * and has room. *ret_reserved false: it has no room (any more). */
MUST_CHECK bool host_reserve(struct db *db, int64_t host_id, int64_t cpu_mhz, int64_t memory_mib, bool *ret_reserved,
                             struct error *err);
/* Takes it whatever is left: for a guest that was found to run there. */
MUST_CHECK bool host_take(struct db *db, int64_t host_id, int64_t cpu_mhz, int64_t memory_mib, struct error *err);
/* Gives it back. Errors: INTERNAL when more is given back than was taken. */
MUST_CHECK bool host_release(struct db *db, int64_t host_id, int64_t cpu_mhz, int64_t memory_mib, struct error *err);

enum { HOST_CANDIDATES_MAX = 30000 };
struct host_filter {
    int64_t zone_id;                      /* required */
    int64_t pod_id, cluster_id, host_id;  /* 0: any */
    const char *hypervisor;               /* NULL: any */
    const char *arch;                     /* NULL: any */
    const char *tags;                     /* the offering's "a,b": a host must have them all; NULL: any */
    int64_t cpu_mhz, memory_mib;          /* 0: hosts without room too */
    bool any_state;                       /* disabled and down hosts too, to explain why they were not taken */
};
/* Hosts that pass, by id; rows of struct host. Clusters and pods that are disabled count as disabled hosts. */
MUST_CHECK bool host_candidates(struct db *db, struct arena *arena, const struct host_filter *filter,
                                const struct host **ret_hosts, size_t *ret_count, struct error *err);
/* Why the hosts of a zone were left out, for explanations: how many there are in all, and how many fall to each reason
 * in the order the filter applies them. */
struct host_rejections {
    int64_t total, disabled, down, wrong_place, wrong_hypervisor, missing_tags, no_cpu, no_memory, suitable;
};
MUST_CHECK bool host_count_rejections(struct db *db, struct arena *arena, const struct host_filter *filter,
                                      struct host_rejections *ret_counts, struct error *err);
bool host_has_tags(const char *host_tags,
                   const char *wanted_tags); /* every item of wanted is in host's; NULL wanted: true */

void host_register(void); /* commands, kind host, job kinds */

#endif
