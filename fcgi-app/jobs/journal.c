/* The journal: every change of a job's row and its steps' rows while a process carries it. What the steps do, and when,
 * is in carry.c. */
#include "jobs/engine.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

static const int64_t FAR_FUTURE_MS = 253402214400000; /* 9999-12-31: in a process's hands, or behind another job */

FIELD_TABLE(JOB_ROW, struct job_row, COLUMN(struct job_row, id), COLUMN(struct job_row, object_id),
            COLUMN(struct job_row, user_id), COLUMN(struct job_row, account_id),
            COLUMN(struct job_row, project_account_id), COLUMN(struct job_row, domain_id),
            COLUMN(struct job_row, uuid), COLUMN(struct job_row, kind), COLUMN(struct job_row, input),
            COLUMN(struct job_row, state_data), COLUMN(struct job_row, object_kind),
            COLUMN(struct job_row, object_uuid), COLUMN(struct job_row, request_id),
            COLUMN(struct job_row, remote_address), COLUMN(struct job_row, language),
            COLUMN(struct job_row, parent_uuid), COLUMN(struct job_row, step), COLUMN(struct job_row, bad_slot),
            COLUMN(struct job_row, error_kind), COLUMN(struct job_row, error_key), COLUMN(struct job_row, error_args),
            COLUMN(struct job_row, error_detail), COLUMN(struct job_row, input_version),
            COLUMN(struct job_row, attempt), COLUMN(struct job_row, failures), COLUMN(struct job_row, deaths),
            COLUMN(struct job_row, process_id), COLUMN(struct job_row, step_begun), COLUMN(struct job_row, started),
            COLUMN(struct job_row, is_plan), COLUMN(struct job_row, undoing), COLUMN(struct job_row, quarantined),
            COLUMN(struct job_row, cancel_requested));
FIELD_TABLE(JOURNAL_STEP, struct journal_step, COLUMN(struct journal_step, position),
            COLUMN(struct journal_step, name));

DB_STATEMENT(JOB_CLAIMABLE, .name = "job.claimable", .row = &JOB_ROW,
             .sql = "SELECT " JOB_ROW_COLUMNS " FROM job WHERE quarantined = ? AND claimable <= ? "
                    "ORDER BY claimable LIMIT ? FOR UPDATE SKIP LOCKED");
DB_STATEMENT(JOB_CLAIM, .name = "job.claim",
             .sql = "UPDATE job SET state = IF(undoing, 'undoing', 'running'), process_id = ?, claimable = ?, attempt "
                    "= attempt + 1, "
                    "started = COALESCE(started, ?), step_begun = COALESCE(step_begun, ?) "
                    "WHERE id IN (" DB_MARKS_32 ")");
DB_STATEMENT(JOB_RELOAD, .name = "job.reload", .row = &JOB_ROW,
             .sql = "SELECT " JOB_ROW_COLUMNS " FROM job WHERE id = ? AND process_id = ? AND claimable IS NOT NULL");
DB_STATEMENT(STEP_RECORD, .name = "job_step.record",
             .sql = "INSERT INTO job_step (job_id, position, name, title_key, outcome, attempts, begun, ended) VALUES "
                    "(?, ?, ?, ?, ?, ?, ?, ?)");
DB_STATEMENT(JOB_NEXT_STEP, .name = "job.next_step",
             .sql = "UPDATE job SET state = 'running', step = ?, state_data = ?, attempt = 1, failures = 0, deaths = "
                    "0, step_begun = ?, "
                    "percent = ?, note_key = NULL WHERE id = ? AND process_id = ? AND cancel_requested = 0");
DB_STATEMENT(JOB_SUCCEED, .name = "job.succeed",
             .sql = "UPDATE job SET state = 'succeeded', state_data = ?, step = NULL, process_id = NULL, claimable = "
                    "NULL, quarantined = 0, "
                    "percent = 100, note_key = NULL, ended = ? WHERE id = ? AND process_id = ?");
DB_STATEMENT(
    JOB_FAIL, .name = "job.fail",
    .sql =
        "UPDATE job SET state = ?, step = NULL, process_id = NULL, claimable = NULL, quarantined = 0, note_key = NULL, "
        "error_kind = ?, error_key = ?, error_args = ?, error_detail = ?, ended = ? WHERE id = ? AND process_id = ?");
DB_STATEMENT(JOB_END_PLAN, .name = "job.end_plan",
             .sql = "UPDATE job SET state = 'succeeded', plan_json = ?, process_id = NULL, claimable = NULL, percent = "
                    "100, ended = ? "
                    "WHERE id = ? AND process_id = ?");
DB_STATEMENT(JOB_BEGIN_UNDO, .name = "job.begin_undo",
             .sql = "UPDATE job SET state = 'undoing', undoing = 1, attempt = 1, failures = 0, deaths = 0, percent = "
                    "0, note_key = NULL, "
                    "step_begun = ?, error_kind = ?, error_key = ?, error_args = ?, error_detail = ? WHERE id = ? AND "
                    "process_id = ?");
DB_STATEMENT(
    JOURNAL_TO_UNDO, .name = "job_step.to_undo", .row = &JOURNAL_STEP,
    .sql = "SELECT position, name FROM job_step WHERE job_id = ? AND outcome <> 'skipped' AND undo_outcome IS NULL "
           "ORDER BY position DESC");
DB_STATEMENT(STEP_UNDONE, .name = "job_step.undone",
             .sql = "UPDATE job_step SET undo_outcome = ?, undone = ? WHERE job_id = ? AND position = ?");
DB_STATEMENT(JOB_NEXT_UNDO, .name = "job.next_undo",
             .sql = "UPDATE job SET step = ?, attempt = 1, failures = 0, deaths = 0, step_begun = ? WHERE id = ? AND "
                    "process_id = ?");
DB_STATEMENT(
    JOB_RETRY, .name = "job.retry",
    .sql = "UPDATE job SET state = IF(undoing, 'undoing', 'waiting'), attempt = attempt + 1, failures = failures + 1 "
           "WHERE id = ? AND process_id = ?");
DB_STATEMENT(
    JOB_HAND_OVER, .name = "job.hand_over",
    .sql =
        "UPDATE job SET state = IF(undoing, 'undoing', 'waiting'), quarantined = ?, process_id = NULL, claimable = ? "
        "WHERE id = ? AND process_id = ?");
DB_STATEMENT(JOB_PROGRESS, .name = "job.progress",
             .sql = "UPDATE job SET percent = ?, note_key = ? WHERE id = ? AND process_id = ?");
DB_STATEMENT(NOTES_DROP, .name = "job_note.drop", .sql = "DELETE FROM job_note WHERE job_id = ?");

struct db_value db_utf8(const char *text)
{
    return text == NULL || !string_is_utf8(text, strlen(text)) ? db_null() : db_text(text);
}

static bool still_ours(struct db *db, struct error *err)
{
    return db_affected_rows(db) > 0 || error_set(err, ERROR_CANCELLED, "job.lease_lost");
}

/* ---- claiming ---- */

static bool claim_started(struct db *db, struct job_row *row, struct error *err)
{
    struct job_live job = {.row = *row, .kind = job_find_kind(row->kind)};
    return row->started.set || event_record(db, &job, JOB_EVENT_STARTED, NULL, err);
}

static bool claim_body(struct db *db, void *context, struct error *err)
{
    struct claim *claim = context;
    int64_t now = clock_now_ms();
    if (!db_query(db, &JOB_CLAIMABLE, claim->arena, CLAIM_MAX, &claim->rows, err, db_bool(claim->quarantine),
                  db_time(now), db_int((int64_t)claim->limit)))
        return false;
    if (claim->rows.count == 0)
        return true;
    struct db_value values[4 + CLAIM_MAX] = {db_int(engine_process_id()), db_time(FAR_FUTURE_MS), db_time(now),
                                             db_time(now)};
    struct job_row *rows = claim->rows.items;
    for (size_t i = 0; i < CLAIM_MAX; i++)
        values[4 + i] = db_int(i < claim->rows.count ? rows[i].id : 0);
    if (!db_execute_values(db, &JOB_CLAIM, values, COUNT_OF(values), err))
        return false;
    for (size_t i = 0; i < claim->rows.count; i++) {
        if (!claim_started(db, &rows[i], err))
            return false;
        rows[i].process_id = engine_process_id();
        rows[i].attempt++;
        if (!rows[i].step_begun.set)
            rows[i].step_begun = OPT_TIME(now);
    }
    return true;
}

bool journal_claim(struct db *db, struct claim *claim, struct error *err)
{
    claim->rows = (struct db_rows){.items = NULL};
    claim->limit = claim->limit > CLAIM_MAX ? CLAIM_MAX : claim->limit;
    return db_transaction(db, claim_body, claim, err);
}

bool journal_reload(struct db *db, struct job_live *job, bool *ret_is_ours, struct error *err)
{
    struct job_row row = {0};
    if (!db_query_one(db, &JOB_RELOAD, &job->arena, &row, ret_is_ours, err, db_int(job->row.id),
                      db_int(job->row.process_id)))
        return false;
    if (!*ret_is_ours)
        return true;
    job->row = row;
    job->state_json = row.state_data;
    job->is_stale = job->undo_loaded = false;
    return true;
}

/* ---- a step's end ---- */

struct advancing {
    struct job_run *run;
    bool skipped, chains; /* chains: steps without act are committed along */
    bool refused, chain_refused;
    const void *state_before;
    size_t next;
    const char *state_json;
    int64_t now;
};

static bool step_record(struct db *db, const struct job_run *run, size_t position, const char *outcome, int64_t now,
                        struct error *err)
{
    const struct job_step *step = &run->kind->steps[position];
    bool is_current = step == run->step;
    return db_execute(db, &STEP_RECORD, err, db_int(run->job_id), db_int((int64_t)position), db_text(step->name),
                      db_text(step->title_key), db_text(outcome), db_int(is_current ? run->attempt : 1),
                      db_time(is_current ? run->begun_ms : now), db_time(now));
}

static bool step_commit(struct advancing *to, const struct job_step *step, struct error *err)
{
    struct job_run *run = to->run;
    const struct job_step *current = run->step;
    const char *current_operation = run->operation_id;
    char operation[37];
    operation_id(run->job_uuid, step->name, false, operation);
    run->step = step;
    run->operation_id = operation;
    bool committed = step->commit == NULL || step->commit(run, err);
    run->step = current;
    run->operation_id = current_operation;
    return committed;
}

/* Passes over steps to skip, and commits those without act. */
static bool advance_chain(struct db *db, struct advancing *to, struct error *err)
{
    struct job_run *run = to->run;
    for (; to->next < run->kind->step_count; to->next++) {
        const struct job_step *step = &run->kind->steps[to->next];
        bool skips = step->skip != NULL && step->skip(run);
        if (!skips && (!to->chains || step->act != NULL))
            return true;
        if (!skips && !step_commit(to, step, err)) {
            to->chain_refused = true;
            return false;
        }
        if (!step_record(db, run, to->next, skips ? "skipped" : "done", to->now, err))
            return false;
    }
    return true;
}

static bool job_end_common(struct db *db, struct job_live *job, const struct error *failure, struct error *err)
{
    if (job->has_notes && !db_execute(db, &NOTES_DROP, err, db_int(job->row.id)))
        return false;
    if (job->kind != NULL && job->kind->fleeting && !sweep_mark(db, job->row.id, err))
        return false;
    db_on_commit(db, engine_wake_waiters, NULL);
    return lock_pass_on(db, &job->row, err) && event_record(db, job, JOB_EVENT_COMPLETED, failure, err);
}

static bool advance_end(struct db *db, struct advancing *to, struct error *err)
{
    struct job_run *run = to->run;
    if (run->kind->settle != NULL && !run->kind->settle(run, true, NULL, err)) {
        to->refused = true;
        return false;
    }
    return db_execute(db, &JOB_SUCCEED, err, db_text(to->state_json), db_time(to->now), db_int(run->job_id),
                      db_int(run->live->row.process_id)) &&
           still_ours(db, err) && job_end_common(db, run->live, NULL, err);
}

static const char *state_write(const struct job_run *run)
{
    if (run->kind->state == NULL)
        return "{}";
    struct text json;
    text_init(&json, run->arena, JOB_JSON_BYTES);
    json_add_object(&json, run->kind->state, run->state);
    return json.overflowed ? NULL : text_string(&json);
}

static bool advance_body(struct db *db, void *context, struct error *err)
{
    struct advancing *to = context;
    struct job_run *run = to->run;
    run->db = db;
    to->refused = to->chain_refused = false;
    to->now = clock_now_ms();
    if (run->kind->state != NULL) /* this may be a repetition */
        memcpy(run->state, to->state_before, run->kind->state->struct_size);
    size_t position = (size_t)(run->step - run->kind->steps);
    if (!to->skipped && !step_commit(to, run->step, err)) {
        to->refused = true;
        return false;
    }
    to->next = position + 1;
    if (!step_record(db, run, position, to->skipped ? "skipped" : "done", to->now, err) || !advance_chain(db, to, err))
        return false;
    to->state_json = state_write(run);
    if (to->state_json == NULL) {
        to->refused = true;
        return error_set(err, ERROR_INTERNAL, "job.state_too_large");
    }
    if (to->next == run->kind->step_count)
        return advance_end(db, to, err);
    int64_t percent = (int64_t)(to->next * 100 / run->kind->step_count);
    return db_execute(db, &JOB_NEXT_STEP, err, db_text(run->kind->steps[to->next].name), db_text(to->state_json),
                      db_time(to->now), db_int(percent), db_int(run->job_id), db_int(run->live->row.process_id)) &&
           still_ours(db, err);
}

static void live_at_step(struct job_live *job, const char *name, int64_t now)
{
    job->row.step = name;
    job->row.attempt = 1;
    job->row.failures = job->row.deaths = 0;
    job->row.step_begun = OPT_TIME(now);
}

static enum advance advance_verdict(bool refused, const struct error *err)
{
    bool unclear = err->kind == ERROR_DATABASE || err->kind == ERROR_UNCERTAIN;
    return refused && !unclear ? ADVANCE_REFUSED : ADVANCE_STALE;
}

enum advance journal_advance(struct job_run *run, bool skipped, struct error *err)
{
    struct advancing to = {.run = run, .skipped = skipped, .chains = true};
    if (run->kind->state != NULL) {
        void *before = arena_alloc(run->arena, run->kind->state->struct_size);
        memcpy(before, run->state, run->kind->state->struct_size);
        to.state_before = before;
    }
    struct db *db = run->db;
    bool committed = db_transaction(db, advance_body, &to, err);
    if (!committed && to.chain_refused) { /* that step must fail on its own */
        to.chains = false;
        committed = db_transaction(db, advance_body, &to, err);
    }
    if (!committed)
        return advance_verdict(to.refused, err);
    if (to.next == run->kind->step_count)
        return ADVANCE_ENDED;
    run->live->state_json = arena_strdup(&run->live->arena, to.state_json);
    live_at_step(run->live, run->kind->steps[to.next].name, to.now);
    return ADVANCE_NEXT;
}

/* ---- undo ---- */

struct undo_beginning {
    struct job_live *job;
    const struct job_step *failed;
    size_t position;
    const struct error *failure;
};

static const char *arguments_of(struct arena *arena, const struct error *error)
{
    struct text args;
    text_init(&args, arena, 16384);
    arguments_add_error(&args, error);
    return text_string(&args);
}

static bool begin_undo_body(struct db *db, void *context, struct error *err)
{
    const struct undo_beginning *from = context;
    struct job_live *job = from->job;
    int64_t now = clock_now_ms();
    if (from->failed != NULL &&
        !db_execute(db, &STEP_RECORD, err, db_int(job->row.id), db_int((int64_t)from->position),
                    db_text(from->failed->name), db_text(from->failed->title_key), db_text("failed"),
                    db_int(job->row.attempt), db_time(job->row.step_begun.ms), db_time(now)))
        return false;
    return db_execute(db, &JOB_BEGIN_UNDO, err, db_time(now), db_text(error_kind_name(from->failure->kind)),
                      db_text(from->failure->key), db_text(arguments_of(&job->arena, from->failure)),
                      db_utf8(from->failure->detail), db_int(job->row.id), db_int(job->row.process_id)) &&
           still_ours(db, err);
}

bool journal_begin_undo(struct db *db, struct job_live *job, const struct job_step *failed, size_t position,
                        const struct error *failure, struct error *err)
{
    struct undo_beginning from = {.job = job, .failed = failed, .position = position, .failure = failure};
    if (!db_transaction(db, begin_undo_body, &from, err))
        return false;
    job->row.undoing = true;
    job->row.error_kind = error_kind_name(failure->kind);
    job->row.error_key = arena_strdup(&job->arena, failure->key);
    job->row.error_args = arguments_of(&job->arena, failure);
    job->row.error_detail = arena_strdup(&job->arena, failure->detail);
    live_at_step(job, job->row.step, clock_now_ms());
    return true;
}

bool journal_load_undo(struct db *db, struct job_live *job, struct error *err)
{
    struct db_rows rows;
    if (!db_query(db, &JOURNAL_TO_UNDO, &job->arena, JOB_STEPS_MAX, &rows, err, db_int(job->row.id)))
        return false;
    job->undo = rows.items;
    job->undo_count = rows.count;
    job->undo_loaded = true;
    return true;
}

struct undoing {
    struct job_run *run;
    const struct error *leftover;
    bool refused;
    int64_t now;
};

static bool undone_body(struct db *db, void *context, struct error *err)
{
    struct undoing *to = context;
    struct job_run *run = to->run;
    struct job_live *job = run->live;
    run->db = db;
    to->refused = false;
    to->now = clock_now_ms();
    if (to->leftover != NULL) {
        if (!leftover_add(run, to->leftover, err))
            return false;
    } else if (run->step->undo_commit != NULL && !run->step->undo_commit(run, err)) {
        to->refused = true;
        return false;
    }
    const char *next = job->undo_count > 1 ? job->undo[1].name : NULL;
    return db_execute(db, &STEP_UNDONE, err, db_text(to->leftover == NULL ? "undone" : "leftover"), db_time(to->now),
                      db_int(job->row.id), db_int(job->undo[0].position)) &&
           db_execute(db, &JOB_NEXT_UNDO, err, db_text(next), db_time(to->now), db_int(job->row.id),
                      db_int(job->row.process_id)) &&
           still_ours(db, err);
}

enum advance journal_undone(struct job_run *run, const struct error *leftover, struct error *err)
{
    struct undoing to = {.run = run, .leftover = leftover};
    if (!db_transaction(run->db, undone_body, &to, err))
        return advance_verdict(to.refused, err);
    struct job_live *job = run->live;
    job->undo++;
    job->undo_count--;
    live_at_step(job, job->undo_count > 0 ? job->undo[0].name : NULL, to.now);
    return ADVANCE_NEXT;
}

/* ---- waiting, ending, handing over ---- */

struct retrying {
    struct job_run *run;
    const struct error *failure;
};

static bool retry_body(struct db *db, void *context, struct error *err)
{
    const struct retrying *to = context;
    struct job_run *run = to->run;
    run->db = db;
    struct error_value values[ERROR_ARGS_MAX + 1] = {{.name = NULL}};
    for (size_t i = 0; i < to->failure->arg_count; i++)
        values[i] = (struct error_value){.name = to->failure->args[i].name, .text = to->failure->args[i].value};
    return db_execute(db, &JOB_RETRY, err, db_int(run->job_id), db_int(run->live->row.process_id)) &&
           still_ours(db, err) && explain_add(run, EXPLAIN_OPERATOR, "retry", to->failure->key, values, err);
}

bool journal_retry(struct job_run *run, const struct error *failure, struct error *err)
{
    struct retrying to = {.run = run, .failure = failure};
    if (!db_transaction(run->db, retry_body, &to, err))
        return false;
    run->live->row.attempt++;
    run->live->row.failures++;
    return true;
}

struct ending {
    struct job_run *run;
    const struct error *failure;
    bool settles, refused;
};

static bool end_body(struct db *db, void *context, struct error *err)
{
    struct ending *to = context;
    struct job_run *run = to->run;
    run->db = db;
    to->refused = false;
    if (to->settles && run->kind->settle != NULL && !run->kind->settle(run, false, to->failure, err)) {
        to->refused = true;
        return false;
    }
    const char *state = to->failure->kind == ERROR_CANCELLED ? "cancelled" : "failed";
    return db_execute(db, &JOB_FAIL, err, db_text(state), db_text(error_kind_name(to->failure->kind)),
                      db_text(to->failure->key), db_text(arguments_of(run->arena, to->failure)),
                      db_utf8(to->failure->detail), db_time(clock_now_ms()), db_int(run->job_id),
                      db_int(run->live->row.process_id)) &&
           still_ours(db, err) && job_end_common(db, run->live, to->failure, err);
}

enum advance journal_end(struct job_run *run, const struct error *failure, bool settles, struct error *err)
{
    struct ending to = {.run = run, .failure = failure, .settles = settles && run->kind != NULL};
    if (db_transaction(run->db, end_body, &to, err))
        return ADVANCE_ENDED;
    return advance_verdict(to.refused, err);
}

struct plan_ending {
    struct job_live *job;
    const char *plan_json;
    const struct error *failure;
};

static bool end_plan_body(struct db *db, void *context, struct error *err)
{
    const struct plan_ending *to = context;
    struct job_row *row = &to->job->row;
    db_on_commit(db, engine_wake_waiters, NULL);
    if (to->failure == NULL)
        return db_execute(db, &JOB_END_PLAN, err, db_text(to->plan_json), db_time(clock_now_ms()), db_int(row->id),
                          db_int(row->process_id)) &&
               still_ours(db, err);
    return db_execute(db, &JOB_FAIL, err, db_text("failed"), db_text(error_kind_name(to->failure->kind)),
                      db_text(to->failure->key), db_text(arguments_of(&to->job->arena, to->failure)),
                      db_utf8(to->failure->detail), db_time(clock_now_ms()), db_int(row->id),
                      db_int(row->process_id)) &&
           still_ours(db, err);
}

bool journal_end_plan(struct db *db, struct job_live *job, const char *plan_json, const struct error *failure,
                      struct error *err)
{
    struct plan_ending to = {.job = job, .plan_json = plan_json, .failure = failure};
    return db_transaction(db, end_plan_body, &to, err);
}

bool journal_hand_over(struct db *db, struct job_live *job, bool to_quarantine, struct error *err)
{
    return db_execute(db, &JOB_HAND_OVER, err, db_bool(to_quarantine), db_time(clock_now_ms()), db_int(job->row.id),
                      db_int(job->row.process_id));
}

bool journal_progress(struct db *db, const struct job_live *job, int percent, const char *note_key, struct error *err)
{
    return db_execute(db, &JOB_PROGRESS, err, db_int(percent), db_text(note_key), db_int(job->row.id),
                      db_int(job->row.process_id));
}

void stored_error(const struct job_row *row, struct arena *arena, struct error *ret_error)
{
    error_restore(row->error_kind, row->error_key, row->error_args, row->error_detail, arena, ret_error);
}
