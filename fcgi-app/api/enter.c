/* Who asks: a key with a signature, a session with its session key, the integration port, or nobody. */
#include "api/enter.h"

#include "api/api_settings.h"
#include "api/sign.h"
#include "base/clock.h"
#include "base/text.h"

struct entry {
    struct api_call *call;
    const struct registered_command *command; /* NULL: unknown */
    const struct http_request *http;
    bool *ret_kills_session;
};

static bool refuse(struct error *err)
{
    return error_set(err, ERROR_UNAUTHENTICATED, "api.unauthenticated");
}

static void use_caller(const struct entry *entry, struct caller *caller)
{
    caller->remote_address = entry->http->remote_address;
    caller->user_agent = http_header(entry->http, "User-Agent");
    caller->request_id = entry->http->request_id;
    caller->language = entry->call->language;
    entry->call->caller = caller;
}

/* Nobody: may call only what needs no login. Never equal to the system caller, whose user_id is 0. */
static void use_nobody(const struct entry *entry)
{
    struct caller *nobody = ARENA_NEW(entry->call->arena, struct caller);
    *nobody = (struct caller){.user_id = -1, .account_id = SCOPE_NOBODY, .domain_id = -1, .role_id = -1};
    use_caller(entry, nobody);
}

static bool enter_by_key(const struct entry *entry, struct error *err)
{
    const struct wire_params *params = entry->call->wire;
    struct caller *caller = NULL;
    struct secret key = {0};
    bool wants_expiry = setting_bool(&API_POST_WRITES);
    if (!params->api_key || !params->signature || !entry->command)
        return refuse(err);
    if (wants_expiry && !string_equal(params->signature_version, "3"))
        return refuse(err);
    if (!identity->find_by_api_key(entry->call->db, entry->call->arena, params->api_key, &caller, &key, err))
        return false;
    if (!caller || !sign_verify(entry->call->arena, params, key) || !sign_is_fresh(params, clock_now_ms()))
        return refuse(err);
    use_caller(entry, caller);
    return true;
}

void api_session_key(const char *session_token, char key[static 28])
{
    char mac[45];
    struct secret token = {.bytes = session_token, .length = strlen(session_token)};
    hmac_sha256_base64(token, "sessionkey", strlen("sessionkey"), mac);
    for (size_t i = 0; i < 27; i++)
        key[i] = (char)(mac[i] == '+' ? '-' : mac[i] == '/' ? '_' : mac[i]);
    key[27] = '\0';
}

static bool is_session_key(const char *sent, const char *expected)
{
    return sent && string_equal_secret(sent, strlen(sent), expected, strlen(expected));
}

/* The key must come along from a place that a foreign page cannot fill. */
static bool session_key_fits(const struct entry *entry, const char *token)
{
    char expected[28], where[32];
    api_session_key(token, expected);
    setting_text(&API_SESSIONKEY_CHECK, where, sizeof(where));
    const char *cookie = http_cookie(entry->http, "sessionkey");
    bool in_cookie = is_session_key(cookie, expected),
         in_param = is_session_key(entry->call->wire->session_key, expected);
    if (string_equal_ignoring_case(where, "CookieOrParameter"))
        return in_cookie || in_param;
    if (string_equal_ignoring_case(where, "ParameterOnly"))
        return in_param;
    return in_cookie && in_param;
}

static bool enter_by_session(struct entry *entry, const char *token, struct error *err)
{
    struct db *db = entry->call->db;
    struct caller *caller = NULL;
    if (!identity->find_by_session(db, entry->call->arena, token, &caller, err))
        return false;
    if (!caller)
        return refuse(err);
    if (!session_key_fits(entry, token)) {
        *entry->ret_kills_session = true;
        return identity->end_session(db, caller->session_id, err) && refuse(err);
    }
    use_caller(entry, caller);
    return true;
}

/* login and logout see the session they replace or end, whatever key came along. */
static bool enter_without_login(struct entry *entry, const char *token, struct error *err)
{
    struct caller *caller = NULL;
    if (token && !identity->find_by_session(entry->call->db, entry->call->arena, token, &caller, err))
        return false;
    if (caller)
        use_caller(entry, caller);
    return true;
}

/* A request of the integration port: whoever reaches it acts as the first administrator. The mark is a variable of our
 * own gateway, where what a client sends can only become HTTP_…; and a page in a browser on this machine must not reach
 * what its user does not see, so what browsers send is refused: their origin, and names that merely lead here. */
static bool is_integration(const struct entry *entry)
{
    const char *mark = http_gateway_variable(entry->http, "GURUM_INTEGRATION");
    return string_equal(mark, "on") && setting_int(&INTEGRATION_API_PORT) > 0;
}

static bool comes_from_browser(const struct http_request *http)
{
    static const char *const here[] = {"127.0.0.1", "localhost", "[::1]"};
    bool is_named_here = false;
    for (size_t i = 0; i < COUNT_OF(here); i++)
        is_named_here = is_named_here || string_equal(http->host, here[i]);
    return !is_named_here || http_header(http, "Origin") || http_header(http, "Sec-Fetch-Site");
}

static bool enter_by_integration(const struct entry *entry, struct error *err)
{
    struct caller *caller = NULL;
    if (comes_from_browser(entry->http))
        return refuse(err);
    if (!identity->find_first_admin(entry->call->db, entry->call->arena, &caller, err))
        return false;
    use_caller(entry, caller);
    return true;
}

bool enter(struct api_call *call, const struct registered_command *command, const struct http_request *http,
           bool *ret_kills_session, struct error *err)
{
    struct entry entry = {call, command, http, ret_kills_session};
    const char *token = http_cookie(http, "JSESSIONID");
    use_nobody(&entry);
    if (is_integration(&entry))
        return enter_by_integration(&entry, err);
    if (call->wire->api_key || call->wire->signature)
        return enter_by_key(&entry, err);
    if (command && (command->command->flags & API_NO_LOGIN))
        return enter_without_login(&entry, token, err);
    if (!token)
        return refuse(err);
    return enter_by_session(&entry, token, err);
}
