/* The SQL of audit records. */
#include "cloud/audit/audit_store.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/bucket/bucket.h"

#define COLUMNS(X)                                                                                                     \
    X(id)                                                                                                              \
    X(user_id)                                                                                                         \
    X(caller_account_id) X(account_id) X(domain_id) X(uuid) X(command) X(result) X(error_text) X(api_key)              \
        X(remote_address) X(request_id) X(job_uuid) X(object_type) X(object_uuid) X(object_name) X(params)             \
            X(before_data) X(after_data) X(error_code) X(session_id) X(created)
#define AS_FIELD(c) COLUMN(struct audit_row, c),
#define AS_NAME(c) #c ", "
FIELD_TABLE(AUDIT_ROW, struct audit_row, COLUMNS(AS_FIELD) COLUMN(struct audit_row, ended));
#define SELECT "SELECT " COLUMNS(AS_NAME) "ended FROM audit_record "

DB_STATEMENT(AUDIT_ADD, .name = "audit.add",
             .sql = "INSERT INTO audit_record (uuid, command, result, error_code, error_text, user_id, "
                    "caller_account_id, caller_domain_id, account_id, domain_id, api_key, session_id, remote_address, "
                    "request_id, object_type, object_uuid, object_name, params, before_data, after_data, created, "
                    "ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
DB_STATEMENT(AUDIT_COMPLETE, .name = "audit.complete",
             .sql = "UPDATE audit_record SET result = ?, error_code = ?, error_text = ?, object_type = ?, "
                    "object_uuid = ?, object_name = ?, before_data = ?, after_data = ?, job_uuid = ?, ended = ? "
                    "WHERE id = ? AND result = 'begun'");
DB_STATEMENT(AUDIT_FIND_BEGUN, .name = "audit.find_begun", .row = &AUDIT_ROW,
             .sql = SELECT "WHERE request_id = ? AND command = ? AND result = 'begun' LIMIT 1");
DB_STATEMENT(AUDIT_FIND, .name = "audit.find", .row = &AUDIT_ROW, .sql = SELECT "WHERE uuid = ?");
DB_STATEMENT(AUDIT_REMOVE, .name = "audit.remove",
             .sql = "DELETE FROM audit_record WHERE created < ? ORDER BY created LIMIT ?");

/* The narrowest condition with an index leads; what may be absent follows. */
#define REST                                                                                                           \
    SCOPE_MATCH("account_id", "audit_record.domain_id")                                                                \
    " AND (? IS NULL OR user_id = ?) AND (? IS NULL OR uuid = ?) AND (? IS NULL OR command = ?) AND (? IS NULL OR "    \
    "result = ?) AND (? IS NULL OR object_type = ?) AND (? IS NULL OR api_key = ?) AND (? IS NULL OR remote_address "  \
    "= ?) AND (? IS NULL OR created >= ?) AND (? IS NULL OR created <= ?) AND (? IS NULL OR command LIKE ? OR "        \
    "object_name LIKE ?)"
#define PAGE(lead) SELECT "WHERE " lead REST " ORDER BY id DESC LIMIT ? OFFSET ?"
#define COUNT(lead) "SELECT COUNT(*) AS value FROM (SELECT 1 FROM audit_record WHERE " lead REST " LIMIT 10000) AS some"
#define SCAN .scan_reason = "any condition may be absent, newest first; counts end at a ceiling"
#define BY_ACCOUNT "account_id = ? AND (? IS NULL OR object_uuid = ?) AND (? IS NULL OR request_id = ?) AND "
#define BY_OBJECT "object_uuid = ? AND (? IS NULL OR request_id = ?) AND "
#define BY_REQUEST "request_id = ? AND "
DB_STATEMENT(AUDIT_PAGE, .name = "audit.page", .row = &AUDIT_ROW, .sql = PAGE(""), SCAN);
DB_STATEMENT(AUDIT_COUNT, .name = "audit.count", .row = &DB_NUMBER, .sql = COUNT(""), SCAN);
DB_STATEMENT(AUDIT_PAGE_ACCOUNT, .name = "audit.page_account", .row = &AUDIT_ROW, .sql = PAGE(BY_ACCOUNT), SCAN);
DB_STATEMENT(AUDIT_COUNT_ACCOUNT, .name = "audit.count_account", .row = &DB_NUMBER, .sql = COUNT(BY_ACCOUNT), SCAN);
DB_STATEMENT(AUDIT_PAGE_OBJECT, .name = "audit.page_object", .row = &AUDIT_ROW, .sql = PAGE(BY_OBJECT), SCAN);
DB_STATEMENT(AUDIT_COUNT_OBJECT, .name = "audit.count_object", .row = &DB_NUMBER, .sql = COUNT(BY_OBJECT), SCAN);
DB_STATEMENT(AUDIT_PAGE_REQUEST, .name = "audit.page_request", .row = &AUDIT_ROW, .sql = PAGE(BY_REQUEST), SCAN);
DB_STATEMENT(AUDIT_COUNT_REQUEST, .name = "audit.count_request", .row = &DB_NUMBER, .sql = COUNT(BY_REQUEST), SCAN);

bool audit_add(struct db *db, struct audit_record *record, int64_t domain_id, struct error *err)
{
    const struct caller *caller = record->caller;
    char uuid[UUID_BYTES], key[AUDIT_KEY_BYTES];
    bool is_begun = string_equal(record->result, "begun");
    int64_t now = clock_now_ms();
    uuid_random(uuid);
    string_copy(key, sizeof(key), caller->api_key ? caller->api_key : "");
    if (!db_execute(db, &AUDIT_ADD, err, db_text(uuid), db_text(record->command), db_text(record->result),
                    db_opt_int(record->failure_code), db_text(record->failure_text), db_int(caller->user_id),
                    db_int(caller->account_id), db_int(caller->domain_id), db_int(record->owner_account_id),
                    db_int(domain_id), db_text(caller->api_key ? key : NULL), db_ref(caller->session_id),
                    db_text(caller->remote_address), db_text(caller->request_id), db_text(record->object_type),
                    db_text(record->object_uuid), db_text(record->object_name), db_text(record->params_json),
                    db_text(record->before_json), db_text(record->after_json), db_time(now),
                    is_begun ? db_null() : db_time(now)))
        return false;
    record->id = db_inserted_id(db);
    return true;
}

bool audit_complete(struct db *db, const struct audit_record *record, const char *job_uuid, struct error *err)
{
    return db_execute(db, &AUDIT_COMPLETE, err, db_text(record->result), db_opt_int(record->failure_code),
                      db_text(record->failure_text), db_text(record->object_type), db_text(record->object_uuid),
                      db_text(record->object_name), db_text(record->before_json), db_text(record->after_json),
                      db_text(job_uuid), db_time(clock_now_ms()), db_int(record->id));
}

bool audit_find_begun(struct db *db, struct arena *arena, const char *request_id, const char *command,
                      struct audit_row *ret_row, bool *ret_found, struct error *err)
{
    return db_query_one(db, &AUDIT_FIND_BEGUN, arena, ret_row, ret_found, err, db_text(request_id), db_text(command));
}

bool audit_find(struct db *db, struct arena *arena, const char *uuid, struct audit_row *ret_row, bool *ret_found,
                struct error *err)
{
    return db_query_one(db, &AUDIT_FIND, arena, ret_row, ret_found, err, db_text(uuid));
}

/* ---- lists ---- */

/* The trail is whole: who lists everything sees what was done in projects, too. */
static void put_scope(struct db_binder *b, const struct audit_filter *f)
{
    struct db_value *scope = b->values + b->count;
    scope_bind(b, f->scope);
    if (!f->scope->projects_only)
        scope[SCOPE_OF_PROJECTS] = scope[SCOPE_OF_PROJECTS + 1] = db_null();
}

/* The values of the leading condition, and which statements have it. */
static void lead(const struct audit_filter *f, struct db_binder *b, const struct db_statement **ret_page,
                 const struct db_statement **ret_count)
{
    if (f->scope->form == SCOPE_ACCOUNT_ONLY && !f->scope->account_ids) {
        db_put(b, db_int(f->scope->account_id), 1);
        db_put(b, db_text(f->object_uuid), 2);
        db_put(b, db_text(f->request_id), 2);
        *ret_page = &AUDIT_PAGE_ACCOUNT, *ret_count = &AUDIT_COUNT_ACCOUNT;
    } else if (f->object_uuid) {
        db_put(b, db_text(f->object_uuid), 1);
        db_put(b, db_text(f->request_id), 2);
        *ret_page = &AUDIT_PAGE_OBJECT, *ret_count = &AUDIT_COUNT_OBJECT;
    } else if (f->request_id) {
        db_put(b, db_text(f->request_id), 1);
        *ret_page = &AUDIT_PAGE_REQUEST, *ret_count = &AUDIT_COUNT_REQUEST;
    } else {
        *ret_page = &AUDIT_PAGE, *ret_count = &AUDIT_COUNT;
    }
}

bool audit_page(struct db *db, struct arena *arena, const struct audit_filter *f, int64_t offset, int64_t limit,
                struct db_rows *ret_rows, int64_t *ret_total, struct error *err)
{
    const struct db_value rest[] = {db_ref(f->user_id),         db_text(f->uuid),        db_text(f->command),
                                    db_text(f->result),         db_text(f->object_type), db_text(f->api_key),
                                    db_text(f->remote_address), db_opt_time(f->from),    db_opt_time(f->until)};
    const struct db_statement *page, *count;
    struct db_binder b = {.count = 0};
    lead(f, &b, &page, &count);
    put_scope(&b, f);
    for (size_t i = 0; i < COUNT_OF(rest); i++)
        db_put(&b, rest[i], 2);
    db_put(&b, db_text(f->keyword_like), 3);
    return db_query_page(db, count, page, arena, &b, limit, offset, ret_rows, ret_total, err);
}

bool audit_remove_before(struct db *db, int64_t before_ms, size_t limit, uint64_t *ret_removed, struct error *err)
{
    if (!db_execute(db, &AUDIT_REMOVE, err, db_time(before_ms), db_int((int64_t)limit)))
        return false;
    *ret_removed = db_affected_rows(db);
    return true;
}
