/* The table of states and events, and its look-ups. Who applies it: vm_change.c. */
#include "cloud/vm/vm_states.h"

#include "base/text.h"

static const char *const NAMES[VM_STATE_COUNT] = {
#define X(ident, name) [VM_##ident] = (name),
    VM_STATES(X)
#undef X
};

static const char *const EVENTS[VM_EVENT_COUNT] = {
    [VM_START_REQUESTED] = "start-requested",
    [VM_STARTED] = "start",
    [VM_START_FAILED] = "start-failed",
    [VM_DEPLOY_FAILED] = "deploy-failed",
    [VM_STOP_REQUESTED] = "stop-requested",
    [VM_STOP_DONE] = "stop",
    [VM_STOP_FAILED] = "stop-failed",
    [VM_DESTROY_DONE] = "destroy",
    [VM_RECOVERED] = "recover",
    [VM_EXPUNGE_REQUESTED] = "expunge-requested",
    [VM_EXPUNGE_DONE] = "expunge",
    [VM_FOUND_RUNNING] = "found-running",
    [VM_FOUND_STOPPED] = "found-stopped",
    [VM_FOUND_LOST] = "found-lost",
};

struct transition {
    enum vm_state from;
    enum vm_event event;
    enum vm_state to;
};

static const struct transition TRANSITIONS[] = {
    {VM_STARTING, VM_STARTED, VM_RUNNING},
    {VM_STARTING, VM_START_FAILED, VM_STOPPED},
    {VM_STARTING, VM_DEPLOY_FAILED, VM_ERROR},
    {VM_RUNNING, VM_STOP_REQUESTED, VM_STOPPING},
    {VM_RUNNING, VM_FOUND_STOPPED, VM_STOPPED},
    {VM_RUNNING, VM_FOUND_LOST, VM_UNKNOWN},
    {VM_STOPPING, VM_STOP_DONE, VM_STOPPED},
    {VM_STOPPING, VM_STOP_FAILED, VM_RUNNING},
    {VM_STOPPED, VM_START_REQUESTED, VM_STARTING},
    {VM_STOPPED, VM_FOUND_RUNNING, VM_RUNNING},
    {VM_STOPPED, VM_DEPLOY_FAILED, VM_ERROR},
    {VM_STOPPED, VM_DESTROY_DONE, VM_DESTROYED},
    {VM_UNKNOWN, VM_STOP_REQUESTED, VM_STOPPING},
    {VM_UNKNOWN, VM_FOUND_RUNNING, VM_RUNNING},
    {VM_UNKNOWN, VM_FOUND_STOPPED, VM_STOPPED},
    {VM_ERROR, VM_DESTROY_DONE, VM_DESTROYED},
    {VM_ERROR, VM_EXPUNGE_REQUESTED, VM_EXPUNGING},
    {VM_DESTROYED, VM_RECOVERED, VM_STOPPED},
    {VM_DESTROYED, VM_EXPUNGE_REQUESTED, VM_EXPUNGING},
    {VM_EXPUNGING, VM_EXPUNGE_REQUESTED, VM_EXPUNGING},
    {VM_EXPUNGING, VM_EXPUNGE_DONE, VM_EXPUNGED},
};

const char *vm_state_name(enum vm_state state)
{
    return state < VM_STATE_COUNT ? NAMES[state] : "";
}

enum vm_state vm_state_from_name(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        if (string_equal_ignoring_case(NAMES[i], name))
            return (enum vm_state)i;
    return VM_STATE_COUNT;
}

const char *vm_event_name(enum vm_event event)
{
    return event < VM_EVENT_COUNT ? EVENTS[event] : "";
}

bool vm_state_next(enum vm_state state, enum vm_event event, enum vm_state *ret_next)
{
    for (size_t i = 0; i < COUNT_OF(TRANSITIONS); i++) {
        if (TRANSITIONS[i].from != state || TRANSITIONS[i].event != event)
            continue;
        *ret_next = TRANSITIONS[i].to;
        return true;
    }
    return false;
}

int vm_state_listed(enum vm_state state, bool is_shown)
{
    if (state == VM_EXPUNGED)
        return 0;
    return state == VM_DESTROYED || state == VM_EXPUNGING || !is_shown ? 1 : 2;
}

bool vm_state_is_counted(enum vm_state state)
{
    return vm_state_listed(state, true) == 2 && state != VM_ERROR;
}
