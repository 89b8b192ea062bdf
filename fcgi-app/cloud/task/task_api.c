/* Commands about tasks. The wire's own view of jobs (queryAsyncJobResult, listAsyncJobs) is in the api room; this one
 * adds steps, progress and texts in the reader's language. The rules are the jobs room's. */
#include <string.h>

#include "api/api.h"
#include "base/message.h"
#include "base/text.h"
#include "cloud/identity/identity.h"
#include "cloud/task/task.h"
#include "jobs/jobs.h"

enum { TASKS_MAX = 200, TEXT_MAX = 4096 };

/* ---- replies ---- */

struct step_response {
    const char *name, *title, *state;
    struct opt_int percent;
    int64_t attempts;
    struct opt_time started, ended;
};
FIELD_TABLE(STEP_RESPONSE, struct step_response, FIELD(struct step_response, name, .help = "Stable name of the step."),
            FIELD(struct step_response, title, .help = "What it does, in the reader's language."),
            FIELD(struct step_response, state,
                  .help = "running, done, skipped, failed, undoing, undone, leftover, or pending for one to come."),
            FIELD(struct step_response, percent, .help = "Progress of the step under way."),
            FIELD(struct step_response, attempts, .help = "How often it was begun."),
            FIELD(struct step_response, started, .help = "When it began."),
            FIELD(struct step_response, ended, .help = "When it ended."));

struct task_response {
    const char *id, *command, *state, *step, *steptitle, *account, *accountid, *domainid, *project, *projectid,
        *resourcetype, *resourceid, *resourcename, *error, *hint, *errordetail;
    struct opt_int percent, errorcode;
    struct opt_time created, ended;
    bool cancellable;
    struct object_list steps;
};
FIELD_TABLE(
    TASK_RESPONSE, struct task_response, FIELD(struct task_response, id, .help = "ID of the task: that of its job."),
    FIELD(struct task_response, command, .help = "The command that began it."),
    FIELD(struct task_response, state, .help = "queued, running, waiting, undoing, succeeded, failed or cancelled."),
    FIELD(struct task_response, step, .help = "Name of the step under way."),
    FIELD(struct task_response, steptitle, .help = "What the step under way does, in the reader's language."),
    FIELD(struct task_response, percent, .help = "Progress of the step under way."),
    FIELD(struct task_response, account, .help = "Name of the account that asked for it."),
    FIELD(struct task_response, accountid, .help = "ID of that account."),
    FIELD(struct task_response, domainid, .help = "ID of the account's domain."),
    FIELD(struct task_response, project, .help = "Name of the project it works for."),
    FIELD(struct task_response, projectid, .help = "ID of that project."),
    FIELD(struct task_response, resourcetype, .help = "Type of the object it is about."),
    FIELD(struct task_response, resourceid, .help = "ID of the object it is about."),
    FIELD(struct task_response, resourcename, .help = "Name of the object it is about; absent when it is gone."),
    FIELD(struct task_response, error, .help = "Why it failed, in the reader's language."),
    FIELD(struct task_response, hint, .help = "What can be done about it."),
    FIELD(struct task_response, errorcode, .help = "The API's code of the failure."),
    FIELD(struct task_response, errordetail, .flags = FIELD_ADMIN, .help = "What the provider said."),
    FIELD(struct task_response, created, .help = "When it was asked for."),
    FIELD(struct task_response, ended, .help = "When it ended."),
    FIELD(struct task_response, cancellable, .help = "Whether cancelTask can still do something."),
    FIELD(struct task_response, steps, .table = &STEP_RESPONSE, .help = "Its steps so far; only of a single task."));

static const char *message(struct api_call *call, const char *key, const struct error_arg *args, size_t count)
{
    struct text text;
    text_init(&text, call->arena, TEXT_MAX);
    message_render(&text, call->language, key, args, count);
    return text_string(&text);
}

static void add_failure(struct api_call *call, const struct job_view *job, struct task_response *task)
{
    struct error failure;
    struct text text;
    error_clear(&failure);
    job_error(job, call->arena, &failure);
    text_init(&text, call->arena, TEXT_MAX);
    message_render_error(&text, call->language, &failure);
    task->error = text_string(&text);
    task->errorcode = OPT_INT(error_http_status(failure.kind));
    const char *hint = failure.key ? arena_printf(call->arena, "%s.hint", failure.key) : NULL;
    if (hint && message_has("en", hint))
        task->hint = message(call, hint, failure.args, failure.arg_count);
    if (caller_is_root_admin(call->caller))
        task->errordetail = job->error_detail;
}

static const char *step_title(struct api_call *call, const struct job_view *job)
{
    const struct job_kind *kind = job_find_kind(job->kind);
    for (size_t i = 0; kind && job->step && i < kind->step_count; i++) {
        if (string_equal(kind->steps[i].name, job->step))
            return message(call, kind->steps[i].title_key, NULL, 0);
    }
    return job->step;
}

static bool add_resource(struct api_call *call, const struct job_view *job, struct task_response *task,
                         struct error *err)
{
    const struct object_kind *kind = job->object_kind ? api_find_kind(job->object_kind) : NULL;
    struct object_found found = {0};
    bool exists = false;
    task->resourcetype = kind ? kind->wire_type : job->object_kind;
    task->resourceid = job->object_uuid;
    if (!kind || !kind->find || string_is_empty(job->object_uuid))
        return true;
    if (!kind->find(call->db, call->arena, job->object_uuid, &found, &exists, err))
        return false;
    if (exists)
        task->resourcename = found.name;
    return true;
}

static bool fill(struct api_call *call, const struct job_view *job, struct task_response *ret_task, struct error *err)
{
    struct identity_account *account = NULL, *project = NULL;
    if (!identity_find_account_any(call->db, call->arena, job->account_id, &account, err) ||
        (job->project_account_id != 0 &&
         !identity_find_account_any(call->db, call->arena, job->project_account_id, &project, err)))
        return false;
    bool is_done = job_is_done(job);
    *ret_task = (struct task_response){.id = job->uuid,
                                       .command = job->command,
                                       .state = job->state,
                                       .account = account ? account->name : NULL,
                                       .accountid = account ? account->uuid : NULL,
                                       .domainid = account ? account->domain_uuid : NULL,
                                       .project = project ? project->project_name : NULL,
                                       .projectid = project ? project->project_uuid : NULL,
                                       .created = job->created,
                                       .ended = job->ended,
                                       .cancellable = !is_done && !job->cancel_requested && !job->undoing};
    if (!is_done) {
        ret_task->step = job->step;
        ret_task->steptitle = step_title(call, job);
        ret_task->percent = OPT_INT(job->percent);
    }
    if (is_done && !string_is_empty(job->error_key))
        add_failure(call, job, ret_task);
    return add_resource(call, job, ret_task, err);
}

/* The steps after the one named `last` (NULL: all). */
static size_t add_coming_steps(struct api_call *call, const struct job_kind *kind, const char *last,
                               struct step_response *ret_steps)
{
    size_t next = 0, count = 0;
    for (size_t i = 0; last && i < kind->step_count; i++) {
        if (string_equal(kind->steps[i].name, last))
            next = i + 1;
    }
    for (; next < kind->step_count; next++)
        ret_steps[count++] = (struct step_response){.name = kind->steps[next].name,
                                                    .title = message(call, kind->steps[next].title_key, NULL, 0),
                                                    .state = "pending"};
    return count;
}

static bool add_steps(struct api_call *call, const struct job_view *job, struct task_response *task, struct error *err)
{
    struct job_step_view *steps;
    size_t count;
    if (!job_steps(call->db, call->arena, job, &steps, &count, err))
        return false;
    const struct job_kind *kind = job_find_kind(job->kind);
    struct step_response *found = arena_array(call->arena, count + (kind ? kind->step_count : 0) + 1, sizeof(*found));
    for (size_t i = 0; i < count; i++) {
        found[i] = (struct step_response){.name = steps[i].name,
                                          .title = message(call, steps[i].title_key, NULL, 0),
                                          .state = steps[i].outcome,
                                          .attempts = steps[i].attempts,
                                          .started = steps[i].begun,
                                          .ended = steps[i].ended};
        if (string_equal(steps[i].outcome, "running") && job->percent > 0)
            found[i].percent = OPT_INT(job->percent);
    }
    /* The last step is the one that failed, even when it was undone since. */
    if (count && string_equal(job->state, "failed") && string_equal(found[count - 1].state, "undone"))
        found[count - 1].state = "failed";
    if (kind && !job_is_done(job) && !job->undoing)
        count += add_coming_steps(call, kind, count ? steps[count - 1].name : NULL, found + count);
    task->steps = (struct object_list){.items = found, .count = count, .set = true};
    return true;
}

/* ---- commands ---- */

struct task_args {
    struct object_ref id, virtualmachineid;
};
FIELD_TABLE(GET_TASK, struct task_args,
            FIELD(struct task_args, id, .refers_to = "task", .help = "ID of the task: that of its job."),
            FIELD(struct task_args, virtualmachineid, .refers_to = "vm",
                  .help = "Instead of id: the instance whose newest task is wanted."));
FIELD_TABLE(TASK_ID, struct task_args,
            FIELD(struct task_args, id, .flags = FIELD_REQUIRED, .refers_to = "task",
                  .help = "ID of the task: that of its job."));

static bool get_task(struct api_call *call, const void *given, struct error *err)
{
    const struct task_args *args = given;
    struct job_view *job = NULL;
    struct task_response *task = ARENA_NEW(call->arena, struct task_response);
    if (!args->id.id && !args->virtualmachineid.id)
        return api_refuse_missing(call, "id", err);
    bool found = args->id.id ? job_find(call->db, call->arena, args->id.uuid, &job, err)
                             : job_find_newest(call->db, call->arena, "vm", args->virtualmachineid.id, &job, err);
    if (!found)
        return false;
    if (!job) {
        api_reply_success(call, NULL); /* an instance that never had a task */
        return true;
    }
    if (!fill(call, job, task, err) || !add_steps(call, job, task, err))
        return false;
    api_reply_object(call, task);
    return true;
}

static bool cancel_task(struct api_call *call, const void *given, struct error *err)
{
    const struct task_args *args = given;
    if (!job_request_cancel(call->db, args->id.id, err))
        return false;
    return get_task(call, given, err);
}

static bool is_part(const char *text, const char *keyword)
{
    return text && strcasestr(text, keyword);
}

static bool task_matches(struct api_call *call, const struct task_response *task, const char *keyword)
{
    const char *title = arena_printf(call->arena, "page.command.%s", task->command);
    return is_part(task->command, keyword) || is_part(message(call, title, NULL, 0), keyword) ||
           is_part(task->resourcename, keyword) || is_part(task->resourceid, keyword) || is_part(task->id, keyword) ||
           is_part(task->error, keyword) || is_part(task->account, keyword) || is_part(task->state, keyword);
}

/* A keyword is looked for among the newest TASKS_MAX tasks, in what a person sees of them. */
static bool search_tasks(struct api_call *call, const struct job_filter *filter, struct error *err)
{
    struct db_rows rows;
    int64_t total;
    if (!job_page(call->db, call->arena, filter, 0, TASKS_MAX, &rows, &total, err))
        return false;
    const struct job_view *jobs = rows.items;
    struct task_response *found = arena_array(call->arena, rows.count + 1, sizeof(*found));
    size_t count = 0, from = (size_t)call->page.offset;
    for (size_t i = 0; i < rows.count; i++) {
        if (!fill(call, &jobs[i], &found[count], err))
            return false;
        count += task_matches(call, &found[count], call->page.keyword);
    }
    from = from < count ? from : count;
    size_t shown = count - from < (size_t)call->page.limit ? count - from : (size_t)call->page.limit;
    api_reply_list(call, found + from, shown, (int64_t)count);
    return true;
}

static bool list_tasks(struct api_call *call, const void *given, struct error *err)
{
    (void)given;
    struct db_rows rows;
    int64_t total;
    struct job_filter filter = {.account_id = 0};
    api_scope_jobs(call, &filter);
    if (!string_is_empty(call->page.keyword))
        return search_tasks(call, &filter, err);
    if (!job_page(call->db, call->arena, &filter, call->page.offset, call->page.limit, &rows, &total, err))
        return false;
    const struct job_view *jobs = rows.items;
    struct task_response *tasks = arena_array(call->arena, rows.count + 1, sizeof(*tasks));
    for (size_t i = 0; i < rows.count; i++) {
        if (!fill(call, &jobs[i], &tasks[i], err))
            return false;
    }
    api_reply_list(call, tasks, rows.count, total);
    return true;
}

static bool find_task(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                      bool *ret_exists, struct error *err)
{
    struct job_view *job;
    struct identity_account *account = NULL;
    if (!job_find(db, arena, uuid, &job, err))
        return false;
    *ret_exists = job != NULL;
    if (!job)
        return true;
    int64_t owner = job->project_account_id != 0 ? job->project_account_id : job->account_id;
    if (!identity_find_account_any(db, arena, owner, &account, err))
        return false;
    *ret_found = (struct object_found){.id = job->id,
                                       .owner_account_id = owner,
                                       .visibility = OBJECT_OWNED,
                                       .name = job->command,
                                       .owner_domain_path = account ? account->domain_path : "/"};
    return true;
}

static const struct object_kind TASK_KIND = {
    .name = "task", .wire_type = "AsyncJob", .object_key = "task", .response = &TASK_RESPONSE, .find = find_task};

static const struct api_command COMMANDS[] = {
    {.name = "getTask",
     .summary = "Shows a task with its steps and, when it failed, the reason.",
     .object_key = "task",
     .mode = API_SYNC,
     .flags = API_READ_ONLY,
     .roles = ROLES_ALL,
     .params = &GET_TASK,
     .response = &TASK_RESPONSE,
     .handle = get_task,
     .group = "Task"},
    {.name = "listTasks",
     .summary = "Lists the newest tasks.",
     .object_key = "task",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .response = &TASK_RESPONSE,
     .handle = list_tasks,
     .group = "Task"},
    {.name = "cancelTask",
     .summary = "Asks a task to stop; what it did so far is undone.",
     .object_key = "task",
     .event = "TASK.CANCEL",
     .mode = API_SYNC,
     .roles = ROLES_ALL,
     .params = &TASK_ID,
     .response = &TASK_RESPONSE,
     .handle = cancel_task,
     .group = "Task"},
    {.name = NULL},
};

void task_register(void)
{
    static const struct object_kind *const KINDS[] = {&TASK_KIND, NULL};
    api_register_kinds(KINDS);
    api_register_commands(COMMANDS);
}
