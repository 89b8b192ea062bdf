/* Guesses that no user's row could count: of names that are no user yet, and of codes from identity providers. They are
 * noted before they are judged, and forgotten when they were right. What is not here: wrong passwords of users
 * (cloud/identity). */
#include "base/clock.h"
#include "base/setting.h"
#include "cloud/signin/signin.h"
#include "db/db.h"

SETTING(GUESSES_OF_ADDRESS, .name = "login.failures.per.address", .category = "Advanced", .default_value = "100",
        .type = SETTING_INT, .min = 1, .max = 100000, .scopes = SCOPE_GLOBAL,
        .help = "Sign-ins by directories and identity providers that may fail from one address within "
                "login.lock.minutes, before users are known");
extern const struct setting LOGIN_LOCK_MINUTES;

DB_STATEMENT(GUESS_ADD, .name = "guess.add", .sql = "INSERT INTO sign_in_guess (guesser, created) VALUES (?, ?)");
DB_STATEMENT(GUESS_COUNT, .name = "guess.count", .row = &DB_NUMBER,
             .sql = "SELECT COUNT(*) AS value FROM sign_in_guess WHERE guesser = ? AND created >= ?");
DB_STATEMENT(GUESS_REMOVE, .name = "guess.remove", .sql = "DELETE FROM sign_in_guess WHERE id = ?");
DB_STATEMENT(GUESS_REMOVE_OLD, .name = "guess.remove_old",
             .sql = "DELETE FROM sign_in_guess WHERE created < ? LIMIT 1000");

struct signin_guess signin_guess_from(struct arena *arena, const char *remote_address)
{
    return (struct signin_guess){.guesser = arena_printf(arena, "address:%s", remote_address ? remote_address : ""),
                                 .most = setting_int(&GUESSES_OF_ADDRESS)};
}

bool signin_note_guess(struct db *db, struct signin_guess *guess, bool *ret_may, struct error *err)
{
    char hash[65];
    struct db_number wrong = {0};
    bool found = false;
    int64_t now = clock_now_ms(), since = now - setting_int(&LOGIN_LOCK_MINUTES) * 60000;
    *ret_may = guess->most == 0;
    if (*ret_may)
        return true;
    if (db_in_transaction(db))
        return error_set(err, ERROR_INVALID_VALUE, "identity.password_rehearsed");
    token_hash(guess->guesser, hash);
    if (!db_execute(db, &GUESS_REMOVE_OLD, err, db_time(since)) ||
        !db_query_one(db, &GUESS_COUNT, NULL, &wrong, &found, err, db_text(hash), db_time(since)))
        return false;
    if (wrong.value >= guess->most)
        return true;
    if (!db_execute(db, &GUESS_ADD, err, db_text(hash), db_time(now)))
        return false;
    guess->id = db_inserted_id(db);
    *ret_may = true;
    return true;
}

bool signin_forget_guess(struct db *db, const struct signin_guess *guess, struct error *err)
{
    return guess->id == 0 || db_execute(db, &GUESS_REMOVE, err, db_int(guess->id));
}
