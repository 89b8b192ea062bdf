/* Signing in and out. The token is random, goes to the browser once, and is stored only as a hash. */
#include <pthread.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/setting.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/event/event.h"
#include "cloud/identity/identity_service.h"
#include "cloud/signin/signin.h"

SETTING(LOGIN_FAILURES_MAX, .name = "incorrect.login.attempts.allowed", .category = "Advanced", .default_value = "5",
        .type = SETTING_INT, .min = 0, .max = 1000, .scopes = SCOPE_GLOBAL,
        .help = "Wrong passwords in a row after which a user is locked for a while; 0: never");
SETTING(LOGIN_LOCK_MINUTES, .name = "login.lock.minutes", .category = "Advanced", .default_value = "15",
        .type = SETTING_INT, .min = 1, .max = 10080, .scopes = SCOPE_GLOBAL,
        .help = "Minutes that a user is locked after too many wrong passwords");
SETTING(SESSION_TIMEOUT_MINUTES, .name = "session.timeout.minutes", .category = "Advanced", .default_value = "30",
        .type = SETTING_INT, .min = 1, .max = 1440, .scopes = SCOPE_GLOBAL,
        .help = "Minutes after which an unused session ends");
SETTING(SESSION_LIFETIME_HOURS, .name = "session.lifetime.hours", .category = "Advanced", .default_value = "24",
        .type = SETTING_INT, .min = 1, .max = 8760, .scopes = SCOPE_GLOBAL,
        .help = "Hours after which a session ends however much it is used");

enum { TOKEN_BYTES = 32, PASSWORD_MAX = 256 };

static char dummy_hash[PASSWORD_HASH_BYTES];
static pthread_once_t dummy_once = PTHREAD_ONCE_INIT;

static void make_dummy(void)
{
    struct error err;
    if (!password_hash((struct secret){"no such user", 12}, dummy_hash, &err))
        dummy_hash[0] = '\0';
}

static const struct identity_directory *directory; /* set once at start */

void identity_set_directory(const struct identity_directory *given)
{
    directory = given;
}

/* ---- how long sessions live ---- */

static int64_t idle_ms(void)
{
    return setting_int(&SESSION_TIMEOUT_MINUTES) * 60000;
}

static int64_t lifetime_ms(void)
{
    return setting_int(&SESSION_LIFETIME_HOURS) * 3600000;
}

int64_t identity_session_end(int64_t created_ms, int64_t last_used_ms)
{
    int64_t idle_end = last_used_ms + idle_ms(), end = created_ms + lifetime_ms();
    return idle_end < end ? idle_end : end;
}

void identity_session_limits(int64_t *ret_used_since_ms, int64_t *ret_begun_since_ms)
{
    int64_t now = clock_now_ms();
    *ret_used_since_ms = now - idle_ms();
    *ret_begun_since_ms = now - lifetime_ms();
}

/* ---- who it is ---- */

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

static bool note_event(struct db *db, const struct identity_user *user, const char *type, const char *level,
                       const char *key, const struct sign_in_place *place, struct error *err)
{
    const struct event_entry event = {
        .type = type,
        .level = level,
        .key = key,
        .account_id = user->account_id,
        .domain_id = user->domain_id,
        .user_id = user->id,
        .resource_type = "User",
        .resource_uuid = user->uuid,
        .resource_name = user->username,
        .values = (struct error_value[]){E_TEXT("address", place->remote_address ? place->remote_address : ""),
                                         {.name = NULL}}};
    return event_add(db, &event, NULL, err);
}

static bool note_failure(struct db *db, const struct identity_user *user, int64_t failures,
                         const struct sign_in_place *place, struct error *err)
{
    int64_t most = setting_int(&LOGIN_FAILURES_MAX);
    if (!user_note_failure(db, user->id, most, clock_now_ms() + setting_int(&LOGIN_LOCK_MINUTES) * 60000, err))
        return false;
    if (most == 0 || failures + 1 < most)
        return true;
    log_with(LOG_WARNING, "login.locked", L_INT("user", user->id));
    return note_event(db, user, "USER.LOCK", "WARN", "identity.event_locked", place, err);
}

/* By the stored hash, or by the directory. Takes as long for users that do not exist, are locked or have no password
 * here: a hash is computed every time. */
static bool verify(struct db *db, struct arena *arena, const struct identity_user *user,
                   const struct user_secrets *secrets, struct secret password, enum identity_verdict *ret_verdict,
                   struct error *err)
{
    bool is_locked = secrets->locked_until.set && secrets->locked_until.ms > clock_now_ms();
    bool is_native = user && string_equal(user->source, "native") && !string_is_empty(secrets->password_hash);
    const char *hash = is_native && !is_locked ? secrets->password_hash : dummy_hash;
    bool matches = false;
    *ret_verdict = IDENTITY_NO;
    pthread_once(&dummy_once, make_dummy);
    if (!password_verify(password, hash, &matches, err))
        return false;
    if (user && !is_locked && directory && string_equal(user->source, "ldap") && password.length > 0)
        return directory->verify(db, arena, user, password, ret_verdict, err);
    *ret_verdict = matches && is_native && !is_locked ? IDENTITY_YES : IDENTITY_NO;
    return true;
}

/* *ret_id 0: not this user, not this password, or locked. Never in a transaction, which would roll the count of wrong
 * passwords back. */
static bool check_password(struct db *db, struct arena *arena, int64_t user_id, struct secret password,
                           const struct sign_in_place *place, int64_t *ret_id, struct error *err)
{
    struct user_secrets secrets = {0};
    struct identity_user *user = NULL;
    enum identity_verdict verdict = IDENTITY_NO;
    bool found = false;
    *ret_id = 0;
    if (db_in_transaction(db))
        return error_set(err, ERROR_INVALID_VALUE, "identity.password_rehearsed");
    if (user_id && (!user_secrets_of(db, arena, user_id, &secrets, &found, err) ||
                    !identity_find_user_any(db, arena, user_id, &user, err)))
        return false;
    if (!verify(db, arena, user, &secrets, password, &verdict, err))
        return false;
    if (!user || verdict == IDENTITY_SILENT || (secrets.locked_until.set && secrets.locked_until.ms > clock_now_ms()))
        return true;
    if (verdict == IDENTITY_NO)
        return note_failure(db, user, secrets.failures, place, err);
    *ret_id = user->id;
    return secrets.failures == 0 || user_unlock(db, user->id, err);
}

bool identity_prove_password(struct db *db, struct arena *arena, const struct caller *caller, int64_t user_id,
                             struct secret password, struct error *err)
{
    const struct sign_in_place place = {caller->remote_address, caller->user_agent};
    int64_t id = 0;
    if (!check_password(db, arena, user_id, password, &place, &id, err))
        return false;
    return id || error_set(err, ERROR_INVALID_VALUE, "identity.current_password_wrong");
}

/* The user of a name in a domain whose password this is, made from a linked directory when nobody here has the name. */
static bool find_user(struct db *db, struct arena *arena, const char *username, struct secret password,
                      const char *path, const struct sign_in_place *place, int64_t *ret_id, struct error *err)
{
    const struct domain_row *domain = NULL;
    int64_t named = 0;
    *ret_id = 0;
    if (!domain_by_path(db, arena, path, &domain, err))
        return false;
    if (domain && !user_id_by_name(db, domain->id, username, &named, err))
        return false;
    if (!check_password(db, arena, named, password, place, ret_id, err))
        return false;
    bool may_adopt = domain && named == 0 && directory && password.length > 0 && !string_is_empty(username);
    return !may_adopt || directory->adopt(db, arena, domain->id, username, password, place, ret_id, err);
}

/* ---- the session ---- */

/* A new token every time, so that nobody can choose a session for somebody else beforehand. */
static bool begin_session(struct db *db, struct arena *arena, const struct user_row *row,
                          const struct sign_in_place *place, struct identity_login *login, struct error *err)
{
    char token[64], hash[65], key[28];
    struct identity_user *user = NULL;
    random_token(token, sizeof(token), TOKEN_BYTES);
    token_hash(token, hash);
    api_session_key(token, key);
    if (!identity_find_user_any(db, arena, row->id, &user, err) ||
        !signin_wants_factor(db, arena, user, &login->wants_factor, err) ||
        !signin_issuer(db, arena, row->domain_id, &login->issuer, err) ||
        !session_remove_old(db, clock_now_ms() - idle_ms(), err) || !session_add(db, hash, row->id, place, err))
        return false;
    login->session_token = arena_strdup(arena, token);
    login->session_key = arena_strdup(arena, key);
    login->first_name = row->first_name;
    login->last_name = row->last_name;
    login->timezone = row->timezone;
    login->has_factor = row->has_factor;
    login->timeout_s = setting_int(&SESSION_TIMEOUT_MINUTES) * 60;
    return note_event(db, user, "USER.LOGIN", NULL, "identity.event_login", place, err);
}

/* *ret_may false: user, account or domain may not act. */
static bool log_in(struct db *db, struct arena *arena, int64_t user_id, const struct sign_in_place *place,
                   bool *ret_may, struct identity_login *ret_login, struct error *err)
{
    const struct user_row *user = NULL;
    struct identity_login login = {0};
    *ret_may = false;
    if (user_id && !user_by_id(db, arena, user_id, &user, err))
        return false;
    if (user && !access_caller_of(db, arena, user, true, &login.caller, err))
        return false;
    if (!login.caller)
        return true;
    if (!begin_session(db, arena, user, place, &login, err))
        return false;
    *ret_login = login;
    *ret_may = true;
    return true;
}

bool identity_log_in(struct db *db, struct arena *arena, const char *username, struct secret password,
                     const char *domain_path, const struct sign_in_place *place, struct identity_login *ret_login,
                     struct error *err)
{
    int64_t user_id = 0;
    bool may = false;
    const char *path = normal_path(arena, domain_path);
    if (password.length > PASSWORD_MAX)
        return refuse(username, path, err);
    if (!find_user(db, arena, username, password, path, place, &user_id, err) ||
        !log_in(db, arena, user_id, place, &may, ret_login, err))
        return false;
    return may || refuse(username, path, err);
}

bool identity_log_in_user(struct db *db, struct arena *arena, int64_t user_id, const struct sign_in_place *place,
                          struct identity_login *ret_login, struct error *err)
{
    bool may = false;
    if (!log_in(db, arena, user_id, place, &may, ret_login, err))
        return false;
    return may || error_set(err, ERROR_LOGIN_FAILED, "identity.login_refused");
}

bool identity_log_out(struct db *db, int64_t session_id, struct error *err)
{
    return session_remove(db, session_id, err);
}

bool identity_domain_id_of_path_any(struct db *db, struct arena *arena, const char *path, int64_t *ret_id,
                                    struct error *err)
{
    const struct domain_row *domain = NULL;
    if (!domain_by_path(db, arena, normal_path(arena, path), &domain, err))
        return false;
    *ret_id = domain ? domain->id : 0;
    return true;
}

bool identity_find_user_by_name_any(struct db *db, struct arena *arena, const char *domain_path, const char *username,
                                    struct identity_user **ret_user, struct error *err)
{
    int64_t domain_id = 0, id = 0;
    *ret_user = NULL;
    if (!identity_domain_id_of_path_any(db, arena, domain_path, &domain_id, err))
        return false;
    if (domain_id && !user_id_by_name(db, domain_id, username, &id, err))
        return false;
    return id == 0 || identity_find_user_any(db, arena, id, ret_user, err);
}

struct password_storing {
    int64_t user_id;
    const char *hash;
};

static bool store_password(struct db *db, void *context, struct error *err)
{
    const struct password_storing *to = context;
    return user_set_password(db, to->user_id, to->hash, err) && session_remove_of_user(db, to->user_id, 0, err);
}

bool identity_store_password(struct db *db, int64_t user_id, const char *password_hash, struct error *err)
{
    struct password_storing to = {user_id, password_hash};
    return db_transaction(db, store_password, &to, err);
}
