/* Rules of second factors: time-based codes (RFC 6238: SHA-1, 6 digits, 30 s), which every authenticator program
 * knows. liboath judges them. */
#include <liboath/oath.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/event/event.h"
#include "cloud/settings/settings.h"
#include "cloud/signin/signin_factor.h"
#include "db/version.h"
#include "http/http.h"

SETTING(FACTOR_ENABLED, .name = "enable.user.2fa", .category = "Advanced", .default_value = "true",
        .type = SETTING_BOOL, .scopes = SCOPE_GLOBAL | SCOPE_DOMAIN, .help = "Users may sign in with a second factor");
SETTING(FACTOR_MANDATED, .name = "mandate.user.2fa", .category = "Advanced", .default_value = "false",
        .type = SETTING_BOOL, .scopes = SCOPE_GLOBAL | SCOPE_DOMAIN,
        .help = "All users must sign in with a second factor, where it is enabled");
SETTING(FACTOR_ROLES, .name = "mandate.user.2fa.roles", .category = "Advanced", .default_value = "",
        .type = SETTING_TEXT, .scopes = SCOPE_GLOBAL | SCOPE_DOMAIN,
        .help = "Names of roles whose users must sign in with a second factor, separated by commas");
SETTING(FACTOR_ISSUER, .name = "user.2fa.issuer", .category = "Advanced", .default_value = "Gurum",
        .type = SETTING_TEXT, .scopes = SCOPE_GLOBAL | SCOPE_DOMAIN,
        .help = "The name under which authenticator programs keep the codes");
SETTING(FACTOR_ATTEMPTS, .name = "user.2fa.attempts.allowed", .category = "Advanced", .default_value = "5",
        .type = SETTING_INT, .min = 1, .max = 100, .scopes = SCOPE_GLOBAL,
        .help = "Wrong codes in a row after which no code is accepted for a while");
extern const struct setting LOGIN_LOCK_MINUTES;

enum { SECRET_BYTES = 20, STEP_S = 30, CODE_DIGITS = 6, STEPS_ASIDE = 1 };

/* ---- who owes one ---- */

static bool names_role(struct arena *arena, const char *list, const char *role_name)
{
    size_t count = 0;
    const char **names = string_split(arena, list, ',', &count);
    for (size_t i = 0; i < count; i++)
        if (string_equal_ignoring_case(names[i], role_name))
            return true;
    return false;
}

bool signin_mandates_by_rule(struct db *db, struct arena *arena, const struct identity_user *user,
                             struct factor_rule *rule, bool *ret_is, struct error *err)
{
    const struct setting_place place = {.domain_id = user->domain_id};
    if (!user->mandates_factor && rule->domain_id != user->domain_id) {
        if (!settings_bool_at(db, arena, &FACTOR_MANDATED, &place, &rule->of_all, err) ||
            !settings_text_at(db, arena, &FACTOR_ROLES, &place, &rule->roles, err))
            return false;
        rule->domain_id = user->domain_id;
    }
    *ret_is = user->mandates_factor || rule->of_all || names_role(arena, rule->roles, user->role_name);
    return true;
}

bool signin_mandates_factor(struct db *db, struct arena *arena, const struct identity_user *user, bool *ret_is,
                            struct error *err)
{
    struct factor_rule rule = {.domain_id = 0};
    return signin_mandates_by_rule(db, arena, user, &rule, ret_is, err);
}

bool signin_wants_factor(struct db *db, struct arena *arena, const struct identity_user *user, bool *ret_wants,
                         struct error *err)
{
    bool is_enabled = false;
    *ret_wants = false;
    if (!settings_bool_at(db, arena, &FACTOR_ENABLED, &(struct setting_place){.domain_id = user->domain_id},
                          &is_enabled, err))
        return false;
    if (!is_enabled)
        return true;
    *ret_wants = user->has_factor;
    return *ret_wants || signin_mandates_factor(db, arena, user, ret_wants, err);
}

bool signin_issuer(struct db *db, struct arena *arena, int64_t domain_id, const char **ret_issuer, struct error *err)
{
    return settings_text_at(db, arena, &FACTOR_ISSUER, &(struct setting_place){.domain_id = domain_id}, ret_issuer,
                            err);
}

/* ---- setting up and taking away ---- */

static const char *bound_to(struct arena *arena, const char *user_uuid)
{
    return arena_printf(arena, "user_factor.secret:%s", user_uuid);
}

static const char *base32(struct arena *arena, const char *bytes, size_t length)
{
    char *encoded = NULL;
    size_t encoded_length = 0;
    if (oath_base32_encode(bytes, length, &encoded, &encoded_length) != OATH_OK)
        abort(); /* out of memory */
    const char *copy = arena_strndup(arena, encoded, encoded_length);
    free(encoded);
    return copy;
}

bool factor_set_up(struct db *db, struct arena *arena, const struct caller *caller, const char **ret_secret,
                   struct error *err)
{
    unsigned char bytes[SECRET_BYTES];
    bool is_enabled = false;
    if (caller->factor_owed == FACTOR_CODE) /* whoever knows the password only must not choose a new secret */
        return error_set(err, ERROR_TWO_FACTOR, "api.factor_code_wanted");
    if (!settings_bool_at(db, arena, &FACTOR_ENABLED, &(struct setting_place){.domain_id = caller->domain_id},
                          &is_enabled, err))
        return false;
    if (!is_enabled)
        return error_set(err, ERROR_DENIED, "signin.factor_not_offered");
    random_bytes(bytes, sizeof(bytes));
    struct secret secret = {.bytes = (const char *)bytes, .length = sizeof(bytes)};
    *ret_secret = base32(arena, secret.bytes, secret.length);
    return factor_set_pending(db, caller->user_id, caller->user_uuid,
                              secret_seal(arena, secret, bound_to(arena, caller->user_uuid)), err);
}

static bool take_away(struct db *db, void *context, struct error *err)
{
    const struct identity_user *user = context;
    return factor_remove(db, user->id, err) && identity_set_factor(db, user->id, false, err);
}

bool factor_take_away(struct db *db, struct arena *arena, const struct caller *caller, const struct identity_user *user,
                      struct error *err)
{
    bool mandated = false;
    struct identity_user copy = *user;
    if (caller->user_id == user->id && caller->factor_owed != FACTOR_NONE)
        return error_set(err, ERROR_TWO_FACTOR, "api.factor_code_wanted");
    if (caller->user_id == user->id && user->has_factor && caller->session_id == 0)
        return error_set(err, ERROR_TWO_FACTOR, "signin.factor_session_wanted");
    if (!signin_mandates_factor(db, arena, user, &mandated, err))
        return false;
    if (mandated && caller->user_id == user->id)
        return error_set(err, ERROR_DENIED, "signin.factor_mandated");
    return db_transaction(db, take_away, &copy, err);
}

/* ---- codes ---- */

/* The time step that a code is of; -1: of none that is near now. */
static int64_t step_of_code(struct secret secret, const char *code)
{
    uint64_t counter = 0;
    int position = 0;
    if (strlen(code) != CODE_DIGITS)
        return -1;
    int found = oath_totp_validate4(secret.bytes, secret.length, (time_t)(clock_now_ms() / 1000), STEP_S,
                                    OATH_TOTP_DEFAULT_START_TIME, STEPS_ASIDE, &position, &counter, 0, code);
    return found < 0 ? -1 : (int64_t)counter;
}

struct code_use {
    const struct caller *caller;
    int64_t counter;
    bool confirms, is_first;
};

static bool use_code(struct db *db, void *context, struct error *err)
{
    struct code_use *use = context;
    const struct caller *caller = use->caller;
    if (!factor_use(db, caller->user_id, use->counter, use->confirms, &use->is_first, err))
        return false;
    if (!use->is_first)
        return true;
    if (use->confirms && !identity_set_factor(db, caller->user_id, true, err))
        return false;
    return identity_pass_factor(db, caller->session_id, err);
}

static bool note_failure(struct db *db, const struct caller *caller, const struct factor_row *row, struct error *err)
{
    int64_t most = setting_int(&FACTOR_ATTEMPTS);
    if (!factor_note_failure(db, caller->user_id, most, clock_now_ms() + setting_int(&LOGIN_LOCK_MINUTES) * 60000, err))
        return false;
    if (row->failures + 1 < most)
        return true;
    const struct event_entry event = {.type = "USER.2FA.LOCK",
                                      .level = "WARN",
                                      .key = "signin.event_factor_locked",
                                      .account_id = caller->account_id,
                                      .domain_id = caller->domain_id,
                                      .user_id = caller->user_id,
                                      .resource_type = "User",
                                      .resource_uuid = caller->user_uuid,
                                      .resource_name = caller->username};
    log_with(LOG_WARNING, "factor.locked", L_INT("user", caller->user_id));
    return event_add(db, &event, NULL, err);
}

/* The step of the code by the secret in force, or by the one that waits for its first code. */
static bool judge(struct arena *arena, const struct factor_row *row, const char *code, struct code_use *use,
                  struct error *err)
{
    struct secret secret = {0}, pending = {0};
    const char *bound = bound_to(arena, row->uuid);
    if (!secret_open(arena, row->secret_sealed, bound, &secret, err) ||
        !secret_open(arena, row->pending_sealed, bound, &pending, err))
        return false;
    use->counter = secret.bytes ? step_of_code(secret, code) : -1;
    bool may_confirm = pending.bytes && (!secret.bytes || use->caller->factor_owed == FACTOR_NONE);
    if (use->counter < 0 && may_confirm) {
        use->counter = step_of_code(pending, code);
        use->confirms = use->counter >= 0;
    }
    return true;
}

bool factor_validate(struct db *db, struct arena *arena, const struct caller *caller, const char *code,
                     struct error *err)
{
    struct factor_row row = {0};
    struct code_use use = {.caller = caller, .counter = -1};
    bool found = false;
    if (db_in_transaction(db))
        return error_set(err, ERROR_INVALID_VALUE, "identity.password_rehearsed");
    if (!factor_find(db, arena, caller->user_id, &row, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_TWO_FACTOR, "signin.factor_not_set_up");
    if (row.locked_until.set && row.locked_until.ms > clock_now_ms())
        return error_set(err, ERROR_TWO_FACTOR, "signin.factor_locked");
    if (!judge(arena, &row, code, &use, err))
        return false;
    if (use.counter >= 0 && !db_transaction(db, use_code, &use, err))
        return false;
    if (use.is_first)
        return true;
    return note_failure(db, caller, &row, err) && error_set(err, ERROR_TWO_FACTOR, "signin.factor_code_wrong");
}

/* ---- for authenticator programs ---- */

bool factor_pending_url(struct db *db, struct arena *arena, const struct caller *caller, const char **ret_url,
                        const char **ret_secret, struct error *err)
{
    struct factor_row row = {0};
    struct secret secret = {0};
    struct text url;
    const char *issuer = NULL;
    bool found = false;
    *ret_url = NULL;
    if (!factor_find(db, arena, caller->user_id, &row, &found, err))
        return false;
    if (!found || !row.pending_sealed || caller->factor_owed == FACTOR_CODE)
        return true;
    if (!secret_open(arena, row.pending_sealed, bound_to(arena, row.uuid), &secret, err) ||
        !signin_issuer(db, arena, caller->domain_id, &issuer, err))
        return false;
    *ret_secret = base32(arena, secret.bytes, secret.length);
    text_init(&url, arena, 4096);
    text_add(&url, "otpauth://totp/");
    http_add_url_encoded(&url, issuer);
    text_add_char(&url, ':');
    http_add_url_encoded(&url, caller->username);
    text_addf(&url, "?secret=%s&issuer=", *ret_secret);
    http_add_url_encoded(&url, issuer);
    *ret_url = text_string(&url);
    return true;
}
