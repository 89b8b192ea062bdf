/* Changing the state of a VM: the table's next state, the row, the history row and the page counters, in one
 * transaction. */
#ifndef GURUM_CLOUD_VM_CHANGE_H
#define GURUM_CLOUD_VM_CHANGE_H

#include "cloud/history/history.h"
#include "cloud/vm/vm_store.h"

/* Who: a caller (a command), or a job's step; both NULL: the system itself. */
struct vm_actor {
    const struct caller *caller;
    const struct job_run *run;
};
/* Errors: INVALID_VALUE "vm.wrong_state" (the event makes no sense now), IN_USE "vm.state_changed" (somebody was
 * faster). On success `vm` shows the new state. */
MUST_CHECK bool vm_change_state(struct db *db, struct arena *arena, struct vm *vm, enum vm_event event,
                                struct vm_actor actor, struct error *err);
/* The same when the state may be there already (a repeated step): an event that makes no sense changes nothing. */
MUST_CHECK bool vm_change_state_if_possible(struct db *db, struct arena *arena, struct vm *vm, enum vm_event event,
                                            struct vm_actor actor, struct error *err);
/* A history row about a VM, filled from it. */
struct history_entry vm_history(const struct vm *vm, const char *change, const char *before, const char *after,
                                struct vm_actor actor);
/* Its networks serve it by its name and on its host: they follow when these change, in the open transaction. */
MUST_CHECK bool vm_networks_changed(struct db *db, struct arena *arena, int64_t vm_id, struct error *err);

#endif
