/* Jobs by several ids, and pages of jobs under conditions: what waiting requests and listAsyncJobs ask. */
#include "jobs/jobs.h"

#define COLUMNS                                                                                                        \
    "id, account_id, project_account_id, domain_id, user_id, object_id, uuid, kind, command, object_kind, "            \
    "object_uuid, result_kind, state, step, note_key, percent, created, ended, error_kind, error_key, error_args, "    \
    "plan_json, is_plan, "                                                                                             \
    "cancel_requested, error_detail, attempt, step_begun, undoing"
#define EIGHT "?, ?, ?, ?, ?, ?, ?, ?"
#define CONDITIONS                                                                                                     \
    "is_plan = 0 AND account_id <> 0 AND (? IS NULL OR account_id = ?) AND "                                           \
    "(? IS NULL OR project_account_id = ?) AND (? IS NULL OR FIND_IN_SET(project_account_id, ?) > 0) AND "             \
    "(? IS NULL OR (project_account_id <> 0) = ?) AND "                                                                \
    "(? IS NULL OR FIND_IN_SET(domain_id, ?) > 0) AND "                                                                \
    "(? IS NULL OR object_kind = ?) AND (? IS NULL OR object_uuid = ?) AND (? IS NULL OR command LIKE ?) AND "         \
    "(? IS NULL OR created >= ?)"

enum { FIND_MAX = 64, CONDITION_VALUES = 18 };

DB_STATEMENT(JOB_FIND_MANY, .name = "job.find_many", .row = &JOB_VIEW,
             .sql = "SELECT " COLUMNS " FROM job WHERE id IN (" EIGHT ", " EIGHT ", " EIGHT ", " EIGHT ", " EIGHT
                    ", " EIGHT ", " EIGHT ", " EIGHT ")");
DB_STATEMENT(JOB_PAGE, .name = "job.page", .row = &JOB_VIEW,
             .scan_reason = "any condition may be absent; read by people, not by programs",
             .sql = "SELECT " COLUMNS " FROM job WHERE " CONDITIONS " ORDER BY id DESC LIMIT ? OFFSET ?");
DB_STATEMENT(JOB_PAGE_ACCOUNT, .name = "job.page_account", .row = &JOB_VIEW,
             .sql = "SELECT " COLUMNS
                    " FROM job WHERE account_id = ? AND is_plan = 0 ORDER BY id DESC LIMIT ? OFFSET ?");
DB_STATEMENT(JOB_PAGE_COUNT, .name = "job.page_count", .row = &DB_NUMBER,
             .scan_reason = "any condition may be absent; read by people, not by programs",
             .sql = "SELECT COUNT(*) AS value FROM job WHERE " CONDITIONS);

DB_STATEMENT(JOB_FIND_NEWEST, .name = "job.find_newest", .row = &JOB_VIEW,
             .scan_reason = "an object has few jobs, and its index finds them",
             .sql = "SELECT " COLUMNS
                    " FROM job WHERE object_kind = ? AND object_id = ? AND is_plan = 0 ORDER BY id DESC LIMIT 1");

bool job_find_newest(struct db *db, struct arena *arena, const char *object_kind, int64_t object_id,
                     struct job_view **ret_job, struct error *err)
{
    struct job_view *job = ARENA_NEW(arena, struct job_view);
    bool found = false;
    if (!db_query_one(db, &JOB_FIND_NEWEST, arena, job, &found, err, db_text(object_kind), db_int(object_id)))
        return false;
    *ret_job = found ? job : NULL;
    return true;
}

bool job_find_many(struct db *db, struct arena *arena, const int64_t *ids, size_t count, struct db_rows *ret_jobs,
                   struct error *err)
{
    struct db_value values[FIND_MAX];
    if (count > FIND_MAX)
        return error_set(err, ERROR_INTERNAL, "job.internal");
    for (size_t i = 0; i < FIND_MAX; i++)
        values[i] = db_int(i < count ? ids[i] : -1);
    return db_query_values(db, &JOB_FIND_MANY, arena, FIND_MAX, ret_jobs, values, FIND_MAX, err);
}

/* The values of CONDITIONS; returns how many. */
static size_t condition_values(const struct job_filter *filter, struct db_value values[static CONDITION_VALUES])
{
    const struct db_value all[] = {
        db_ref(filter->account_id),           db_ref(filter->project_account_id),
        db_text(filter->project_account_ids), filter->projects_only ? db_bool(true) : db_null(),
        db_text(filter->domain_ids),          db_text(filter->object_kind),
        db_text(filter->object_uuid),         db_text(filter->keyword_like),
        db_opt_time(filter->created_from)};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        values[2 * i] = values[2 * i + 1] = all[i];
    return 2 * COUNT_OF(all);
}

static bool is_account_only(const struct job_filter *filter)
{
    return filter->account_id && !filter->project_account_id && !filter->project_account_ids &&
           !filter->projects_only && !filter->domain_ids && !filter->object_kind && !filter->object_uuid &&
           !filter->keyword_like && !filter->created_from.set;
}

bool job_page(struct db *db, struct arena *arena, const struct job_filter *filter, int64_t offset, int64_t limit,
              struct db_rows *ret_jobs, int64_t *ret_total, struct error *err)
{
    struct db_value values[CONDITION_VALUES + 2];
    struct db_number total = {0};
    bool found = false;
    size_t count = condition_values(filter, values);
    if (!db_query_one_values(db, &JOB_PAGE_COUNT, arena, &total, &found, values, count, err))
        return false;
    *ret_total = total.value;
    if (is_account_only(filter))
        return db_query(db, &JOB_PAGE_ACCOUNT, arena, (size_t)limit, ret_jobs, err, db_int(filter->account_id),
                        db_int(limit), db_int(offset));
    values[count++] = db_int(limit);
    values[count++] = db_int(offset);
    return db_query_values(db, &JOB_PAGE, arena, (size_t)limit, ret_jobs, values, count, err);
}
