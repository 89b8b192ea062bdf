/* The jobs of VMs and their inputs: what services need to begin them. The steps themselves share vm_jobs_parts.h. */
#ifndef GURUM_CLOUD_VM_JOBS_H
#define GURUM_CLOUD_VM_JOBS_H

#include "cloud/vm/vm_change.h"

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
    const char *found_on;          /* vm.found: the host where it was found not to run any more */
    bool found_crashed;
};
/* vm.observe: compares the records of one host with the guests it runs. */
struct vm_observe_input {
    int64_t host_id;
};
extern const struct field_table VM_START_INPUT, VM_WORK_INPUT;
extern const struct job_kind VM_DEPLOY, VM_START, VM_STOP, VM_REBOOT, VM_DESTROY, VM_EXPUNGE, VM_FOUND, VM_OBSERVE;

/* From now on what plugins tell of leads to a look. */
void vm_observe_listen(void);

/* VM, CPU and memory against the owner's limits: +1 or -1. */
MUST_CHECK bool vm_count(struct db *db, struct arena *arena, const struct vm *vm, int64_t factor, struct error *err);

#endif
