/* What a job could not take back at a provider: listed for the operator, and tried again by a job of a kind of its own
 * that calls the same step's undo under the same operation id. */
#include "jobs/engine.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/uuid.h"

enum { LEFTOVERS_EVERY_MS = 5000, LEFTOVERS_AT_ONCE = 20, FIRST_PAUSE_MS = 60000, LAST_PAUSE_MS = 6 * 3600 * 1000 };

FIELD_TABLE(JOB_LEFTOVER, struct job_leftover, COLUMN(struct job_leftover, id), COLUMN(struct job_leftover, job_id),
            COLUMN(struct job_leftover, object_id), COLUMN(struct job_leftover, attempts),
            COLUMN(struct job_leftover, uuid), COLUMN(struct job_leftover, step),
            COLUMN(struct job_leftover, object_kind), COLUMN(struct job_leftover, object_uuid),
            COLUMN(struct job_leftover, error_kind), COLUMN(struct job_leftover, error_key),
            COLUMN(struct job_leftover, error_args), COLUMN(struct job_leftover, error_detail),
            COLUMN(struct job_leftover, created), COLUMN(struct job_leftover, next_attempt),
            COLUMN(struct job_leftover, resolved));
#define LEFTOVER_COLUMNS                                                                                               \
    "id, job_id, object_id, attempts, uuid, step, object_kind, object_uuid, error_kind, error_key, error_args, "       \
    "error_detail, "                                                                                                   \
    "created, next_attempt, resolved"

DB_STATEMENT(LEFTOVER_ADD, .name = "provider_leftover.add",
             .sql = "INSERT INTO provider_leftover (uuid, job_id, step, object_kind, object_id, object_uuid, "
                    "error_kind, error_key, error_args, "
                    "error_detail, created, next_attempt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, COALESCE(?, ''), ?, ?)");
DB_STATEMENT(LEFTOVER_LIST, .name = "provider_leftover.list", .row = &JOB_LEFTOVER, .scan_reason = "leftovers are few",
             .sql = "SELECT " LEFTOVER_COLUMNS
                    " FROM provider_leftover WHERE resolved IS NULL ORDER BY id DESC LIMIT ?");
DB_STATEMENT(LEFTOVER_DUE, .name = "provider_leftover.due", .row = &JOB_LEFTOVER,
             .sql = "SELECT " LEFTOVER_COLUMNS
                    " FROM provider_leftover WHERE next_attempt <= ? ORDER BY next_attempt LIMIT ?");
DB_STATEMENT(LEFTOVER_FIND, .name = "provider_leftover.find", .row = &JOB_LEFTOVER,
             .sql = "SELECT " LEFTOVER_COLUMNS " FROM provider_leftover WHERE id = ?");
DB_STATEMENT(LEFTOVER_LATER, .name = "provider_leftover.later",
             .sql = "UPDATE provider_leftover SET attempts = attempts + 1, next_attempt = ? WHERE id = ? AND attempts "
                    "= ? AND resolved IS NULL");
DB_STATEMENT(LEFTOVER_RESOLVE, .name = "provider_leftover.resolve",
             .sql = "UPDATE provider_leftover SET resolved = ?, next_attempt = NULL WHERE id = ?");
DB_STATEMENT(JOB_ROW_FIND, .name = "job.row_by_id", .row = &JOB_ROW,
             .sql = "SELECT " JOB_ROW_COLUMNS " FROM job WHERE id = ?");

struct leftover_input {
    int64_t leftover_id;
};
FIELD_TABLE(LEFTOVER_INPUT, struct leftover_input, COLUMN(struct leftover_input, leftover_id));

bool leftover_add(struct job_run *run, const struct error *why, struct error *err)
{
    struct text args;
    char uuid[UUID_BYTES];
    int64_t now = clock_now_ms();
    uuid_random(uuid);
    text_init(&args, run->arena, 16384);
    arguments_add_error(&args, why);
    return db_execute(run->db, &LEFTOVER_ADD, err, db_text(uuid), db_int(run->job_id), db_text(run->step->name),
                      db_text(run->target.object_kind), db_int(run->target.object_id), db_text(run->target.object_uuid),
                      db_text(error_kind_name(why->kind)), db_text(why->key), db_text(text_string(&args)),
                      db_utf8(why->detail), db_time(now), db_time(now + FIRST_PAUSE_MS));
}

bool job_leftover_list(struct db *db, struct arena *arena, size_t limit, struct db_rows *ret_leftovers,
                       struct error *err)
{
    return db_query(db, &LEFTOVER_LIST, arena, limit, ret_leftovers, err, db_int((int64_t)limit));
}

void job_leftover_error(const struct job_leftover *leftover, struct arena *arena, struct error *ret_error)
{
    error_restore(leftover->error_kind, leftover->error_key, leftover->error_args, leftover->error_detail, arena,
                  ret_error);
}

/* ---- trying again ---- */

struct original {
    struct job_live *job; /* NULL: resolved by another, or unknown to this release */
    struct job_run run;
    char operation[37];
};

static void original_close(struct original *original)
{
    if (original->job != NULL)
        live_free(original->job);
}

static bool original_open(struct job_run *run, struct original *ret_original, struct error *err)
{
    const struct leftover_input *input = run->input;
    struct job_leftover leftover = {0};
    struct job_row row = {0};
    bool found = false;
    size_t position = 0;
    if (!db_query_one(run->db, &LEFTOVER_FIND, run->arena, &leftover, &found, err, db_int(input->leftover_id)))
        return false;
    if (!found || leftover.resolved.set)
        return true;
    if (!db_query_one(run->db, &JOB_ROW_FIND, run->arena, &row, &found, err, db_int(leftover.job_id)))
        return false;
    const struct job_kind *kind = found ? job_find_kind(row.kind) : NULL;
    const struct job_step *step = kind == NULL ? NULL : kind_step(kind, leftover.step, &position);
    if (step == NULL)
        return error_with(err, ERROR_INTERNAL, "job.step_unknown", E_TEXT("step", leftover.step));
    row.undoing = true;
    row.bad_slot = NULL; /* the plugin may be mended by now */
    ret_original->job = live_new(&row);
    run_begin(&ret_original->run, ret_original->job, step, run->db, run->arena, ret_original->operation);
    return run_read_state(&ret_original->run, err);
}

static enum step_outcome leftover_act(struct job_run *run, struct error *err)
{
    AUTO(original_close) struct original original = {.job = NULL};
    if (!original_open(run, &original, err))
        return STEP_FAILED;
    if (original.job == NULL || original.run.step->undo_act == NULL)
        return STEP_DONE;
    enum step_outcome outcome = original.run.step->undo_act(&original.run, err);
    run->check_after_ms = original.run.check_after_ms;
    run->live->hand_to = original.job->hand_to;
    return outcome;
}

static bool leftover_commit(struct job_run *run, struct error *err)
{
    const struct leftover_input *input = run->input;
    AUTO(original_close) struct original original = {.job = NULL};
    if (!original_open(run, &original, err))
        return false;
    if (original.job != NULL && original.run.step->undo_commit != NULL &&
        !original.run.step->undo_commit(&original.run, err))
        return false;
    return db_execute(run->db, &LEFTOVER_RESOLVE, err, db_time(clock_now_ms()), db_int(input->leftover_id));
}

static const struct job_step LEFTOVER_STEPS[] = {
    {.name = "remove",
     .title_key = "step.leftover_remove",
     .act = leftover_act,
     .commit = leftover_commit,
     .max_attempts = 1},
};
const struct job_kind LEFTOVER_KIND = {.name = "job.leftover",
                                       .command = "removeLeftover",
                                       .version = 1,
                                       .input = &LEFTOVER_INPUT,
                                       .steps = LEFTOVER_STEPS,
                                       .step_count = COUNT_OF(LEFTOVER_STEPS)};

struct leftover_try {
    struct arena *arena;
    const struct job_leftover *leftover;
};

static bool try_body(struct db *db, void *context, struct error *err)
{
    const struct leftover_try *try = context;
    const struct job_leftover *leftover = try->leftover;
    struct job_row row = {0};
    bool found = false;
    int64_t pause = leftover->attempts > 8 ? LAST_PAUSE_MS : (int64_t)FIRST_PAUSE_MS << leftover->attempts;
    if (!db_execute(db, &LEFTOVER_LATER, err, db_time(clock_now_ms() + pause), db_int(leftover->id),
                    db_int(leftover->attempts)))
        return false;
    if (db_affected_rows(db) == 0)
        return true; /* taken by another */
    if (!db_query_one(db, &JOB_ROW_FIND, try->arena, &row, &found, err, db_int(leftover->job_id)))
        return false;
    struct leftover_input input = {.leftover_id = leftover->id};
    struct job_target target = {
        .object_kind = row.object_kind, .object_id = row.object_id, .object_uuid = row.object_uuid};
    struct job_stamp stamp = {.user_id = row.user_id,
                              .account_id = row.account_id,
                              .project_account_id = row.project_account_id,
                              .domain_id = row.domain_id,
                              .language = row.language,
                              .parent_job_uuid = row.uuid};
    struct job_ref ref;
    return !found || job_create(db, &LEFTOVER_KIND, &input, &target, &stamp, &ref, err);
}

static bool leftovers_run(struct db *db, struct arena *arena, struct error *err)
{
    struct db_rows rows;
    if (!db_query(db, &LEFTOVER_DUE, arena, LEFTOVERS_AT_ONCE, &rows, err, db_time(clock_now_ms()),
                  db_int(LEFTOVERS_AT_ONCE)))
        return false;
    const struct job_leftover *items = rows.items;
    for (size_t i = 0; i < rows.count; i++) {
        struct leftover_try try = {.arena = arena, .leftover = &items[i]};
        if (!db_transaction(db, try_body, &try, err))
            return false;
    }
    return true;
}

const struct job_schedule LEFTOVER_SCHEDULE = {
    .name = "job.leftovers", .interval_ms = LEFTOVERS_EVERY_MS, .run = leftovers_run};
