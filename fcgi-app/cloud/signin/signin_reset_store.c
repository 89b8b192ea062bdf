/* SQL of forgotten passwords. */
#include "base/clock.h"
#include "cloud/signin/signin_reset.h"

DB_STATEMENT(RESET_ADD, .name = "reset.add",
             .sql = "INSERT INTO password_reset (remote_address, created) VALUES (?, ?)");
DB_STATEMENT(RESET_OF_ADDRESS, .name = "reset.count_of_address", .row = &DB_NUMBER,
             .sql = "SELECT COUNT(*) AS value FROM password_reset WHERE remote_address = ? AND created >= ?");
DB_STATEMENT(RESET_OF_USER, .name = "reset.count_of_user", .row = &DB_NUMBER,
             .sql = "SELECT COUNT(*) AS value FROM password_reset WHERE user_id = ? AND created >= ?");
DB_STATEMENT(RESET_TOKEN, .name = "reset.set_token",
             .sql = "UPDATE password_reset SET user_id = ?, token_hash = ?, expires = ? WHERE id = ?");
DB_STATEMENT(RESET_FIND, .name = "reset.find_user", .row = &DB_NUMBER,
             .sql = "SELECT COALESCE(user_id, 0) AS value FROM password_reset WHERE token_hash = ? AND expires >= ?");
DB_STATEMENT(
    RESET_TAKE, .name = "reset.take",
    .sql = "UPDATE password_reset SET token_hash = NULL WHERE token_hash = ? AND user_id = ? AND expires >= ?");
DB_STATEMENT(RESET_TAKE_OTHERS, .name = "reset.take_others",
             .sql = "UPDATE password_reset SET token_hash = NULL WHERE user_id = ?");
DB_STATEMENT(RESET_REMOVE_OLD, .name = "reset.remove_old",
             .sql = "DELETE FROM password_reset WHERE created < ? LIMIT 1000");

bool reset_add(struct db *db, const char *remote_address, int64_t *ret_id, struct error *err)
{
    if (!db_execute(db, &RESET_ADD, err, db_text(remote_address), db_time(clock_now_ms())))
        return false;
    *ret_id = db_inserted_id(db);
    return true;
}

static bool count(struct db *db, const struct db_statement *statement, struct db_value of, int64_t since_ms,
                  int64_t *ret_count, struct error *err)
{
    struct db_number number = {0};
    bool found = false;
    if (!db_query_one(db, statement, NULL, &number, &found, err, of, db_time(since_ms)))
        return false;
    *ret_count = found ? number.value : 0;
    return true;
}

bool reset_count_of_address(struct db *db, const char *remote_address, int64_t since_ms, int64_t *ret_count,
                            struct error *err)
{
    return count(db, &RESET_OF_ADDRESS, db_text(remote_address), since_ms, ret_count, err);
}

bool reset_count_of_user(struct db *db, int64_t user_id, int64_t since_ms, int64_t *ret_count, struct error *err)
{
    return count(db, &RESET_OF_USER, db_int(user_id), since_ms, ret_count, err);
}

bool reset_set_token(struct db *db, int64_t id, int64_t user_id, const char *token_hash, int64_t expires_ms,
                     struct error *err)
{
    return db_execute(db, &RESET_TOKEN, err, db_int(user_id), db_text(token_hash), db_time(expires_ms), db_int(id));
}

bool reset_find_user(struct db *db, const char *token_hash, int64_t *ret_user_id, struct error *err)
{
    return count(db, &RESET_FIND, db_text(token_hash), clock_now_ms(), ret_user_id, err);
}

bool reset_take(struct db *db, const char *token_hash, int64_t user_id, bool *ret_taken, struct error *err)
{
    if (!db_execute(db, &RESET_TAKE, err, db_text(token_hash), db_int(user_id), db_time(clock_now_ms())))
        return false;
    *ret_taken = db_affected_rows(db) == 1;
    return db_execute(db, &RESET_TAKE_OTHERS, err, db_int(user_id));
}

bool reset_remove_old(struct db *db, int64_t before_ms, struct error *err)
{
    return db_execute(db, &RESET_REMOVE_OLD, err, db_time(before_ms));
}
