/* Making and removing disks at the provider: for the job steps of VMs, and the jobs of volumes. */
#ifndef GURUM_CLOUD_VOLUME_JOBS_H
#define GURUM_CLOUD_VOLUME_JOBS_H

#include "cloud/host/host.h"
#include "cloud/storage/storage.h"
#include "cloud/volume/volume.h"
#include "cloud/volume/volume_kinds.h"
#include "plugin_host/storage.h"

/* A pool as plugins see it; details and the host it is reached by (may be NULL) included. */
MUST_CHECK bool volume_pool_target(struct job_run *run, const struct storage_pool *pool,
                                   const struct gurum_host *via_host, struct gurum_pool *ret_pool,
                                   struct plugin_target *ret_target, struct error *err);

/* What a volume became: kept in the job's state until the step's commit. */
struct volume_made {
    int64_t volume_id;
    const char *handle;
    int64_t size_bytes;
};
/* Makes one placed volume (with its image's content when it has one). Repeatable. */
MUST_CHECK enum step_outcome volume_make_act(struct job_run *run, const struct volume *volume,
                                             const struct gurum_host *via_host, struct volume_made *ret_made,
                                             struct error *err);
/* Makes it absent. Repeatable; a volume without a pool is absent already. */
MUST_CHECK enum step_outcome volume_remove_act(struct job_run *run, const struct volume *volume,
                                               const struct gurum_host *via_host, struct error *err);
/* The row of a disk that is not at the provider (any more): its bytes, counters and tags go with it. */
MUST_CHECK bool volume_forget(struct job_run *run, const struct volume *volume, struct error *err);

#endif
