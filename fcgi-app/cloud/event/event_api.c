/* listEvents, archiveEvents, deleteEvents, listEventTypes, and how commands and jobs become events. */
#include <stdatomic.h>
#include <strings.h>

#include <json-c/json.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/setting.h"
#include "base/text.h"
#include "cloud/event/event_api.h"
#include "cloud/identity/identity.h"

struct event_response {
    const char *id, *username, *type, *level, *description, *resourceid, *resourcetype, *resourcename, *state,
        *parentid;
    struct shown_owner owner;
    struct opt_time created;
    bool archived;
};
#define EVENT(member, ...) FIELD(struct event_response, member, __VA_ARGS__)
FIELD_TABLE(EVENT_RESPONSE, struct event_response, EVENT(id, .help = "The event"),
            EVENT(username, .help = "Who did it"), EVENT(type, .help = "What was done, such as VM.CREATE"),
            EVENT(level, .help = "INFO, WARN or ERROR"), EVENT(description, .help = "What happened, in words"),
            OWNER_FIELDS(struct event_response, owner, "it concerns"), OWNER_PATH_FIELD(struct event_response, owner),
            EVENT(resourceid, .since = "4.17.0", .help = "The object it concerns"),
            EVENT(resourcetype, .since = "4.17.0", .help = "The type of that object"),
            EVENT(resourcename, .since = "4.17.0", .help = "The name of that object"),
            EVENT(created, .help = "When it happened"), EVENT(state, .help = "Scheduled, Started or Completed"),
            EVENT(parentid, .help = "The event that began what this one tells of"),
            EVENT(archived, .help = "True when it was archived"));

struct list_events_args {
    struct object_ref id;
    struct opt_time startdate, enddate;
    struct object_ref startid;
    const char *type, *level, *state, *resourceid, *resourcetype;
    struct opt_int duration, entrytime;
    bool archived;
};
#define LIST(member, ...) FIELD(struct list_events_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_EVENTS_ARGS, struct list_events_args, LIST(id, .refers_to = "event", .help = "Lists only this event"),
            LIST(type, .help = "Lists only events of this type, such as VM.CREATE"),
            LIST(level, .help = "Lists only events of this level: INFO, WARN or ERROR"),
            LIST(state, .since = "4.21.0", .help = "Lists only events in this state: Scheduled, Started or Completed"),
            LIST(startdate, .help = "Lists only events from then on"),
            LIST(enddate, .flags = FIELD_END_OF_DAY, .help = "Lists only events until then"),
            LIST(startid, .refers_to = "event", .help = "Lists only what this event began"),
            LIST(resourceid, .since = "4.17.0", .help = "Lists only events about this object"),
            LIST(resourcetype, .since = "4.17.0",
                 .help = "Lists only events about objects of this type, such as VirtualMachine"),
            LIST(archived, .since = "4.19.0", .help = "Lists archived events instead of the others"),
            LIST(entrytime, .flags = FIELD_POSITIVE, .max = 31536000, .min = 1,
                 .help = "With duration: lists only what was asked for within these last seconds and is not completed"),
            LIST(duration, .flags = FIELD_POSITIVE, .max = 31536000, .min = 1,
                 .help = "With entrytime, and shorter: lists only what has been pending for these seconds"));

/* ---- rows to replies ---- */

static const char *describe(struct api_call *call, const struct event_row *row)
{
    struct error_arg args[ERROR_ARGS_MAX];
    struct json_object *stored = json_tokener_parse(row->message_args);
    struct text text;
    size_t count = 0;
    text_init(&text, call->arena, 4096);
    if (json_object_is_type(stored, json_type_object)) {
        json_object_object_foreach(stored, name, value)
        {
            if (count == ERROR_ARGS_MAX)
                break;
            args[count].name = arena_strdup(call->arena, name);
            args[count].value = arena_strdup(call->arena, json_object_get_string(value));
            args[count++].is_number = json_object_is_type(value, json_type_int);
        }
    }
    json_object_put(stored);
    message_render(&text, call->language, row->message_key, args, count);
    return text_string(&text);
}

static bool fill_event(struct api_call *call, const struct event_row *row, struct event_response *to, struct error *err)
{
    struct identity_user *user = NULL;
    if (row->user_id > 0 && !identity_find_user_any(call->db, call->arena, row->user_id, &user, err))
        return false;
    *to = (struct event_response){.id = row->uuid,
                                  .username = user ? user->username : "system",
                                  .type = row->type,
                                  .level = row->level,
                                  .description = describe(call, row),
                                  .resourceid = row->resource_uuid,
                                  .resourcetype = row->resource_type,
                                  .resourcename = row->resource_name,
                                  .created = row->created,
                                  .state = row->state,
                                  .parentid = row->start_uuid,
                                  .archived = row->archived};
    return identity_show_owner(call->db, call->arena, row->account_id, &to->owner, err);
}

static bool find_event(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                       bool *ret_exists, struct error *err)
{
    struct event_row row = {0};
    struct identity_account *account = NULL;
    if (!event_find(db, arena, uuid, &row, ret_exists, err))
        return false;
    if (!*ret_exists)
        return true;
    if (!identity_find_account_any(db, arena, row.account_id, &account, err))
        return false;
    *ret_found =
        (struct object_found){row.id, row.account_id, account ? account->domain_path : NULL, OBJECT_OWNED, row.type};
    return true;
}

static const struct object_kind EVENT_KIND = {
    .name = "event", .wire_type = "Event", .object_key = "event", .response = &EVENT_RESPONSE, .find = find_event};

/* ---- listEvents ---- */

/* Of a list's scope. Administrators who list everything see what happened in projects, too. */
static struct event_scope scope_of(const struct list_scope *scope)
{
    struct event_scope to = {.projects_only = scope->projects_only};
    switch (scope->form) {
    case SCOPE_EVERYTHING:
        break;
    case SCOPE_DOMAIN_ONLY:
        to.domain_id = scope->domain_id;
        break;
    case SCOPE_DOMAIN_TREE:
        to.below_id = scope->domain_id;
        break;
    case SCOPE_ACCOUNT_ONLY:
        to.account_ids = scope->account_ids;
        to.account_id = scope->account_ids ? 0 : scope->account_id ? scope->account_id : SCOPE_NOBODY;
        break;
    }
    return to;
}

/* entrytime and duration: asked for longer ago than duration, not longer than entrytime, and still not completed. */
static bool read_pending(const struct list_events_args *args, struct event_filter *filter, struct error *err)
{
    int64_t now = clock_now_ms();
    if (!args->entrytime.set && !args->duration.set)
        return true;
    if (!args->entrytime.set || !args->duration.set || args->entrytime.value <= args->duration.value)
        return error_set(err, ERROR_INVALID_VALUE, "event.pending_times");
    filter->pending_from = OPT_TIME(now - args->entrytime.value * 1000);
    filter->pending_until = OPT_TIME(now - args->duration.value * 1000);
    return true;
}

static bool list_events(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_events_args *args = arguments;
    struct event_filter filter = {.scope = scope_of(&call->scope),
                                  .id = args->id.id,
                                  .type = args->type,
                                  .level = args->level,
                                  .state = args->state,
                                  .resource_uuid = args->resourceid,
                                  .resource_type = args->resourcetype,
                                  .start_uuid = args->startid.uuid,
                                  .keyword_like = call->page.keyword_like,
                                  .from = args->startdate,
                                  .until = args->enddate,
                                  .archived = args->archived};
    struct db_rows rows = {0};
    int64_t total = 0;
    if (!read_pending(args, &filter, err))
        return false;
    if (!event_page(call->db, call->arena, &filter, call->page.offset, call->page.limit, &rows, &total, err))
        return false;
    struct event_response *responses = arena_array(call->arena, rows.count, sizeof(*responses));
    const struct event_row *events = rows.items;
    int64_t *accounts = arena_array(call->arena, rows.count, sizeof(*accounts)),
            *users = arena_array(call->arena, rows.count, sizeof(*users));
    for (size_t i = 0; i < rows.count; i++) {
        accounts[i] = events[i].account_id;
        users[i] = events[i].user_id;
    }
    if (!identity_prefetch_any(call->db, call->arena, accounts, users, rows.count, err))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        if (!fill_event(call, &events[i], &responses[i], err))
            return false;
    api_reply_list(call, responses, rows.count, total);
    return true;
}

/* ---- archiveEvents, deleteEvents ---- */

struct choose_args {
    struct ref_list ids;
    const char *type;
    struct opt_time startdate, enddate;
};
#define CHOOSE(member, ...) FIELD(struct choose_args, member, __VA_ARGS__)
FIELD_TABLE(CHOOSE_EVENTS_ARGS, struct choose_args, CHOOSE(ids, .refers_to = "event", .help = "These events"),
            CHOOSE(type, .help = "Events of this type, such as VM.CREATE"),
            CHOOSE(startdate, .help = "Events from then on; together with enddate"),
            CHOOSE(enddate, .flags = FIELD_END_OF_DAY, .help = "Events until then"));

static struct event_scope scope_of_caller(const struct caller *caller)
{
    if (caller_is_root_admin(caller))
        return (struct event_scope){0};
    return caller->role_type == ROLE_USER ? (struct event_scope){.account_id = caller->account_id}
                                          : (struct event_scope){.below_id = caller->domain_id};
}

static bool choose(struct api_call *call, const struct choose_args *args, struct event_choice *ret_choice,
                   struct error *err)
{
    if (args->ids.count == 0 && !args->type && !args->enddate.set)
        return error_set(err, ERROR_INVALID_VALUE, "event.nothing_chosen");
    if (args->startdate.set && !args->enddate.set)
        return error_set(err, ERROR_INVALID_VALUE, "event.end_missing");
    bool by_id = args->ids.count > 0; /* each was looked at already */
    *ret_choice = (struct event_choice){.scope = by_id ? (struct event_scope){0} : scope_of_caller(call->caller),
                                        .ids = &args->ids,
                                        .type = args->type,
                                        .from = args->startdate,
                                        .until = args->enddate};
    return true;
}

static bool archive_events(struct api_call *call, const void *args, struct error *err)
{
    struct event_choice choice;
    if (!choose(call, args, &choice, err) || !event_archive(call->db, &choice, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

static bool delete_events(struct api_call *call, const void *args, struct error *err)
{
    struct event_choice choice;
    if (!choose(call, args, &choice, err) || !event_delete(call->db, &choice, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

/* ---- retention ---- */

SETTING(PURGE_DELAY, .name = "event.purge.delay", .category = "Advanced", .default_value = "15",
        .help = "Days for which events are kept; 0: for ever", .type = SETTING_INT, .scopes = SCOPE_GLOBAL, .min = 0,
        .max = 36500);
SETTING(PURGE_INTERVAL, .name = "event.purge.interval", .category = "Advanced", .default_value = "86400",
        .help = "Seconds between two looks for events to purge", .type = SETTING_INT, .scopes = SCOPE_GLOBAL, .min = 1,
        .max = 31536000);
enum { PURGE_LOOK_MS = 1000, DAY_MS = 86400000 };

/* The schedule looks often, so that a shorter interval holds at once. */
static bool purge(struct db *db, struct arena *arena, struct error *err)
{
    static _Atomic int64_t last_ms; /* of this process; another one may purge once more */
    int64_t now = clock_now_ms(), days = setting_int(&PURGE_DELAY);
    (void)arena;
    if (days == 0 || now - atomic_load(&last_ms) < setting_int(&PURGE_INTERVAL) * 1000)
        return true;
    atomic_store(&last_ms, now);
    return event_purge(db, now - days * DAY_MS, err);
}

/* ---- listEventTypes ---- */

struct type_response {
    const char *name;
};
FIELD_TABLE(EVENT_TYPE_RESPONSE, struct type_response, FIELD(struct type_response, name, .help = "The event type"));

static bool is_known(const struct type_response *types, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (string_equal(types[i].name, name))
            return true;
    return false;
}

/* The types that declared commands can cause. */
static bool list_types(struct api_call *call, const void *args, struct error *err)
{
    size_t count, taken = 0;
    const struct api_command *const *commands = api_all_commands(&count);
    struct type_response *types = arena_array(call->arena, count + 1, sizeof(*types));
    (void)args;
    (void)err;
    types[taken++].name = "USER.LOGIN";
    for (size_t i = 0; i < count; i++)
        if (commands[i]->event && !is_known(types, taken, commands[i]->event))
            types[taken++].name = commands[i]->event;
    api_reply_list(call, types, taken, (int64_t)taken);
    return true;
}

/* ---- commands and jobs become events ---- */

/* The account's domain; `otherwise` when it is gone. */
static bool domain_of(struct db *db, int64_t account_id, int64_t otherwise, int64_t *ret_id, struct error *err)
{
    AUTO(arena_free) struct arena arena = {0};
    struct identity_account *account = NULL;
    if (!identity_find_account_any(db, &arena, account_id, &account, err))
        return false;
    *ret_id = account ? account->domain_id : otherwise;
    return true;
}

static bool record_command(struct db *db, const struct api_event *event, struct error *err)
{
    int64_t domain_id = 0;
    if (!domain_of(db, event->account_id, event->caller->domain_id, &domain_id, err))
        return false;
    const struct event_entry entry = {.type = event->type,
                                      .account_id = event->account_id,
                                      .domain_id = domain_id,
                                      .user_id = event->caller->user_id,
                                      .resource_type = event->resource_type,
                                      .resource_uuid = event->resource_uuid,
                                      .resource_name = event->resource_name,
                                      .request_id = event->caller->request_id};
    return event_add(db, &entry, NULL, err);
}

/* The "Scheduled" event has the job's id for its own, so that what follows names its parent without looking. An event
 * belongs to the project that the job works for, else to who asked. */
static bool record_job(struct db *db, const struct job_event *event, struct error *err)
{
    static const char *const STATES[] = {[JOB_EVENT_SCHEDULED] = "Scheduled",
                                         [JOB_EVENT_STARTED] = "Started",
                                         [JOB_EVENT_COMPLETED] = "Completed",
                                         [JOB_EVENT_FAILED] = "Completed"};
    const struct job_target *target = event->target;
    const struct object_kind *kind = target && target->object_kind ? api_find_kind(target->object_kind) : NULL;
    const struct job_stamp *stamp = event->stamp;
    int64_t account_id = stamp->project_account_id != 0 ? stamp->project_account_id : stamp->account_id;
    int64_t domain_id = stamp->domain_id;
    if (account_id != stamp->account_id && !domain_of(db, account_id, domain_id, &domain_id, err))
        return false;
    bool failed = event->phase == JOB_EVENT_FAILED, is_first = event->phase == JOB_EVENT_SCHEDULED;
    const char *about = target && target->object_uuid ? target->object_uuid : "";
    struct error_value values[] = {E_TEXT("type", event->type), E_TEXT("resource", about), {.name = NULL}};
    const struct event_entry entry = {.uuid = is_first ? event->job_uuid : NULL,
                                      .type = event->type,
                                      .level = failed ? "ERROR" : "INFO",
                                      .state = STATES[event->phase],
                                      .key = failed ? "event.failed" : NULL,
                                      .values = values,
                                      .account_id = account_id,
                                      .domain_id = domain_id,
                                      .user_id = stamp->user_id,
                                      .resource_type = kind ? kind->wire_type : NULL,
                                      .resource_uuid = target ? target->object_uuid : NULL,
                                      .start_uuid = is_first ? NULL : event->job_uuid,
                                      .request_id = stamp->request_id};
    return event_add(db, &entry, NULL, err);
}

static const struct api_command COMMANDS[] = {
    {.name = "listEvents",
     .summary = "Lists events, the newest first",
     .object_key = "event",
     .mode = API_LIST,
     .flags = API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .params = &LIST_EVENTS_ARGS,
     .response = &EVENT_RESPONSE,
     .handle = list_events,
     .group = "Event"},
    {.name = "archiveEvents",
     .summary = "Archives events, so that lists leave them out",
     .mode = API_SYNC,
     .roles = ROLES_ALL,
     .params = &CHOOSE_EVENTS_ARGS,
     .handle = archive_events,
     .group = "Event"},
    {.name = "deleteEvents",
     .summary = "Deletes events",
     .mode = API_SYNC,
     .roles = ROLES_ALL,
     .params = &CHOOSE_EVENTS_ARGS,
     .handle = delete_events,
     .group = "Event"},
    {.name = "listEventTypes",
     .summary = "Lists the types that events can have",
     .object_key = "eventtype",
     .mode = API_LIST,
     .flags = API_WHOLE_LIST,
     .roles = ROLES_ALL,
     .response = &EVENT_TYPE_RESPONSE,
     .handle = list_types,
     .group = "Event"},
    {.name = NULL},
};

void event_register(void)
{
    static const struct object_kind *const KINDS[] = {&EVENT_KIND, NULL};
    api_register_kinds(KINDS);
    api_register_commands(COMMANDS);
    api_set_event_hook(record_command);
    job_set_event_hook(record_job);
    static const struct job_schedule PURGE = {.name = "event.purge", .interval_ms = PURGE_LOOK_MS, .run = purge};
    job_register_schedule(&PURGE);
}
