/* Message arguments in a column: a flat JSON object whose numbers choose plural forms. */
#include "jobs/engine.h"

#include <json-c/json.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

static void argument_add(struct text *out, const char *name, const char *text, int64_t number, bool is_number)
{
    if (out->length > 1)
        text_add_char(out, ',');
    json_add_string(out, name);
    text_add_char(out, ':');
    if (is_number)
        text_add_int(out, number);
    else
        json_add_string(out, text == NULL ? "" : text);
}

void arguments_add(struct text *out, const struct error_value *values)
{
    struct text object;
    text_init(&object, out->arena, out->max);
    text_add_char(&object, '{');
    for (; values != NULL && values->name != NULL; values++)
        argument_add(&object, values->name, values->text, values->number, values->is_number);
    text_add_char(&object, '}');
    text_add(out, text_string(&object));
    text_free(&object);
}

void arguments_add_error(struct text *out, const struct error *error)
{
    struct error_value values[ERROR_ARGS_MAX + 1] = {{.name = NULL}};
    for (size_t i = 0; i < error->arg_count; i++) {
        int64_t number = 0;
        bool is_number = error->args[i].is_number && string_to_int(error->args[i].value, &number);
        values[i] = (struct error_value){
            .name = error->args[i].name, .text = error->args[i].value, .number = number, .is_number = is_number};
    }
    arguments_add(out, values);
}

struct error_arg *arguments_read(struct arena *arena, const char *json, size_t *ret_count)
{
    enum { ARGUMENTS_MAX = 32 };
    struct error_arg *args = arena_array(arena, ARGUMENTS_MAX, sizeof *args);
    *ret_count = 0;
    struct json_object *object = json == NULL ? NULL : json_tokener_parse(json);
    if (json_object_is_type(object, json_type_object)) {
        json_object_object_foreach(object, name, value)
        {
            if (*ret_count == ARGUMENTS_MAX)
                break;
            args[(*ret_count)++] = (struct error_arg){.name = arena_strdup(arena, name),
                                                      .value = arena_strdup(arena, json_object_get_string(value)),
                                                      .is_number = json_object_is_type(value, json_type_int)};
        }
    }
    json_object_put(object);
    return args;
}

void error_restore(const char *kind, const char *key, const char *args, const char *detail, struct arena *arena,
                   struct error *ret_error)
{
    size_t count = 0;
    const struct error_arg *stored = arguments_read(arena, args, &count);
    struct error_value values[ERROR_ARGS_MAX + 1] = {{.name = NULL}};
    for (size_t i = 0; i < count && i < ERROR_ARGS_MAX; i++) {
        values[i] = (struct error_value){.name = stored[i].name, .text = stored[i].value};
        values[i].is_number = stored[i].is_number && string_to_int(stored[i].value, &values[i].number);
    }
    error_set_at(ret_error, kind == NULL ? ERROR_INTERNAL : error_kind_from_name(kind),
                 key == NULL ? "job.internal" : key, values, __FILE__, __LINE__);
    string_copy(ret_error->detail, sizeof ret_error->detail, detail == NULL ? "" : detail);
}
