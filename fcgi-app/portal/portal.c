/* The portals' front door: brand, language, session and route of a request; forms; refusals. Helpers for pages are in
 * page.c, the pages themselves in cloud/<f>/<f>_pages.c. */
#include "portal/portal.h"

#include <json-c/json.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "base/log.h"
#include "base/message.h"
#include "http/csrf.h"
#include "portal/portal_private.h"
#include "render/theme.h"

enum { PAGES_MAX = 128, FORM_PARAMS_MAX = 100, FORM_WAIT_MS = 9000, REPLY_MAX_BYTES = 4 * 1024 * 1024 };
#define SESSION_COOKIE "gurum_session"
#define LANGUAGE_COOKIE "gurum_language"
#define PROJECT_COOKIE "gurum_project"

/* Written while features register, before threads start; read-only afterwards. */
static const struct portal_page *pages[PAGES_MAX];
static struct http_route routes[PAGES_MAX];
static size_t page_count;
static const struct portal_hooks *hooks;

void portal_register_pages(const struct portal_page *table)
{
    for (; table->path; table++) {
        if (page_count == PAGES_MAX)
            abort();
        routes[page_count] =
            (struct http_route){.methods = HTTP_ROUTE_GET | HTTP_ROUTE_POST, .pattern = table->path, .context = table};
        pages[page_count++] = table;
    }
}

void portal_start(void)
{
    if (!hooks)
        abort();
    portal_register_pages(portal_home_pages);
}

void portal_set_hooks(const struct portal_hooks *given)
{
    hooks = given;
}

/* ---- answering ---- */

static const char *route_title(struct page_call *call, const struct portal_page *page)
{
    return page_text(call, call->title_key ? call->title_key : page->title_key);
}

static void add_security_headers(struct http_response *response)
{
    http_add_header(
        response, "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    http_add_header(response, "X-Content-Type-Options", "nosniff");
    http_add_header(response, "Referrer-Policy", "same-origin");
    http_add_header(response, "Cache-Control", "no-store");
}

static void answer_with(struct page_call *call, struct http_response *response, const char *template_name,
                        struct view *root, int status)
{
    struct error err;
    response->status = status;
    response->content_type = "text/html; charset=utf-8";
    add_security_headers(response);
    text_reset(&response->body);
    if (!theme_render(&response->body, NULL, template_name, root, call->language, &err)) {
        log_error(LOG_ERROR, "page.render_failed", &err);
        text_reset(&response->body);
        response->status = 500;
        text_add(&response->body, "<!doctype html><title>500</title><p>500</p>");
    }
}

static int page_status(const struct error *err)
{
    if (string_equal(err->key, "portal.error.object_gone"))
        return 404;
    switch (error_http_status(err->kind)) {
    case 401:
    case 404:
    case 405:
    case 413:
    case 503:
        return error_http_status(err->kind);
    case 531:
        return 403;
    case 530:
        return 500;
    default: /* the wire's own codes mean nothing to a browser */
        return 400;
    }
}

static void answer_error(struct page_call *call, struct http_response *response, int status, const struct error *error)
{
    struct view *root = view_object(call->arena);
    view_set_text(root, "title", page_text(call, "portal.error.title"));
    call->refusal = NULL;
    call->plan = NULL;
    call->busy = false;
    portal_add_error(call, root, error);
    portal_add_frame(call, root, NULL);
    answer_with(call, response, "tenant/error", root, status);
}

static void answer_refusal(struct page_call *call, struct http_response *response, int status, enum error_kind kind,
                           const char *key)
{
    struct error err;
    error_set(&err, kind, key);
    answer_error(call, response, status, &err);
}

static void send_to_login(struct page_call *call, struct http_response *response)
{
    struct text location;
    text_init(&location, call->arena, 4096);
    text_add(&location, "/login");
    if (!string_equal(call->path, "/")) {
        text_add(&location, "?next=");
        http_add_url_encoded(&location, call->path);
    }
    http_redirect(response, text_string(&location));
}

/* Shows the page at `path` (a form that was refused shows the page it came from). */
static void show_page(struct page_call *call, struct http_response *response, const char *path, int status)
{
    struct http_route_match match;
    struct error err;
    http_route_find(routes, page_count, HTTP_GET, path, call->arena, &match);
    call->route = &match;
    call->path = path;
    if (!match.route) {
        answer_refusal(call, response, 404, ERROR_INVALID_VALUE, "portal.error.not_found");
        return;
    }
    const struct portal_page *page = match.route->context;
    if (!(page->flags & PAGE_NO_LOGIN) && !call->caller) {
        send_to_login(call, response);
        return;
    }
    if (call->caller && call->caller->factor_owed != FACTOR_NONE &&
        !(page->flags & (PAGE_BEFORE_FACTOR | PAGE_NO_LOGIN))) {
        http_redirect(response, PAGE_FACTOR_PATH);
        return;
    }
    if ((page->flags & PAGE_ADMIN) && !caller_is_root_admin(call->caller)) {
        answer_refusal(call, response, 403, ERROR_DENIED, "portal.error.provider_only");
        return;
    }
    struct view *root = view_object(call->arena);
    error_clear(&err);
    if (page->serve ? !page->serve(call, response, &err) : !page->load(call, root, &err)) {
        if (error_http_status(err.kind) >= 530)
            log_error(LOG_WARNING, "page.failed", &err);
        answer_error(call, response, page_status(&err), &err);
        return;
    }
    if (page->serve)
        return;
    if (!view_get(root, "title"))
        view_set_text(root, "title", route_title(call, page));
    portal_add_frame(call, root, page);
    answer_with(call, response, page->template_name, root, status);
}

/* ---- forms ---- */

/* A path of ours, so that a form cannot send people elsewhere. */
static bool is_local_path(const char *path)
{
    return path && path[0] == '/' && path[1] != '/' && path[1] != '\\' && strlen(path) < 2000 &&
           !string_has_control(path);
}

/* The id of what a command made: a member of the reply, or of the object in it. */
static const char *made_id(struct json_object *reply)
{
    const char *id = reply ? page_json_text(reply, "id") : NULL;
    if (id || !reply)
        return id;
    json_object_object_foreach(reply, key, object)
    {
        (void)key;
        id = json_object_is_type(object, json_type_object) ? page_json_text(object, "id") : id;
    }
    return id;
}

static const char *fill_then(struct page_call *call, const char *then, struct json_object *reply)
{
    const char *mark = strstr(then, "{id}"), *id = made_id(reply);
    if (!mark)
        return then;
    if (!id)
        return "/";
    return arena_printf(call->arena, "%.*s%s%s", (int)(mark - then), then, id, mark + 4);
}

/* Forms send lines that end with CR LF, which shells do not take. */
static const char *with_unix_lines(struct arena *arena, const char *text)
{
    char *lines = arena_strdup(arena, text), *end = lines;
    for (const char *c = text; *c != '\0'; c++)
        if (c[0] != '\r' || c[1] != '\n')
            *end++ = *c;
    *end = '\0';
    return lines;
}

/* A text that the command wants in base64: the field "_base64.userdata" becomes the parameter "userdata". */
#define BASE64_PREFIX "_base64."
static struct api_param encoded_param(struct arena *arena, const struct http_param *param)
{
    const char *text = with_unix_lines(arena, param->value);
    size_t length = strlen(text), room = sodium_base64_encoded_len(length, sodium_base64_VARIANT_ORIGINAL);
    return (struct api_param){.name = param->name + strlen(BASE64_PREFIX),
                              .value = sodium_bin2base64(arena_alloc_unset(arena, room), room,
                                                         (const unsigned char *)text, length,
                                                         sodium_base64_VARIANT_ORIGINAL)};
}

static size_t form_params(const struct page_call *call, struct api_param *params, bool *ret_plan)
{
    const struct http_request *request = call->request;
    size_t count = 0;
    *ret_plan = false;
    for (size_t i = 0; i < request->param_count && count < FORM_PARAMS_MAX; i++) {
        const struct http_param *param = &request->params[i];
        if (!param->from_query && string_starts_with(param->name, BASE64_PREFIX) && !string_is_empty(param->value)) {
            params[count++] = encoded_param(call->arena, param);
            continue;
        }
        if (param->from_query || param->name[0] == '_' || string_equal(param->name, "csrf") ||
            string_is_empty(param->value))
            continue; /* an empty field of a form means: not given */
        if (string_equal(param->name, "plan"))
            *ret_plan = string_equal(param->value, "true");
        params[count++] = (struct api_param){.name = param->name, .value = param->value};
    }
    return count;
}

/* Who is not signed in may still forget a password. */
static const struct caller *form_caller(const struct page_call *call)
{
    struct caller *nobody = ARENA_NEW(call->arena, struct caller);
    *nobody = (struct caller){.user_id = -1,
                              .account_id = SCOPE_NOBODY,
                              .domain_id = -1,
                              .role_id = -1,
                              .remote_address = call->request->remote_address,
                              .request_id = call->request->request_id,
                              .language = call->language};
    return call->caller ? call->caller : nobody;
}

static void run_form(struct page_call *call, struct http_response *response, const char *command)
{
    struct api_param params[FORM_PARAMS_MAX];
    struct json_object *reply = NULL;
    struct error err;
    bool plan;
    const char *page = http_param(call->request, "_page"), *then = http_param(call->request, "_then");
    if (!is_local_path(page))
        page = "/";
    if (!is_local_path(then))
        then = page;
    size_t count = form_params(call, params, &plan);
    error_clear(&err);
    if (!api_invoke(call->db, call->arena, form_caller(call), command, params, count, FORM_WAIT_MS, &reply, &err)) {
        call->refusal = &err;
        show_page(call, response, page, page_status(&err));
    } else if (plan) {
        call->plan = portal_plan_view(reply);
        show_page(call, response, page, 200);
    } else if (http_param(call->request, "_answer")) {
        call->answer = reply;
        show_page(call, response, page, 200);
    } else {
        http_redirect(response, fill_then(call, then, reply));
    }
}

static bool csrf_is_valid(const struct page_call *call)
{
    struct secret key = app_csrf_key();
    return call->caller && csrf_token_is_valid(key, call->caller->session_token, http_param(call->request, "csrf"));
}

static void set_cookie(struct page_call *call, struct http_response *response, const char *name, const char *value,
                       int max_age_s)
{
    http_set_cookie(response, name, value,
                    (struct http_cookie_options){.path = "/", .max_age_s = max_age_s, .http_only = true,
                                                 .secure = call->request->is_https, .same_site = "Lax"});
}

void page_begin_session(struct page_call *call, struct http_response *response, const char *session_token,
                        const char *next)
{
    set_cookie(call, response, SESSION_COOKIE, session_token, 0);
    http_redirect(response, is_local_path(next) ? next : "/");
}

static void log_in(struct page_call *call, struct http_response *response)
{
    struct error err;
    const char *token = NULL, *next = http_param(call->request, "next"), *domain = http_param(call->request, "domain");
    const char *username = http_param(call->request, "username"), *password = http_param(call->request, "password");
    error_clear(&err);
    if (hooks->log_in(call, username ? username : "", secret_from(call->arena, password ? password : ""),
                      string_is_empty(domain) ? NULL : domain, &token, &err)) {
        page_begin_session(call, response, token, next);
        return;
    }
    call->refusal = &err;
    show_page(call, response, "/login", page_status(&err) == 400 ? 401 : page_status(&err));
}

static void log_out(struct page_call *call, struct http_response *response)
{
    struct error err;
    error_clear(&err);
    if (call->caller && !hooks->log_out(call->db, call->caller->session_id, &err))
        log_error(LOG_WARNING, "page.logout_failed", &err);
    set_cookie(call, response, SESSION_COOKIE, "", -1);
    http_redirect(response, "/login");
}

/* From now on the person works in this project; without one, for himself again. */
static void choose_project(struct page_call *call, struct http_response *response)
{
    const char *id = http_param(call->request, "id"), *then = http_param(call->request, "_then");
    set_cookie(call, response, PROJECT_COOKIE, id ? id : "", string_is_empty(id) ? -1 : 0);
    http_redirect(response, is_local_path(then) ? then : "/");
}

/* Browsers say where a form stands. Nobody else's page signs people in, with an account of its own choice. */
static bool comes_from_elsewhere(const struct http_request *request)
{
    const char *origin = http_header(request, "Origin"), *host = origin ? strstr(origin, "://") : NULL;
    return origin && (!host || !string_equal_ignoring_case(host + 3, request->host_port));
}

/* Forms of people who cannot sign in: their commands need no login. */
static bool is_open_form(const char *path)
{
    return string_equal(path, "/do/forgotPassword") || string_equal(path, "/do/resetPassword");
}

static void post(struct page_call *call, struct http_response *response)
{
    const char *path = call->request->path;
    if (comes_from_elsewhere(call->request)) {
        answer_refusal(call, response, 403, ERROR_DENIED, "portal.error.form_expired");
    } else if (string_equal(path, "/login")) {
        log_in(call, response);
    } else if (is_open_form(path)) {
        run_form(call, response, path + strlen("/do/"));
    } else if (!call->caller) {
        call->path = "/";
        send_to_login(call, response);
    } else if (!csrf_is_valid(call)) {
        answer_refusal(call, response, 403, ERROR_DENIED, "portal.error.form_expired");
    } else if (string_equal(path, "/logout")) {
        log_out(call, response);
    } else if (string_equal(path, "/project")) {
        choose_project(call, response);
    } else if (string_starts_with(path, "/do/")) {
        run_form(call, response, path + 4);
    } else {
        answer_refusal(call, response, 404, ERROR_INVALID_VALUE, "portal.error.not_found");
    }
}

static void choose_language(struct page_call *call, struct http_response *response)
{
    const char *to = http_param(call->request, "to"), *back = http_param(call->request, "back");
    if (message_language(to))
        set_cookie(call, response, LANGUAGE_COOKIE, to, 365 * 24 * 3600);
    http_redirect(response, is_local_path(back) ? back : "/");
}

/* ---- a request ---- */

/* The person's choice, else what the browser asks for, else the brand's default. */
static const char *find_language(const struct http_request *request, const struct brand *brand)
{
    const char *chosen = message_language(http_cookie(request, LANGUAGE_COOKIE));
    const char *fallback = message_language(brand->default_language);
    return chosen ? chosen : message_negotiate(http_header(request, "Accept-Language"), fallback ? fallback : "en");
}

static bool find_caller(struct page_call *call, struct error *err)
{
    const char *token = http_cookie(call->request, SESSION_COOKIE);
    struct caller *caller = NULL;
    if (string_is_empty(token))
        return true;
    if (!api_identity_hooks()->find_by_session(call->db, call->arena, token, &caller, err))
        return false;
    if (!caller)
        return true;
    caller->remote_address = call->request->remote_address;
    caller->user_agent = http_header(call->request, "User-Agent");
    caller->request_id = call->request->request_id;
    caller->language = call->language;
    call->caller = caller;
    char *csrf = arena_alloc(call->arena, CSRF_TOKEN_BYTES);
    csrf_make_token(app_csrf_key(), token, csrf);
    call->csrf = csrf;
    return true;
}

/* The project of the cookie, as long as it exists and the person may work in it. */
static void find_project(struct page_call *call)
{
    const char *id = http_cookie(call->request, PROJECT_COOKIE);
    struct json_object *reply = NULL, *projects = NULL;
    struct error err;
    error_clear(&err);
    if (string_is_empty(id) || !call->caller ||
        !page_ask(call, "listProjects", &reply, &err, "id", id, "details", "min", (const char *)NULL) ||
        !json_object_object_get_ex(reply, "project", &projects) || json_object_array_length(projects) == 0)
        return;
    call->project_id = arena_strdup(call->arena, id);
    call->project_name = page_json_text(json_object_array_get_idx(projects, 0), "name");
}

static void handle(struct page_call *call, struct http_exchange *exchange)
{
    struct http_response *response = &exchange->response;
    const struct http_request *request = &exchange->request;
    if (request->method == HTTP_POST)
        post(call, response);
    else if (request->method == HTTP_OTHER)
        answer_refusal(call, response, 405, ERROR_METHOD_NOT_ALLOWED, "portal.error.not_found");
    else if (string_equal(request->path, "/language"))
        choose_language(call, response);
    else
        show_page(call, response, request->path, 200);
}

enum http_outcome portal_handle(struct http_exchange *exchange, void *given_app)
{
    const struct app *app = given_app;
    AUTO(db_release_auto) struct db *db = NULL;
    struct brand fallback = {.name = "Gurum", .css_url = "/static/base/portal.css", .default_language = "en"},
                 *brand = &fallback;
    struct page_call call = {.arena = &exchange->arena, .request = &exchange->request, .brand = brand, .language = "en",
                             .path = exchange->request.path, .route = &(struct http_route_match){0}};
    struct error err;
    error_clear(&err);
    bool ready = db_acquire(app->pool, &db, &err);
    call.db = db;
    ready = ready && hooks->find_brand(db, call.arena, exchange->request.host, &brand, &err);
    call.brand = brand;
    call.language = find_language(&exchange->request, brand);
    ready = ready && find_caller(&call, &err);
    if (ready) {
        find_project(&call);
        handle(&call, exchange);
    } else {
        log_error(LOG_ERROR, "page.failed", &err);
        answer_error(&call, &exchange->response, 503, &err);
    }
    return HTTP_DONE;
}
