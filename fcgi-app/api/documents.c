/* The HTML reference, written from the declarations, and the paths of both documents. An index that is searched by a
 * form, so without script, and a page a command. English, as the declarations are. */
#include "api/discover.h"

#include <strings.h>

#include "api/call.h"
#include "base/json.h"
#include "base/text.h"

static const struct {
    unsigned type;
    const char *name, *title;
} ROLES[] = {{ROLE_ADMIN, "admin", "Root Admin"},
             {ROLE_RESOURCE_ADMIN, "resource-admin", "Resource Admin"},
             {ROLE_DOMAIN_ADMIN, "domain-admin", "Domain Admin"},
             {ROLE_USER, "user", "User"}};

static void add_html(struct text *out, const char *string)
{
    xml_add_escaped(out, string ? string : "");
}

static void add_head(struct text *out, const char *title)
{
    text_add(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\"><title>");
    add_html(out, title);
    text_add(out,
             "</title><link rel=\"stylesheet\" href=\"/static/base/portal.css?v=" GURUM_VERSION "\"></head><body>\n"
             "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header class=\"bar\"><a class=\"name\" "
             "href=\"/client/api-docs/\">API reference</a><span class=\"space\"></span><a "
             "href=\"/client/api-docs/openapi.json\">OpenAPI</a>"
             "<a href=\"/\">Portal</a></header>\n<main id=\"main\" tabindex=\"-1\">\n");
}

/* ---- the index ---- */

static bool contains(const char *text, const char *wanted)
{
    size_t length = strlen(wanted);
    for (; text && *text; text++)
        if (strncasecmp(text, wanted, length) == 0)
            return true;
    return length == 0;
}

static unsigned role_named(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(ROLES); i++)
        if (string_equal(ROLES[i].name, name))
            return ROLES[i].type;
    return 0;
}

static bool is_wanted(const struct api_command *command, const char *words, const char *role)
{
    unsigned type = role_named(role);
    bool may_call = type == 0 || (command->roles & type) || (command->flags & API_NO_LOGIN);
    return may_call &&
           (contains(command->name, words) || contains(command->summary, words) || contains(command->group, words));
}

static void add_search(struct text *out, const char *words, const char *role)
{
    text_add(out, "<form class=\"row\" role=\"search\" action=\"/client/api-docs/\"><label>Search <input "
                  "type=\"search\" name=\"q\" "
                  "maxlength=\"100\" value=\"");
    add_html(out, words);
    text_add(out, "\"></label> <label>Role <select name=\"role\"><option value=\"\">any</option>");
    for (size_t i = 0; i < COUNT_OF(ROLES); i++)
        text_addf(out, "<option value=\"%s\"%s>%s</option>", ROLES[i].name,
                  string_equal(ROLES[i].name, role) ? " selected" : "", ROLES[i].title);
    text_add(out, "</select></label> <button>Show</button></form>\n");
}

static void add_index(struct text *out, const char *words, const char *role)
{
    size_t count, shown = 0;
    const struct registered_command *all = commands_all(&count);
    add_head(out, "API reference");
    text_add(out, "<h1>API reference</h1>\n");
    add_search(out, words, role);
    text_add(
        out,
        "<table><caption>Commands</caption><thead><tr><th scope=\"col\">Command</th><th scope=\"col\">What it does</th>"
        "<th scope=\"col\">Group</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < count; i++) {
        const struct api_command *command = all[i].command;
        if (!is_wanted(command, words, role))
            continue;
        shown++;
        text_addf(out, "<tr><th scope=\"row\"><a href=\"/client/api-docs/%s\">%s</a></th><td>", command->name,
                  command->name);
        add_html(out, command->summary);
        text_add(out, "</td><td>");
        add_html(out, command->group);
        text_add(out, "</td></tr>\n");
    }
    text_addf(out, "</tbody></table>\n<p role=\"status\">%zu of %zu commands</p>\n</main></body></html>\n", shown,
              count);
}

/* ---- a command ---- */

static void add_reason(struct text *out, const char *what, const char *reason)
{
    if (!reason)
        return;
    text_addf(out, " <em>%s: ", what);
    add_html(out, reason);
    text_add(out, ".</em>");
}

static void add_row(struct text *out, const char *name, const char *type, const char *note, const char *help,
                    const char *no_effect, const char *refused)
{
    text_add(out, "<tr><th scope=\"row\">");
    add_html(out, name);
    text_addf(out, "</th><td>%s</td><td>%s</td><td>", type, note);
    add_html(out, help);
    add_reason(out, "Changes nothing here", no_effect);
    add_reason(out, "Refused here", refused);
    text_add(out, "</td></tr>\n");
}

static void add_roles(struct text *out, const struct api_command *command)
{
    bool first = true;
    text_add(out, "<p>Called by: ");
    if (command->flags & API_NO_LOGIN) {
        text_add(out, "everybody, also without signing in");
        first = false;
    }
    for (size_t i = 0; i < COUNT_OF(ROLES) && !(command->flags & API_NO_LOGIN); i++) {
        if (!(command->roles & ROLES[i].type))
            continue;
        text_addf(out, "%s%s", first ? "" : ", ", ROLES[i].title);
        first = false;
    }
    text_add(out, first ? "roles with a rule for it</p>\n" : "</p>\n");
}

static void add_examples(struct text *out, const struct registered_command *command)
{
    struct text request, reply;
    struct arena arena;
    bool is_write = registry_is_write(command->command) || (command->command->flags & API_POST_ONLY);
    arena_init(&arena);
    text_init(&request, &arena, 16384);
    text_init(&reply, &arena, 262144);
    example_add_request(&request, command);
    example_add_reply(&reply, command);
    text_add(out, "<h2>Example</h2>\n<pre><code>");
    const char *key = registry_is_repeatable(command->command) ? "Idempotency-Key: 0a1b2c3d\n" : "";
    if (is_write)
        text_addf(out, "POST /client/api/%s HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n%s\n",
                  command->command->name, key);
    else
        text_addf(out, "GET /client/api/%s?", command->command->name);
    add_html(out, text_string(&request));
    text_add(out, is_write ? "" : " HTTP/1.1");
    text_add(out, "\n\n");
    add_html(out, text_string(&reply));
    text_add(out, "</code></pre>\n");
    arena_free(&arena);
}

static void add_related(struct text *out, const char *related)
{
    struct arena arena;
    size_t count = 0;
    if (string_is_empty(related))
        return;
    arena_init(&arena);
    const char **names = string_split(&arena, related, ',', &count);
    text_add(out, "<p>See also: ");
    for (size_t i = 0; i < count; i++)
        text_addf(out, "%s<a href=\"/client/api-docs/%s\">%s</a>", i > 0 ? ", " : "", names[i], names[i]);
    text_add(out, "</p>\n");
    arena_free(&arena);
}

static void add_command(struct text *out, const struct registered_command *command)
{
    const struct command_info *info = discover_command(command, true);
    const struct param_info *params = info->params.items;
    const struct response_info *members = info->response.items;
    add_head(out, info->name);
    text_addf(out, "<h1>%s</h1>\n<p>", info->name);
    add_html(out, info->description);
    text_add(out, "</p>\n");
    add_roles(out, command->command);
    if (info->isasync)
        text_add(out, "<p>Answers with a job; ask for it with <a "
                      "href=\"/client/api-docs/queryAsyncJobResult\">queryAsyncJobResult</a>.</p>\n");
    add_related(out, info->related);
    text_add(out, "<table><caption>Parameters</caption><tbody>\n");
    for (size_t i = 0; i < info->params.count; i++)
        add_row(out, params[i].name, params[i].type, params[i].required ? "required" : "", params[i].description,
                params[i].no_effect, params[i].refused);
    text_add(out, "</tbody></table>\n<table><caption>Reply</caption><tbody>\n");
    for (size_t i = 0; i < info->response.count; i++)
        add_row(out, members[i].name, members[i].type, "", members[i].description, NULL, NULL);
    text_add(out, "</tbody></table>\n");
    add_examples(out, command);
    text_add(out, "</main></body></html>\n");
}

/* ---- paths ---- */

static const char *param_of(const struct http_request *request, const char *name)
{
    const char *value = http_param(request, name);
    return value && strlen(value) <= 100 && string_is_utf8(value, strlen(value)) ? value : "";
}

static void answer_page(struct http_exchange *exchange, const char *rest)
{
    struct http_response *response = &exchange->response;
    const struct registered_command *command = *rest ? commands_find(rest) : NULL;
    response->content_type = "text/html; charset=UTF-8";
    http_add_header(
        response, "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    if (command) {
        add_command(&response->body, command);
        return;
    }
    response->status = *rest ? 404 : 200;
    add_index(&response->body, *rest ? rest : param_of(&exchange->request, "q"), param_of(&exchange->request, "role"));
}

bool discover_answer_document(struct http_exchange *exchange)
{
    static const char folder[] = "/client/api-docs";
    const char *path = exchange->request.path;
    size_t length = sizeof(folder) - 1;
    if (strncmp(path, folder, length) != 0 || (path[length] != '\0' && path[length] != '/'))
        return false;
    const char *rest = path[length] == '/' ? path + length + 1 : "";
    exchange->response.status = 200;
    if (!string_equal(rest, "openapi.json")) {
        answer_page(exchange, rest);
        return true;
    }
    exchange->response.content_type = "application/json; charset=UTF-8";
    api_write_openapi(&exchange->response.body);
    return true;
}
