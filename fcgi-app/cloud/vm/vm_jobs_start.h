/* What the files of vm.deploy and vm.start share. */
#ifndef GURUM_CLOUD_VM_JOBS_START_H
#define GURUM_CLOUD_VM_JOBS_START_H

#include "cloud/vm/vm_jobs_parts.h"

struct vm_start_state {
    int64_t host_id;
    const char *ranked_hosts, *ranked_pools;
    const char *made; /* one line a volume: id, size and handle, separated by blanks */
};

/* The VM at its host. Errors: RESOURCE_UNAVAILABLE (on none). */
MUST_CHECK bool vm_start_load(struct job_run *run, struct vm_world *world, struct gurum_host *host,
                              struct plugin_target *target, struct error *err);
/* Where an undo looks: the host that this job chose. An undo may be repeated long after the job (a leftover); when the
 * VM has moved on by then, its disks and its guest are another job's. *ret_skip: nothing to take back (any more). */
MUST_CHECK bool vm_start_load_for_undo(struct job_run *run, struct vm_world *world, struct gurum_host *host,
                                       struct plugin_target *target, bool *ret_skip, struct error *err);

/* ---- the step create_volumes ---- */
enum step_outcome vm_volumes_act(struct job_run *run, struct error *err);
bool vm_volumes_commit(struct job_run *run, struct error *err);
enum step_outcome vm_volumes_undo_act(struct job_run *run, struct error *err);
bool vm_volumes_undo_commit(struct job_run *run, struct error *err);
bool vm_volumes_plan(struct job_run *run, struct plan *plan, struct error *err);

#endif
