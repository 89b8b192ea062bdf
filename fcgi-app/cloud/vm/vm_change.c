/* Applying events to VM rows. The table of states is in vm_states.c. */
#include "cloud/vm/vm_change.h"

#include "cloud/bucket/bucket.h"
#include "cloud/network/network.h"

struct history_entry vm_history(const struct vm *vm, const char *change, const char *before, const char *after,
                                struct vm_actor actor)
{
    struct history_entry entry = {.object_kind = "vm",
                                  .object_id = vm->id,
                                  .object_uuid = vm->uuid,
                                  .object_name = vm->name,
                                  .change = change,
                                  .before = before,
                                  .after = after,
                                  .account_id = vm->account_id,
                                  .domain_id = vm->domain_id,
                                  .zone_id = vm->zone_id,
                                  .host_id = vm->host_id,
                                  .offering_id = vm->offering_id,
                                  .image_id = vm->image_id,
                                  .cpu_count = vm->cpu_count,
                                  .cpu_mhz = vm->cpu_mhz,
                                  .memory_mib = vm->memory_mib};
    if (actor.caller != NULL)
        history_set_caller(&entry, actor.caller);
    else if (actor.run != NULL)
        history_set_stamp(&entry, &actor.run->stamp, actor.run->job_uuid);
    return entry;
}

bool vm_change_state(struct db *db, struct arena *arena, struct vm *vm, enum vm_event event, struct vm_actor actor,
                     struct error *err)
{
    enum vm_state from = vm_state_from_name(vm->state), to = VM_STATE_COUNT;
    if (!vm_state_next(from, event, &to))
        return error_with(err, ERROR_INVALID_VALUE, "vm.wrong_state", E_TEXT("name", vm->display_name),
                          E_TEXT("state", vm->state), E_TEXT("event", vm_event_name(event)));
    bool moved = false;
    if (!vm_store_move_state(db, vm, to, &moved, err))
        return false;
    if (!moved)
        return error_with(err, ERROR_IN_USE, "vm.state_changed", E_TEXT("name", vm->display_name));
    struct history_entry entry = vm_history(vm, vm_event_name(event), vm->state, vm_state_name(to), actor);
    int listed_before = (int)vm->listed;
    vm->state = vm_state_name(to);
    vm->listed = vm_state_listed(to, vm->is_shown);
    return history_add(db, &entry, err) &&
           bucket_change(db, arena, "vm", vm->account_id, vm->domain_id, vm->id, listed_before, (int)vm->listed, err);
}

bool vm_change_state_if_possible(struct db *db, struct arena *arena, struct vm *vm, enum vm_event event,
                                 struct vm_actor actor, struct error *err)
{
    enum vm_state to = VM_STATE_COUNT;
    return !vm_state_next(vm_state_from_name(vm->state), event, &to) ||
           vm_change_state(db, arena, vm, event, actor, err);
}

bool vm_networks_changed(struct db *db, struct arena *arena, int64_t vm_id, struct error *err)
{
    struct vm_nic *nics = NULL;
    size_t count = 0;
    if (!vm_nics_any(db, arena, vm_id, &nics, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!network_services_changed(db, arena, nics[i].network_id, err))
            return false;
    return true;
}
