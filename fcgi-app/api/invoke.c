/* From parameters to a filled reply: the order of checks, the event of a synchronous write, and calls in process. The
 * transaction round a write is its service's. */
#include "api/call.h"

#include <json-c/json.h>
#include <time.h>

#include "api/audit.h"
#include "api/marks.h"
#include "api/parse.h"
#include "api/repeat.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

static bool (*record_event)(struct db *db, const struct api_event *event, struct error *err);

void api_set_event_hook(bool (*record)(struct db *db, const struct api_event *event, struct error *err))
{
    record_event = record;
}

/* The project that the command works for: the one it names, else the one whose object it touches. */
static int64_t project_account_of(const struct api_call *call)
{
    if (account_is_project(call->owner.account_id))
        return call->owner.account_id;
    int64_t touched = call->reply ? call->reply->touched_account_id : 0;
    return account_is_project(touched) ? touched : 0;
}

struct job_stamp api_stamp(const struct api_call *call)
{
    const struct caller *caller = call->caller;
    return (struct job_stamp){.user_id = caller->user_id,
                              .account_id = caller->account_id,
                              .project_account_id = project_account_of(call),
                              .domain_id = caller->domain_id,
                              .request_id = caller->request_id,
                              .remote_address = caller->remote_address,
                              .language = call->language};
}

/* ---- events of synchronous writes ---- */

static const char *text_member(const struct field_table *table, const void *object, const char *name)
{
    const struct field *field = table ? field_find(table, name) : NULL;
    return field && field->type == FIELD_STRING ? *(const char *const *)field_at_const(field, object) : NULL;
}

/* What the event is about: the object that `id` names, else the object of the reply. */
static void find_resource(const struct api_call *call, const void *args, struct api_event *event)
{
    const struct field_table *params = call->command->params;
    const struct field *id = params ? field_find(params, "id") : NULL;
    const struct object_kind *kind = registry_kind_of_table(call->reply->table);
    bool has_object = call->reply->form == REPLY_OBJECT && kind;
    if (has_object) {
        event->resource_uuid = text_member(call->reply->table, call->reply->objects, "id");
        event->resource_name = text_member(call->reply->table, call->reply->objects, "name");
    } else if (id && id->type == FIELD_REF) {
        kind = api_find_kind(id->refers_to);
        event->resource_uuid = ((const struct object_ref *)field_at_const(id, args))->uuid;
    }
    if (kind && event->resource_uuid)
        event->resource_type = kind->wire_type;
}

static bool has_event(const struct api_call *call)
{
    const struct api_command *command = call->command;
    return command->mode == API_SYNC && command->event && record_event && registry_is_write(command) &&
           !db_is_dry(call->db);
}

struct noted {
    struct api_call *call;
    const void *args;
};

/* After the write is committed, so that the reply could read it from the caches; what bills rely on are the history
 * rows, which are written in the transaction itself. */
static bool note_event(struct db *db, void *context, struct error *err)
{
    const struct noted *noted = context;
    const struct api_call *call = noted->call;
    int64_t touched = call->reply->touched_account_id;
    struct api_event event = {
        .type = call->command->event, .caller = call->caller, .account_id = touched ? touched : call->owner.account_id};
    find_resource(call, noted->args, &event);
    return record_event(db, &event, err);
}

static bool run_handler(struct api_call *call, const void *args, struct error *err)
{
    if (!call->command->handle(call, args, err))
        return false;
    if (call->reply->form == REPLY_NONE)
        return error_with(err, ERROR_INTERNAL, "api.no_reply", E_TEXT("command", call->command->name));
    return marks_apply(call, err);
}

bool invoke_handler(struct api_call *call, const struct wire_params *params, const void *args, struct error *err)
{
    struct audit_call *audit = registry_is_write(call->command) ? audit_enter(call, params, args) : NULL;
    bool was_answered = false;
    bool ok = call->repeat_key && !db_is_dry(call->db) ? repeat_run(call, run_handler, args, &was_answered, err)
                                                       : run_handler(call, args, err);
    if (was_answered) { /* nothing happened now that could be recorded */
        (void)db_ride_ended(call->db);
        return true;
    }
    struct noted noted = {call, args};
    audit_leave(call->db, audit, ok ? NULL : err, ok && has_event(call) ? note_event : NULL, &noted);
    return ok;
}

static bool parse_and_run(struct api_call *call, const struct registered_command *command,
                          const struct wire_params *params, struct error *err)
{
    void *args = NULL;
    if (!parse_arguments(call, command, params, &args, err))
        return false;
    if (!authorize_arguments(call, params, args, err))
        return false;
    call->plan = registry_is_write(command->command) && parse_is_true(parse_find(params, "plan"));
    if (call->plan && !registry_is_repeatable(command->command))
        return error_with(err, ERROR_INVALID_VALUE, "api.no_plan", E_TEXT("command", command->command->name));
    return call->plan ? plan_call(call, params, args, err) : invoke_handler(call, params, args, err);
}

bool invoke_call(struct api_call *call, const struct registered_command *command, const struct wire_params *params,
                 struct error *err)
{
    bool was_answered = false;
    call->command = command->command;
    call->reply = ARENA_NEW(call->arena, struct api_reply);
    if (!authorize_command(call->caller, command->command, err))
        return false;
    if (call->repeat_key && (!repeat_look(call, &was_answered, err) || was_answered))
        return was_answered;
    if (parse_and_run(call, command, params, err))
        return true;
    struct error ignored; /* the first call may have ended meanwhile, and taken away what this one names */
    return call->repeat_key && repeat_look(call, &was_answered, &ignored) && was_answered;
}

bool invoke_finish_job(struct api_call *call, const struct job_view *job, struct error *err)
{
    if (call->plan)
        return plan_finish(call, job, err);
    if (!string_equal(job->state, "succeeded")) {
        job_error(job, call->arena, err);
        return false;
    }
    if (call->command->answer)
        return call->command->answer(call, job, err);
    const struct object_kind *kind = job->result_kind ? api_find_kind(job->result_kind) : NULL;
    if (!kind || !kind->describe || !call->command->response) {
        api_reply_success(call, NULL);
        return true;
    }
    void *object = arena_alloc(call->arena, kind->response->struct_size);
    size_t count = 0;
    if (!kind->describe(call, &job->object_id, 1, object, &count, err))
        return false;
    if (count == 0)
        return error_with(err, ERROR_INTERNAL, "api.result_gone", E_TEXT("job", job->uuid));
    if (call->command->flags & API_ANSWERS_LIST)
        api_reply_list(call, object, 1, 1);
    else
        reply_object_as(call, kind->response, call->command->object_key ? call->command->object_key : kind->object_key,
                        object);
    return true;
}

/* ---- in process ---- */

static void put_json(void *json)
{
    json_object_put(json);
}

static bool reply_as_json(struct api_call *call, struct json_object **ret_json, struct error *err)
{
    struct text reply;
    text_init(&reply, call->arena, HTTP_REPLY_MAX_BYTES);
    json_write_reply(&reply, NULL, call->reply, caller_is_root_admin(call->caller));
    struct json_object *json = json_tokener_parse(text_string(&reply));
    if (!json)
        return error_with(err, ERROR_INTERNAL, "api.no_reply", E_TEXT("command", call->command->name));
    arena_defer(call->arena, put_json, json);
    *ret_json = json;
    return true;
}

/* Looks at the job until it ends or the time is over. Pages use it for answers that come in milliseconds. */
static bool wait_for_job(struct api_call *call, int wait_ms, bool *ret_done, struct error *err)
{
    int64_t deadline = clock_monotonic_ms() + wait_ms;
    for (;;) {
        struct job_view *job = NULL;
        if (!job_find(call->db, call->arena, call->reply->job.uuid, &job, err))
            return false;
        *ret_done = job && job_is_done(job);
        if (*ret_done)
            return invoke_finish_job(call, job, err);
        if (clock_monotonic_ms() >= deadline)
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 15000000}, NULL);
    }
}

static bool invoke_and_wait(struct api_call *call, const struct registered_command *command, int wait_ms,
                            struct json_object **ret_json, struct error *err)
{
    if (!invoke_call(call, command, call->wire, err))
        return false;
    bool waits = call->reply->form == REPLY_JOB && (call->plan || command->command->mode == API_WAIT), done = true;
    if (waits && !wait_for_job(call, wait_ms, &done, err))
        return false;
    if (done)
        return reply_as_json(call, ret_json, err);
    *ret_json = NULL;
    return true;
}

bool api_invoke(struct db *db, struct arena *arena, const struct caller *caller, const char *name,
                const struct api_param *params, size_t param_count, int wait_ms, struct json_object **ret_json,
                struct error *err)
{
    const struct registered_command *command = commands_find(name);
    struct wire_params *wire = ARENA_NEW(arena, struct wire_params);
    struct api_call *call = ARENA_NEW(arena, struct api_call);
    *call = (struct api_call){.arena = arena,
                              .db = db,
                              .caller = caller,
                              .wire = wire,
                              .language = caller->language ? caller->language : "en"};
    if (!command)
        return error_with(err, ERROR_UNSUPPORTED, "api.unknown_command", E_TEXT("command", name),
                          E_TEXT("account", caller->account_name ? caller->account_name : ""));
    params_from_pairs(arena, params, param_count, wire);
    bool ok = invoke_and_wait(call, command, wait_ms, ret_json, err);
    if (ok ? *ret_json != NULL : err != NULL)
        record_answer(call, command, ok ? NULL : err);
    return ok;
}
