/* What several jobs of VMs do: leaving a host, giving addresses and disks back, counting. */
#include "base/text.h"
#include "cloud/event/event.h"
#include "cloud/identity/identity.h"
#include "cloud/network/network.h"
#include "cloud/quota/quota.h"
#include "cloud/vm/vm_jobs_parts.h"

FIELD_TABLE(VM_START_INPUT, struct vm_start_input, COLUMN(struct vm_start_input, vm_id),
            COLUMN(struct vm_start_input, zone_id), COLUMN(struct vm_start_input, pod_id),
            COLUMN(struct vm_start_input, cluster_id), COLUMN(struct vm_start_input, host_id),
            COLUMN(struct vm_start_input, cpu_count), COLUMN(struct vm_start_input, cpu_mhz),
            COLUMN(struct vm_start_input, memory_mib), COLUMN(struct vm_start_input, vm_uuid),
            COLUMN(struct vm_start_input, vm_name), COLUMN(struct vm_start_input, account_uuid),
            COLUMN(struct vm_start_input, hypervisor), COLUMN(struct vm_start_input, arch),
            COLUMN(struct vm_start_input, host_tags), COLUMN(struct vm_start_input, is_new),
            COLUMN(struct vm_start_input, start), COLUMN(struct vm_start_input, root_bytes),
            COLUMN(struct vm_start_input, data_bytes), COLUMN(struct vm_start_input, root_tags),
            COLUMN(struct vm_start_input, data_tags), COLUMN(struct vm_start_input, root_local),
            COLUMN(struct vm_start_input, data_local), COLUMN(struct vm_start_input, networks));
FIELD_TABLE(VM_WORK_INPUT, struct vm_work_input, COLUMN(struct vm_work_input, vm_id),
            COLUMN(struct vm_work_input, forced), COLUMN(struct vm_work_input, expunge),
            COLUMN(struct vm_work_input, volume_ids), COLUMN(struct vm_work_input, found_on),
            COLUMN(struct vm_work_input, found_crashed));

enum step_outcome vm_remove_guest(struct job_run *run, int64_t vm_id, struct error *err)
{
    struct vm_world world;
    struct gurum_host host;
    struct plugin_target target;
    if (!vm_world_load(run, vm_id, &world, err))
        return STEP_FAILED;
    if (world.host == NULL)
        return STEP_DONE;
    if (!vm_host_target(run, world.host, &host, &target, err))
        return STEP_FAILED;
    const struct gurum_guest_spec spec = {
        .size = sizeof(spec), .host = &host, .guest_uuid = world.vm->uuid, .guest_name = world.vm->instance_name};
    return hypervisor_guest_remove(run, &target, &spec, NULL, err);
}

bool vm_tell(struct db *db, const struct vm *vm, const char *type, const char *level, const char *key,
             const char *host_name, struct error *err)
{
    const struct error_value values[] = {
        E_TEXT("name", vm->display_name), E_TEXT("host", host_name == NULL ? "" : host_name), {.name = NULL}};
    const struct event_entry entry = {.type = type,
                                      .level = level,
                                      .key = key,
                                      .values = values,
                                      .account_id = vm->account_id,
                                      .domain_id = vm->domain_id,
                                      .resource_type = "VirtualMachine",
                                      .resource_uuid = vm->uuid,
                                      .resource_name = vm->name};
    return event_add(db, &entry, NULL, err);
}

bool vm_leave_host(struct job_run *run, struct vm *vm, struct error *err)
{
    if (vm->host_id == 0)
        return true;
    int64_t host_id = vm->host_id;
    vm->last_host_id = host_id;
    vm->host_id = 0;
    return vm_store_set_host(run->db, vm->id, 0, host_id, err) &&
           host_release(run->db, host_id, vm->cpu_count * vm->cpu_mhz, vm->memory_mib, err);
}

bool vm_release_nics(struct job_run *run, int64_t vm_id, struct error *err)
{
    struct vm_nic *nics = NULL;
    size_t count = 0;
    if (!vm_nics_any(run->db, run->arena, vm_id, &nics, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (nics[i].address_id != 0 && !address_release(run->db, nics[i].address_id, err))
            return false;
    return vm_nic_delete_all(run->db, vm_id, err);
}

static bool goes_away(const struct volume *volume, bool root_only, const struct string_list *also)
{
    if (!root_only || volume->device_number == 0)
        return true;
    for (size_t i = 0; also != NULL && i < also->count; i++)
        if (string_equal(also->items[i], volume->uuid))
            return true;
    return false;
}

/* Storage that works through a host is reached by the one where the VM is, or was last. */
static bool via_host(struct job_run *run, const struct vm *vm, struct gurum_host **ret_host, struct error *err)
{
    int64_t host_id = vm->host_id != 0 ? vm->host_id : vm->last_host_id;
    struct host *host = NULL;
    struct plugin_target unused;
    *ret_host = NULL;
    if (host_id == 0)
        return true;
    if (!host_find(run->db, run->arena, host_id, &host, err))
        return false;
    if (host == NULL)
        return true;
    *ret_host = ARENA_NEW(run->arena, struct gurum_host);
    return vm_host_target(run, host, *ret_host, &unused, err);
}

enum step_outcome vm_remove_volumes_act(struct job_run *run, int64_t vm_id, bool root_only,
                                        const struct string_list *also, struct error *err)
{
    struct vm_world world;
    struct gurum_host *host = NULL;
    if (!vm_world_load(run, vm_id, &world, err) || !via_host(run, world.vm, &host, err))
        return STEP_FAILED;
    for (size_t i = 0; i < world.volume_count; i++) {
        if (!goes_away(&world.volumes[i], root_only, also))
            continue;
        enum step_outcome outcome = volume_remove_act(run, &world.volumes[i], host, err);
        if (outcome != STEP_DONE)
            return outcome;
    }
    return STEP_DONE;
}

bool vm_remove_volumes_commit(struct job_run *run, int64_t vm_id, bool root_only, const struct string_list *also,
                              struct error *err)
{
    struct volume *volumes = NULL;
    size_t count = 0;
    if (!volume_of_vm_any(run->db, run->arena, vm_id, &volumes, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        bool done = goes_away(&volumes[i], root_only, also) ? volume_forget(run, &volumes[i], err)
                                                            : volume_detach_row(run->db, volumes[i].id, err);
        if (!done)
            return false;
    }
    return true;
}

bool vm_count(struct db *db, struct arena *arena, const struct vm *vm, int64_t factor, struct error *err)
{
    struct owner owner;
    const struct quota_change changes[] = {
        {QUOTA_VM, factor}, {QUOTA_CPU, factor * vm->cpu_count}, {QUOTA_MEMORY_MIB, factor * vm->memory_mib}};
    return identity_owner_any(db, arena, vm->account_id, &owner, err) &&
           quota_change(db, &owner, changes, COUNT_OF(changes), err) &&
           quota_change_tagged(db, &owner, vm->counted_tags, changes, COUNT_OF(changes), err);
}

bool vm_count_running(struct job_run *run, const struct vm *vm, int64_t delta, struct error *err)
{
    struct owner owner;
    const struct quota_change change = {QUOTA_RUNNING_VM, delta};
    return identity_owner_any(run->db, run->arena, vm->account_id, &owner, err) &&
           quota_change(run->db, &owner, &change, 1, err);
}
