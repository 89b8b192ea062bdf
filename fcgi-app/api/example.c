/* Examples for the documents, made from the declarations: a request with every required parameter, and the reply of one
 * object. */
#include "api/discover.h"

#include "api/call.h"
#include "base/json.h"
#include "base/text.h"

static const char *example_text(const struct field *field)
{
    static const struct {
        const char *part, *text;
    } known[] = {{"email", "kim@example.org"}, {"url", "https://images.example.org/debian.qcow2"},
                 {"cidr", "10.1.1.0/24"},      {"netmask", "255.255.255.0"},
                 {"gateway", "10.1.1.1"},      {"ip", "10.1.1.20"},
                 {"name", "example"},          {"type", "Example"}};
    if (field->choices && field->choices[0])
        return field->choices[0];
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (strstr(field->name, known[i].part))
            return known[i].text;
    return "text";
}

static int64_t example_number(const struct field *field)
{
    int64_t least = field->flags & FIELD_POSITIVE && field->min < 1 ? 1 : field->min;
    return field->max > field->min && least > 1 ? least : 1;
}

const char *example_value(struct arena *arena, const struct field *field)
{
    switch (field->type) {
    case FIELD_INT:
    case FIELD_INT32:
    case FIELD_OPT_INT:
        return arena_printf(arena, "%lld", (long long)example_number(field));
    case FIELD_BOOL:
    case FIELD_OPT_BOOL:
        return "true";
    case FIELD_OPT_DOUBLE:
        return "1.5";
    case FIELD_OPT_TIME:
        return "2026-01-31T09:00:00+0000";
    case FIELD_REF:
    case FIELD_REF_LIST:
        return EXAMPLE_UUID;
    case FIELD_SECRET:
        return "correct-horse-battery";
    case FIELD_STRING:
    case FIELD_STRING_LIST:
    case FIELD_MAP:
    case FIELD_PAIRS:
    case FIELD_OBJECTS:
    case FIELD_NESTED:
    case FIELD_RAW_JSON:
        break;
    }
    return example_text(field);
}

static bool is_quoted(const struct field *field)
{
    return field->type == FIELD_STRING || field->type == FIELD_REF || field->type == FIELD_OPT_TIME;
}

static bool is_scalar(const struct field *field)
{
    return is_quoted(field) || field->type == FIELD_INT || field->type == FIELD_INT32 || field->type == FIELD_BOOL ||
           field->type == FIELD_OPT_INT || field->type == FIELD_OPT_BOOL || field->type == FIELD_OPT_DOUBLE;
}

static void add_object(struct text *out, const struct field_table *table)
{
    struct arena arena;
    bool first = true;
    arena_init(&arena);
    text_add_char(out, '{');
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        if (!is_scalar(field) || field->no_effect || field->flags & FIELD_ADMIN)
            continue;
        json_add_name(out, field->name, &first);
        const char *value = example_value(&arena, field);
        if (is_quoted(field))
            json_add_string(out, string_equal(field->name, "id") ? EXAMPLE_UUID : value);
        else
            text_add(out, value);
    }
    text_add_char(out, '}');
    arena_free(&arena);
}

static void add_job(struct text *out, const struct api_command *command)
{
    text_add(out, "{\"jobid\":\"" EXAMPLE_UUID "\"");
    text_add(out, command->flags & API_CREATES ? ",\"id\":\"" EXAMPLE_UUID "\"}" : "}");
}

void example_add_reply(struct text *out, const struct registered_command *command)
{
    const struct api_command *api = command->command;
    const char *key = api->response ? command->object_key : NULL;
    bool is_list = api->mode == API_LIST || api->flags & API_ANSWERS_LIST;
    text_addf(out, "{\"%s\":", command->response_key);
    if (api->mode == API_ASYNC) {
        add_job(out, api);
    } else {
        if (key)
            text_addf(out, is_list ? "{\"count\":1,\"%s\":[" : "{\"%s\":", key);
        add_object(out, registry_response(api));
        if (key)
            text_add(out, is_list ? "]}" : "}");
    }
    text_add_char(out, '}');
}

void example_add_request(struct text *out, const struct registered_command *command)
{
    const struct field_table *params = command->command->params;
    struct arena arena;
    arena_init(&arena);
    text_addf(out, "command=%s", command->command->name);
    for (size_t i = 0; params && i < params->count; i++) {
        const struct field *field = &params->fields[i];
        if (!(field->flags & FIELD_REQUIRED))
            continue;
        if (field->type == FIELD_MAP)
            text_addf(out, "&%s[0].key=text&%s[0].value=", field->name, field->name);
        else
            text_addf(out, "&%s=", field->name);
        http_add_url_encoded(out, field->type == FIELD_MAP ? "text" : example_value(&arena, field));
    }
    text_add(out, "&response=json");
    arena_free(&arena);
}
