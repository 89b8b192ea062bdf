/* account.delete and domain.delete, and how jobs follow the registry: they begin the jobs of the features, look at them
 * until nothing is left, and end by forgetting the rows. What is left is read anew at every look, so a crash loses
 * nothing. */
#include <stdlib.h>

#include "base/text.h"
#include "cloud/identity/identity_jobs.h"
#include "cloud/identity/identity_service.h"
#include "cloud/quota/quota.h"
#include "db/version.h"

enum { UNDER_WAY_MAX = 16, TRIES = 3, LOOK_AGAIN_MS = 500 };

/* ---- one object: the note "<kind>:<id>" holds "<tries> <job>" ---- */

struct attempt {
    struct job_run *run;
    const struct owned_kind *kind;
    const struct owned_work *work;
    const struct owned_object *object;
    const char *note;
    int tries; /* before this one */
    bool begun;
};

static bool begin_body(struct db *db, void *context, struct error *err)
{
    struct attempt *to = context;
    struct job_run *run = to->run;
    struct job_stamp stamp = run->stamp;
    struct job_ref job;
    stamp.parent_job_uuid = run->job_uuid;
    if (!to->work->begin(db, run->arena, to->object, &stamp, &job, &to->begun, err))
        return false;
    return !to->begun || job_remember(run, to->note, arena_printf(run->arena, "%d %s", to->tries + 1, job.uuid), err);
}

/* *ret_waits: a job is under way for it. Errors: why the last try failed. */
static bool look_at(struct attempt *to, bool *ret_waits, struct error *err)
{
    const char *known = NULL;
    struct job_view *job = NULL;
    *ret_waits = false;
    if (!job_recall(to->run, to->note, &known, err))
        return false;
    if (known) {
        to->tries = (int)strtol(known, NULL, 10);
        const char *uuid = strchr(known, ' ');
        if (uuid && !job_find(to->run->db, to->run->arena, uuid + 1, &job, err))
            return false;
    }
    *ret_waits = job && !job_is_done(job);
    if (*ret_waits)
        return true;
    if (job && to->tries >= TRIES) {
        if (job->error_kind)
            job_error(job, to->run->arena, err);
        else
            error_with(err, ERROR_IN_USE, "identity.still_there", E_TEXT("name", to->object->name));
        return false;
    }
    *ret_waits = true;
    return db_transaction(to->run->db, begin_body, to, err);
}

/* ---- all objects of a holder ---- */

enum step_outcome owned_work_through(struct job_run *run, const struct owned_kind *kind, const struct owned_work *work,
                                     const struct owned_object *objects, size_t count, struct error *err)
{
    for (size_t i = 0, waiting = 0; i < count && waiting < UNDER_WAY_MAX; i++) {
        struct attempt attempt = {.run = run,
                                  .kind = kind,
                                  .work = work,
                                  .object = &objects[i],
                                  .note = arena_printf(run->arena, "%s:%lld", kind->name, (long long)objects[i].id)};
        bool waits = false;
        if (!look_at(&attempt, &waits, err)) {
            run->retry = RETRY_NEVER; /* the child's own tries are over */
            return STEP_FAILED;
        }
        waiting += waits;
    }
    run->check_after_ms = LOOK_AGAIN_MS;
    return STEP_PENDING;
}

/* How far it is: against the number at the first look. */
static bool tell_progress(struct job_run *run, size_t left, struct error *err)
{
    const char *known = NULL;
    if (!job_recall(run, "total", &known, err))
        return false;
    size_t total = known ? (size_t)strtoull(known, NULL, 10) : left;
    if (!known && !job_remember(run, "total", arena_printf(run->arena, "%zu", left), err))
        return false;
    job_progress(run, left >= total ? 0 : (int)((total - left) * 100 / total), "step.owned_remove");
    return true;
}

static const struct owned_work *work_of(const struct owned_kind *kind, enum owned_action action)
{
    return action == OWNED_HALT ? &kind->halt : &kind->remove;
}

enum step_outcome owned_follow(struct job_run *run, const struct owned_holder *holder, enum owned_action action,
                               struct error *err)
{
    const struct owned_kind *first = NULL;
    struct db_rows objects = {0};
    size_t left = 0;
    if (job_cancelled(run)) {
        error_set(err, ERROR_CANCELLED, "job.cancelled");
        return STEP_FAILED;
    }
    for (size_t i = 0; owned_kind_at(i); i++) {
        const struct owned_kind *kind = owned_kind_at(i);
        const struct owned_work *work = work_of(kind, action);
        struct db_rows rows = {0};
        if (!work->list)
            continue;
        if (!work->list(run->db, run->arena, holder, OWNED_COUNT_MAX, &rows, err))
            return STEP_FAILED;
        left += rows.count;
        if (!first && rows.count > 0) {
            first = kind;
            objects = rows;
        }
    }
    if (!first)
        return STEP_DONE;
    if (!tell_progress(run, left, err))
        return STEP_FAILED;
    return owned_work_through(run, first, work_of(first, action), objects.items, objects.count, err);
}

bool owned_forget_account(struct db *db, int64_t account_id, struct error *err)
{
    for (size_t i = 0; owned_kind_at(i); i++)
        if (owned_kind_at(i)->forget_account && !owned_kind_at(i)->forget_account(db, account_id, err))
            return false;
    return true;
}

bool owned_forget_domain(struct db *db, int64_t domain_id, struct error *err)
{
    for (size_t i = 0; owned_kind_at(i); i++)
        if (owned_kind_at(i)->forget_domain && !owned_kind_at(i)->forget_domain(db, domain_id, err))
            return false;
    return true;
}

bool owned_plan(struct job_run *run, const struct owned_holder *holder, struct plan *plan, struct error *err)
{
    struct owned_summary *kinds = NULL;
    size_t count = 0;
    if (!owned_summarize(run->db, run->arena, holder, &kinds, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct error_value values[] = {E_INT("n", (int64_t)kinds[i].count), {.name = NULL}};
        plan_fact(plan, EXPLAIN_TENANT, "owned", kinds[i].kind->title_key, values);
    }
    return true;
}

/* ---- account.delete ---- */

struct account_delete_input {
    int64_t account_id;
};
FIELD_TABLE(ACCOUNT_DELETE_INPUT, struct account_delete_input, COLUMN(struct account_delete_input, account_id));

static struct owned_holder holder_of(const struct job_run *run)
{
    return (struct owned_holder){.account_id = ((const struct account_delete_input *)run->input)->account_id};
}

static enum step_outcome remove_act(struct job_run *run, struct error *err)
{
    const struct owned_holder holder = holder_of(run);
    return owned_follow(run, &holder, OWNED_REMOVE, err);
}

static bool remove_plan(struct job_run *run, struct plan *plan, struct error *err)
{
    const struct owned_holder holder = holder_of(run);
    plan_step(plan, run->step->title_key, NULL);
    return owned_plan(run, &holder, plan, err);
}

/* The counters are closed since the job was begun: what was not there at the last look cannot have come. */
static bool forget_commit(struct job_run *run, struct error *err)
{
    const struct owned_holder holder = holder_of(run);
    const struct account_row *row = NULL;
    if (!account_by_id(run->db, run->arena, holder.account_id, &row, err))
        return false;
    return owned_forget_account(run->db, holder.account_id, err) &&
           (!row || account_remove(run->db, row->id, row->domain_id, err)) &&
           version_raise(run->db, VERSION_IDENTITY, err);
}

static bool step_plan(struct job_run *run, struct plan *plan, struct error *err)
{
    (void)err;
    plan_step(plan, run->step->title_key, NULL);
    return true;
}

static const struct job_step ACCOUNT_STEPS[] = {
    {.name = "remove_owned", .title_key = "step.owned_remove", .act = remove_act, .plan = remove_plan},
    {.name = "forget", .title_key = "step.account_forget", .commit = forget_commit, .plan = step_plan}};
const struct job_kind ACCOUNT_DELETE = {.name = "account.delete",
                                        .command = "deleteAccount",
                                        .version = 1,
                                        .input = &ACCOUNT_DELETE_INPUT,
                                        .steps = ACCOUNT_STEPS,
                                        .step_count = COUNT_OF(ACCOUNT_STEPS),
                                        .event = "ACCOUNT.DELETE"};

bool owned_begin_account_removal(struct db *db, struct arena *arena, int64_t account_id, const struct job_stamp *stamp,
                                 struct job_ref *ret_job, struct error *err)
{
    const struct account_row *row = NULL;
    const struct account_delete_input input = {account_id};
    bool doomed = false;
    if (!account_by_id(db, arena, account_id, &row, err))
        return false;
    if (row && row->is_default)
        return error_set(err, ERROR_DENIED, "identity.default_account");
    if (!account_doom(db, account_id, &doomed, err))
        return false;
    if (!row || !doomed)
        return error_with(err, ERROR_INVALID_VALUE, "identity.account_gone", E_INT("id", account_id));
    const struct job_target target = {"account", account_id, row->uuid};
    return quota_close_account(db, account_id, true, err) && session_remove_of_account(db, account_id, err) &&
           version_raise(db, shared_version_of_owner(account_id), err) &&
           job_create(db, &ACCOUNT_DELETE, &input, &target, stamp, ret_job, err);
}
