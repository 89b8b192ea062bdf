/* The web side of a command: who asks (key and signature, or session), which command, which format; then the reply, its
 * status and headers. */
#include "api/wait.h"

#include "api/api_settings.h"
#include "api/discover.h"
#include "api/parse.h"
#include "api/sign.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/message.h"
#include "base/text.h"

static bool (*prepare_request)(struct db *db, struct error *err);

void api_set_request_hook(bool (*prepare)(struct db *db, struct error *err))
{
    prepare_request = prepare;
}

struct request {
    struct http_exchange *exchange;
    struct arena *arena;
    const struct wire_params *params;
    const char *name;                         /* of the command; NULL: none given */
    const struct registered_command *command; /* NULL: unknown */
    struct api_call *call;
    bool kills_session;
};

/* ---- who asks ---- */

static bool refuse(struct error *err)
{
    return error_set(err, ERROR_UNAUTHENTICATED, "api.unauthenticated");
}

static void use_caller(struct request *request, struct caller *caller)
{
    const struct http_request *http = &request->exchange->request;
    caller->remote_address = http->remote_address;
    caller->user_agent = http_header(http, "User-Agent");
    caller->request_id = http->request_id;
    caller->language = request->call->language;
    request->call->caller = caller;
}

/* Nobody: may call only what needs no login. Never equal to the system caller, whose user_id is 0. */
static void use_nobody(struct request *request)
{
    struct caller *nobody = ARENA_NEW(request->arena, struct caller);
    *nobody = (struct caller){.user_id = -1, .account_id = -1, .domain_id = -1, .role_id = -1};
    use_caller(request, nobody);
}

static bool enter_by_key(struct request *request, struct error *err)
{
    const struct wire_params *params = request->params;
    struct caller *caller = NULL;
    struct secret key = {0};
    bool wants_expiry = setting_bool(&API_POST_WRITES);
    if (!params->api_key || !params->signature || !request->command)
        return refuse(err);
    if (wants_expiry && !string_equal(params->signature_version, "3"))
        return refuse(err);
    if (!identity->find_by_api_key(request->call->db, request->arena, params->api_key, &caller, &key, err))
        return false;
    if (!caller || !sign_verify(request->arena, params, key) || !sign_is_fresh(params, clock_now_ms()))
        return refuse(err);
    use_caller(request, caller);
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
static bool session_key_fits(const struct request *request, const char *token)
{
    char expected[28], where[32];
    api_session_key(token, expected);
    setting_text(&API_SESSIONKEY_CHECK, where, sizeof(where));
    const char *cookie = http_cookie(&request->exchange->request, "sessionkey");
    bool in_cookie = is_session_key(cookie, expected),
         in_param = is_session_key(request->params->session_key, expected);
    if (string_equal_ignoring_case(where, "CookieOrParameter"))
        return in_cookie || in_param;
    if (string_equal_ignoring_case(where, "ParameterOnly"))
        return in_param;
    return in_cookie && in_param;
}

static bool enter_by_session(struct request *request, const char *token, struct error *err)
{
    struct db *db = request->call->db;
    struct caller *caller = NULL;
    if (!identity->find_by_session(db, request->arena, token, &caller, err))
        return false;
    if (!caller)
        return refuse(err);
    if (!session_key_fits(request, token)) {
        request->kills_session = true;
        return identity->end_session(db, caller->session_id, err) && refuse(err);
    }
    use_caller(request, caller);
    return true;
}

/* login and logout see the session they replace or end, whatever key came along. */
static bool enter_without_login(struct request *request, const char *token, struct error *err)
{
    struct caller *caller = NULL;
    if (token && !identity->find_by_session(request->call->db, request->arena, token, &caller, err))
        return false;
    if (caller)
        use_caller(request, caller);
    return true;
}

static bool enter(struct request *request, struct error *err)
{
    const char *token = http_cookie(&request->exchange->request, "JSESSIONID");
    use_nobody(request);
    if (request->params->api_key || request->params->signature)
        return enter_by_key(request, err);
    if (request->command && (request->command->command->flags & API_NO_LOGIN))
        return enter_without_login(request, token, err);
    if (!token)
        return refuse(err);
    return enter_by_session(request, token, err);
}

/* ---- answers ---- */

static void add_session_cookies(struct http_exchange *exchange, const char *token, const char *key)
{
    struct http_cookie_options options = {
        .path = "/client", .http_only = true, .secure = exchange->request.is_https, .same_site = "Lax"};
    options.max_age_s = token ? 0 : -1;
    http_set_cookie(&exchange->response, "JSESSIONID", token ? token : "", options);
    http_set_cookie(&exchange->response, "sessionkey", key ? key : "", options);
}

static void log_request(const struct api_call *call, const char *name, int status)
{
    bool is_quiet = status == 200 && call->command && !registry_is_write(call->command);
    log_with(is_quiet ? LOG_DEBUG : LOG_INFO, "api.request", L_TEXT("command", name ? name : ""),
             L_INT("status", status), L_INT("user", call->caller ? call->caller->user_id : -1));
}

void handler_answer(struct http_exchange *exchange, struct api_call *call, const struct registered_command *command,
                    const struct error *failure)
{
    struct http_response *response = &exchange->response;
    bool is_authenticated = call->caller && call->caller->user_id > 0;
    response->content_type = call->format == FORMAT_XML ? "text/xml; charset=UTF-8" : "application/json; charset=UTF-8";
    if (failure) {
        response->status = error_http_status(failure->kind);
        text_reset(&response->body);
        respond_error(call->arena, command, call->format, is_authenticated, failure, &response->body);
        char description[300];
        string_copy(description, sizeof(description), respond_error_text(call->arena, failure));
        http_add_header(response, "X-Description", arena_strdup(call->arena, description));
        if (response->status >= 500 || failure->kind == ERROR_UNAUTHENTICATED)
            log_error(LOG_INFO, "api.refused", failure);
    } else {
        response->status = 200;
        respond_write(call, command, &response->body);
        if (call->reply->session_changed)
            add_session_cookies(exchange, call->reply->session_token, call->reply->session_key);
    }
    record_answer(call, command, failure);
    log_request(call, command ? command->command->name : NULL, response->status);
}

static bool check_method(const struct request *request, struct error *err)
{
    const struct api_command *command = request->command->command;
    bool is_post = request->exchange->request.method == HTTP_POST;
    bool writes = registry_is_write(command);
    if (is_post || (!(command->flags & API_POST_ONLY) && !(writes && setting_bool(&API_POST_WRITES))))
        return true;
    return error_set(err, ERROR_METHOD_NOT_ALLOWED, "api.post_only");
}

static bool check_command(const struct request *request, struct error *err)
{
    const struct caller *caller = request->call->caller;
    bool is_usable = request->command && !(request->command->command->flags & API_SESSION_ONLY && caller->api_key);
    if (!is_usable)
        return error_with(err, ERROR_UNSUPPORTED, "api.unknown_command",
                          E_TEXT("command", request->name ? request->name : ""),
                          E_TEXT("account", caller->account_name ? caller->account_name : ""));
    return true;
}

/* ---- the whole ---- */

static const char *command_of_path(const char *path)
{
    const char *name = path + strlen("/client/api");
    return *name == '/' && name[1] != '\0' ? name + 1 : NULL;
}

static void read_request(struct request *request, struct http_exchange *exchange)
{
    const struct http_request *http = &exchange->request;
    struct wire_params *params = ARENA_NEW(&exchange->arena, struct wire_params); /* outlives the thread when parked */
    params_from_http(&exchange->arena, http, params);
    *request = (struct request){.exchange = exchange, .arena = &exchange->arena, .params = params};
    request->name = request->params->command ? request->params->command : command_of_path(http->path);
    request->command = request->name ? commands_find(request->name) : NULL;
    struct api_call *call = request->call = ARENA_NEW(request->arena, struct api_call);
    call->arena = request->arena;
    call->wire = request->params;
    call->format = string_equal(request->params->response, "json") ? FORMAT_JSON : FORMAT_XML;
    const char *asked = parse_find(request->params, "lang"), *language = asked ? message_language(asked) : NULL;
    call->language = language ? language : message_negotiate(http_header(http, "Accept-Language"), "en");
}

static bool serve(struct request *request, struct error *err)
{
    struct api_call *call = request->call;
    if (request->command && !check_method(request, err))
        return false;
    if (prepare_request && !prepare_request(call->db, err))
        return false;
    return enter(request, err) && check_command(request, err) &&
           invoke_call(call, request->command, request->params, err);
}

enum http_outcome api_http_handler(struct http_exchange *exchange, void *app)
{
    struct request request;
    struct error err = {0};
    (void)app;
    if (discover_answer_document(exchange))
        return HTTP_DONE;
    read_request(&request, exchange);
    struct api_call *call = request.call;
    bool ok = db_acquire(wait_pool(), &call->db, &err) && serve(&request, &err);
    db_release(call->db);
    call->db = NULL;
    bool waits = ok && call->reply->form == REPLY_JOB && (call->plan || call->command->mode == API_WAIT);
    if (waits && wait_park(exchange, call, request.command, &err))
        return HTTP_PARKED;
    handler_answer(exchange, call, request.command, ok && !waits ? NULL : &err);
    if (request.kills_session)
        add_session_cookies(exchange, NULL, NULL);
    return HTTP_DONE;
}
