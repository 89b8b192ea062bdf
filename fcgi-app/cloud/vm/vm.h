/* VMs: our records of guests. What other features may ask of them. */
#ifndef GURUM_CLOUD_VM_H
#define GURUM_CLOUD_VM_H

#include "api/api.h"
#include "cloud/vm/vm_states.h"

struct vm {
    int64_t id, account_id, domain_id, user_id, zone_id, host_id, last_host_id, image_id, offering_id, disk_offering_id,
        group_id, os_type_id, listed;
    int64_t cpu_count, cpu_mhz, memory_mib;
    const char *uuid, *name, *display_name, *instance_name, *state, *hypervisor, *boot_type, *boot_mode, *keyboard,
        *mac_address, *job_uuid;
    const char *counted_tags; /* host tags under which it counts against limits */
    const char *failure_kind, *failure_key, *failure_args; /* why the state is Error */
    bool ha_enabled, is_shown, is_dynamically_scalable, delete_protected, has_details, has_keys, has_stored_data;
    struct opt_time created, updated, destroyed, removed;
};
extern const struct field_table VM_ROW;

/* One network interface. */
struct vm_nic {
    int64_t vm_id, device_number, network_id, address_id;
    const char *uuid, *mac_address, *ip_address, *gateway, *netmask, *cidr, *vlan;
    bool is_default;
};
enum { VM_NICS_MAX = 16, VM_PAGE_MAX = 64 };

/* NULL in *ret_vm: none. Removed ones are found too. */
MUST_CHECK bool vm_find_any(struct db *db, struct arena *arena, int64_t id, struct vm **ret_vm, struct error *err);
MUST_CHECK bool vm_find_by_uuid_any(struct db *db, struct arena *arena, const char *uuid, struct vm **ret_vm,
                                    struct error *err);
MUST_CHECK bool vm_nics_any(struct db *db, struct arena *arena, int64_t vm_id, struct vm_nic **ret_nics,
                            size_t *ret_count, struct error *err);
/* The page of VMs that a list command's caller sees (call->scope, call->page), narrowed. */
struct vm_chosen {
    int64_t id;          /* 0: any */
    struct ref_list ids; /* none: any */
    const char *name;    /* part of it; NULL: any */
};
MUST_CHECK bool vm_list_seen(struct api_call *call, const struct vm_chosen *chosen, const struct vm **ret_vms,
                             size_t *ret_count, int64_t *ret_total, struct error *err);
/* VMs, not removed, that came from an image. */
MUST_CHECK bool vm_count_by_image_any(struct db *db, int64_t image_id, int64_t *ret_count, struct error *err);

/* VMs whose user data comes from that stored piece; expunged ones have none. */
MUST_CHECK bool vm_count_by_user_data_any(struct db *db, int64_t user_data_id, int64_t *ret_count, struct error *err);
/* Takes all VMs out of an instance group of their account. */
MUST_CHECK bool vm_leave_group_any(struct db *db, int64_t account_id, int64_t group_id, struct error *err);

/* For the seed tool: a VM row with its NICs as a finished deployment leaves it, counters included, in the open
 * transaction. Sets ids and uuids. */
MUST_CHECK bool vm_add_finished(struct db *db, struct arena *arena, struct vm *vm, struct vm_nic *nics,
                                size_t nic_count, const struct owner *owner, struct error *err);

void vm_register(void); /* commands, kind vm, job kinds, schedules, settings */

#endif
