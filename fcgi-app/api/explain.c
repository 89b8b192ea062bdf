/* explain: why something is as it is. Stored codes rendered in the reader's language; tenants see tenant lines,
 * operators all. */
#include "api/call.h"
#include "api/lines.h"
#include "api/room.h"
#include "base/text.h"
#include "base/uuid.h"

struct explain_args {
    const char *id, *type, *jobid;
};
FIELD_TABLE(EXPLAIN_ARGS, struct explain_args,
            FIELD(struct explain_args, id, .help = "The object whose story is wanted"),
            FIELD(struct explain_args, type,
                  .help = "The type of the object, such as VirtualMachine; without it every type is tried"),
            FIELD(struct explain_args, jobid, .help = "The job whose story is wanted"));

struct explain_response {
    const char *jobid, *step, *topic, *audience, *code, *text;
    struct opt_time created;
};
FIELD_TABLE(EXPLAIN_RESPONSE, struct explain_response,
            FIELD(struct explain_response, created, .help = "When it was noted"),
            FIELD(struct explain_response, jobid, .help = "The job that noted it"),
            FIELD(struct explain_response, step, .help = "The step that noted it"),
            FIELD(struct explain_response, topic, .help = "What it is about, such as placement"),
            FIELD(struct explain_response, audience, .flags = FIELD_ADMIN,
                  .help = "tenant, or operator for what only operators see"),
            FIELD(struct explain_response, code, .help = "The message's key, the same in every language"),
            FIELD(struct explain_response, text, .help = "The message in the reader's language"));

static bool refuse(const struct explain_args *args, struct error *err)
{
    return api_refuse_entity(args->jobid ? "jobid" : "id", args->jobid ? args->jobid : args->id, err);
}

static bool find_job(struct api_call *call, const struct explain_args *args, int64_t *ret_job_id, struct error *err)
{
    struct job_view *job = NULL;
    struct caller *asker = NULL;
    if (!job_find(call->db, call->arena, args->jobid, &job, err))
        return false;
    if (!job)
        return refuse(args, err);
    if (job->user_id > 0 && !identity->find_by_user_id(call->db, call->arena, job->user_id, &asker, err))
        return false;
    if (!caller_may_reach(call->caller, job->account_id, asker ? asker->domain_path : NULL))
        return refuse(args, err);
    *ret_job_id = job->id;
    return true;
}

/* Types are named as on the wire or by the kind's own name. */
static bool is_meant(const struct object_kind *kind, const char *type)
{
    return !type || string_equal_ignoring_case(kind->wire_type, type) || string_equal_ignoring_case(kind->name, type);
}

static bool find_object(struct api_call *call, const struct explain_args *args, const struct object_kind **ret_kind,
                        int64_t *ret_id, struct error *err)
{
    size_t count;
    const struct object_kind *const *kinds = api_all_kinds(&count);
    for (size_t i = 0; i < count && uuid_is_valid(args->id); i++) {
        struct object_found found = {0};
        bool exists = false;
        if (!is_meant(kinds[i], args->type))
            continue;
        if (!kinds[i]->find(call->db, call->arena, args->id, &found, &exists, err))
            return false;
        if (!exists)
            continue;
        *ret_kind = kinds[i];
        return api_resolve(call, kinds[i]->name, "id", args->id, &found, err) && (*ret_id = found.id, true);
    }
    return refuse(args, err);
}

static bool explain(struct api_call *call, const void *arguments, struct error *err)
{
    const struct explain_args *args = arguments;
    const struct object_kind *kind = NULL;
    int64_t job_id = 0, object_id = 0;
    struct explain_line *lines = NULL;
    size_t count = 0;
    if (!args->id && !args->jobid)
        return api_refuse_missing(call, "id", err);
    if (args->jobid ? !find_job(call, args, &job_id, err) : !find_object(call, args, &kind, &object_id, err))
        return false;
    enum explain_audience audience = caller_is_root_admin(call->caller) ? EXPLAIN_OPERATOR : EXPLAIN_TENANT;
    if (!explain_list(call->db, call->arena, job_id, kind ? kind->name : NULL, object_id, audience, &lines, &count,
                      err))
        return false;
    struct explain_response *responses = arena_array(call->arena, count, sizeof(*responses));
    for (size_t i = 0; i < count; i++)
        responses[i] = (struct explain_response){
            .jobid = lines[i].job_uuid,
            .step = lines[i].step,
            .topic = lines[i].topic,
            .audience = lines[i].audience,
            .code = lines[i].key,
            .text = lines_render(call->arena, call->language, lines[i].key, lines[i].args, lines[i].arg_count),
            .created = lines[i].created};
    api_reply_list(call, responses, count, (int64_t)count);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "explain",
     .summary = "Tells what was considered and decided about an object or in a job",
     .object_key = "explanation",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_WHOLE_LIST,
     .roles = ROLES_ALL,
     .params = &EXPLAIN_ARGS,
     .response = &EXPLAIN_RESPONSE,
     .handle = explain,
     .group = "Asyncjob"},
    {.name = NULL},
};

void room_register_explain(void)
{
    api_register_commands(COMMANDS);
}
