/* A request from the gateway's variables and the body: fields, headers, which parameter wins. No socket here. */
#include "http/http.h"

#include "base/uuid.h"

#include <string.h>
#include <strings.h>

static const char *variable(const struct http_request *request, const char *name)
{
    size_t length = strlen(name);
    for (const char *const *entry = request->environment; *entry != NULL; entry++)
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
            return *entry + length + 1;
    return NULL;
}

static const char *variable_or_empty(const struct http_request *request, const char *name)
{
    const char *value = variable(request, name);
    return value != NULL ? value : "";
}

const char *http_header(const struct http_request *request, const char *name)
{
    char key[80] = "HTTP_";
    size_t used = 5;
    if (strlen(name) >= sizeof key - used)
        return NULL;
    for (const char *c = name; *c != '\0'; c++) {
        if (*c == '-')
            key[used++] = '_';
        else
            key[used++] = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    }
    key[used] = '\0';
    return variable(request, key);
}

const char *http_gateway_variable(const struct http_request *request, const char *name)
{
    return strncmp(name, "HTTP_", 5) == 0 ? NULL : variable(request, name);
}

const char *http_param(const struct http_request *request, const char *name)
{
    const struct http_param *winner = NULL;
    for (size_t i = 0; i < request->param_count; i++) {
        const struct http_param *param = &request->params[i];
        if ((winner == NULL || param->from_query >= winner->from_query) && strcmp(param->name, name) == 0)
            winner = param;
    }
    return winner != NULL ? winner->value : NULL;
}

static enum http_method method_from_name(const char *name)
{
    if (strcmp(name, "GET") == 0)
        return HTTP_GET;
    if (strcmp(name, "POST") == 0)
        return HTTP_POST;
    return strcmp(name, "HEAD") == 0 ? HTTP_HEAD : HTTP_OTHER;
}

/* "Cloud.Example:8080" → "cloud.example"; "[::1]:80" → "[::1]". */
static const char *host_name(struct arena *arena, const char *host)
{
    char *name = string_lower(arena, host);
    char *bracket = strchr(name, ']');
    char *colon = strchr(bracket != NULL ? bracket : name, ':');
    if (colon != NULL)
        *colon = '\0';
    return name;
}

/* A forwarded id goes into logs and rows: letters, digits and '-', at most 36, else we make our own. */
static const char *request_id(struct arena *arena, const char *sent)
{
    size_t length = strspn(sent, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-");
    if (length > 0 && length <= 36 && sent[length] == '\0')
        return sent;
    char *made = arena_alloc(arena, UUID_BYTES);
    uuid_random(made);
    return made;
}

bool http_read_environment(struct http_request *request, struct arena *arena, const char *const *environment,
                           struct error *err)
{
    *request = (struct http_request){.arena = arena, .environment = environment, .body = ""};
    request->method_name = variable_or_empty(request, "REQUEST_METHOD");
    request->method = method_from_name(request->method_name);
    request->path = variable_or_empty(request, "SCRIPT_NAME"); /* nginx's $uri: decoded and normalised */
    request->host_port = variable_or_empty(request, "HTTP_HOST");
    request->host = host_name(arena, request->host_port);
    request->remote_address = variable_or_empty(request, "REMOTE_ADDR");
    request->request_id = request_id(arena, variable_or_empty(request, "REQUEST_ID"));
    request->content_type = variable_or_empty(request, "CONTENT_TYPE");
    request->is_https = strcmp(variable_or_empty(request, "HTTPS"), "on") == 0;
    request->query_string = variable_or_empty(request, "QUERY_STRING");
    struct http_param *params = NULL;
    if (!http_parse_form(arena, request->query_string, strlen(request->query_string), true, &params,
                         &request->param_count, err))
        return false;
    request->params = params;
    return true;
}

static bool is_form(const char *content_type)
{
    static const char form[] = "application/x-www-form-urlencoded";
    size_t length = strcspn(content_type, "; \t");
    return length == sizeof form - 1 && strncasecmp(content_type, form, length) == 0;
}

bool http_read_body(struct http_request *request, const char *body, size_t length, struct error *err)
{
    request->body = body;
    request->body_length = length;
    if (!is_form(request->content_type))
        return true;
    struct http_param *params = arena_array(request->arena, request->param_count + 1, sizeof *params);
    for (size_t i = 0; i < request->param_count; i++)
        params[i] = request->params[i];
    if (!http_parse_form(request->arena, body, length, false, &params, &request->param_count, err))
        return false;
    request->params = params;
    return true;
}
