/* SQL of repeated calls. */
#include "cloud/repeat/repeat_store.h"

#include "base/clock.h"
#include "db/sealed.h"

FIELD_TABLE(REPEAT_ROW, struct repeat_row, COLUMN(struct repeat_row, job_id), COLUMN(struct repeat_row, job_uuid),
            COLUMN(struct repeat_row, sealed_answer));

DB_STATEMENT(
    REPEAT_INSERT, .name = "repeat.insert",
    .sql = "INSERT IGNORE INTO repeated_call (user_id, key_hash, sealed_answer, created) VALUES (?, ?, '', ?)");
DB_STATEMENT(REPEAT_FIND, .name = "repeat.find", .row = &REPEAT_ROW,
             .sql =
                 "SELECT COALESCE(job_id, 0) AS job_id, job_uuid, sealed_answer FROM repeated_call WHERE user_id = ? "
                 "AND key_hash = ? AND created >= ?");
DB_STATEMENT(
    REPEAT_FILL, .name = "repeat.fill",
    .sql = "UPDATE repeated_call SET job_id = ?, job_uuid = ?, sealed_answer = ? WHERE user_id = ? AND key_hash = ?");
DB_STATEMENT(REPEAT_FORGET_ONE, .name = "repeat.forget_one",
             .sql = "DELETE FROM repeated_call WHERE user_id = ? AND key_hash = ? AND created < ?");
DB_STATEMENT(REPEAT_FORGET, .name = "repeat.forget",
             .sql = "DELETE FROM repeated_call WHERE created < ? ORDER BY created LIMIT 1000");

SEALED_COLUMN(REPEAT_ANSWER, "repeated_call", "sealed_answer", "sealed_answer <> ''",
              "CONCAT('repeated_call.answer:', user_id, ':', key_hash)", "user_id", "key_hash", "''");

bool repeat_insert(struct db *db, int64_t user_id, const char *key_hash, bool *ret_is_new, struct error *err)
{
    if (!db_execute(db, &REPEAT_INSERT, err, db_int(user_id), db_text(key_hash), db_time(clock_now_ms())))
        return false;
    *ret_is_new = db_affected_rows(db) == 1;
    return true;
}

bool repeat_find(struct db *db, struct arena *arena, int64_t user_id, const char *key_hash, int64_t before_ms,
                 struct repeat_row *ret_row, bool *ret_found, struct error *err)
{
    return db_query_one(db, &REPEAT_FIND, arena, ret_row, ret_found, err, db_int(user_id), db_text(key_hash),
                        db_time(before_ms));
}

bool repeat_fill(struct db *db, int64_t user_id, const char *key_hash, const struct repeat_row *row, struct error *err)
{
    return db_execute(db, &REPEAT_FILL, err, db_ref(row->job_id), db_text(row->job_uuid), db_text(row->sealed_answer),
                      db_int(user_id), db_text(key_hash));
}

bool repeat_forget_one(struct db *db, int64_t user_id, const char *key_hash, int64_t before_ms, struct error *err)
{
    return db_execute(db, &REPEAT_FORGET_ONE, err, db_int(user_id), db_text(key_hash), db_time(before_ms));
}

bool repeat_forget(struct db *db, int64_t before_ms, uint64_t *ret_count, struct error *err)
{
    if (!db_execute(db, &REPEAT_FORGET, err, db_time(before_ms)))
        return false;
    *ret_count = db_affected_rows(db);
    return true;
}
