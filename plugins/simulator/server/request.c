/* Takes a plugin's request to its slot: delays, faults, cancelled calls, and the shape of the reply. What a slot does
 * is in hypervisor.c, storage.c, image_store.c and network.c. */
#include "server/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int32_t request_fail(struct request *request, int32_t status, const char *reason, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(request->text, sizeof(request->text), format, arguments);
    va_end(arguments);
    request->reason = reason;
    return status;
}

struct json_object *request_item(struct request *request, uint32_t type)
{
    struct json_object *item = json_object_new_object();
    set_number(item, "item", type);
    json_object_array_add(request->items, item);
    return item;
}

void request_check(struct request *request, const char *code, bool ok, const char *detail, const char *hint)
{
    struct json_object *item = request_item(request, GURUM_ITEM_CHECK);
    set_text(item, "code", code);
    set_number(item, "ok", ok);
    set_number(item, "required", 1);
    set_text(item, "detail", detail);
    if (!ok)
        set_text(item, "hint", hint);
}

const char *spec_text(struct request *request, const char *part, const char *name)
{
    return text_of(member_of(request->spec, part), name);
}

int64_t spec_number(struct request *request, const char *part, const char *name)
{
    return number_of(member_of(request->spec, part), name);
}

const char *spec_detail(struct request *request, const char *part, const char *name)
{
    return text_of(member_of(member_of(request->spec, part), "details"), name);
}

uint64_t hash_of(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; text != NULL && *text != '\0'; text++)
        hash = (hash ^ (uint64_t)(unsigned char)*text) * UINT64_C(1099511628211);
    return hash ^ (hash >> 29);
}

static const struct slot *slot_find(const char *kind, const char *name)
{
    static const struct {
        const char *kind;
        const struct slot *slots;
    } tables[] = {{"hypervisor", hypervisor_slots},
                  {"storage", storage_slots},
                  {"image-store", image_store_slots},
                  {"network", network_slots}};
    for (size_t i = 0; kind != NULL && name != NULL && i < sizeof(tables) / sizeof(tables[0]); i++) {
        if (strcmp(tables[i].kind, kind) != 0)
            continue;
        for (const struct slot *slot = tables[i].slots; slot->name != NULL; slot++) {
            if (strcmp(slot->name, name) == 0)
                return slot;
        }
    }
    return NULL;
}

/* A delayed slot is PENDING until its time has come, counted from the first call under the operation id. */
static bool still_delayed(struct request *request, int64_t delay_ms, bool cancelled)
{
    char id[256];
    snprintf(id, sizeof(id), "%s:%s", request->slot, request->operation == NULL ? "" : request->operation);
    struct json_object *begun = state_get(STATE_operations, id);
    if (begun == NULL) {
        if (delay_ms <= 0 || cancelled)
            return false;
        begun = json_object_new_object();
        set_number(begun, "begun_ms", request->now_ms);
        set_number(begun, "due_ms", request->now_ms + delay_ms);
        state_put(STATE_operations, id, begun);
    }
    int64_t begun_ms = number_of(begun, "begun_ms"), due_ms = number_of(begun, "due_ms");
    if (cancelled || request->now_ms >= due_ms) {
        state_remove(STATE_operations, id);
        return false;
    }
    request->check_after_ms = due_ms - request->now_ms;
    request->progress_done = request->now_ms - begun_ms;
    request->progress_total = due_ms - begun_ms;
    return true;
}

static int32_t slot_run(struct request *request, const struct slot *slot, struct json_object *fault, bool cancelled)
{
    const char *action = text_of(fault, "action");
    if (action != NULL &&
        (strcmp(action, "status") == 0 || strcmp(action, "crash") == 0 || strcmp(action, "hang") == 0))
        return action[0] == 's' ? request_fail(request, (int32_t)number_of(fault, "status"), "scripted_fault", "%s",
                                               text_of(fault, "text") == NULL ? "scripted" : text_of(fault, "text"))
                                : GURUM_OK;
    bool may_cancel = cancelled && !(slot->flags & SLOT_IGNORES_CANCEL);
    int64_t delay_ms = delay_of(slot->name);
    if (action != NULL && strcmp(action, "pending") == 0)
        delay_ms = number_of(fault, "ms");
    if (still_delayed(request, delay_ms, may_cancel))
        return GURUM_PENDING;
    if (may_cancel)
        return request_fail(request, GURUM_CANCELLED, "cancelled", "cancelled before %s took effect", slot->name);
    return slot->handle(request);
}

/* Wrong numbers and names in what is reported, as a lying provider would give. */
static void items_falsify(struct json_object *items)
{
    for (size_t i = 0; i < json_object_array_length(items); i++) {
        struct json_object *item = json_object_array_get_idx(items, i);
        if (member_of(item, "size_bytes") != NULL)
            set_number(item, "size_bytes", number_of(item, "size_bytes") * 3 + 1);
        if (member_of(item, "memory_mib") != NULL)
            set_number(item, "memory_mib", number_of(item, "memory_mib") * 3 + 1);
        if (member_of(item, "uuid") != NULL)
            set_text(item, "uuid", "00000000-0000-4000-8000-00000000dead");
    }
}

struct json_object *request_answer(struct json_object *message, int64_t now_ms)
{
    struct request request = {.spec = member_of(message, "spec"),
                              .kind = text_of(message, "kind"),
                              .slot = text_of(message, "slot"),
                              .operation = text_of(message, "operation"),
                              .now_ms = now_ms,
                              .items = json_object_new_array()};
    const struct slot *slot = slot_find(request.kind, request.slot);
    struct json_object *fault = slot == NULL ? NULL : json_object_get(fault_match(message));
    int32_t status = slot == NULL
                         ? request_fail(&request, GURUM_UNSUPPORTED, "slot_unknown", "no such slot")
                         : slot_run(&request, slot, fault, json_object_get_boolean(member_of(message, "cancelled")));
    const char *action = text_of(fault, "action");
    if (action != NULL && strcmp(action, "lie") == 0)
        items_falsify(request.items);
    struct json_object *reply = json_object_new_object();
    set_number(reply, "status", status);
    json_object_object_add(reply, "items", request.items);
    if (request.check_after_ms > 0) {
        set_number(reply, "check_after_ms", request.check_after_ms);
        set_number(reply, "progress_done", request.progress_done);
        set_number(reply, "progress_total", request.progress_total);
    }
    if (request.reason != NULL) {
        set_text(reply, "reason", request.reason);
        set_text(reply, "text", request.text);
    }
    if (fault != NULL)
        json_object_object_add(reply, "fault", fault);
    return reply;
}
