/* The life of a VM as a pure table: which event leads from which state to which. No database, no time. */
#ifndef GURUM_CLOUD_VM_STATES_H
#define GURUM_CLOUD_VM_STATES_H

#include "base/error.h"

/* X(ident, name on the wire and in the database) */
#define VM_STATES(X)                                                                                                   \
    X(STARTING, "Starting")                                                                                            \
    X(RUNNING, "Running")                                                                                              \
    X(STOPPING, "Stopping")                                                                                            \
    X(STOPPED, "Stopped")                                                                                              \
    X(DESTROYED, "Destroyed")                                                                                          \
    X(EXPUNGING, "Expunging")                                                                                          \
    X(MIGRATING, "Migrating")                                                                                          \
    X(ERROR, "Error")                                                                                                  \
    X(UNKNOWN, "Unknown")                                                                                              \
    X(EXPUNGED, "Expunged")

enum vm_state {
#define X(ident, name) VM_##ident,
    VM_STATES(X)
#undef X
        VM_STATE_COUNT
};

/* What may happen to a VM. Requests come from people; the others report what a job or an observation found. */
enum vm_event {
    VM_START_REQUESTED,
    VM_STARTED,
    VM_START_FAILED,
    VM_DEPLOY_FAILED,
    VM_STOP_REQUESTED,
    VM_STOP_DONE,
    VM_STOP_FAILED,
    VM_DESTROY_DONE,
    VM_RECOVERED,
    VM_EXPUNGE_REQUESTED,
    VM_EXPUNGE_DONE,
    VM_FOUND_RUNNING, /* an observation */
    VM_FOUND_STOPPED,
    VM_FOUND_LOST, /* the host does not answer */
    VM_EVENT_COUNT
};

const char *vm_state_name(enum vm_state state);
/* VM_STATE_COUNT: no such state. */
enum vm_state vm_state_from_name(const char *name);
const char *vm_event_name(enum vm_event event); /* the history row's "change" */
/* False: the event makes no sense in that state. */
MUST_CHECK bool vm_state_next(enum vm_state state, enum vm_event event, enum vm_state *ret_next);
/* Whom lists show it: 2 everybody, 1 those who may see destroyed and hidden VMs, 0 nobody. */
int vm_state_listed(enum vm_state state, bool is_shown);
/* Does a VM in this state count against its owner's limits? */
bool vm_state_is_counted(enum vm_state state);

#endif
