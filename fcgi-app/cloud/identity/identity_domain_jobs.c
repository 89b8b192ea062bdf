/* domain.delete: the accounts of the sub-tree go as deleteAccount lets them go, then what belongs to the domains
 * themselves, then the domains from the deepest up. If that fails, what is left of the sub-tree is in use again. */
#include "cloud/identity/identity_domain_store.h"
#include "cloud/identity/identity_jobs.h"
#include "db/version.h"

FIELD_TABLE(DOMAIN_DELETE_INPUT, struct domain_delete_input, COLUMN(struct domain_delete_input, domain_id));

static int64_t domain_of(const struct job_run *run)
{
    return ((const struct domain_delete_input *)run->input)->domain_id;
}

/* ---- accounts: one more kind of object that goes by jobs ---- */

static bool list_accounts(struct db *db, struct arena *arena, const struct owned_holder *holder, size_t most,
                          struct db_rows *ret_objects, struct error *err)
{
    return domain_accounts(db, arena, holder->domain_id, most, ret_objects, err);
}

static bool begin_account(struct db *db, struct arena *arena, const struct owned_object *object,
                          const struct job_stamp *stamp, struct job_ref *ret_job, bool *ret_begun, struct error *err)
{
    *ret_begun = true;
    return owned_begin_account_removal(db, arena, object->id, stamp, ret_job, err);
}

static const struct owned_kind ACCOUNTS = {
    .name = "account", .title_key = "owned.account", .remove = {.list = list_accounts, .begin = begin_account}};

static enum step_outcome remove_accounts_act(struct job_run *run, struct error *err)
{
    const struct owned_holder holder = {.domain_id = domain_of(run)};
    struct db_rows accounts = {0};
    if (!list_accounts(run->db, run->arena, &holder, OWNED_COUNT_MAX, &accounts, err))
        return STEP_FAILED;
    return accounts.count == 0
               ? STEP_DONE
               : owned_work_through(run, &ACCOUNTS, &ACCOUNTS.remove, accounts.items, accounts.count, err);
}

static bool remove_accounts_plan(struct job_run *run, struct plan *plan, struct error *err)
{
    const struct owned_holder holder = {.domain_id = domain_of(run)};
    struct db_rows accounts = {0};
    int64_t below = 0;
    plan_step(plan, run->step->title_key, NULL);
    if (!list_accounts(run->db, run->arena, &holder, OWNED_COUNT_MAX, &accounts, err) ||
        !domain_count_below(run->db, holder.domain_id, &below, err))
        return false;
    const struct error_value count[] = {E_INT("n", (int64_t)accounts.count), {.name = NULL}},
                             domains[] = {E_INT("n", below), {.name = NULL}};
    if (accounts.count > 0)
        plan_fact(plan, EXPLAIN_TENANT, "owned", "owned.account", count);
    if (below > 0)
        plan_fact(plan, EXPLAIN_TENANT, "owned", "owned.domain", domains);
    return true;
}

/* ---- what belongs to no account ---- */

static enum step_outcome remove_owned_act(struct job_run *run, struct error *err)
{
    struct db_rows ids = {0};
    if (!domain_subtree(run->db, run->arena, domain_of(run), &ids, err))
        return STEP_FAILED;
    const struct db_number *rows = ids.items;
    for (size_t i = 0; i < ids.count; i++) {
        const struct owned_holder holder = {.domain_id = rows[i].value};
        enum step_outcome outcome = owned_follow(run, &holder, OWNED_REMOVE, err);
        if (outcome != STEP_DONE)
            return outcome;
    }
    return STEP_DONE;
}

static bool remove_owned_plan(struct job_run *run, struct plan *plan, struct error *err)
{
    const struct owned_holder holder = {.domain_id = domain_of(run)};
    plan_step(plan, run->step->title_key, NULL);
    return owned_plan(run, &holder, plan, err);
}

static bool forget_commit(struct job_run *run, struct error *err)
{
    struct db_rows ids = {0};
    if (!domain_subtree(run->db, run->arena, domain_of(run), &ids, err))
        return false;
    const struct db_number *rows = ids.items;
    for (size_t i = 0; i < ids.count; i++)
        if (!owned_forget_domain(run->db, rows[i].value, err) || !domain_remove(run->db, rows[i].value, err))
            return false;
    return version_raise(run->db, VERSION_IDENTITY, err);
}

static bool forget_plan(struct job_run *run, struct plan *plan, struct error *err)
{
    (void)err;
    plan_step(plan, run->step->title_key, NULL);
    return true;
}

static bool settle(struct job_run *run, bool succeeded, const struct error *failure, struct error *err)
{
    (void)failure;
    return succeeded ||
           (domain_set_states(run->db, domain_of(run), "Active", err) && version_raise(run->db, VERSION_IDENTITY, err));
}

static const struct job_step STEPS[] = {
    {.name = "remove_accounts",
     .title_key = "step.domain_accounts",
     .act = remove_accounts_act,
     .plan = remove_accounts_plan},
    {.name = "remove_owned", .title_key = "step.owned_remove", .act = remove_owned_act, .plan = remove_owned_plan},
    {.name = "forget", .title_key = "step.domain_forget", .commit = forget_commit, .plan = forget_plan}};
const struct job_kind DOMAIN_DELETE = {.name = "domain.delete",
                                       .command = "deleteDomain",
                                       .version = 1,
                                       .input = &DOMAIN_DELETE_INPUT,
                                       .steps = STEPS,
                                       .step_count = COUNT_OF(STEPS),
                                       .event = "DOMAIN.DELETE",
                                       .settle = settle};
