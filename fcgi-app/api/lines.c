/* Rendering of plan lines in the reader's language. Explanations are rendered in explain.c. */
#include "api/lines.h"

#include <json-c/json.h>

#include "base/json.h"
#include "base/message.h"
#include "base/text.h"

enum { LINE_MAX_BYTES = 4096, PLAN_MAX_BYTES = 4 * 1024 * 1024 };

size_t lines_read_args(struct arena *arena, struct json_object *args, struct error_arg ret_args[static ERROR_ARGS_MAX])
{
    size_t count = 0;
    if (!json_object_is_type(args, json_type_object))
        return 0;
    json_object_object_foreach(args, name, value)
    {
        if (count == ERROR_ARGS_MAX)
            break;
        bool is_number = json_object_is_type(value, json_type_int);
        ret_args[count++] = (struct error_arg){arena_strdup(arena, name),
                                               arena_strdup(arena, json_object_get_string(value)), is_number};
    }
    return count;
}

const char *lines_render(struct arena *arena, const char *language, const char *key, const struct error_arg *args,
                         size_t count)
{
    struct text line;
    text_init(&line, arena, LINE_MAX_BYTES);
    message_render(&line, language, key, args, count);
    return text_string(&line);
}

static const char *member_text(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    return json_object_object_get_ex(object, name, &value) ? json_object_get_string(value) : NULL;
}

static const char *render_line(struct api_call *call, struct json_object *line)
{
    struct error_arg args[ERROR_ARGS_MAX];
    struct json_object *stored = NULL;
    json_object_object_get_ex(line, "args", &stored);
    size_t count = lines_read_args(call->arena, stored, args);
    const char *key = member_text(line, "key");
    return lines_render(call->arena, call->language, key ? key : "", args, count);
}

static void add_member(struct text *out, const char *name, const char *value)
{
    if (!value)
        return;
    if (out->data && out->data[out->length - 1] != '{')
        text_add_char(out, ',');
    text_addf(out, "\"%s\":", name);
    json_add_string(out, value);
}

static void add_lines(struct api_call *call, struct text *out, const char *name, struct json_object *plan)
{
    struct json_object *list = NULL;
    bool for_operator = caller_is_root_admin(call->caller), first = true;
    json_object_object_get_ex(plan, name, &list);
    text_addf(out, ",\"%s\":[", name);
    size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    for (size_t i = 0; i < count; i++) {
        struct json_object *line = json_object_array_get_idx(list, i);
        const char *audience = member_text(line, "audience");
        if (!for_operator && string_equal(audience, "operator"))
            continue;
        text_add(out, first ? "{" : ",{");
        first = false;
        add_member(out, "audience", audience);
        add_member(out, "topic", member_text(line, "topic"));
        add_member(out, "text", render_line(call, line));
        text_add_char(out, '}');
    }
    text_add_char(out, ']');
}

const char *lines_plan(struct api_call *call, const char *plan_json)
{
    struct json_object *plan = plan_json ? json_tokener_parse(plan_json) : NULL, *possible = NULL, *reason = NULL;
    struct text out;
    if (!plan)
        return NULL;
    text_init(&out, call->arena, PLAN_MAX_BYTES);
    json_object_object_get_ex(plan, "possible", &possible);
    text_addf(&out, "{\"possible\":%s", json_object_get_boolean(possible) ? "true" : "false");
    if (json_object_object_get_ex(plan, "reason", &reason))
        add_member(&out, "reason", render_line(call, reason));
    add_lines(call, &out, "steps", plan);
    add_lines(call, &out, "facts", plan);
    text_add_char(&out, '}');
    json_object_put(plan);
    return text_string(&out);
}
