/* queryAsyncJobResult, listAsyncJobs: jobs as clients poll them. A result is described when it is read, by its object's
 * kind. */
#include "api/room.h"

#include "api/call.h"
#include "api/lines.h"
#include "api/marks.h"
#include "base/json.h"
#include "base/message.h"
#include "base/text.h"

struct job_response {
    const char *accountid, *account, *domainid, *domainpath, *userid, *cmd;
    int64_t jobstatus, jobprocstatus, jobresultcode;
    const char *jobresulttype;
    struct raw_json jobresult;
    const char *jobinstancetype, *jobinstanceid;
    struct opt_time created, completed;
    const char *jobid;
    struct opt_int progress;
    const char *step;
};
FIELD_TABLE(ASYNC_JOB_RESPONSE, struct job_response,
            FIELD(struct job_response, accountid, .help = "The account that asked for the job"),
            FIELD(struct job_response, account, .help = "The name of that account"),
            FIELD(struct job_response, domainid, .help = "The domain of that account"),
            FIELD(struct job_response, domainpath, .help = "The path of that domain"),
            FIELD(struct job_response, userid, .help = "The user who asked for the job"),
            FIELD(struct job_response, cmd, .help = "The command that started the job"),
            FIELD(struct job_response, jobstatus, .help = "0: under way, 1: succeeded, 2: failed"),
            FIELD(struct job_response, jobprocstatus, .help = "How far the job is, in percent while it is under way"),
            FIELD(struct job_response, jobresultcode, .help = "0, or the error code of a failed job"),
            FIELD(struct job_response, jobresulttype, .help = "The form of jobresult: object"),
            FIELD(struct job_response, jobresult,
                  .help = "The result of a job that ended: the object, success, or errorcode and errortext"),
            FIELD(struct job_response, jobinstancetype, .help = "The type of the object that the job works on"),
            FIELD(struct job_response, jobinstanceid, .help = "The object that the job works on"),
            FIELD(struct job_response, created, .help = "When the job was asked for"),
            FIELD(struct job_response, completed, .help = "When the job ended"),
            FIELD(struct job_response, jobid, .help = "The job"),
            FIELD(struct job_response, progress, .help = "Percent of the work that is done"),
            FIELD(struct job_response, step, .help = "The step that is under way"));

static int64_t wire_status(const struct job_view *job)
{
    if (!job_is_done(job))
        return 0;
    return string_equal(job->state, "succeeded") ? 1 : 2;
}

static void fill_failure(struct api_call *call, const struct job_view *job, struct job_response *response)
{
    struct error failure = {0};
    struct text json;
    job_error(job, call->arena, &failure);
    text_init(&json, call->arena, 16384);
    text_addf(&json, "{\"errorcode\":%d,\"errortext\":", error_http_status(failure.kind));
    json_add_string(&json, respond_error_text(call->arena, &failure));
    text_add_char(&json, '}');
    response->jobresultcode = error_http_status(failure.kind);
    response->jobresult.json = text_string(&json);
}

static bool fill_success(struct api_call *call, const struct job_view *job, struct job_response *response,
                         struct error *err)
{
    const struct object_kind *kind = job->result_kind ? api_find_kind(job->result_kind) : NULL;
    struct text json;
    text_init(&json, call->arena, 1024 * 1024);
    size_t count = 0;
    if (job->is_plan) {
        const char *plan = lines_plan(call, job->plan_json);
        if (!plan)
            return error_with(err, ERROR_INTERNAL, "api.result_gone", E_TEXT("job", job->uuid));
        text_addf(&json, "{\"plan\":%s}", plan);
    } else if (kind && kind->describe) {
        void *object = arena_alloc(call->arena, kind->response->struct_size);
        if (!kind->describe(call, &job->object_id, 1, object, &count, err))
            return false;
        if (count > 0) {
            if (!marks_apply_to(call, kind->response, object, 1, err))
                return false;
            text_addf(&json, "{\"%s\":", kind->object_key);
            json_write_object(&json, kind->response, object, caller_is_root_admin(call->caller));
            text_add_char(&json, '}');
        }
    }
    if (json.length == 0)
        text_add(&json, "{\"success\":true}");
    response->jobresult.json = text_string(&json);
    return true;
}

static bool fill_result(struct api_call *call, const struct job_view *job, struct job_response *response,
                        struct error *err)
{
    if (response->jobstatus == 0)
        return true;
    response->jobresulttype = "object";
    if (response->jobstatus == 1)
        return fill_success(call, job, response, err);
    fill_failure(call, job, response);
    return true;
}

static bool fill_job(struct api_call *call, const struct job_view *job, const struct caller *asker,
                     struct job_response *response, struct error *err)
{
    const struct object_kind *kind = job->object_kind ? api_find_kind(job->object_kind) : NULL;
    *response = (struct job_response){.accountid = asker ? asker->account_uuid : NULL,
                                      .account = asker ? asker->account_name : NULL,
                                      .domainid = asker ? asker->domain_uuid : NULL,
                                      .domainpath = asker ? room_display_path(call->arena, asker->domain_path) : NULL,
                                      .userid = asker ? asker->user_uuid : NULL,
                                      .cmd = job->command,
                                      .jobstatus = wire_status(job),
                                      .jobinstancetype = kind ? kind->wire_type : NULL,
                                      .jobinstanceid = job->object_uuid,
                                      .created = job->created,
                                      .completed = job->ended,
                                      .jobid = job->uuid,
                                      .step = job->step};
    if (response->jobstatus == 0) {
        response->progress = OPT_INT(job->percent);
        response->jobprocstatus = job->percent;
    }
    return fill_result(call, job, response, err);
}

/* "ROOT/a/b" of "/a/b/". */
const char *room_display_path(struct arena *arena, const char *path)
{
    size_t length = path ? strlen(path) : 0;
    if (length < 2)
        return "ROOT";
    return arena_printf(arena, "ROOT%.*s", (int)(length - 1), path);
}

/* ---- queryAsyncJobResult ---- */

struct query_args {
    const char *jobid, *resourceid, *resourcetype;
};
FIELD_TABLE(ASYNC_QUERY_ARGS, struct query_args, FIELD(struct query_args, jobid, .help = "The job"),
            FIELD(struct query_args, resourceid, .since = "4.22",
                  .help = "Instead of jobid: the object whose newest job is meant"),
            FIELD(struct query_args, resourcetype, .since = "4.22",
                  .help = "The type of the object in resourceid, such as VirtualMachine"));

static bool find_asker(struct api_call *call, const struct job_view *job, struct caller **ret_asker, struct error *err)
{
    *ret_asker = NULL;
    return job->user_id <= 0 || identity->find_by_user_id(call->db, call->arena, job->user_id, ret_asker, err);
}

static bool find_named_job(struct api_call *call, const struct query_args *args, struct job_view **ret_job,
                           struct error *err)
{
    *ret_job = NULL;
    if (args->jobid)
        return job_find(call->db, call->arena, args->jobid, ret_job, err);
    if (!args->resourceid || !args->resourcetype)
        return api_refuse_missing(call, "jobid", err);
    const struct object_kind *kind = api_find_kind_of_type(args->resourcetype);
    struct job_filter filter = {.object_kind = kind ? kind->name : NULL, .object_uuid = args->resourceid};
    struct db_rows rows = {0};
    int64_t total = 0;
    if (!filter.object_kind)
        return true;
    if (!job_page(call->db, call->arena, &filter, 0, 1, &rows, &total, err))
        return false;
    if (rows.count > 0)
        *ret_job = rows.items;
    return true;
}

static bool may_see(const struct api_call *call, const struct job_view *job, const struct caller *asker)
{
    if (caller_is_root_admin(call->caller))
        return true;
    return caller_may_reach(call->caller, job->account_id, asker ? asker->domain_path : NULL) ||
           (job->project_account_id != 0 && caller_may_reach(call->caller, job->project_account_id, NULL));
}

static bool query_job(struct api_call *call, const void *arguments, struct error *err)
{
    const struct query_args *args = arguments;
    struct job_view *job = NULL;
    struct caller *asker = NULL;
    if (!find_named_job(call, args, &job, err))
        return false;
    if (!job)
        return api_refuse_entity(args->jobid ? "jobid" : "resourceid", args->jobid ? args->jobid : args->resourceid,
                                 err);
    if (!find_asker(call, job, &asker, err))
        return false;
    if (!may_see(call, job, asker))
        return api_refuse_object(call, "AsyncJob", job->uuid, err);
    struct job_response *response = ARENA_NEW(call->arena, struct job_response);
    if (!fill_job(call, job, asker, response, err))
        return false;
    api_reply_object(call, response);
    return true;
}

/* ---- listAsyncJobs ---- */

struct list_args {
    struct opt_time startdate;
    const char *resourceid, *resourcetype, *managementserverid;
};
FIELD_TABLE(ASYNC_LIST_ARGS, struct list_args,
            FIELD(struct list_args, startdate, .help = "Lists jobs asked for since then"),
            FIELD(struct list_args, resourceid, .since = "4.22", .help = "Lists jobs that work on this object"),
            FIELD(struct list_args, resourcetype, .since = "4.22",
                  .help = "The type of the object in resourceid, such as VirtualMachine"),
            FIELD(struct list_args, managementserverid, .since = "4.19", .help = "Lists jobs of one management server",
                  .no_effect = "any process can carry any job, so none belongs to a server"));

void api_scope_jobs(const struct api_call *call, struct job_filter *filter)
{
    const struct list_scope *scope = &call->scope;
    filter->projects_only = scope->projects_only;
    filter->project_account_ids = scope->account_ids;
    if (scope->form == SCOPE_DOMAIN_ONLY)
        filter->domain_id = scope->domain_id;
    if (scope->form == SCOPE_DOMAIN_TREE)
        filter->below_id = scope->domain_id;
    if (scope->form != SCOPE_ACCOUNT_ONLY || scope->account_ids)
        return;
    if (account_is_project(scope->account_id))
        filter->project_account_id = scope->account_id;
    else
        filter->account_id = scope->account_id;
}

static bool list_jobs(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    struct job_filter filter = {
        .object_uuid = args->resourceid, .created_from = args->startdate, .keyword_like = call->page.keyword_like};
    struct db_rows rows = {0};
    int64_t total = 0;
    const struct object_kind *kind = api_find_kind_of_type(args->resourcetype);
    if (args->resourcetype)
        filter.object_kind = kind ? kind->name : "none";
    api_scope_jobs(call, &filter);
    if (!job_page(call->db, call->arena, &filter, call->page.offset, call->page.limit, &rows, &total, err))
        return false;
    struct job_response *responses = arena_array(call->arena, rows.count, sizeof(*responses));
    const struct job_view *jobs = rows.items;
    int64_t *askers = arena_array(call->arena, rows.count + 1, sizeof(*askers));
    for (size_t i = 0; i < rows.count; i++)
        askers[i] = jobs[i].user_id > 0 ? jobs[i].user_id : 0;
    if (!identity->prefetch_users(call->db, call->arena, askers, rows.count, err))
        return false;
    for (size_t i = 0; i < rows.count; i++) {
        struct caller *asker = NULL;
        if (!find_asker(call, &jobs[i], &asker, err) || !fill_job(call, &jobs[i], asker, &responses[i], err))
            return false;
    }
    api_reply_list(call, responses, rows.count, total);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "queryAsyncJobResult",
     .summary = "Tells how far an asynchronous job is, and its result when it has ended",
     .mode = API_SYNC,
     .flags = API_READ_ONLY,
     .roles = ROLES_ALL,
     .params = &ASYNC_QUERY_ARGS,
     .response = &ASYNC_JOB_RESPONSE,
     .handle = query_job,
     .group = "Asyncjob"},
    {.name = "listAsyncJobs",
     .summary = "Lists the asynchronous jobs of the caller, the newest first",
     .object_key = "asyncjobs",
     .mode = API_LIST,
     .flags = API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .params = &ASYNC_LIST_ARGS,
     .response = &ASYNC_JOB_RESPONSE,
     .handle = list_jobs,
     .group = "Asyncjob"},
    {.name = NULL},
};

void room_register_async(void)
{
    api_register_commands(COMMANDS);
}
