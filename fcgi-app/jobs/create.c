/* How a job comes into being: its row, its object, the ceiling of the queue, and what a dry run remembers of it. */
#include "jobs/engine.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/setting.h"
#include "base/text.h"
#include "base/uuid.h"

SETTING(JOBS_QUEUE_MAX, .name = "jobs.queue.max", .category = "Advanced", .default_value = "20000",
        .help = "How many jobs may be open at once; further ones are refused.", .type = SETTING_INT,
        .scopes = SCOPE_GLOBAL, .min = 1, .max = 10000000);

enum { COUNT_EVERY_MS = 1000 };
static const int64_t FAR_FUTURE_MS = 253402214400000; /* 9999-12-31 */
static const int64_t URGENT_MS = 86400000;            /* before everything that was ever created */

DB_STATEMENT(JOB_INSERT, .name = "job.insert",
             .sql = "INSERT INTO job (uuid, kind, command, result_kind, input_version, input, state_data, state, "
                    "object_kind, object_id, "
                    "object_uuid, user_id, account_id, project_account_id, domain_id, request_id, remote_address, "
                    "language, parent_uuid, is_plan, claimable, created) "
                    "VALUES (?, ?, ?, ?, ?, ?, '{}', 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
DB_STATEMENT(JOB_BEHIND, .name = "job.behind", .sql = "UPDATE job SET claimable = ? WHERE id = ?");
DB_STATEMENT(JOB_COUNT_OPEN, .name = "job.count_open", .row = &DB_NUMBER,
             .scan_reason = "index only, once a second in a process",
             .sql = "SELECT COUNT(*) AS value FROM job WHERE quarantined IN (0, 1) AND claimable IS NOT NULL");

struct creation {
    const struct job_kind *kind;
    const char *input_json;
    const struct job_target *target;
    const struct job_stamp *stamp;
    bool is_plan;
    struct job_ref *ret_job;
};

/* Shared by the process's threads; a race costs one more count. */
static atomic_llong open_jobs, counted_at_ms;

static bool queue_has_room(struct db *db, struct error *err)
{
    int64_t now = clock_monotonic_ms();
    if (now - atomic_load(&counted_at_ms) >= COUNT_EVERY_MS || atomic_load(&counted_at_ms) == 0) {
        atomic_store(&counted_at_ms, now);
        AUTO(arena_free) struct arena arena;
        arena_init(&arena);
        struct db_number count = {0};
        bool found = false;
        if (!db_query_one(db, &JOB_COUNT_OPEN, &arena, &count, &found, err, DB_NO_VALUES))
            return false;
        atomic_store(&open_jobs, count.value);
    }
    if (atomic_fetch_add(&open_jobs, 1) < setting_int(&JOBS_QUEUE_MAX))
        return true;
    return error_set(err, ERROR_UNAVAILABLE, "job.queue_full");
}

static bool creation_insert(struct db *db, const struct creation *creation, const char *uuid, struct error *err)
{
    static const struct job_target nothing = {.object_kind = NULL};
    const struct job_kind *kind = creation->kind;
    const struct job_target *target = creation->target == NULL ? &nothing : creation->target;
    const struct job_stamp *stamp = creation->stamp;
    int64_t now = clock_now_ms();
    bool urgent = kind->urgent || creation->is_plan;
    return db_execute(db, &JOB_INSERT, err, db_text(uuid), db_text(kind->name), db_text(kind->command),
                      db_text(kind->result_kind), db_int(kind->version), db_text(creation->input_json),
                      db_text(target->object_kind), db_int(target->object_id), db_text(target->object_uuid),
                      db_int(stamp->user_id), db_int(stamp->account_id), db_int(stamp->project_account_id),
                      db_int(stamp->domain_id), db_text(stamp->request_id), db_text(stamp->remote_address),
                      db_text(stamp->language), db_text(stamp->parent_job_uuid), db_bool(creation->is_plan),
                      db_time(urgent ? URGENT_MS : now), db_time(now));
}

static bool creation_body(struct db *db, void *context, struct error *err)
{
    struct creation *creation = context;
    const struct job_target *target = creation->target;
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    if (!queue_has_room(db, err) || !creation_insert(db, creation, uuid, err))
        return false;
    int64_t id = db_inserted_id(db);
    if (target != NULL && target->object_kind != NULL && target->object_id != 0 && !creation->is_plan) {
        bool is_first = false;
        if (!lock_take(db, target->object_kind, target->object_id, id, &is_first, err))
            return false;
        if (!is_first && !db_execute(db, &JOB_BEHIND, err, db_time(FAR_FUTURE_MS), db_int(id)))
            return false;
    }
    if (!creation->is_plan && !event_record_scheduled(db, creation->kind, creation->stamp, target, uuid, err))
        return false;
    creation->ret_job->id = id;
    string_copy(creation->ret_job->uuid, sizeof creation->ret_job->uuid, uuid);
    db_on_commit(db, engine_wake_jobs, NULL);
    return true;
}

/* ---- what a dry run would have started; one of each thread ---- */

static _Thread_local struct {
    const char *kind;
    char *input_json;
} captured;

static void capture(const struct job_kind *kind, const char *input_json)
{
    if (captured.kind != NULL)
        return;
    free(captured.input_json);
    captured.kind = kind->name;
    captured.input_json = strdup(input_json);
    if (captured.input_json == NULL)
        abort();
}

bool job_dry_capture(const char **ret_kind, const char **ret_input_json)
{
    if (captured.kind == NULL)
        return false;
    *ret_kind = captured.kind;
    *ret_input_json = captured.input_json;
    captured.kind = NULL;
    return true;
}

bool job_create(struct db *db, const struct job_kind *kind, const void *input, const struct job_target *target,
                const struct job_stamp *stamp, struct job_ref *ret_job, struct error *err)
{
    AUTO(text_free) struct text json;
    text_init(&json, NULL, JOB_JSON_BYTES);
    json_add_object(&json, kind->input, input);
    if (json.overflowed)
        return error_set(err, ERROR_TOO_LARGE, "job.input_too_large");
    if (db_is_dry(db))
        capture(kind, text_string(&json));
    struct creation creation = {
        .kind = kind, .input_json = text_string(&json), .target = target, .stamp = stamp, .ret_job = ret_job};
    return db_transaction(db, creation_body, &creation, err);
}

bool job_create_plan(struct db *db, const char *kind_name, const char *input_json, const struct job_target *target,
                     const struct job_stamp *stamp, struct job_ref *ret_job, struct error *err)
{
    const struct job_kind *kind = job_find_kind(kind_name);
    if (kind == NULL)
        return error_with(err, ERROR_INTERNAL, "job.kind_unknown", E_TEXT("kind", kind_name));
    struct creation creation = {
        .kind = kind, .input_json = input_json, .target = target, .stamp = stamp, .is_plan = true, .ret_job = ret_job};
    return db_transaction(db, creation_body, &creation, err);
}
