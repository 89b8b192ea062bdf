/* Where a VM and its disks go: candidates, their ranking by an allocator plugin, the reservation, and the words that
 * explain it. Used by the job steps of VMs. */
#ifndef GURUM_CLOUD_PLACEMENT_H
#define GURUM_CLOUD_PLACEMENT_H

#include "jobs/jobs.h"

enum { PLACEMENT_DISKS_MAX = 64, PLACEMENT_RANKED_MAX = 64, PLACEMENT_EXPLAINED_MAX = 20 };

struct placement_disk {
    int64_t volume_id, bytes;
    int64_t pool_id; /* where it lies already; 0: to be placed */
    const char *volume_uuid, *tags;
    bool local;
};

struct placement_request {
    int64_t zone_id;                     /* required */
    int64_t pod_id, cluster_id, host_id; /* 0: any */
    int64_t last_host_id;                /* 0: never ran */
    const char *hypervisor, *arch, *host_tags;
    int64_t cpu_number, cpu_speed_mhz, memory_mib;
    const char *vm_uuid, *account_uuid;
    const struct placement_disk *disks;
    size_t disk_count;
};

/* The order in which places are tried: "3,7,12" host ids; for each disk its pools, separated by ';' ("" where it lies
 * already). */
struct placement_ranking {
    const char *hosts, *pools;
};

/* Filters and ranks, and stores the explanation (or adds it to `plan`). Outside any transaction: calls the allocators.
 * STEP_FAILED: INSUFFICIENT_CAPACITY "placement.no_host", "placement.no_pool"; the explanation says why and what would
 * fit. */
MUST_CHECK enum step_outcome placement_rank(struct job_run *run, const struct placement_request *request,
                                            struct plan *plan, struct placement_ranking *ret_ranking,
                                            struct error *err);

/* Takes the first place of the ranking that still has room, in the step's open transaction, and explains which.
 * `ret_pools` has disk_count entries (0 for disks that lie already). Errors: INSUFFICIENT_CAPACITY "placement.taken"
 * (all were taken meanwhile). */
MUST_CHECK bool placement_reserve(struct job_run *run, const struct placement_request *request,
                                  const struct placement_ranking *ranking, int64_t *ret_host_id, int64_t *ret_pools,
                                  struct error *err);

void placement_register(void); /* settings only */

#endif
