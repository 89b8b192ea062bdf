/* disableUser and disableAccount answer with a job on the wire. The change itself is made at once, in the transaction
 * that creates the job, so that a long queue delays no revocation; the job carries the answer and the event, and stops
 * what a disabled account runs. */
#include "base/text.h"
#include "cloud/identity/identity_jobs.h"
#include "cloud/identity/identity_responses.h"
#include "cloud/identity/identity_service.h"

struct disable_input {
    const char *uuid;
    bool halts; /* what the account runs; absent in version 1: no */
};
FIELD_TABLE(IDENTITY_DISABLE_INPUT, struct disable_input, COLUMN(struct disable_input, uuid),
            COLUMN(struct disable_input, halts));
struct disable_state {
    int64_t unused;
};
FIELD_TABLE(IDENTITY_DISABLE_STATE, struct disable_state, COLUMN(struct disable_state, unused));

static enum step_outcome halt_act(struct job_run *run, struct error *err)
{
    const struct owned_holder holder = {.account_id = run->target.object_id};
    return owned_follow(run, &holder, OWNED_HALT, err);
}

static bool halts_nothing(const struct job_run *run)
{
    return !((const struct disable_input *)run->input)->halts;
}

static const struct job_step STEPS[] = {{.name = "confirm", .title_key = "step.identity_confirm"}};
static const struct job_step ACCOUNT_STEPS[] = {
    {.name = "confirm", .title_key = "step.identity_confirm"},
    {.name = "halt", .title_key = "step.owned_halt", .act = halt_act, .skip = halts_nothing}};

static const struct job_kind DISABLE_USER = {.name = "user.disable",
                                             .command = "disableUser",
                                             .version = 1,
                                             .input = &IDENTITY_DISABLE_INPUT,
                                             .state = &IDENTITY_DISABLE_STATE,
                                             .steps = STEPS,
                                             .step_count = COUNT_OF(STEPS),
                                             .event = "USER.DISABLE",
                                             .result_kind = "user"};
static const struct job_kind DISABLE_ACCOUNT = {.name = "account.disable",
                                                .command = "disableAccount",
                                                .version = 2,
                                                .input = &IDENTITY_DISABLE_INPUT,
                                                .state = &IDENTITY_DISABLE_STATE,
                                                .steps = ACCOUNT_STEPS,
                                                .step_count = COUNT_OF(ACCOUNT_STEPS),
                                                .event = "ACCOUNT.DISABLE",
                                                .result_kind = "account"};

struct disabling {
    struct api_call *call;
    const struct job_kind *kind;
    const char *object_kind, *uuid, *state;
    int64_t id;
    struct job_ref *ret_job;
};

static bool disable(struct db *db, void *context, struct error *err)
{
    const struct disabling *to = context;
    struct disable_input input = {to->uuid, to->state && string_equal(to->state, "disabled")};
    struct job_target target = {to->object_kind, to->id, to->uuid};
    struct job_stamp stamp = api_stamp(to->call);
    bool done = to->kind == &DISABLE_USER ? identity_set_user_state(db, to->call->caller, to->id, "disabled", err)
                                          : identity_set_account_state(db, to->id, to->state, err);
    return done && job_create(db, to->kind, &input, &target, &stamp, to->ret_job, err);
}

bool identity_disable_user(struct api_call *call, int64_t user_id, const char *user_uuid, struct job_ref *ret_job,
                           struct error *err)
{
    struct disabling to = {call, &DISABLE_USER, "user", user_uuid, NULL, user_id, ret_job};
    return db_transaction(call->db, disable, &to, err);
}

bool identity_disable_account(struct api_call *call, int64_t account_id, const char *account_uuid, const char *state,
                              struct job_ref *ret_job, struct error *err)
{
    struct disabling to = {call, &DISABLE_ACCOUNT, "account", account_uuid, state, account_id, ret_job};
    return db_transaction(call->db, disable, &to, err);
}

void identity_register_jobs(void)
{
    static const struct job_kind *const KINDS[] = {&DISABLE_USER, &DISABLE_ACCOUNT, &ACCOUNT_DELETE, &DOMAIN_DELETE,
                                                   NULL};
    job_register_kinds(KINDS);
}
