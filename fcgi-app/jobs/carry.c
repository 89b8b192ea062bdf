/* Carrying a job: which function of which step is called next, and what its answer means. The journal's transactions
 * are in journal.c, threads and waiting in worker.c. */
#include "jobs/engine.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/uuid.h"

enum {
    DEFAULT_CHECK_MS = 500,
    RETRY_FIRST_MS = 500,
    RETRY_LAST_MS = 30000,
    STALE_PAUSE_MS = 250,
    SETTLE_REFUSALS_MAX = 10
};

enum carried { CARRIED_ON, CARRIED_WAIT, CARRIED_GONE };

/* Written before the workers start. */
static struct jobs_plugin_hooks plugin_hooks;

void jobs_set_plugin_hooks(const struct jobs_plugin_hooks *hooks)
{
    plugin_hooks = *hooks;
}

/* ---- live jobs ---- */

static void row_copy(struct arena *arena, struct job_row *to, const struct job_row *from)
{
    *to = *from;
    for (size_t i = 0; i < JOB_ROW.count; i++)
        if (JOB_ROW.fields[i].type == FIELD_STRING) {
            const char **text = field_at(&JOB_ROW.fields[i], to);
            *text = arena_strdup(arena, *text);
        }
}

struct job_live *live_new(const struct job_row *row)
{
    struct job_live *job = calloc(1, sizeof *job);
    if (job == NULL)
        abort();
    arena_init(&job->arena);
    row_copy(&job->arena, &job->row, row);
    job->kind = job_find_kind(row->kind);
    job->state_json = job->row.state_data;
    job->has_begun = job->has_notes = row->attempt > 1 || row->step != NULL || row->undoing;
    atomic_init(&job->cancel, row->cancel_requested);
    return job;
}

void live_free(struct job_live *job)
{
    arena_free(&job->arena);
    free(job);
}

void run_begin(struct job_run *run, struct job_live *job, const struct job_step *step, struct db *db,
               struct arena *arena, char operation[static 37])
{
    const struct job_row *row = &job->row;
    operation[0] = '\0';
    if (step != NULL)
        operation_id(row->uuid, step->name, row->undoing, operation);
    *run = (struct job_run){
        .arena = arena,
        .db = db,
        .kind = job->kind,
        .step = step,
        .job_id = row->id,
        .job_uuid = row->uuid,
        .operation_id = operation,
        .attempt = (int)row->attempt,
        .input_version = (int)row->input_version,
        .input = job->input,
        .stamp = {.user_id = row->user_id,
                  .account_id = row->account_id,
                  .project_account_id = row->project_account_id,
                  .domain_id = row->domain_id,
                  .request_id = row->request_id,
                  .remote_address = row->remote_address,
                  .language = row->language,
                  .parent_job_uuid = row->parent_uuid},
        .target = {.object_kind = row->object_kind, .object_id = row->object_id, .object_uuid = row->object_uuid},
        .undoing = row->undoing,
        .planning = row->is_plan,
        .begun_ms = row->step_begun.ms,
        .bad_slot = row->bad_slot,
        .live = job,
    };
}

bool run_read_state(struct job_run *run, struct error *err)
{
    struct job_live *job = run->live;
    if (job->input == NULL) {
        void *input = arena_alloc(&job->arena, job->kind->input->struct_size);
        if (!json_read_object(&job->arena, job->row.input, job->kind->input, input, err))
            return false;
        job->input = input;
    }
    run->input = job->input;
    if (job->kind->state == NULL)
        return true;
    run->state = arena_alloc(run->arena, job->kind->state->struct_size);
    return json_read_object(run->arena, job->state_json, job->kind->state, run->state, err);
}

/* ---- waiting ---- */

static enum carried wait_ms(struct job_live *job, int64_t ms)
{
    job->due_ms = clock_monotonic_ms() + ms;
    return CARRIED_WAIT;
}

static enum carried stale(struct job_live *job, const struct error *err)
{
    job->is_stale = true;
    if (err->kind == ERROR_CANCELLED) /* cancelled, or not ours any more: the row tells */
        return CARRIED_ON;
    log_error(LOG_WARNING, "job.stale", err);
    return wait_ms(job, STALE_PAUSE_MS);
}

/* Doubles from half a second to half a minute; up to a quarter less, so that many do not come back at once. */
static int64_t retry_pause_ms(int64_t failures)
{
    int64_t pause = failures > 6 ? RETRY_LAST_MS : RETRY_FIRST_MS << failures;
    uint8_t dice = 0;
    random_bytes(&dice, sizeof dice);
    return pause - pause * dice / 1024;
}

static enum carried retry(struct job_run *run, const struct error *failure)
{
    struct error err;
    int64_t pause = retry_pause_ms(run->live->row.failures);
    return journal_retry(run, failure, &err) ? wait_ms(run->live, pause) : stale(run->live, &err);
}

/* ---- ending ---- */

static enum carried end_unsuccessfully(struct job_run *run, const struct error *failure)
{
    struct job_live *job = run->live;
    struct error err;
    struct error state_err;
    bool settles = job->kind != NULL && job->settle_refusals < SETTLE_REFUSALS_MAX && run_read_state(run, &state_err);
    switch (journal_end(run, failure, settles, &err)) {
    case ADVANCE_ENDED:
        return CARRIED_GONE;
    case ADVANCE_REFUSED: /* a defect of the kind; the job ends all the same in the end */
        job->settle_refusals++;
        log_error(LOG_ERROR, "job.settle_refused", &err);
        return wait_ms(job, STALE_PAUSE_MS);
    case ADVANCE_NEXT:
    case ADVANCE_STALE:
        break;
    }
    return stale(job, &err);
}

static enum carried begin_undo(struct job_run *run, const struct error *failure)
{
    struct job_live *job = run->live;
    struct error err;
    if (!job->has_begun) /* nothing to undo */
        return end_unsuccessfully(run, failure);
    size_t position = run->step == NULL ? 0 : (size_t)(run->step - run->kind->steps);
    if (!journal_begin_undo(run->db, job, run->step, position, failure, &err))
        return stale(job, &err);
    return CARRIED_ON;
}

static const struct error *cancelled(struct error *err)
{
    error_set(err, ERROR_CANCELLED, "job.cancelled");
    return err;
}

static enum carried fail_forward(struct job_run *run, const struct error *failure)
{
    int max = run->step->max_attempts > 0 ? run->step->max_attempts : STEP_ATTEMPTS;
    log_error(LOG_INFO, "job.step_failed", failure);
    if (job_cancelled(run))
        return begin_undo(run,
                          failure->kind == ERROR_CANCELLED ? failure : cancelled(&(struct error){.kind = ERROR_NONE}));
    bool may_repeat = run->retry == RETRY_BY_KIND ? error_is_retryable(failure->kind) : run->retry == RETRY_ALWAYS;
    if (may_repeat && run->live->row.failures + 1 < max)
        return retry(run, failure);
    return begin_undo(run, failure);
}

/* ---- calling a step's function ---- */

void run_guard_begin(struct job_run *run)
{
    run->live->hand_to = NULL;
    if (plugin_hooks.before_act != NULL)
        plugin_hooks.before_act(run);
}

void run_guard_end(struct job_run *run)
{
    if (plugin_hooks.after_act != NULL)
        plugin_hooks.after_act(run);
}

static enum step_outcome call(struct job_run *run,
                              enum step_outcome (*function)(struct job_run *run, struct error *err), struct error *err)
{
    if (function == NULL)
        return STEP_DONE;
    error_clear(err);
    run->live->has_begun = true;
    run_guard_begin(run);
    enum step_outcome outcome = function(run, err);
    run_guard_end(run);
    run->live->is_pending = outcome == STEP_PENDING;
    if (outcome == STEP_FAILED && !error_is_set(err))
        error_set(err, ERROR_INTERNAL, "job.internal");
    return outcome;
}

static enum carried hand_over(struct job_run *run, bool to_quarantine)
{
    struct error err;
    if (!journal_hand_over(run->db, run->live, to_quarantine, &err))
        return stale(run->live, &err);
    (to_quarantine ? engine_wake_quarantine : engine_wake_jobs)(NULL);
    return CARRIED_GONE;
}

static enum carried pending(struct job_run *run)
{
    return wait_ms(run->live, run->check_after_ms > 0 ? run->check_after_ms : DEFAULT_CHECK_MS);
}

static enum carried after_advance(struct job_run *run, enum advance advance, const struct error *err)
{
    switch (advance) {
    case ADVANCE_NEXT:
        run->live->has_begun = true; /* a step that only commits may be undone, too */
        crash_point(run, "after_journal");
        return engine_is_quarantine() ? hand_over(run, false) : CARRIED_ON;
    case ADVANCE_ENDED:
        crash_point(run, "after_journal");
        return CARRIED_GONE;
    case ADVANCE_REFUSED:
        return run->undoing ? CARRIED_ON : fail_forward(run, err);
    case ADVANCE_STALE:
        break;
    }
    return stale(run->live, err);
}

static enum carried step_forward(struct job_run *run)
{
    struct error err;
    error_clear(&err);
    bool skips = run->step->skip != NULL && run->step->skip(run);
    if (!skips) {
        crash_point(run, "before_act");
        enum step_outcome outcome = call(run, run->step->act, &err);
        if (run->live->hand_to != NULL)
            return hand_over(run, true);
        if (outcome == STEP_PENDING)
            return pending(run);
        if (outcome == STEP_FAILED)
            return fail_forward(run, &err);
        crash_point(run, "after_act");
        if (job_cancelled(run))
            return begin_undo(run, cancelled(&err));
    }
    enum advance advance = journal_advance(run, skips, &err);
    return after_advance(run, advance, &err);
}

static enum carried forward(struct job_live *job, struct db *db, struct arena *arena)
{
    struct job_run run;
    struct error err;
    char operation[37];
    size_t position = 0;
    run_begin(&run, job, kind_step(job->kind, job->row.step, &position), db, arena, operation);
    if (job_cancelled(&run) && !job->is_pending) /* a step that waits is told, and answers itself */
        return begin_undo(&run, cancelled(&err));
    if (run.step == NULL) {
        error_with(&err, ERROR_INTERNAL, "job.step_unknown", E_TEXT("step", job->row.step));
        return begin_undo(&run, &err);
    }
    if (job->row.deaths >= DEATHS_MAX) {
        error_with(&err, ERROR_RESOURCE_UNAVAILABLE, "job.step_deadly", E_TEXT("slot", job->row.bad_slot),
                   E_INT("deaths", job->row.deaths));
        return begin_undo(&run, &err);
    }
    if (!run_read_state(&run, &err))
        return begin_undo(&run, &err);
    return step_forward(&run);
}

/* ---- undo ---- */

static enum carried give_up_undo(struct job_run *run, const struct error *why)
{
    struct error err;
    log_error(LOG_ERROR, "job.leftover", why);
    enum advance advance = journal_undone(run, why, &err);
    return after_advance(run, advance, &err);
}

static enum carried undo_failed(struct job_run *run, const struct error *failure)
{
    log_error(LOG_WARNING, "job.undo_failed", failure);
    bool may_repeat = run->retry != RETRY_NEVER && run->live->row.failures + 1 < UNDO_ATTEMPTS;
    return may_repeat ? retry(run, failure) : give_up_undo(run, failure);
}

static enum carried undo_step(struct job_run *run)
{
    struct error err;
    error_clear(&err);
    if (run->live->row.deaths >= DEATHS_MAX) {
        error_with(&err, ERROR_RESOURCE_UNAVAILABLE, "job.step_deadly", E_TEXT("slot", run->bad_slot),
                   E_INT("deaths", run->live->row.deaths));
        return give_up_undo(run, &err);
    }
    enum step_outcome outcome = call(run, run->step->undo_act, &err);
    if (run->live->hand_to != NULL)
        return hand_over(run, true);
    if (outcome == STEP_PENDING)
        return pending(run);
    if (outcome == STEP_FAILED)
        return undo_failed(run, &err);
    crash_point(run, "during_undo");
    enum advance advance = journal_undone(run, NULL, &err);
    return advance == ADVANCE_REFUSED ? undo_failed(run, &err) : after_advance(run, advance, &err);
}

static enum carried backward(struct job_live *job, struct db *db, struct arena *arena)
{
    struct job_run run;
    struct error err;
    char operation[37];
    if (!job->undo_loaded && !journal_load_undo(db, job, &err))
        return stale(job, &err);
    for (; job->undo_count > 0; job->undo++, job->undo_count--) {
        size_t position = 0;
        const struct job_step *step = kind_step(job->kind, job->undo[0].name, &position);
        struct job_step unknown = {.name = job->undo[0].name};
        if (step != NULL && step->undo_act == NULL && step->undo_commit == NULL)
            continue;
        run_begin(&run, job, step == NULL ? &unknown : step, db, arena, operation);
        if (step == NULL) {
            error_with(&err, ERROR_INTERNAL, "job.step_unknown", E_TEXT("step", unknown.name));
            return give_up_undo(&run, &err);
        }
        return run_read_state(&run, &err) ? undo_step(&run) : give_up_undo(&run, &err);
    }
    run_begin(&run, job, NULL, db, arena, operation);
    struct error failure;
    stored_error(&job->row, arena, &failure);
    return end_unsuccessfully(&run, &failure);
}

/* ---- all together ---- */

static enum carried plan(struct job_live *job, struct db *db, struct arena *arena)
{
    const char *json = NULL;
    struct error failure, err;
    bool planned = job->row.deaths < DEATHS_MAX && plan_run(job, db, arena, &json, &failure);
    if (job->row.deaths >= DEATHS_MAX)
        error_with(&failure, ERROR_RESOURCE_UNAVAILABLE, "job.step_deadly", E_TEXT("slot", job->row.bad_slot),
                   E_INT("deaths", job->row.deaths));
    if (!planned && job->hand_to != NULL) {
        struct job_run run;
        char operation[37];
        run_begin(&run, job, NULL, db, arena, operation);
        return hand_over(&run, true);
    }
    return journal_end_plan(db, job, json, planned ? NULL : &failure, &err) ? CARRIED_GONE : stale(job, &err);
}

static enum carried carry_once(struct job_live *job, struct db *db, struct arena *arena)
{
    struct error err;
    if (job->is_stale) {
        bool is_ours = false;
        if (!journal_reload(db, job, &is_ours, &err))
            return stale(job, &err);
        if (!is_ours)
            return CARRIED_GONE;
    }
    if (!engine_refresh(db, &err))
        return stale(job, &err);
    if (job->kind == NULL) {
        struct job_run run;
        char operation[37];
        run_begin(&run, job, NULL, db, arena, operation);
        error_with(&err, ERROR_INTERNAL, "job.kind_unknown", E_TEXT("kind", job->row.kind));
        return end_unsuccessfully(&run, &err);
    }
    if (job->row.is_plan)
        return plan(job, db, arena);
    return job->row.undoing ? backward(job, db, arena) : forward(job, db, arena);
}

enum carry_result job_carry(struct job_live *job, struct db *db, struct arena *arena)
{
    enum carried carried = CARRIED_ON;
    log_set_job(job->row.uuid);
    log_set_request(job->row.request_id);
    while (carried == CARRIED_ON) {
        arena_reset(arena);
        if (job->row.process_id != engine_process_id())
            carried = CARRIED_GONE;
        else if (!engine_lease_is_fresh())
            carried = wait_ms(job, STALE_PAUSE_MS);
        else
            carried = carry_once(job, db, arena);
    }
    log_set_job(NULL);
    log_set_request(NULL);
    return carried == CARRIED_WAIT ? CARRY_WAIT : CARRY_GONE;
}
