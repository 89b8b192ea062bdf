/* Records of VMs without a deployment: for the seed tool, through the same stores, counters and history as the
 * commands. */
#include "base/uuid.h"
#include "cloud/bucket/bucket.h"
#include "cloud/quota/quota.h"
#include "cloud/vm/vm_change.h"

static const char *new_uuid(struct arena *arena)
{
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    return arena_strdup(arena, uuid);
}

bool vm_add_finished(struct db *db, struct arena *arena, struct vm *vm, struct vm_nic *nics, size_t nic_count,
                     const struct owner *owner, struct error *err)
{
    const struct quota_change changes[] = {
        {QUOTA_VM, 1}, {QUOTA_CPU, vm->cpu_count}, {QUOTA_MEMORY_MIB, vm->memory_mib}};
    vm->uuid = new_uuid(arena);
    vm->listed = vm_state_listed(vm_state_from_name(vm->state), vm->is_shown);
    if (!vm_store_number(db, arena, vm, err) || !vm_store_insert(db, vm, err))
        return false;
    for (size_t i = 0; i < nic_count; i++) {
        nics[i].vm_id = vm->id;
        nics[i].device_number = (int64_t)i;
        nics[i].uuid = new_uuid(arena);
        if (!vm_nic_insert(db, &nics[i], err))
            return false;
    }
    struct history_entry entry = vm_history(vm, "create", NULL, vm->state, (struct vm_actor){.caller = NULL});
    return history_add(db, &entry, err) && quota_change(db, owner, changes, COUNT_OF(changes), err) &&
           bucket_change(db, arena, "vm", vm->account_id, vm->domain_id, vm->id, 0, (int)vm->listed, err);
}
