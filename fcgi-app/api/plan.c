/* plan=true: the same handler on a dry database; what it would have started as a job is planned by a jobs worker, step
 * by step. */
#include "api/call.h"

#include "api/lines.h"
#include "base/json.h"
#include "base/message.h"
#include "base/text.h"

struct plan_response {
    struct raw_json plan;
};
FIELD_TABLE(PLAN_RESPONSE, struct plan_response,
            FIELD(struct plan_response, plan, .help = "What would happen: possible, reason, steps, facts, object"));

static void reply_plan(struct api_call *call, const char *json)
{
    struct plan_response *response = ARENA_NEW(call->arena, struct plan_response);
    response->plan.json = json;
    reply_object_as(call, &PLAN_RESPONSE, NULL, response);
}

/* Failures of the installation are errors; everything else is an answer: why it would not work. */
static bool is_refusal(const struct error *err)
{
    return error_http_status(err->kind) < 500 || err->kind == ERROR_DENIED || err->kind == ERROR_ACCOUNT_LIMIT ||
           err->kind == ERROR_INSUFFICIENT_CAPACITY || err->kind == ERROR_RESOURCE_UNAVAILABLE ||
           err->kind == ERROR_RESOURCE_ALLOCATION || err->kind == ERROR_IN_USE || err->kind == ERROR_NETWORK_CONFLICT;
}

static const char *refusal_json(struct api_call *call, const struct error *reason)
{
    struct text json, message;
    text_init(&json, call->arena, 16384);
    text_init(&message, call->arena, 4096);
    message_render_error(&message, call->language, reason);
    text_add(&json, "{\"possible\":false,\"reason\":");
    json_add_string(&json, text_string(&message));
    text_addf(&json, ",\"errorcode\":%d,\"steps\":[],\"facts\":[]}", error_http_status(reason->kind));
    return text_string(&json);
}

/* What the write would answer, for writes that start no job. */
static const char *success_json(struct api_call *call)
{
    struct text json;
    text_init(&json, call->arena, HTTP_REPLY_MAX_BYTES);
    text_add(&json, "{\"possible\":true,\"steps\":[],\"facts\":[],\"object\":");
    json_write_reply(&json, NULL, call->reply, caller_is_root_admin(call->caller));
    text_add_char(&json, '}');
    return text_string(&json);
}

struct dry_run {
    struct api_call *call;
    const struct wire_params *params;
    const void *args;
};

static bool dry_body(struct db *db, void *context, struct error *err)
{
    const struct dry_run *run = context;
    (void)db;
    return invoke_handler(run->call, run->params, run->args, err);
}

/* The handler as it is, on a database that keeps nothing. One transaction round all of it, so that the reply shows what
 * the write would have made. */
static bool run_dry(struct api_call *call, const struct wire_params *params, const void *args,
                    const char **ret_kind, const char **ret_input, struct error *err)
{
    const char *forgotten_kind, *forgotten_input;
    (void)job_dry_capture(&forgotten_kind, &forgotten_input);
    db_set_dry(call->db, true);
    struct dry_run run = {.call = call, .params = params, .args = args};
    bool ok = db_transaction(call->db, dry_body, &run, err);
    db_set_dry(call->db, false);
    bool captured = job_dry_capture(ret_kind, ret_input);
    if (!captured)
        *ret_kind = NULL;
    return ok;
}

bool plan_call(struct api_call *call, const struct wire_params *params, const void *args, struct error *err)
{
    const char *kind = NULL, *input = NULL;
    struct error refusal = {0};
    if (!run_dry(call, params, args, &kind, &input, &refusal)) {
        if (is_refusal(&refusal)) {
            reply_plan(call, refusal_json(call, &refusal));
            return true;
        }
        if (err)
            error_copy(err, &refusal);
        return false;
    }
    if (!kind) {
        reply_plan(call, success_json(call));
        return true;
    }
    struct job_stamp stamp = api_stamp(call);
    struct job_ref job;
    if (!job_create_plan(call->db, kind, input, NULL, &stamp, &job, err))
        return false;
    *call->reply = (struct api_reply){.form = REPLY_JOB, .job = job};
    return true;
}

bool plan_finish(struct api_call *call, const struct job_view *job, struct error *err)
{
    if (!string_equal(job->state, "succeeded")) {
        job_error(job, call->arena, err);
        return false;
    }
    const char *json = lines_plan(call, job->plan_json);
    if (!json)
        return error_with(err, ERROR_INTERNAL, "api.result_gone", E_TEXT("job", job->uuid));
    reply_plan(call, json);
    return true;
}
