/* Plans: the steps' third function, its lines, and their JSON. Nothing but the job's row is written. */
#include "jobs/engine.h"

#include "base/json.h"
#include "base/text.h"

enum { PLAN_BYTES = 1 << 20 };

struct plan {
    struct text steps, facts; /* inner parts of JSON arrays */
    bool is_impossible;
    struct error reason;
};

struct plan *plan_new(struct arena *arena)
{
    struct plan *plan = ARENA_NEW(arena, struct plan);
    text_init(&plan->steps, arena, PLAN_BYTES);
    text_init(&plan->facts, arena, PLAN_BYTES);
    return plan;
}

static void line_begin(struct text *out)
{
    text_add(out, out->length == 0 ? "{" : ",{");
}

static void line_message(struct text *out, const char *key, const struct error_value *values)
{
    text_add(out, "\"key\":");
    json_add_string(out, key);
    text_add(out, ",\"args\":");
    arguments_add(out, values);
    text_add_char(out, '}');
}

void plan_step(struct plan *plan, const char *key, const struct error_value *values)
{
    line_begin(&plan->steps);
    line_message(&plan->steps, key, values);
}

void plan_fact(struct plan *plan, enum explain_audience audience, const char *topic, const char *key,
               const struct error_value *values)
{
    line_begin(&plan->facts);
    text_add(&plan->facts, audience == EXPLAIN_TENANT ? "\"audience\":\"tenant\",\"topic\":"
                                                      : "\"audience\":\"operator\",\"topic\":");
    json_add_string(&plan->facts, topic);
    text_add_char(&plan->facts, ',');
    line_message(&plan->facts, key, values);
}

void plan_impossible(struct plan *plan, const struct error *reason)
{
    if (plan->is_impossible)
        return;
    plan->is_impossible = true;
    error_copy(&plan->reason, reason);
}

static bool plan_write(const struct plan *plan, struct arena *arena, const char **ret_json, struct error *err)
{
    struct text out;
    text_init(&out, arena, 3 * PLAN_BYTES);
    text_addf(&out, "{\"possible\":%s", plan->is_impossible ? "false" : "true");
    if (plan->is_impossible) {
        text_add(&out, ",\"reason\":{\"kind\":");
        json_add_string(&out, error_kind_name(plan->reason.kind));
        text_add(&out, ",\"key\":");
        json_add_string(&out, plan->reason.key);
        text_add(&out, ",\"args\":");
        arguments_add_error(&out, &plan->reason);
        text_add_char(&out, '}');
    }
    text_addf(&out, ",\"steps\":[%s]", text_string(&plan->steps));
    text_addf(&out, ",\"facts\":[%s]}", text_string(&plan->facts));
    if (out.overflowed || plan->steps.overflowed || plan->facts.overflowed)
        return error_set(err, ERROR_INTERNAL, "job.plan_too_large");
    *ret_json = text_string(&out);
    return true;
}

/* The state goes from step to step as in earnest, but stays in memory. */
static bool plan_steps(struct job_live *job, struct job_run *run, struct error *err)
{
    char operation[37];
    for (size_t i = 0; i < job->kind->step_count && !job->plan->is_impossible; i++) {
        const struct job_step *step = &job->kind->steps[i];
        if (step->plan == NULL || (step->skip != NULL && step->skip(run)))
            continue;
        run->step = step;
        operation_id(job->row.uuid, step->name, false, operation);
        run->operation_id = operation;
        run_guard_begin(run);
        bool planned = step->plan(run, job->plan, err);
        run_guard_end(run);
        if (!planned || job->hand_to != NULL)
            return false;
    }
    return true;
}

bool plan_run(struct job_live *job, struct db *db, struct arena *arena, const char **ret_json, struct error *err)
{
    struct job_run run;
    char operation[37];
    error_clear(err);
    run_begin(&run, job, &job->kind->steps[0], db, arena, operation);
    if (!run_read_state(&run, err))
        return false;
    job->plan = plan_new(arena);
    bool planned = plan_steps(job, &run, err) && plan_write(job->plan, arena, ret_json, err);
    job->plan = NULL;
    if (!planned && !error_is_set(err))
        error_set(err, ERROR_INTERNAL, "job.internal");
    return planned;
}
