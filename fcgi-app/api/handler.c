/* The web side of a command: which command, which format, and the order of checks; then the reply, its status and
 * headers. Who asks is found in enter.c. */
#include "api/wait.h"

#include "api/api_settings.h"
#include "api/discover.h"
#include "api/enter.h"
#include "api/parse.h"
#include "api/repeat.h"
#include "api/throttle.h"
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
        if (failure->kind == ERROR_RATE_LIMITED)
            http_add_header(response, "Retry-After", arena_printf(call->arena, "%d", (int)throttle_wait_s(failure)));
        if (response->status >= 500 || failure->kind == ERROR_UNAUTHENTICATED)
            log_error(LOG_INFO, "api.refused", failure);
    } else {
        response->status = 200;
        if (call->reply->form == REPLY_KEPT)
            http_add_header(response, "Idempotent-Replayed", "true");
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

static bool take_repeat_key(const struct request *request, struct error *err)
{
    const struct api_command *command = request->command->command;
    const char *key = http_header(&request->exchange->request, "Idempotency-Key");
    if (!key || !registry_is_repeatable(command))
        return true;
    return repeat_take_key(request->call, key, err);
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
    call->by_get = http->method == HTTP_GET;
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
    return enter(call, request->command, &request->exchange->request, &request->kills_session, err) &&
           throttle_admit(call->caller, err) && check_command(request, err) && take_repeat_key(request, err) &&
           invoke_call(call, request->command, request->params, err);
}

void api_http_refuse(struct http_exchange *exchange, const struct error *reason)
{
    const char *query = exchange->request.query_string;
    bool wants_json = query && strstr(query, "response=json");
    exchange->response.content_type = wants_json ? "application/json; charset=UTF-8" : "text/xml; charset=UTF-8";
    respond_error(&exchange->arena, NULL, wants_json ? FORMAT_JSON : FORMAT_XML, false, reason,
                  &exchange->response.body);
    http_add_header(&exchange->response, "X-Description", respond_error_text(&exchange->arena, reason));
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
