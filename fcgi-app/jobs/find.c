/* Jobs by several ids, and pages of jobs under conditions: what waiting requests and listAsyncJobs ask. */
#include "jobs/jobs.h"

#define COLUMNS                                                                                                        \
    "id, account_id, project_account_id, domain_id, user_id, object_id, uuid, kind, command, object_kind, "            \
    "object_uuid, result_kind, state, step, note_key, percent, created, ended, error_kind, error_key, error_args, "    \
    "plan_json, is_plan, "                                                                                             \
    "cancel_requested, error_detail, attempt, step_begun, undoing"
#define CONDITIONS                                                                                                     \
    "is_plan = 0 AND account_id <> 0 AND (? IS NULL OR account_id = ?) AND "                                           \
    "(? IS NULL OR project_account_id = ?) AND (? IS NULL OR FIND_IN_SET(project_account_id, ?) > 0) AND "             \
    "(? IS NULL OR (project_account_id <> 0) = ?) AND "                                                                \
    "(? IS NULL OR domain_id = ?) AND (? IS NULL OR EXISTS (SELECT 1 FROM domain_ancestor t WHERE "                    \
    "t.domain_id = job.domain_id AND t.ancestor_id = ?)) AND "                                                         \
    "(? IS NULL OR object_kind = ?) AND (? IS NULL OR object_uuid = ?) AND (? IS NULL OR command LIKE ?) AND "         \
    "(? IS NULL OR created >= ?)"

enum { FIND_MAX = 64 };

DB_STATEMENT(JOB_FIND_MANY, .name = "job.find_many", .row = &JOB_VIEW,
             .sql = "SELECT " COLUMNS " FROM job WHERE id IN (" DB_MARKS_64 ")");
DB_STATEMENT(JOB_PAGE, .name = "job.page", .row = &JOB_VIEW,
             .scan_reason = "any condition may be absent; read by people, not by programs",
             .sql = "SELECT " COLUMNS " FROM job WHERE " CONDITIONS " ORDER BY id DESC LIMIT ? OFFSET ?");
DB_STATEMENT(JOB_PAGE_ACCOUNT, .name = "job.page_account", .row = &JOB_VIEW,
             .sql = "SELECT " COLUMNS
                    " FROM job WHERE account_id = ? AND is_plan = 0 ORDER BY id DESC LIMIT ? OFFSET ?");
DB_STATEMENT(JOB_COUNT_ACCOUNT, .name = "job.count_account", .row = &DB_NUMBER,
             .sql = "SELECT COUNT(*) AS value FROM job WHERE account_id = ? AND is_plan = 0");
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
    if (count > FIND_MAX)
        return error_set(err, ERROR_INTERNAL, "job.internal");
    return db_query_ids(db, &JOB_FIND_MANY, arena, FIND_MAX, FIND_MAX, ids, count, ret_jobs, err);
}

/* The values of CONDITIONS. */
static void put_conditions(struct db_binder *b, const struct job_filter *filter)
{
    const struct db_value all[] = {db_ref(filter->account_id),
                                   db_ref(filter->project_account_id),
                                   db_text(filter->project_account_ids),
                                   filter->projects_only ? db_bool(true) : db_null(),
                                   db_ref(filter->domain_id),
                                   db_ref(filter->below_id),
                                   db_text(filter->object_kind),
                                   db_text(filter->object_uuid),
                                   db_text(filter->keyword_like),
                                   db_opt_time(filter->created_from)};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        db_put(b, all[i], 2);
}

static bool is_account_only(const struct job_filter *filter)
{
    return filter->account_id && !filter->project_account_id && !filter->project_account_ids &&
           !filter->projects_only && !filter->domain_id && !filter->below_id && !filter->object_kind &&
           !filter->object_uuid && !filter->keyword_like && !filter->created_from.set;
}

bool job_page(struct db *db, struct arena *arena, const struct job_filter *filter, int64_t offset, int64_t limit,
              struct db_rows *ret_jobs, int64_t *ret_total, struct error *err)
{
    struct db_binder b = {.count = 0};
    if (is_account_only(filter)) {
        db_put(&b, db_int(filter->account_id), 1);
        return db_query_page(db, &JOB_COUNT_ACCOUNT, &JOB_PAGE_ACCOUNT, arena, &b, limit, offset, ret_jobs, ret_total,
                             err);
    }
    put_conditions(&b, filter);
    return db_query_page(db, &JOB_PAGE_COUNT, &JOB_PAGE, arena, &b, limit, offset, ret_jobs, ret_total, err);
}
