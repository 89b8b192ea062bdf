/* Rules of VMs: each function is one transaction. */
#ifndef GURUM_CLOUD_VM_SERVICE_H
#define GURUM_CLOUD_VM_SERVICE_H

#include "cloud/userdata/userdata.h"
#include "cloud/vm/vm_jobs.h"

struct vm_wanted_nic {
    int64_t network_id;
    const char *ip_address, *mac_address;
};
struct vm_deploy_request {
    int64_t zone_id, offering_id, image_id, disk_offering_id, root_disk_offering_id, host_id, pod_id,
        cluster_id;                                /* 0: not given */
    int64_t cpu_number, cpu_speed_mhz, memory_mib; /* of a customized offering; 0: not given */
    int64_t root_gib, data_gib;                    /* 0: not given */
    const char *uuid, *name, *display_name, *group, *user_data, *hypervisor, *boot_type,
        *boot_mode;                   /* NULL: not given */
    int64_t user_data_id;             /* stored user data; 0: none */
    struct pair_list user_data_details;
    struct string_list key_pairs;     /* names of the owner's */
    const struct vm_wanted_nic *nics; /* none: the owner's default network */
    size_t nic_count;
    const struct pair *details;
    size_t detail_count;
    bool start, shown, dynamically_scalable;
};
struct vm_started {
    const char *vm_uuid;
    struct job_ref job;
};

MUST_CHECK bool vm_deploy(struct api_call *call, const struct vm_deploy_request *request,
                          struct vm_started *ret_started, struct error *err);

struct vm_start_request {
    int64_t vm_id, host_id, pod_id, cluster_id;
    bool consider_last_host;
};
MUST_CHECK bool vm_start(struct api_call *call, const struct vm_start_request *request, struct vm_started *ret_started,
                         struct error *err);
enum vm_work { VM_WORK_STOP, VM_WORK_REBOOT, VM_WORK_DESTROY, VM_WORK_EXPUNGE };
MUST_CHECK bool vm_begin_work(struct api_call *call, enum vm_work work, const struct vm_work_input *input,
                              struct vm_started *ret_started, struct error *err);
MUST_CHECK bool vm_recover(struct api_call *call, int64_t vm_id, struct error *err);

/* NULL and unset members stay as they are. */
struct vm_update_request {
    int64_t vm_id, os_type_id, user_data_id;
    const char *name, *display_name, *group, *instance_name, *user_data;
    struct pair_list user_data_details;
    struct opt_bool ha_enabled, shown, dynamically_scalable, delete_protected;
    bool clean_details;
    const struct pair *details;
    size_t detail_count;
};
MUST_CHECK bool vm_update(struct api_call *call, const struct vm_update_request *request, struct error *err);

/* Keeps what was chosen as the VM's user data, in the open transaction. */
MUST_CHECK bool vm_take_user_data(struct db *db, struct arena *arena, const struct vm *vm,
                                  const struct user_data_choice *choice, struct error *err);

/* Host names by RFC 1123, not beginning with a digit. */
bool vm_name_is_valid(const char *name);
/* Whether the caller sees destroyed VMs: users as the setting of their account says. */
MUST_CHECK bool vm_caller_sees_destroyed(struct api_call *call, bool *ret_sees, struct error *err);

#endif
