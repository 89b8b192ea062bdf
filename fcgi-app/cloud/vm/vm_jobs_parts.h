/* What the steps of several VM jobs share, and how VMs look to plugins. Only for the vm_jobs_*.c files. */
#ifndef GURUM_CLOUD_VM_JOBS_PARTS_H
#define GURUM_CLOUD_VM_JOBS_PARTS_H

#include "cloud/placement/placement.h"
#include "cloud/vm/vm_jobs.h"
#include "cloud/volume/volume_jobs.h"
#include "plugin_host/hypervisor.h"

/* A VM with all that a step may need of it. */
struct vm_world {
    struct vm *vm;
    struct vm_nic *nics;
    struct volume *volumes;
    size_t nic_count, volume_count;
    struct host *host; /* NULL: on none */
};
/* Errors: RESOURCE_UNAVAILABLE "vm.gone". */
MUST_CHECK bool vm_world_load(struct job_run *run, int64_t vm_id, struct vm_world *ret_world, struct error *err);

/* Their forms for plugins; all in the run's arena. */
MUST_CHECK bool vm_host_target(struct job_run *run, const struct host *host, struct gurum_host *ret_host,
                               struct plugin_target *ret_target, struct error *err);
MUST_CHECK bool vm_guest_shape(struct job_run *run, const struct vm_world *world, const struct gurum_host *host,
                               struct gurum_guest *ret_guest, struct error *err);

/* Does a reported state mean that it runs, moving and paused guests included? */
bool vm_guest_is_up(uint32_t reported_state);

/* ---- what several jobs share ---- */

/* Makes the guest absent at its host. Repeatable; on no host: nothing to do. */
MUST_CHECK enum step_outcome vm_remove_guest(struct job_run *run, int64_t vm_id, struct error *err);
/* Gives the host's capacity back and notes where the VM ran last. */
MUST_CHECK bool vm_leave_host(struct job_run *run, struct vm *vm, struct error *err);
/* Gives the NICs' addresses back and forgets the NICs. */
MUST_CHECK bool vm_release_nics(struct job_run *run, int64_t vm_id, struct error *err);
/* Takes the disks away at the provider (all of them, or those of `only`), then their rows, bytes and counters. */
MUST_CHECK enum step_outcome vm_remove_volumes_act(struct job_run *run, int64_t vm_id, bool root_only,
                                                   const struct string_list *also, struct error *err);
MUST_CHECK bool vm_remove_volumes_commit(struct job_run *run, int64_t vm_id, bool root_only,
                                         const struct string_list *also, struct error *err);
/* An event about the VM, for its owner; values {name} and {host}. */
MUST_CHECK bool vm_tell(struct db *db, const struct vm *vm, const char *type, const char *level, const char *key,
                        const char *host_name, struct error *err);
MUST_CHECK bool vm_count_running(struct job_run *run, const struct vm *vm, int64_t delta, struct error *err);

#endif
