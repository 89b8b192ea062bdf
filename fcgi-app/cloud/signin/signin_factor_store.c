/* SQL of second factors. */
#include "base/clock.h"
#include "cloud/signin/signin_factor.h"
#include "db/sealed.h"

FIELD_TABLE(FACTOR_ROW, struct factor_row, COLUMN(struct factor_row, user_id), COLUMN(struct factor_row, uuid),
            COLUMN(struct factor_row, secret_sealed), COLUMN(struct factor_row, pending_sealed),
            COLUMN(struct factor_row, last_counter), COLUMN(struct factor_row, failures),
            COLUMN(struct factor_row, locked_until));

DB_STATEMENT(FACTOR_FIND, .name = "factor.find", .row = &FACTOR_ROW,
             .sql = "SELECT user_id, uuid, secret_sealed, pending_sealed, last_counter, failures, locked_until FROM "
                    "user_factor WHERE user_id = ?");
DB_STATEMENT(FACTOR_PENDING, .name = "factor.set_pending",
             .sql = "INSERT INTO user_factor (user_id, uuid, pending_sealed, created) VALUES (?, ?, ?, ?) "
                    "ON DUPLICATE KEY UPDATE pending_sealed = VALUES(pending_sealed)");
DB_STATEMENT(FACTOR_REMOVE, .name = "factor.remove", .sql = "DELETE FROM user_factor WHERE user_id = ?");
DB_STATEMENT(FACTOR_USE, .name = "factor.use",
             .sql = "UPDATE user_factor SET last_counter = ?, failures = 0, locked_until = NULL WHERE user_id = ? AND "
                    "last_counter < ?");
DB_STATEMENT(FACTOR_CONFIRM, .name = "factor.confirm",
             .sql =
                 "UPDATE user_factor SET secret_sealed = pending_sealed, pending_sealed = NULL WHERE user_id = ? AND "
                 "pending_sealed IS NOT NULL");
DB_STATEMENT(FACTOR_FAILURE, .name = "factor.failure",
             .sql = "UPDATE user_factor SET locked_until = IF(failures + 1 >= ?, ?, locked_until), "
                    "failures = IF(failures + 1 >= ?, 0, failures + 1) WHERE user_id = ?");
/* Both are bound to the user, so that a secret may move from one column to the other. */
SEALED_COLUMN(FACTOR_SECRET, "user_factor", "secret_sealed", "TRUE", "CONCAT('user_factor.secret:', uuid)", "user_id",
              "''", "''");
SEALED_COLUMN(FACTOR_PENDING_SECRET, "user_factor", "pending_sealed", "TRUE", "CONCAT('user_factor.secret:', uuid)",
              "user_id", "''", "''");

bool factor_find(struct db *db, struct arena *arena, int64_t user_id, struct factor_row *ret_row, bool *ret_found,
                 struct error *err)
{
    return db_query_one(db, &FACTOR_FIND, arena, ret_row, ret_found, err, db_int(user_id));
}

bool factor_set_pending(struct db *db, int64_t user_id, const char *uuid, const char *sealed, struct error *err)
{
    return db_execute(db, &FACTOR_PENDING, err, db_int(user_id), db_text(uuid), db_text(sealed),
                      db_time(clock_now_ms()));
}

bool factor_remove(struct db *db, int64_t user_id, struct error *err)
{
    return db_execute(db, &FACTOR_REMOVE, err, db_int(user_id));
}

bool factor_use(struct db *db, int64_t user_id, int64_t counter, bool confirms, bool *ret_first, struct error *err)
{
    if (!db_execute(db, &FACTOR_USE, err, db_int(counter), db_int(user_id), db_int(counter)))
        return false;
    *ret_first = db_affected_rows(db) == 1;
    return !*ret_first || !confirms || db_execute(db, &FACTOR_CONFIRM, err, db_int(user_id));
}

bool factor_note_failure(struct db *db, int64_t user_id, int64_t most, int64_t locked_until_ms, struct error *err)
{
    return db_execute(db, &FACTOR_FAILURE, err, db_int(most), db_time(locked_until_ms), db_int(most), db_int(user_id));
}
