/* Commands of tests: dump, reset, faults, delays, and events behind the back of whoever manages the cloud. */
#include "server/request.h"

#include <stdio.h>
#include <string.h>

static int32_t status_number(const char *name)
{
#define STATUS_BY_NAME(status, number, recovery, api_code, meaning)                                                    \
    if (name != NULL && strcmp(name, #status) == 0)                                                                    \
        return number;
    GURUM_STATUS_LIST(STATUS_BY_NAME)
#undef STATUS_BY_NAME
    return GURUM_FAILED;
}

static bool fits(struct json_object *fault, const char *name, const char *value)
{
    const char *wanted = text_of(fault, name);
    return wanted == NULL || (value != NULL && strcmp(wanted, value) == 0);
}

/* True when the text occurs as a value anywhere in the spec: uuid, name or url of whatever the call is about. */
static bool mentions(struct json_object *value, const char *text)
{
    if (json_object_is_type(value, json_type_string))
        return strcmp(json_object_get_string(value), text) == 0;
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, name, member)
        {
            (void)name;
            if (mentions(member, text))
                return true;
        }
    }
    return false;
}

struct json_object *fault_match(struct json_object *message)
{
    json_object_object_foreach(state_all(STATE_faults), id, fault)
    {
        const char *object = text_of(fault, "object");
        if (!fits(fault, "kind", text_of(message, "kind")) || !fits(fault, "slot", text_of(message, "slot")) ||
            (object != NULL && !mentions(member_of(message, "spec"), object)))
            continue;
        int64_t seen = number_of(fault, "seen") + 1, nth = number_of(fault, "nth"), times = number_of(fault, "times");
        set_number(fault, "seen", seen);
        state_save(STATE_faults, id);
        if (seen < nth || (times > 0 && seen >= nth + times))
            continue;
        return fault;
    }
    return NULL;
}

int64_t delay_of(const char *slot)
{
    return number_of(state_get(STATE_delays, slot), "ms");
}

static const char *fault_add(struct json_object *message)
{
    static const char *const actions[] = {"status",  "slow", "hang",    "crash", "crash-after-effect",
                                          "pending", "lie",  "lie-size"};
    const char *action = text_of(message, "action");
    bool known = false;
    for (size_t i = 0; action != NULL && i < sizeof(actions) / sizeof(actions[0]); i++)
        known = known || strcmp(action, actions[i]) == 0;
    if (!known)
        return "action must be one of status slow hang crash crash-after-effect pending lie lie-size";
    char id[32];
    for (int number = 1;; number++) {
        snprintf(id, sizeof(id), "%06d", number);
        if (state_get(STATE_faults, id) == NULL)
            break;
    }
    struct json_object *fault = copy_of(message);
    json_object_object_del(fault, "command");
    set_number(fault, "status", status_number(text_of(message, "status")));
    if (number_of(fault, "nth") < 1)
        set_number(fault, "nth", 1);
    set_number(fault, "seen", 0);
    state_put(STATE_faults, id, fault);
    return NULL;
}

static void kind_clear(enum state_kind kind)
{
    while (json_object_object_length(state_all(kind)) > 0) {
        json_object_object_foreach(state_all(kind), id, ignored)
        {
            (void)ignored;
            state_remove(kind, id);
            break;
        }
    }
}

static const char *delay_set(struct json_object *message)
{
    const char *slot = text_of(message, "slot");
    int64_t ms = number_of(message, "ms");
    if (slot == NULL || ms < 0)
        return "delay needs a slot and milliseconds";
    if (ms == 0) {
        state_remove(STATE_delays, slot);
        return NULL;
    }
    struct json_object *delay = json_object_new_object();
    set_number(delay, "ms", ms);
    state_put(STATE_delays, slot, delay);
    return NULL;
}

static const char *counts(struct json_object *reply)
{
#define COUNT_KIND(name, dumped) set_number(reply, #name, json_object_object_length(state_all(STATE_##name)));
    STATE_KINDS(COUNT_KIND)
#undef COUNT_KIND
    return NULL;
}

static const char *command_run(const char *command, struct json_object *message, struct json_object *reply,
                               int64_t now_ms)
{
    const char *object = text_of(message, "object");
    if (strcmp(command, "reset") == 0)
        return state_reset(), NULL;
    if (strcmp(command, "ping") == 0)
        return NULL;
    if (strcmp(command, "stats") == 0)
        return counts(reply);
    if (strcmp(command, "fault") == 0)
        return fault_add(message);
    if (strcmp(command, "no-faults") == 0)
        return kind_clear(STATE_faults), kind_clear(STATE_delays), NULL;
    if (strcmp(command, "delay") == 0)
        return delay_set(message);
    if (object == NULL)
        return "unknown command, or it needs an object";
    if (strcmp(command, "kill_guest") == 0)
        return guest_power_off(object, "crashed", now_ms) ? NULL : "no such running guest";
    if (strcmp(command, "stop_guest") == 0)
        return guest_power_off(object, "stopped", now_ms) ? NULL : "no such running guest";
    if (strcmp(command, "start_guest") == 0)
        return guest_power_on(object, now_ms) ? NULL : "no such stopped guest";
    if (strcmp(command, "run_guest") == 0)
        return guest_run_at(object, text_of(message, "name"), text_of(message, "host"), now_ms)
                   ? NULL
                   : "it runs already, or no host was given";
    if (strcmp(command, "forget_guest") == 0)
        return guest_forget(object) ? NULL : "no such stopped guest";
    if (strcmp(command, "host_down") == 0 || strcmp(command, "host_up") == 0)
        return host_set_down(object, command[5] == 'd', now_ms), NULL;
    if (strcmp(command, "host_size") == 0)
        return host_set_size(object, number_of(message, "cpus"), number_of(message, "mhz"),
                             number_of(message, "memory_mib")),
               NULL;
    return "unknown command";
}

struct json_object *command_answer(struct json_object *message, int64_t now_ms, char **ret_raw)
{
    const char *command = text_of(message, "command");
    if (command != NULL && strcmp(command, "dump") == 0) {
        *ret_raw = state_dump(text_of(message, "object"));
        return NULL;
    }
    struct json_object *reply = json_object_new_object();
    const char *problem = command == NULL ? "no command" : command_run(command, message, reply, now_ms);
    set_number(reply, "status", problem == NULL ? GURUM_OK : GURUM_INVALID);
    if (problem != NULL)
        set_text(reply, "text", problem);
    return reply;
}
