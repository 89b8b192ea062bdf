/* Jobs as the API and the pages read them. */
#include "jobs/engine.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/uuid.h"

FIELD_TABLE(JOB_VIEW, struct job_view, COLUMN(struct job_view, id), COLUMN(struct job_view, account_id),
            COLUMN(struct job_view, project_account_id), COLUMN(struct job_view, domain_id),
            COLUMN(struct job_view, user_id), COLUMN(struct job_view, object_id),
            COLUMN(struct job_view, uuid), COLUMN(struct job_view, kind), COLUMN(struct job_view, command),
            COLUMN(struct job_view, object_kind), COLUMN(struct job_view, object_uuid),
            COLUMN(struct job_view, result_kind), COLUMN(struct job_view, state), COLUMN(struct job_view, step),
            COLUMN(struct job_view, note_key), COLUMN(struct job_view, percent), COLUMN(struct job_view, created),
            COLUMN(struct job_view, ended), COLUMN(struct job_view, error_kind), COLUMN(struct job_view, error_key),
            COLUMN(struct job_view, error_args), COLUMN(struct job_view, plan_json), COLUMN(struct job_view, is_plan),
            COLUMN(struct job_view, cancel_requested), COLUMN(struct job_view, error_detail),
            COLUMN(struct job_view, attempt), COLUMN(struct job_view, step_begun), COLUMN(struct job_view, undoing));
#define JOB_VIEW_COLUMNS                                                                                               \
    "id, account_id, project_account_id, domain_id, user_id, object_id, uuid, kind, command, object_kind, "            \
    "object_uuid, result_kind, state, step, "                                                                          \
    "note_key, percent, created, ended, error_kind, error_key, error_args, plan_json, is_plan, cancel_requested, "     \
    "error_detail, attempt, step_begun, undoing"

struct step_row {
    int64_t position, attempts;
    const char *name, *title_key, *outcome, *undo_outcome;
    struct opt_time begun, ended, undone;
};
FIELD_TABLE(STEP_ROW, struct step_row, COLUMN(struct step_row, position), COLUMN(struct step_row, attempts),
            COLUMN(struct step_row, name), COLUMN(struct step_row, title_key), COLUMN(struct step_row, outcome),
            COLUMN(struct step_row, undo_outcome), COLUMN(struct step_row, begun), COLUMN(struct step_row, ended),
            COLUMN(struct step_row, undone));

struct pending_row {
    int64_t object_id;
    const char *uuid;
};
FIELD_TABLE(PENDING_ROW, struct pending_row, COLUMN(struct pending_row, object_id), COLUMN(struct pending_row, uuid));

DB_STATEMENT(JOB_FIND, .name = "job.find", .row = &JOB_VIEW,
             .sql = "SELECT " JOB_VIEW_COLUMNS " FROM job WHERE uuid = ?");
DB_STATEMENT(
    JOB_STEPS, .name = "job_step.list", .row = &STEP_ROW,
    .sql = "SELECT position, attempts, name, title_key, outcome, undo_outcome, begun, ended, undone FROM job_step "
           "WHERE job_id = ? ORDER BY position");
DB_STATEMENT(JOB_PENDING_FOR, .name = "job.pending_for", .row = &PENDING_ROW,
             .sql = "SELECT object_id, uuid FROM job WHERE object_kind = ? AND object_id IN (" DB_MARKS_64
                    ") AND claimable IS NOT NULL AND is_plan = 0 LIMIT 1024");
DB_STATEMENT(JOB_CANCEL, .name = "job.cancel",
             .sql = "UPDATE job SET cancel_requested = 1 WHERE id = ? AND claimable IS NOT NULL");

struct state_row {
    const char *state_data;
};
FIELD_TABLE(STATE_ROW, struct state_row, COLUMN(struct state_row, state_data));
DB_STATEMENT(JOB_STATE, .name = "job.state", .row = &STATE_ROW, .sql = "SELECT state_data FROM job WHERE id = ?");

bool job_read_state(struct db *db, struct arena *arena, const struct job_view *job, const struct job_kind *kind,
                    void *ret_state, struct error *err)
{
    struct state_row row = {NULL};
    bool found = false;
    if (!db_query_one(db, &JOB_STATE, arena, &row, &found, err, db_int(job->id)))
        return false;
    if (!found || !string_equal(job->kind, kind->name))
        return error_set(err, ERROR_INTERNAL, "job.gone");
    return json_read_object(arena, row.state_data, kind->state, ret_state, err);
}

bool job_find(struct db *db, struct arena *arena, const char *uuid, struct job_view **ret_job, struct error *err)
{
    struct job_view *job = ARENA_NEW(arena, struct job_view);
    bool found = false;
    *ret_job = NULL;
    if (!uuid_is_valid(uuid)) /* whatever a client wrote */
        return true;
    if (!db_query_one(db, &JOB_FIND, arena, job, &found, err, db_text(uuid)))
        return false;
    *ret_job = found ? job : NULL;
    return true;
}

/* The step under way stands in the job's row only. */
static bool step_under_way(const struct job_view *job, struct job_step_view *ret_step)
{
    const struct job_kind *kind = job_find_kind(job->kind);
    size_t position = 0;
    if (job_is_done(job) || job->undoing || !job->step_begun.set || kind == NULL)
        return false;
    const struct job_step *step = kind_step(kind, job->step, &position);
    if (step == NULL)
        return false;
    *ret_step = (struct job_step_view){.name = step->name,
                                       .title_key = step->title_key,
                                       .outcome = "running",
                                       .attempts = job->attempt,
                                       .begun = job->step_begun};
    return true;
}

bool job_steps(struct db *db, struct arena *arena, const struct job_view *job, struct job_step_view **ret_steps,
               size_t *ret_count, struct error *err)
{
    struct db_rows rows;
    if (!db_query(db, &JOB_STEPS, arena, JOB_STEPS_MAX, &rows, err, db_int(job->id)))
        return false;
    const struct step_row *items = rows.items;
    struct job_step_view *steps = arena_array(arena, rows.count + 1, sizeof *steps);
    for (size_t i = 0; i < rows.count; i++) {
        const struct step_row *row = &items[i];
        bool undoing = job->undoing && row->undo_outcome == NULL && string_equal(job->step, row->name);
        steps[i] = (struct job_step_view){
            .name = row->name, .title_key = row->title_key, .attempts = row->attempts, .begun = row->begun};
        steps[i].outcome = undoing ? "undoing" : row->undo_outcome != NULL ? row->undo_outcome : row->outcome;
        steps[i].ended = row->undone.set ? row->undone : row->ended;
    }
    *ret_steps = steps;
    *ret_count = rows.count + (step_under_way(job, &steps[rows.count]) ? 1 : 0);
    return true;
}

bool job_is_done(const struct job_view *job)
{
    return string_equal(job->state, "succeeded") || string_equal(job->state, "failed") ||
           string_equal(job->state, "cancelled");
}

void job_error(const struct job_view *job, struct arena *arena, struct error *ret_error)
{
    error_restore(job->error_kind, job->error_key, job->error_args, job->error_detail, arena, ret_error);
}

bool job_pending_for(struct db *db, struct arena *arena, const char *object_kind, const int64_t *ids, size_t count,
                     const char **ret_job_uuids, struct error *err)
{
    enum { PLACES = 64, ROWS_MAX = 1024 };
    if (count > PLACES)
        return error_set(err, ERROR_INTERNAL, "job.internal");
    struct db_value values[1 + PLACES] = {db_text(object_kind)};
    for (size_t i = 0; i < PLACES; i++)
        values[1 + i] = db_int(i < count ? ids[i] : 0);
    struct db_rows rows;
    if (!db_query_values(db, &JOB_PENDING_FOR, arena, ROWS_MAX, &rows, values, COUNT_OF(values), err))
        return false;
    const struct pending_row *items = rows.items;
    for (size_t i = 0; i < count; i++) {
        ret_job_uuids[i] = NULL;
        for (size_t j = 0; j < rows.count && ret_job_uuids[i] == NULL; j++)
            ret_job_uuids[i] = items[j].object_id == ids[i] ? items[j].uuid : NULL;
    }
    return true;
}

bool job_request_cancel(struct db *db, int64_t job_id, struct error *err)
{
    if (!db_execute(db, &JOB_CANCEL, err, db_int(job_id)))
        return false;
    db_on_commit(db, engine_wake_jobs, NULL);
    return true;
}
