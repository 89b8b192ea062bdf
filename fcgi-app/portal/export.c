/* Lists as files: what a list page shows under its filters, as CSV or JSON, from the same command. */
#include <json-c/json.h>

#include "api/api.h"
#include "base/text.h"
#include "portal/portal_private.h"

enum { EXPORT_PAGE = 500, EXPORT_PAGES = 20, PARAMS_MAX = 24 };

static bool ask_page(struct page_call *call, const char *command, int page, const struct api_param *fixed,
                     struct json_object **ret_reply, struct error *err)
{
    struct api_param params[PARAMS_MAX] = {
        {.name = "page", .value = arena_printf(call->arena, "%d", page)},
        {.name = "pagesize", .value = arena_printf(call->arena, "%d", EXPORT_PAGE)},
        *fixed,
    };
    size_t count = fixed->name ? 3 : 2;
    count += portal_filter_params(call, params + count, PARAMS_MAX - count);
    return api_invoke(call->db, call->arena, call->caller, command, params, count, 0, ret_reply, err);
}

/* Quoted; a spreadsheet must not take a text for a formula. */
static void add_cell(struct text *out, const char *value)
{
    text_add_char(out, '"');
    if (value && value[0] && strchr("=+-@\t", value[0]))
        text_add_char(out, '\'');
    for (; value && *value; value++) {
        if (*value == '"')
            text_add_char(out, '"');
        text_add_char(out, *value);
    }
    text_add_char(out, '"');
}

static void add_line(struct text *out, const struct field_table *table, struct json_object *item)
{
    for (size_t i = 0; i < table->count; i++) {
        struct json_object *value = NULL;
        if (i > 0)
            text_add_char(out, ',');
        if (!item)
            add_cell(out, table->fields[i].name);
        else if (json_object_object_get_ex(item, table->fields[i].name, &value))
            add_cell(out, json_object_get_string(value));
    }
    text_add(out, "\r\n");
}

static void add_items(struct text *out, const struct field_table *table, struct json_object *items, bool as_csv,
                      bool *first)
{
    for (size_t i = 0; i < json_object_array_length(items); i++) {
        struct json_object *item = json_object_array_get_idx(items, i);
        if (as_csv) {
            add_line(out, table, item);
            continue;
        }
        text_add(out, *first ? "\n" : ",\n");
        text_add(out, json_object_to_json_string_ext(item, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
        *first = false;
    }
}

bool page_export(struct page_call *call, struct http_response *response, const char *command, const char *object_key,
                 const struct api_param *fixed, struct error *err)
{
    static const struct api_param NOTHING = {NULL, NULL};
    bool as_csv = !string_equal(http_param(call->request, "format"), "json"), first = true;
    const struct field_table *table = api_find_command(command)->response;
    struct json_object *items;
    size_t count = EXPORT_PAGE;
    if (as_csv)
        add_line(&response->body, table, NULL);
    else
        text_add_char(&response->body, '[');
    for (int page = 1; page <= EXPORT_PAGES && count == EXPORT_PAGE; page++) {
        struct json_object *reply = NULL;
        if (!ask_page(call, command, page, fixed ? fixed : &NOTHING, &reply, err))
            return false;
        count = json_object_object_get_ex(reply, object_key, &items) ? json_object_array_length(items) : 0;
        if (count > 0)
            add_items(&response->body, table, items, as_csv, &first);
    }
    if (!as_csv)
        text_add(&response->body, "\n]\n");
    response->content_type = as_csv ? "text/csv; charset=utf-8" : "application/json; charset=utf-8";
    http_add_header(response, "Content-Disposition",
                    arena_printf(call->arena, "attachment; filename=\"%s.%s\"", object_key, as_csv ? "csv" : "json"));
    return true;
}
