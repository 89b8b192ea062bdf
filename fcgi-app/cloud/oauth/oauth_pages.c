/* The portal's way to a provider and back: state, nonce and the PKCE verifier travel in a sealed cookie of the browser
 * that began, so a code that somebody else began the way for is worth nothing here. */
#include <sodium.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/oauth/oauth_service.h"
#include "portal/portal.h"

#define WAY_COOKIE "gurum_oauth"
enum { WAY_SECONDS = 600, TOKEN_BYTES = 32 };

struct way {
    const char *provider, *state, *nonce, *verifier, *next, *domain;
    int64_t expires_ms;
};
#define WAY(member) COLUMN(struct way, member)
FIELD_TABLE(OAUTH_WAY, struct way, WAY(provider), WAY(state), WAY(nonce), WAY(verifier), WAY(next), WAY(domain),
            WAY(expires_ms));

static const char *random_text(struct arena *arena)
{
    char token[64];
    random_token(token, sizeof(token), TOKEN_BYTES);
    return arena_strdup(arena, token);
}

static const char *challenge_of(struct arena *arena, const char *verifier)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char challenge[64];
    crypto_hash_sha256(digest, (const unsigned char *)verifier, strlen(verifier));
    sodium_bin2base64(challenge, sizeof(challenge), digest, sizeof(digest), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return arena_strdup(arena, challenge);
}

static void set_way(struct page_call *call, struct http_response *response, const char *value, int max_age_s)
{
    http_set_cookie(response, WAY_COOKIE, value,
                    (struct http_cookie_options){.path = "/login/oauth",
                                                 .max_age_s = max_age_s,
                                                 .http_only = true,
                                                 .secure = call->request->is_https,
                                                 .same_site = "Lax"});
}

static bool find_provider(struct page_call *call, const struct oauth_provider **ret_provider, struct error *err)
{
    if (!oauth_find_enabled(call->db, call->arena, page_param(call, "provider"), ret_provider, err))
        return false;
    return *ret_provider || error_set(err, ERROR_INVALID_VALUE, "oauth.no_provider");
}

static bool begin(struct page_call *call, struct http_response *response, struct error *err)
{
    const struct oauth_provider *provider = NULL;
    struct text record;
    if (!find_provider(call, &provider, err))
        return false;
    const char *domain = http_param(call->request, "domain");
    const struct way way = {.provider = provider->provider,
                            .state = random_text(call->arena),
                            .nonce = random_text(call->arena),
                            .verifier = random_text(call->arena),
                            .next = http_param(call->request, "next"),
                            .domain = string_is_empty(domain) ? call->brand->home_domain_path : domain,
                            .expires_ms = clock_now_ms() + WAY_SECONDS * 1000};
    text_init(&record, call->arena, 8192);
    json_add_record(&record, &OAUTH_WAY, &way);
    set_way(call, response, secret_seal(call->arena, secret_from(call->arena, text_string(&record)), WAY_COOKIE),
            WAY_SECONDS);
    http_redirect(response, oauth_authorize_url(call->arena, provider, way.state, way.nonce,
                                                challenge_of(call->arena, way.verifier)));
    return true;
}

/* The way that this browser began, if it leads here. */
static bool read_way(struct page_call *call, const struct oauth_provider *provider, struct way *way, struct error *err)
{
    const char *cookie = http_cookie(call->request, WAY_COOKIE), *state = http_param(call->request, "state");
    struct secret record = {0};
    struct error unread = {0};
    bool ok = !string_is_empty(cookie) && state && secret_open(call->arena, cookie, WAY_COOKIE, &record, &unread) &&
              json_read_object(call->arena, record.bytes, &OAUTH_WAY, way, &unread) && way->state &&
              string_equal_secret(state, strlen(state), way->state, strlen(way->state)) &&
              string_equal(way->provider, provider->provider) && way->expires_ms > clock_now_ms();
    return ok || error_set(err, ERROR_LOGIN_FAILED, "oauth.lost_way");
}

static bool come_back(struct page_call *call, struct http_response *response, struct error *err)
{
    const struct oauth_provider *provider = NULL;
    const struct sign_in_place place = {call->request->remote_address, http_header(call->request, "User-Agent")};
    const char *code = http_param(call->request, "code");
    struct oauth_person person = {0};
    struct identity_login login;
    struct way way = {0};
    set_way(call, response, "", -1);
    if (!find_provider(call, &provider, err) || !read_way(call, provider, &way, err))
        return false;
    if (string_is_empty(code)) /* the person, or the provider, said no */
        return error_set(err, ERROR_LOGIN_FAILED, "oauth.refused");
    const struct oauth_flow flow = {way.verifier, way.nonce};
    if (!oauth_exchange(call->db, call->arena, provider, code, &flow, place.remote_address, &person, err) ||
        !oauth_log_in(call->db, call->arena, provider->id, way.domain, &person, &place, &login, err))
        return false;
    page_begin_session(call, response, login.session_token, way.next);
    return true;
}

static const struct portal_page PAGES[] = {
    {.path = "/login/oauth/{provider}", .title_key = "portal.title.login", .flags = PAGE_NO_LOGIN, .serve = begin},
    {.path = "/login/oauth/{provider}/callback",
     .title_key = "portal.title.login",
     .flags = PAGE_NO_LOGIN,
     .serve = come_back},
    {.path = NULL},
};

void oauth_register_pages(void)
{
    portal_register_pages(PAGES);
}
