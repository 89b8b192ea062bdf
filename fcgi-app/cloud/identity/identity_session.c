/* Signing in and out. The token is random, goes to the browser once, and is stored only as a hash. */
#include <pthread.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/setting.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/event/event.h"
#include "cloud/identity/identity_service.h"

SETTING(LOGIN_FAILURES_MAX, .name = "incorrect.login.attempts.allowed", .category = "Advanced", .default_value = "5",
        .type = SETTING_INT, .min = 0, .max = 1000, .scopes = SCOPE_GLOBAL,
        .help = "Wrong passwords in a row after which a user is locked for a while; 0: never");
SETTING(LOGIN_LOCK_MINUTES, .name = "login.lock.minutes", .category = "Advanced", .default_value = "15",
        .type = SETTING_INT, .min = 1, .max = 10080, .scopes = SCOPE_GLOBAL,
        .help = "Minutes that a user is locked after too many wrong passwords");
extern const struct setting SESSION_TIMEOUT_MINUTES;

enum { TOKEN_BYTES = 32, PASSWORD_MAX = 256 };

static char dummy_hash[PASSWORD_HASH_BYTES];
static pthread_once_t dummy_once = PTHREAD_ONCE_INIT;

static void make_dummy(void)
{
    struct error err;
    if (!password_hash((struct secret){"no such user", 12}, dummy_hash, &err))
        dummy_hash[0] = '\0';
}

static bool refuse(const char *username, const char *domain, struct error *err)
{
    return error_with(err, ERROR_LOGIN_FAILED, "identity.login_failed", E_TEXT("username", username),
                      E_TEXT("domain", domain));
}

/* "/a/b", "a/b/", "ROOT/a/b" → "/a/b/"; NULL, "" and "ROOT" → "/". */
static const char *normal_path(struct arena *arena, const char *path)
{
    size_t count = 0;
    const char **names = path ? string_split(arena, path, '/', &count) : NULL;
    struct text normal;
    text_init(&normal, arena, 1024);
    text_add_char(&normal, '/');
    for (size_t i = count > 0 && string_equal_ignoring_case(names[0], "ROOT") ? 1 : 0; i < count; i++)
        text_addf(&normal, "%s/", names[i]);
    return text_string(&normal);
}

static bool find_user(struct db *db, struct arena *arena, const char *username, const char *path, int64_t *ret_id,
                      struct error *err)
{
    const struct domain_row *domain = NULL;
    *ret_id = 0;
    if (!domain_by_path(db, arena, path, &domain, err))
        return false;
    return !domain || user_id_by_name(db, domain->id, username, ret_id, err);
}

static bool note_failure(struct db *db, const struct user_secrets *secrets, struct error *err)
{
    int64_t most = setting_int(&LOGIN_FAILURES_MAX), failures = secrets->failures + 1;
    struct opt_time until = {0};
    if (most > 0 && failures >= most) {
        until = OPT_TIME(clock_now_ms() + setting_int(&LOGIN_LOCK_MINUTES) * 60000);
        failures = 0;
        log_with(LOG_WARNING, "login.locked", L_INT("user", secrets->id));
    }
    return user_note_failure(db, secrets->id, failures, until, err);
}

/* *ret_id 0: not this user, not this password, or locked. Takes as long for unknown users as for known ones. */
static bool check_password(struct db *db, struct arena *arena, int64_t user_id, struct secret password, int64_t *ret_id,
                           struct error *err)
{
    struct user_secrets secrets = {0};
    bool found = false, matches = false;
    *ret_id = 0;
    pthread_once(&dummy_once, make_dummy);
    if (user_id && !user_secrets_of(db, arena, user_id, &secrets, &found, err))
        return false;
    bool is_locked = found && secrets.locked_until.set && secrets.locked_until.ms > clock_now_ms();
    bool can_match = found && !is_locked && !string_is_empty(secrets.password_hash);
    if (!password_verify(password, can_match ? secrets.password_hash : dummy_hash, &matches, err))
        return false;
    if (!can_match)
        return true;
    if (!matches)
        return note_failure(db, &secrets, err);
    *ret_id = secrets.id;
    return secrets.failures == 0 || user_note_failure(db, secrets.id, 0, (struct opt_time){0}, err);
}

static bool note_login(struct db *db, const struct caller *caller, const char *remote_address, struct error *err)
{
    const struct event_entry event = {
        .type = "USER.LOGIN",
        .key = "identity.event_login",
        .account_id = caller->account_id,
        .domain_id = caller->domain_id,
        .user_id = caller->user_id,
        .resource_type = "User",
        .resource_uuid = caller->user_uuid,
        .resource_name = caller->username,
        .values = (struct error_value[]){E_TEXT("address", remote_address ? remote_address : ""), {.name = NULL}}};
    return event_add(db, &event, NULL, err);
}

static bool begin_session(struct db *db, struct arena *arena, const struct user_row *user, const char *remote_address,
                          struct identity_login *ret_login, struct error *err)
{
    char token[64], hash[65], key[28];
    random_token(token, sizeof(token), TOKEN_BYTES);
    token_hash(token, hash);
    api_session_key(token, key);
    if (!session_remove_old(db, clock_now_ms() - setting_int(&SESSION_TIMEOUT_MINUTES) * 60000, err))
        return false;
    if (!session_add(db, hash, user->id, remote_address, err))
        return false;
    *ret_login = (struct identity_login){.session_token = arena_strdup(arena, token),
                                         .session_key = arena_strdup(arena, key),
                                         .first_name = user->first_name,
                                         .last_name = user->last_name,
                                         .timezone = user->timezone,
                                         .timeout_s = setting_int(&SESSION_TIMEOUT_MINUTES) * 60};
    return true;
}

bool identity_log_in(struct db *db, struct arena *arena, const char *username, struct secret password,
                     const char *domain_path, const char *remote_address, struct identity_login *ret_login,
                     struct error *err)
{
    int64_t named = 0, user_id = 0;
    const struct user_row *user = NULL;
    struct caller *caller = NULL;
    struct identity_login login;
    const char *path = normal_path(arena, domain_path);
    if (password.length > PASSWORD_MAX)
        return refuse(username, path, err);
    if (!find_user(db, arena, username, path, &named, err) ||
        !check_password(db, arena, named, password, &user_id, err))
        return false;
    if (user_id == 0)
        return refuse(username, path, err);
    if (!user_by_id(db, arena, user_id, &user, err))
        return false;
    if (user && !access_caller_of(db, arena, user, true, &caller, err))
        return false;
    if (!user || !caller)
        return refuse(username, path, err);
    if (!begin_session(db, arena, user, remote_address, &login, err) || !note_login(db, caller, remote_address, err))
        return false;
    login.caller = caller;
    *ret_login = login;
    return true;
}

bool identity_log_out(struct db *db, int64_t session_id, struct error *err)
{
    return session_remove(db, session_id, err);
}
