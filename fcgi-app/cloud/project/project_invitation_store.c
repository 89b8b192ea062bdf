/* SQL of invitations into projects. */
#include "base/clock.h"
#include "cloud/bucket/bucket.h"
#include "cloud/cache/columns.h"
#include "cloud/project/project_store.h"

#define COLUMNS(X)                                                                                                     \
    X(uuid)                                                                                                            \
    X(project_id) X(account_id) X(user_id) X(project_role_id) X(email) X(token_hash) X(state) X(is_admin) X(created)
#define AS_FIELD(c) , COLUMN(struct project_invitation, c)
#define OF_I(c) ", i." #c
FIELD_TABLE(PROJECT_INVITATION_ROW, struct project_invitation, COLUMN(struct project_invitation, id) COLUMNS(AS_FIELD));

#define INVITATION_SCOPE SCOPE_MATCH("i.account_id", "p.domain_id")
#define MATCH                                                                                                          \
    " FROM project_invitation i JOIN project p ON p.id = i.project_id WHERE " INVITATION_SCOPE                         \
    " AND (? IS NULL OR i.uuid = ?) AND (? IS NULL OR i.project_id = ?) AND (? IS NULL OR i.account_id = ?)"           \
    " AND (? IS NULL OR i.user_id = ?) AND (? IS NULL OR i.token_hash = ?) AND (? IS NULL OR i.state = ?) AND (? IS "  \
    "NULL OR i.email = ?)"                                                                                             \
    " AND (? IS NULL OR p.name LIKE ?) AND (? IS NULL OR i.created > ?)"                                               \
    " AND (? IS NULL OR i.created <= ?)"
enum { HOUR_MS = 3600000 };

DB_STATEMENT(INVITATION_ADD, .name = "project.invitation_add", .sql = SQL_INSERT("project_invitation", COLUMNS));
DB_STATEMENT(INVITATION_STATE, .name = "project.invitation_state",
             .sql = "UPDATE project_invitation SET state = ?, token_hash = NULL WHERE id = ? AND state = ?");
DB_STATEMENT(INVITATION_REMOVE, .name = "project.invitation_remove",
             .sql = "DELETE FROM project_invitation WHERE id = ? AND (account_id <> 0 OR created < ?)");
DB_STATEMENT(INVITATION_MAILS, .name = "project.invitation_mails", .row = &DB_NUMBER,
             .sql = "SELECT COUNT(*) AS value FROM project_invitation WHERE project_id = ? AND account_id = 0 AND "
                    "created >= ?");
DB_STATEMENT(INVITATION_FIND, .name = "project.invitation_find", .row = &PROJECT_INVITATION_ROW,
             .sql = SQL_SELECT("project_invitation", COLUMNS) " WHERE uuid = ?");
DB_STATEMENT(INVITATION_COUNT, .name = "project.invitation_count", .row = &DB_NUMBER,
             .sql = "SELECT COUNT(*) AS value" MATCH, .scan_reason = "any condition may be absent");
DB_STATEMENT(INVITATION_PAGE, .name = "project.invitation_page", .row = &PROJECT_INVITATION_ROW,
             .sql = "SELECT i.id" COLUMNS(OF_I) MATCH " ORDER BY i.id DESC LIMIT ? OFFSET ?",
             .scan_reason = "any condition may be absent");

bool project_invitation_add(struct db *db, struct project_invitation *row, struct error *err)
{
    if (!row_write(db, &INVITATION_ADD, &PROJECT_INVITATION_ROW, row, 0, err))
        return false;
    row->id = db_inserted_id(db);
    return true;
}

bool project_invitation_set_state(struct db *db, int64_t id, const char *from, const char *to, bool *ret_changed,
                                  struct error *err)
{
    if (!db_execute(db, &INVITATION_STATE, err, db_text(to), db_int(id), db_text(from)))
        return false;
    *ret_changed = db_affected_rows(db) == 1;
    return true;
}

bool project_invitation_remove(struct db *db, int64_t id, struct error *err)
{
    bool changed = false;
    return project_invitation_set_state(db, id, "Pending", "Declined", &changed, err) &&
           db_execute(db, &INVITATION_REMOVE, err, db_int(id), db_time(clock_now_ms() - HOUR_MS));
}

bool project_invitation_count_mails(struct db *db, int64_t project_id, int64_t *ret_count, struct error *err)
{
    struct db_number row = {0};
    bool found = false;
    if (!db_query_one(db, &INVITATION_MAILS, NULL, &row, &found, err, db_int(project_id),
                      db_time(clock_now_ms() - HOUR_MS)))
        return false;
    *ret_count = row.value;
    return true;
}

bool project_invitation_find(struct db *db, struct arena *arena, const char *uuid, struct project_invitation *ret_row,
                             bool *ret_found, struct error *err)
{
    return db_query_one(db, &INVITATION_FIND, arena, ret_row, ret_found, err, db_text(uuid));
}

static void bind(struct db_binder *b, const struct project_invitation_filter *f)
{
    const struct db_value conditions[] = {db_text(f->uuid),
                                          db_ref(f->project_id),
                                          db_ref(f->account_id),
                                          db_ref(f->user_id),
                                          db_text(f->token_hash),
                                          db_text(f->state),
                                          db_text(f->email),
                                          db_text(f->keyword_like),
                                          db_opt_time(f->created_after),
                                          db_opt_time(f->created_until)};
    scope_bind(b, f->scope);
    for (size_t i = 0; i < COUNT_OF(conditions); i++)
        db_put(b, conditions[i], 2);
}

bool project_invitation_page(struct db *db, struct arena *arena, const struct project_invitation_filter *filter,
                             int64_t offset, int64_t limit, struct db_rows *ret_rows, int64_t *ret_total,
                             struct error *err)
{
    struct db_binder b = {.count = 0};
    bind(&b, filter);
    return db_query_page(db, &INVITATION_COUNT, &INVITATION_PAGE, arena, &b, limit, offset, ret_rows, ret_total, err);
}
