/* The jobs of projects. Most commands are asynchronous on the wire only: the change is made in the transaction that
 * creates the job, which carries the answer. Suspending stops what runs, deleting takes away all that the project owns
 * (cloud/identity/owned.h). */
#include "base/text.h"
#include "cloud/identity/identity.h"
#include "cloud/identity/identity_jobs.h"
#include "cloud/project/project_jobs.h"
#include "cloud/project/project_service.h"

struct project_input {
    int64_t project_id;
};
FIELD_TABLE(PROJECT_INPUT, struct project_input, COLUMN(struct project_input, project_id));

static struct owned_holder holder_of(const struct job_run *run)
{
    return (struct owned_holder){.account_id = -((const struct project_input *)run->input)->project_id};
}

static enum step_outcome halt_act(struct job_run *run, struct error *err)
{
    const struct owned_holder holder = holder_of(run);
    return owned_follow(run, &holder, OWNED_HALT, err);
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

static bool step_plan(struct job_run *run, struct plan *plan, struct error *err)
{
    (void)err;
    plan_step(plan, run->step->title_key, NULL);
    return true;
}

/* The account's counters are closed since the job was begun, so nothing can have come after the last look. */
static bool forget_commit(struct job_run *run, struct error *err)
{
    const struct owned_holder holder = holder_of(run);
    struct owner owner;
    return identity_owner_any(run->db, run->arena, holder.account_id, &owner, err) &&
           identity_remove_project_account(run->db, owner.account_id, owner.domain_id, err);
}

static const struct job_step CONFIRM_STEPS[] = {
    {.name = "confirm", .title_key = "step.project_confirm", .plan = step_plan}};
static const struct job_step SUSPEND_STEPS[] = {
    {.name = "halt", .title_key = "step.owned_halt", .act = halt_act, .plan = step_plan}};
static const struct job_step DELETE_STEPS[] = {
    {.name = "remove_owned", .title_key = "step.owned_remove", .act = remove_act, .plan = remove_plan},
    {.name = "forget", .title_key = "step.project_forget", .commit = forget_commit, .plan = step_plan}};

#define PROJECT_JOB(ident, the_name, the_command, the_event, the_steps, the_result)                                    \
    static const struct job_kind ident = {.name = (the_name),                                                          \
                                          .command = (the_command),                                                    \
                                          .version = 1,                                                                \
                                          .input = &PROJECT_INPUT,                                                     \
                                          .steps = (the_steps),                                                        \
                                          .step_count = COUNT_OF(the_steps),                                           \
                                          .event = (the_event),                                                        \
                                          .result_kind = (the_result)}
PROJECT_JOB(CREATE, "project.create", "createProject", "PROJECT.CREATE", CONFIRM_STEPS, "project");
PROJECT_JOB(UPDATE, "project.update", "updateProject", "PROJECT.UPDATE", CONFIRM_STEPS, "project");
PROJECT_JOB(ACTIVATE, "project.activate", "activateProject", "PROJECT.ACTIVATE", CONFIRM_STEPS, "project");
PROJECT_JOB(SUSPEND, "project.suspend", "suspendProject", "PROJECT.SUSPEND", SUSPEND_STEPS, "project");
PROJECT_JOB(DELETE, "project.delete", "deleteProject", "PROJECT.DELETE", DELETE_STEPS, NULL);
PROJECT_JOB(ADD_ACCOUNT, "project.add_account", "addAccountToProject", "PROJECT.ACCOUNT.ADD", CONFIRM_STEPS, NULL);
PROJECT_JOB(ADD_USER, "project.add_user", "addUserToProject", "PROJECT.USER.ADD", CONFIRM_STEPS, NULL);
PROJECT_JOB(REMOVE_ACCOUNT, "project.remove_account", "deleteAccountFromProject", "PROJECT.ACCOUNT.REMOVE",
            CONFIRM_STEPS, NULL);
PROJECT_JOB(REMOVE_USER, "project.remove_user", "deleteUserFromProject", "PROJECT.USER.REMOVE", CONFIRM_STEPS, NULL);
PROJECT_JOB(ANSWER, "project.answer_invitation", "updateProjectInvitation", "PROJECT.INVITATION.UPDATE", CONFIRM_STEPS,
            NULL);
PROJECT_JOB(WITHDRAW, "project.remove_invitation", "deleteProjectInvitation", "PROJECT.INVITATION.REMOVE",
            CONFIRM_STEPS, NULL);

static const struct job_kind *const KINDS[] = {&CREATE,      &UPDATE,      &ACTIVATE, &SUSPEND,
                                               &DELETE,      &ADD_ACCOUNT, &ADD_USER, &REMOVE_ACCOUNT,
                                               &REMOVE_USER, &ANSWER,      &WITHDRAW, NULL};

static const struct job_kind *kind_of(const char *command)
{
    size_t i = 0;
    while (KINDS[i] && !string_equal(KINDS[i]->command, command))
        i++;
    return KINDS[i];
}

struct committing {
    struct api_call *call;
    const struct project *project;
    project_change *change;
    void *context;
    struct job_ref *ret_job;
};

static bool create_job(struct db *db, const struct job_kind *kind, const struct project *project,
                       const struct job_stamp *stamp, struct job_ref *ret_job, struct error *err)
{
    const struct project_input input = {project->id};
    const struct job_target target = {"project", project->id, project->uuid};
    return job_create(db, kind, &input, &target, stamp, ret_job, err);
}

static bool commit(struct db *db, void *context, struct error *err)
{
    const struct committing *to = context;
    struct job_stamp stamp = api_stamp(to->call);
    return (!to->change || to->change(db, to->context, err)) &&
           create_job(db, kind_of(to->call->command->name), to->project, &stamp, to->ret_job, err);
}

bool project_commit(struct api_call *call, const struct project *project, project_change *change, void *context,
                    struct job_ref *ret_job, struct error *err)
{
    struct committing to = {call, project, change, context, ret_job};
    return db_transaction(call->db, commit, &to, err);
}

bool project_begin_removal(struct db *db, const struct project *project, const struct job_stamp *stamp,
                           struct job_ref *ret_job, struct error *err)
{
    return project_set_state(db, project, "Disabled", err) && identity_doom_project_account(db, -project->id, err) &&
           create_job(db, &DELETE, project, stamp, ret_job, err);
}

void project_register_jobs(void)
{
    job_register_kinds(KINDS);
}
