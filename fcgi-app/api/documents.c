/* The OpenAPI 3.1 document and the HTML reference, both written from the declarations. */
#include "api/discover.h"

#include "api/call.h"
#include "base/json.h"
#include "base/text.h"

static void add_pair(struct text *out, const char *name, const char *value)
{
    text_addf(out, "\"%s\":", name);
    json_add_string(out, value);
}

static const char *schema_of(const char *type)
{
    if (string_equal(type, "long") || string_equal(type, "integer") || string_equal(type, "short"))
        return "{\"type\":\"integer\"}";
    if (string_equal(type, "boolean"))
        return "{\"type\":\"boolean\"}";
    if (string_equal(type, "float"))
        return "{\"type\":\"number\"}";
    if (string_equal(type, "uuid"))
        return "{\"type\":\"string\",\"format\":\"uuid\"}";
    if (string_equal(type, "map"))
        return "{\"type\":\"object\"}";
    return "{\"type\":\"string\"}";
}

static void add_schema(struct text *out, const struct object_list *members);

static void add_member_schema(struct text *out, const struct response_info *member)
{
    json_add_string(out, member->name);
    text_add_char(out, ':');
    if (!member->response.set) {
        bool is_list = string_equal(member->type, "list");
        text_add(out, is_list                                ? "{\"type\":\"array\"}"
                      : string_equal(member->type, "object") ? "{\"type\":\"object\"}"
                                                             : schema_of(member->type));
        return;
    }
    bool is_list = string_equal(member->type, "list");
    if (is_list)
        text_add(out, "{\"type\":\"array\",\"items\":");
    add_schema(out, &member->response);
    if (is_list)
        text_add_char(out, '}');
}

static void add_schema(struct text *out, const struct object_list *members)
{
    const struct response_info *infos = members->items;
    text_add(out, "{\"type\":\"object\",\"properties\":{");
    for (size_t i = 0; i < members->count; i++) {
        if (i > 0)
            text_add_char(out, ',');
        add_member_schema(out, &infos[i]);
    }
    text_add(out, "}}");
}

static void add_parameters(struct text *out, const struct object_list *params)
{
    const struct param_info *infos = params->items;
    for (size_t i = 0; i < params->count; i++) {
        if (i > 0)
            text_add_char(out, ',');
        text_add(out, "{\"in\":\"query\",");
        add_pair(out, "name", infos[i].name);
        text_add_char(out, ',');
        add_pair(out, "description", infos[i].description);
        text_addf(out, ",\"required\":%s,\"schema\":%s}", infos[i].required ? "true" : "false",
                  schema_of(infos[i].type));
    }
}

static void add_reply_schema(struct text *out, const struct registered_command *command,
                             const struct command_info *info)
{
    const char *object_key = command->command->object_key;
    text_addf(out, "{\"type\":\"object\",\"properties\":{\"%s\":", command->response_key);
    if (command->command->mode == API_ASYNC) {
        text_add(out,
                 "{\"type\":\"object\",\"properties\":{\"jobid\":{\"type\":\"string\"},\"id\":{\"type\":\"string\"}}}");
    } else if (command->command->mode == API_LIST) {
        text_addf(out,
                  "{\"type\":\"object\",\"properties\":{\"count\":{\"type\":\"integer\"},\"%s\":{\"type\":\"array\","
                  "\"items\":",
                  object_key);
        add_schema(out, &info->response);
        text_add(out, "}}}");
    } else if (object_key) {
        text_addf(out, "{\"type\":\"object\",\"properties\":{\"%s\":", object_key);
        add_schema(out, &info->response);
        text_add(out, "}}");
    } else {
        add_schema(out, &info->response);
    }
    text_add(out, "}}");
}

static void add_path(struct text *out, const struct registered_command *command)
{
    const struct command_info *info = discover_command(command, true);
    bool is_read = command->command->mode == API_LIST || (command->command->flags & API_READ_ONLY);
    text_addf(out, "\"/%s\":{\"%s\":{\"operationId\":\"%s\",", info->name, is_read ? "get" : "post", info->name);
    add_pair(out, "summary", info->description);
    if (command->command->group) {
        text_add(out, ",\"tags\":[");
        json_add_string(out, command->command->group);
        text_add_char(out, ']');
    }
    text_add(out, ",\"parameters\":[");
    add_parameters(out, &info->params);
    text_add(out,
             "],\"responses\":{\"200\":{\"description\":\"The reply\",\"content\":{\"application/json\":{\"schema\":");
    add_reply_schema(out, command, info);
    text_add(out, "}}},\"default\":{\"$ref\":\"#/components/responses/Error\"}}}}");
}

void openapi_write(struct text *out)
{
    size_t count;
    const struct registered_command *all = commands_all(&count);
    text_add(out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Gurum\",\"version\":\"" CLOUD_VERSION
                  "\"},\"servers\":[{\"url\":\"/client/api\"}],"
                  "\"security\":[{\"key\":[],\"signature\":[]}],\"paths\":{");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            text_add_char(out, ',');
        add_path(out, &all[i]);
    }
    text_add(
        out,
        "},\"components\":{\"securitySchemes\":{\"key\":{\"type\":\"apiKey\",\"in\":\"query\",\"name\":\"apiKey\"},"
        "\"signature\":{\"type\":\"apiKey\",\"in\":\"query\",\"name\":\"signature\"}},\"responses\":{\"Error\":{"
        "\"description\":"
        "\"An error: errorcode, cserrorcode, errortext and uuidList below the response key\"}}}}");
}

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
        openapi_write(&exchange->response.body);
    else
        reference_write(&exchange->response.body);
    return true;
}
