/* The jobs of VMs: their inputs, the state that goes from step to step, and how VMs look to plugins. */
#ifndef GURUM_CLOUD_VM_JOBS_H
#define GURUM_CLOUD_VM_JOBS_H

#include "cloud/placement/placement.h"
#include "cloud/vm/vm_change.h"
#include "cloud/volume/volume_jobs.h"
#include "plugin_host/hypervisor.h"

/* vm.deploy and vm.start. It carries the whole placement request, so that a plan needs no row. */
struct vm_start_input {
    int64_t vm_id, zone_id, pod_id, cluster_id, host_id, cpu_count, cpu_mhz, memory_mib;
    const char *vm_uuid, *vm_name, *account_uuid, *hypervisor, *arch, *host_tags;
    bool is_new, start;
    int64_t root_bytes, data_bytes; /* of a new VM */
    const char *root_tags, *data_tags;
    bool root_local, data_local;
    struct string_list networks; /* their names, for the plan */
};
/* vm.stop, vm.reboot, vm.destroy, vm.expunge. */
struct vm_work_input {
    int64_t vm_id;
    bool forced, expunge;
    struct string_list volume_ids; /* data disks that go away with the VM */
};
extern const struct field_table VM_START_INPUT, VM_WORK_INPUT;
extern const struct job_kind VM_DEPLOY, VM_START, VM_STOP, VM_REBOOT, VM_DESTROY, VM_EXPUNGE, VM_OBSERVE;

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
MUST_CHECK bool vm_host_target(struct job_run *run, const struct host *host, struct gurum_host *ret_host, struct plugin_target *ret_target, struct error *err);
MUST_CHECK bool vm_guest_shape(struct job_run *run, const struct vm_world *world, const struct gurum_host *host, struct gurum_guest *ret_guest, struct error *err);

/* ---- what several jobs share ---- */

/* Makes the guest absent at its host. Repeatable; on no host: nothing to do. */
MUST_CHECK enum step_outcome vm_remove_guest(struct job_run *run, int64_t vm_id, struct error *err);
/* Gives the host's capacity back and notes where the VM ran last. */
MUST_CHECK bool vm_leave_host(struct job_run *run, struct vm *vm, struct error *err);
/* Gives the NICs' addresses back and forgets the NICs. */
MUST_CHECK bool vm_release_nics(struct job_run *run, int64_t vm_id, struct error *err);
/* Takes the disks away at the provider (all of them, or those of `only`), then their rows, bytes and counters. */
MUST_CHECK enum step_outcome vm_remove_volumes_act(struct job_run *run, int64_t vm_id, bool root_only, const struct string_list *also, struct error *err);
MUST_CHECK bool vm_remove_volumes_commit(struct job_run *run, int64_t vm_id, bool root_only, const struct string_list *also, struct error *err);
/* The row of a disk that is not at the provider (any more): its bytes, counters and tags go with it. */
MUST_CHECK bool vm_forget_volume(struct job_run *run, const struct volume *volume, struct error *err);
/* VM, CPU and memory against the owner's limits: +1 or -1. */
MUST_CHECK bool vm_count(struct db *db, struct arena *arena, const struct vm *vm, int64_t factor, struct error *err);
MUST_CHECK bool vm_count_running(struct job_run *run, const struct vm *vm, int64_t delta, struct error *err);

#endif
