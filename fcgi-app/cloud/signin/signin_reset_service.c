/* Rules of forgotten passwords: who asks learns nothing; the letter goes to the address on record; a token is random,
 * stored as a hash, good once and not for long. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/setting.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/event/event.h"
#include "cloud/signin/signin_reset.h"
#include "http/http.h"

SETTING(RESET_ENABLED, .name = "user.password.reset.enabled", .category = "Advanced", .default_value = "true",
        .type = SETTING_BOOL, .scopes = SCOPE_GLOBAL,
        .help = "People who forgot their password may ask for a letter with a link; needs alert.smtp.host");
SETTING(RESET_MINUTES, .name = "user.password.reset.ttl", .category = "Advanced", .default_value = "30",
        .type = SETTING_INT, .min = 1, .max = 1440, .scopes = SCOPE_GLOBAL, .help = "Minutes that such a link is good");
SETTING(RESET_OF_ADDRESS_MOST, .name = "user.password.reset.requests.per.address", .category = "Advanced",
        .default_value = "10", .type = SETTING_INT, .min = 1, .max = 10000, .scopes = SCOPE_GLOBAL,
        .help = "Most requests for such a letter an hour from one address");
SETTING(RESET_OF_USER_MOST, .name = "user.password.reset.requests.per.user", .category = "Advanced",
        .default_value = "3", .type = SETTING_INT, .min = 1, .max = 100, .scopes = SCOPE_GLOBAL,
        .help = "Most such letters an hour to one user");

enum { HOUR_MS = 3600000, DAY_MS = 24 * HOUR_MS, TOKEN_BYTES = 32 };

bool reset_is_offered(void)
{
    return setting_bool(&RESET_ENABLED) && mail_is_possible();
}

/* ---- asking ---- */

struct asking {
    const struct job_stamp *stamp;
    const char *username, *domain;
};

/* So that the letters to one user are counted exactly. */
static const struct job_target ONE_AFTER_ANOTHER = {"password_reset", 1, "00000000-0000-0000-0000-000000000000"};

static bool ask(struct db *db, void *context, struct error *err)
{
    const struct asking *to = context;
    struct reset_input input = {.username = to->username, .domain = to->domain ? to->domain : ""};
    struct job_ref job;
    const char *address = to->stamp->remote_address ? to->stamp->remote_address : "";
    int64_t now = clock_now_ms(), asked = 0;
    if (!reset_remove_old(db, now - DAY_MS, err) || !reset_count_of_address(db, address, now - HOUR_MS, &asked, err))
        return false;
    if (asked >= setting_int(&RESET_OF_ADDRESS_MOST))
        return error_set(err, ERROR_RATE_LIMITED, "signin.reset_too_many");
    return reset_add(db, address, &input.request_id, err) &&
           job_create(db, &PASSWORD_RESET, &input, &ONE_AFTER_ANOTHER, to->stamp, &job, err);
}

bool reset_request(struct db *db, const struct job_stamp *stamp, const char *username, const char *domain,
                   struct error *err)
{
    struct asking to = {stamp, username, domain};
    if (!reset_is_offered())
        return error_set(err, ERROR_DENIED, "signin.reset_not_offered");
    return db_transaction(db, ask, &to, err);
}

/* ---- the letter ---- */

static const char *link_of(struct arena *arena, const char *portal, const struct identity_user *user,
                           const char *domain_path, const char *token)
{
    struct text link;
    text_init(&link, arena, 4096);
    text_addf(&link, "%s/password/reset?token=%s&username=", portal, token);
    http_add_url_encoded(&link, user->username);
    text_add(&link, "&domain=");
    http_add_url_encoded(&link, domain_path);
    return text_string(&link);
}

static bool write_letter(struct db *db, struct arena *arena, const struct identity_user *user, const char *token,
                         const struct job_stamp *stamp, struct error *err)
{
    struct identity_domain *domain = NULL;
    const struct brand_row *brand = NULL;
    const char *portal = NULL;
    if (!identity_find_domain_any(db, arena, user->domain_id, &domain, err) ||
        !mail_brand_of(db, arena, domain ? domain->path : "/", &brand, err) ||
        !mail_portal_url(db, arena, brand, &portal, err))
        return false;
    const struct pair values[] = {{"username", user->username},
                                  {"minutes", arena_printf(arena, "%lld", (long long)setting_int(&RESET_MINUTES))},
                                  {"address", stamp->remote_address ? stamp->remote_address : ""},
                                  {"link", link_of(arena, portal, user, domain ? domain->path : "/", token)}};
    const struct mail mail = {.to = user->email,
                              .language = stamp->language ? stamp->language : "en",
                              .template_name = "mail/password_reset",
                              .subject_key = "signin.mail_reset_subject",
                              .text_key = "signin.mail_reset_text",
                              .values = values,
                              .value_count = COUNT_OF(values),
                              .brand = brand};
    return mail_queue(db, arena, &mail, stamp, err);
}

bool reset_answer(struct db *db, struct arena *arena, const struct reset_input *input, const struct job_stamp *stamp,
                  struct error *err)
{
    struct identity_user *user = NULL;
    char token[64], hash[65];
    int64_t sent = 0, now = clock_now_ms();
    if (!identity_find_user_by_name_any(db, arena, input->domain, input->username, &user, err))
        return false;
    if (!user || !string_equal(user->source, "native") || !string_equal(user->state, "enabled"))
        return true;
    if (!reset_count_of_user(db, user->id, now - HOUR_MS, &sent, err))
        return false;
    if (sent >= setting_int(&RESET_OF_USER_MOST))
        return true;
    random_token(token, sizeof(token), TOKEN_BYTES);
    token_hash(token, hash);
    if (!reset_set_token(db, input->request_id, user->id, hash, now + setting_int(&RESET_MINUTES) * 60000, err))
        return false;
    if (write_letter(db, arena, user, token, stamp, err))
        return true;
    bool has_no_address = err->kind == ERROR_INVALID_VALUE;
    if (has_no_address)
        log_error(LOG_INFO, "password.reset_without_address", err);
    return has_no_address;
}

/* ---- the new password ---- */

struct setting_anew {
    const struct identity_user *user;
    const char *token_hash, *password_hash;
    bool taken;
};

static bool set_anew(struct db *db, void *context, struct error *err)
{
    struct setting_anew *to = context;
    const struct event_entry event = {.type = "USER.PASSWORD.RESET",
                                      .key = "signin.event_reset",
                                      .account_id = to->user->account_id,
                                      .domain_id = to->user->domain_id,
                                      .user_id = to->user->id,
                                      .resource_type = "User",
                                      .resource_uuid = to->user->uuid,
                                      .resource_name = to->user->username};
    if (!reset_take(db, to->token_hash, to->user->id, &to->taken, err))
        return false;
    return !to->taken ||
           (identity_store_password(db, to->user->id, to->password_hash, err) && event_add(db, &event, NULL, err));
}

bool reset_password(struct db *db, struct arena *arena, const char *username, const char *domain, const char *token,
                    struct secret password, struct error *err)
{
    char hash[65], password_digest[PASSWORD_HASH_BYTES];
    struct identity_user *user = NULL;
    int64_t user_id = 0;
    token_hash(token, hash);
    if (!reset_find_user(db, hash, &user_id, err) ||
        !identity_find_user_by_name_any(db, arena, domain, username, &user, err))
        return false;
    if (!user || user_id == 0 || user->id != user_id)
        return error_set(err, ERROR_INVALID_VALUE, "signin.reset_bad_token");
    if (!signin_check_password(db, arena, user->domain_id, user->username, password, err) ||
        !password_hash(password, password_digest, err))
        return false;
    struct setting_anew to = {.user = user, .token_hash = hash, .password_hash = password_digest};
    if (!db_transaction(db, set_anew, &to, err))
        return false;
    return to.taken || error_set(err, ERROR_INVALID_VALUE, "signin.reset_bad_token");
}
