/* The HTML reference, written from the declarations, and the paths of both documents. */
#include "api/discover.h"

#include "api/call.h"
#include "base/json.h"
#include "base/text.h"

static void add_html(struct text *out, const char *string)
{
    xml_add_escaped(out, string ? string : "");
}

static void add_row(struct text *out, const char *name, const char *type, const char *note, const char *help,
                    const char *no_effect)
{
    text_add(out, "<tr><th scope=\"row\">");
    add_html(out, name);
    text_addf(out, "</th><td>%s</td><td>%s</td><td>", type, note);
    add_html(out, help);
    if (no_effect) {
        text_add(out, " <em>Changes nothing here: ");
        add_html(out, no_effect);
        text_add(out, ".</em>");
    }
    text_add(out, "</td></tr>\n");
}

static void add_reference(struct text *out, const struct registered_command *command)
{
    const struct command_info *info = discover_command(command, true);
    const struct param_info *params = info->params.items;
    const struct response_info *members = info->response.items;
    text_addf(out, "<section id=\"%s\"><h2>%s</h2><p>", info->name, info->name);
    add_html(out, info->description);
    text_add(out, "</p>\n<table><caption>Parameters</caption><tbody>\n");
    for (size_t i = 0; i < info->params.count; i++)
        add_row(out, params[i].name, params[i].type, params[i].required ? "required" : "", params[i].description,
                params[i].no_effect);
    text_add(out, "</tbody></table>\n<table><caption>Reply</caption><tbody>\n");
    for (size_t i = 0; i < info->response.count; i++)
        add_row(out, members[i].name, members[i].type, "", members[i].description, NULL);
    text_add(out, "</tbody></table></section>\n");
}

void reference_write(struct text *out)
{
    size_t count;
    const struct registered_command *all = commands_all(&count);
    text_add(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Gurum API "
                  "reference</title></head><body>\n"
                  "<h1>Gurum API reference</h1>\n<nav><ul>\n");
    for (size_t i = 0; i < count; i++)
        text_addf(out, "<li><a href=\"#%s\">%s</a></li>\n", all[i].command->name, all[i].command->name);
    text_add(out, "</ul></nav>\n<main>\n");
    for (size_t i = 0; i < count; i++)
        add_reference(out, &all[i]);
    text_add(out, "</main></body></html>\n");
}

bool discover_answer_document(struct http_exchange *exchange)
{
    const char *path = exchange->request.path;
    bool is_openapi = string_equal(path, "/client/api-docs/openapi.json");
    bool is_reference = string_equal(path, "/client/api-docs/") || string_equal(path, "/client/api-docs");
    if (!is_openapi && !is_reference)
        return false;
    exchange->response.status = 200;
    exchange->response.content_type = is_openapi ? "application/json; charset=UTF-8" : "text/html; charset=UTF-8";
    if (is_openapi)
        api_write_openapi(&exchange->response.body);
    else
        reference_write(&exchange->response.body);
    return true;
}
