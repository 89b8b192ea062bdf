/* The code flow: what goes to the provider and what is believed of its answers. An id token comes straight from the
 * provider over TLS, which vouches for it (OpenID Connect Core 3.1.3.7); its issuer, audience, age and nonce are still
 * checked. */
#include "cloud/oauth/oauth_service.h"

#include <json-c/json.h>
#include <sodium.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/setting.h"
#include "base/text.h"
#include "cloud/oauth/oauth_http.h"
#include "cloud/signin/signin.h"
#include "http/http.h"

SETTING(OAUTH_ENABLED, .name = "oauth2.enabled", .category = "Advanced", .default_value = "false", .type = SETTING_BOOL,
        .scopes = SCOPE_GLOBAL, .help = "People may sign in by the identity providers");
SETTING(OAUTH_ALLOWED, .name = "oauth2.allowed.addresses", .category = "Advanced", .default_value = "",
        .type = SETTING_TEXT, .scopes = SCOPE_GLOBAL,
        .help = "Addresses and networks, separated by commas, where providers may be though they are not public");

enum { ALLOWED_BYTES = 1024, CLOCK_SKEW_S = 60, CLAIMS_MAX_BYTES = 16384, EMAIL_MAX = 254, SUBJECT_MAX = 255 };

static const struct oauth_provider KNOWN[] = {
    {.provider = "google",
     .authorize_url = "https://accounts.google.com/o/oauth2/v2/auth",
     .token_url = "https://oauth2.googleapis.com/token",
     .user_url = "https://openidconnect.googleapis.com/v1/userinfo",
     .issuer = "https://accounts.google.com"},
    {.provider = "github",
     .authorize_url = "https://github.com/login/oauth/authorize",
     .token_url = "https://github.com/login/oauth/access_token",
     .user_url = "https://api.github.com/user/emails",
     .issuer = ""},
};

static const char *text_of(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    bool is_text = json_object_is_type(object, json_type_object) && json_object_object_get_ex(object, name, &value) &&
                   json_object_is_type(value, json_type_string);
    return is_text ? json_object_get_string(value) : NULL;
}

static bool fetch(struct arena *arena, const char *url, const struct pair_list *form, const char *bearer,
                  struct json_object **ret_json, struct error *err)
{
    char allowed[ALLOWED_BYTES];
    setting_text(&OAUTH_ALLOWED, allowed, sizeof(allowed));
    return oauth_fetch(arena, url, allowed, form, bearer, ret_json, err);
}

/* ---- providers ---- */

static const char *else_of(const char *given, struct json_object *document, const char *name)
{
    return given || !document ? given : text_of(document, name);
}

static bool is_url(const char *url)
{
    return url && (string_starts_with(url, "https://") || string_starts_with(url, "http://")) && !strpbrk(url, " \"<>");
}

bool oauth_complete(struct arena *arena, struct oauth_provider *provider, struct error *err)
{
    struct json_object *document = NULL;
    for (size_t i = 0; i < COUNT_OF(KNOWN); i++) {
        if (!string_equal_ignoring_case(provider->provider, KNOWN[i].provider))
            continue;
        provider->authorize_url = provider->authorize_url ? provider->authorize_url : KNOWN[i].authorize_url;
        provider->token_url = provider->token_url ? provider->token_url : KNOWN[i].token_url;
        provider->user_url = provider->user_url ? provider->user_url : KNOWN[i].user_url;
        provider->issuer = provider->issuer ? provider->issuer : KNOWN[i].issuer;
    }
    bool is_whole = provider->authorize_url && provider->token_url && provider->user_url;
    if (!is_whole && is_url(provider->issuer) &&
        !fetch(arena, arena_printf(arena, "%s/.well-known/openid-configuration", provider->issuer), NULL, NULL,
               &document, err))
        return false;
    provider->authorize_url = else_of(provider->authorize_url, document, "authorization_endpoint");
    provider->token_url = else_of(provider->token_url, document, "token_endpoint");
    provider->user_url = else_of(provider->user_url, document, "userinfo_endpoint");
    provider->issuer = provider->issuer ? provider->issuer : "";
    if (!is_url(provider->authorize_url) || !is_url(provider->token_url) || !is_url(provider->user_url) ||
        !is_url(provider->redirect_uri))
        return error_set(err, ERROR_INVALID_VALUE, "oauth.addresses_wanted");
    return true;
}

bool oauth_find_enabled(struct db *db, struct arena *arena, const char *name,
                        const struct oauth_provider **ret_provider, struct error *err)
{
    struct db_rows rows = {0};
    *ret_provider = NULL;
    if (!setting_bool(&OAUTH_ENABLED))
        return true;
    if (!oauth_providers(db, arena, &rows, err))
        return false;
    const struct oauth_provider *providers = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        if (providers[i].is_enabled && string_equal_ignoring_case(providers[i].provider, name))
            *ret_provider = &providers[i];
    return true;
}

bool oauth_choices(struct db *db, struct arena *arena, struct oauth_choice **ret_choices, size_t *ret_count,
                   struct error *err)
{
    struct db_rows rows = {0};
    *ret_count = 0;
    if (!setting_bool(&OAUTH_ENABLED))
        return true;
    if (!oauth_providers(db, arena, &rows, err))
        return false;
    const struct oauth_provider *providers = rows.items;
    *ret_choices = arena_array(arena, rows.count + 1, sizeof(**ret_choices));
    for (size_t i = 0; i < rows.count; i++)
        if (providers[i].is_enabled)
            (*ret_choices)[(*ret_count)++] = (struct oauth_choice){providers[i].provider, providers[i].description};
    return true;
}

const char *oauth_authorize_url(struct arena *arena, const struct oauth_provider *provider, const char *state,
                                const char *nonce, const char *challenge)
{
    bool is_github = string_equal_ignoring_case(provider->provider, "github");
    const struct pair values[] = {{"client_id", provider->client_id},
                                  {"redirect_uri", provider->redirect_uri},
                                  {"scope", is_github ? "user:email" : "openid email profile"},
                                  {"state", state},
                                  {"nonce", nonce},
                                  {"code_challenge", challenge}};
    struct text url;
    text_init(&url, arena, 8192);
    text_addf(&url, "%s%sresponse_type=code&code_challenge_method=S256", provider->authorize_url,
              strchr(provider->authorize_url, '?') ? "&" : "?");
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        text_addf(&url, "&%s=", values[i].name);
        http_add_url_encoded(&url, values[i].value);
    }
    return text_string(&url);
}

/* ---- what is believed ---- */

static bool refuse(const char *why, struct error *err)
{
    error_set(err, ERROR_LOGIN_FAILED, "oauth.refused");
    return error_add_detail(err, "%s", why);
}

/* The claims of an id token; NULL: it has none that could be read. */
static struct json_object *claims_of(const char *token)
{
    char claims[CLAIMS_MAX_BYTES];
    size_t length = 0;
    const char *begin = strchr(token, '.'), *end = begin ? strchr(begin + 1, '.') : NULL;
    if (!end || sodium_base642bin((unsigned char *)claims, sizeof(claims) - 1, begin + 1, (size_t)(end - begin - 1),
                                  NULL, &length, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return NULL;
    claims[length] = '\0';
    return json_tokener_parse(claims);
}

static bool is_for(struct json_object *claims, const char *client_id)
{
    struct json_object *audience = NULL;
    if (!json_object_object_get_ex(claims, "aud", &audience))
        return false;
    if (!json_object_is_type(audience, json_type_array))
        return string_equal(json_object_get_string(audience), client_id);
    for (size_t i = 0; i < json_object_array_length(audience); i++)
        if (string_equal(json_object_get_string(json_object_array_get_idx(audience, i)), client_id))
            return true;
    return false;
}

static const char *what_is_wrong(struct json_object *claims, const struct oauth_provider *provider,
                                 const struct oauth_flow *flow)
{
    struct json_object *expires = NULL;
    if (!json_object_is_type(claims, json_type_object))
        return "the id token cannot be read";
    if (!string_equal(text_of(claims, "iss"), provider->issuer))
        return "the id token is of another issuer";
    if (string_is_empty(text_of(claims, "sub")))
        return "the id token names nobody";
    if (!is_for(claims, provider->client_id))
        return "the id token is for somebody else";
    if (!json_object_object_get_ex(claims, "exp", &expires) ||
        json_object_get_int64(expires) + CLOCK_SKEW_S < clock_now_ms() / 1000)
        return "the id token is too old";
    if (flow->nonce && !string_equal(text_of(claims, "nonce"), flow->nonce))
        return "the id token answers another request";
    return NULL;
}

/* *ret_subject: whom the id token is about; NULL where providers give none (plain OAuth 2). */
static bool check_id_token(struct arena *arena, struct json_object *answer, const struct oauth_provider *provider,
                           const struct oauth_flow *flow, const char **ret_subject, struct error *err)
{
    const char *token = text_of(answer, "id_token");
    *ret_subject = NULL;
    if (provider->issuer[0] == '\0')
        return true;
    if (!token)
        return refuse("there is no id token", err);
    struct json_object *claims = claims_of(token);
    const char *wrong = what_is_wrong(claims, provider, flow);
    if (!wrong)
        *ret_subject = arena_strdup(arena, text_of(claims, "sub"));
    json_object_put(claims);
    return !wrong || refuse(wrong, err);
}

/* Some providers write it as a text. */
static bool is_true(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    return json_object_object_get_ex(object, name, &value) && string_equal(json_object_get_string(value), "true");
}

/* A mail address that the provider calls nobody else's: of an object's claims, or the primary one of a list. */
static const char *email_of(struct json_object *said, const char *subject, bool wants_verified)
{
    if (json_object_is_type(said, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(said); i++) {
            struct json_object *each = json_object_array_get_idx(said, i);
            if (is_true(each, "primary") && is_true(each, "verified"))
                return text_of(each, "email");
        }
        return NULL;
    }
    bool is_silent = !json_object_object_get_ex(said, "email_verified", NULL);
    if (!is_true(said, "email_verified") && (wants_verified || !is_silent))
        return NULL;
    if (subject && !string_equal(text_of(said, "sub"), subject))
        return NULL;
    return text_of(said, "email");
}

/* Who it is: of an object's claims (plain OAuth 2: a number, mostly). A list of addresses tells it not; its owner is
 * what the address above says (GitHub's /user/emails and /user). */
static bool find_subject(struct arena *arena, const struct oauth_provider *provider, struct json_object *said,
                         const char *token, const char **ret_subject, struct error *err)
{
    struct json_object *value = NULL;
    const char *last = strrchr(provider->user_url, '/');
    if (json_object_is_type(said, json_type_array) &&
        !fetch(arena, arena_strndup(arena, provider->user_url, (size_t)(last - provider->user_url)), NULL, token, &said,
               err))
        return false;
    *ret_subject = text_of(said, "sub");
    if (!*ret_subject && json_object_is_type(said, json_type_object) && json_object_object_get_ex(said, "id", &value))
        *ret_subject = json_object_get_string(value);
    return true;
}

static bool exchange(struct arena *arena, const struct oauth_provider *provider, const char *code,
                     const struct oauth_flow *flow, struct oauth_person *ret_person, struct error *err)
{
    struct secret secret = {0};
    struct json_object *answer = NULL, *said = NULL;
    const char *subject = NULL;
    if (!secret_open(arena, provider->secret_sealed, oauth_bound_to(arena, provider->uuid), &secret, err))
        return false;
    struct pair values[] = {{"grant_type", "authorization_code"},     {"code", code},
                            {"redirect_uri", provider->redirect_uri}, {"client_id", provider->client_id},
                            {"client_secret", secret.bytes},          {"code_verifier", flow->verifier}};
    const struct pair_list form = {values, COUNT_OF(values) - (flow->verifier ? 0 : 1)};
    if (!fetch(arena, provider->token_url, &form, NULL, &answer, err) ||
        !check_id_token(arena, answer, provider, flow, &subject, err))
        return false;
    const char *token = text_of(answer, "access_token");
    if (!token || strpbrk(token, "\r\n"))
        return refuse("there is no access token", err);
    if (!fetch(arena, provider->user_url, NULL, token, &said, err))
        return false;
    const char *email = email_of(said, subject, provider->wants_verified);
    if (string_is_empty(email) || strlen(email) > EMAIL_MAX)
        return refuse("there is no verified mail address", err);
    if (!subject && !find_subject(arena, provider, said, token, &subject, err))
        return false;
    if (string_is_empty(subject) || strlen(subject) > SUBJECT_MAX)
        return refuse("there is no subject", err);
    *ret_person = (struct oauth_person){arena_strdup(arena, subject), arena_strdup(arena, email)};
    return true;
}

bool oauth_exchange(struct db *db, struct arena *arena, const struct oauth_provider *provider, const char *code,
                    const struct oauth_flow *flow, const char *remote_address, struct oauth_person *ret_person,
                    struct error *err)
{
    struct signin_guess guess = signin_guess_from(arena, remote_address);
    bool may = false;
    if (!signin_note_guess(db, &guess, &may, err))
        return false;
    if (!may)
        return error_set(err, ERROR_RATE_LIMITED, "oauth.too_many_failures");
    return exchange(arena, provider, code, flow, ret_person, err) && signin_forget_guess(db, &guess, err);
}

bool oauth_log_in(struct db *db, struct arena *arena, int64_t provider_id, const char *domain_path,
                  const struct oauth_person *person, const struct sign_in_place *place,
                  struct identity_login *ret_login, struct error *err)
{
    int64_t domain_id = 0, user_id = 0;
    if (!identity_domain_id_of_path_any(db, arena, domain_path, &domain_id, err))
        return false;
    if (domain_id && !oauth_user_of(db, arena, provider_id, domain_id, person, &user_id, err))
        return false;
    return identity_log_in_user(db, arena, user_id, place, ret_login, err);
}
