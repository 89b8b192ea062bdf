/* listLeftovers: what jobs could not take back at a provider. Kept and tried again by the jobs room. */
#include "api/api.h"
#include "base/message.h"
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/task/task.h"

enum { LEFTOVERS_MAX = 1000, REASON_BYTES_MAX = 4096 };

struct leftover_response {
    const char *id, *step, *resourcetype, *resourceid, *error, *errordetail;
    int64_t attempts;
    struct opt_time created, nextattempt;
};
#define R(member, ...) FIELD(struct leftover_response, member, __VA_ARGS__)
FIELD_TABLE(LEFTOVER_RESPONSE, struct leftover_response, R(id, .help = "ID of the leftover."),
            R(step, .help = "Name of the step whose effect is left."),
            R(resourcetype, .help = "Type of the object it belongs to."),
            R(resourceid, .help = "ID of the object it belongs to."),
            R(error, .help = "Why it could not be taken back."), R(errordetail, .help = "What the provider said."),
            R(attempts, .help = "How often it was tried again."), R(created, .help = "Since when it is left."),
            R(nextattempt, .help = "When it is tried again."));
#undef R

static const char *reason(struct api_call *call, const struct job_leftover *leftover)
{
    struct error failure;
    struct text text;
    error_clear(&failure);
    job_leftover_error(leftover, call->arena, &failure);
    text_init(&text, call->arena, REASON_BYTES_MAX);
    message_render_error(&text, call->language, &failure);
    return text_string(&text);
}

static void fill(struct api_call *call, const struct job_leftover *leftover, struct leftover_response *out)
{
    const struct object_kind *kind = leftover->object_kind ? api_find_kind(leftover->object_kind) : NULL;
    *out = (struct leftover_response){.id = leftover->uuid,
                                      .step = leftover->step,
                                      .resourcetype = kind ? kind->wire_type : leftover->object_kind,
                                      .resourceid = leftover->object_uuid,
                                      .error = reason(call, leftover),
                                      .errordetail = leftover->error_detail,
                                      .attempts = leftover->attempts,
                                      .created = leftover->created,
                                      .nextattempt = leftover->next_attempt};
}

static bool list_leftovers(struct api_call *call, const void *unused, struct error *err)
{
    (void)unused;
    struct db_rows rows;
    if (!job_leftover_list(call->db, call->arena, LEFTOVERS_MAX, &rows, err))
        return false;
    const struct job_leftover *leftovers = rows.items;
    struct leftover_response *found = arena_array(call->arena, rows.count + 1, sizeof(*found));
    struct page_pick pick = {.page = &call->page};
    for (size_t i = 0; i < rows.count; i++)
        if ((page_keyword_matches(&call->page, leftovers[i].step) ||
             page_keyword_matches(&call->page, leftovers[i].object_uuid)) &&
            page_pick(&pick))
            fill(call, &leftovers[i], &found[pick.taken - 1]);
    api_reply_list(call, found, pick.taken, pick.total);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listLeftovers",
     .summary = "Lists what could not be taken back at a provider and is tried again.",
     .object_key = "leftover",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN,
     .response = &LEFTOVER_RESPONSE,
     .handle = list_leftovers,
     .group = "Task"},
    {.name = NULL},
};

void task_register_leftovers(void)
{
    api_register_commands(COMMANDS);
}
