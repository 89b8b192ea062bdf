/* Reading JSON into field-table structs, with json-c. Its objects live only inside one call here. Writing is in json.c.
 */
#include <json-c/json.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

static bool read_members(struct arena *arena, struct json_object *json, const struct field_table *table, void *object,
                         struct error *err);

static bool wrong_type(const char *name, struct error *err)
{
    return error_with(err, ERROR_INVALID_VALUE, "json.wrong_type", E_TEXT("name", name));
}

/* NULL: not a string, or one with a NUL inside. */
static const char *string_of(struct arena *arena, struct json_object *json)
{
    if (!json_object_is_type(json, json_type_string))
        return NULL;
    const char *string = json_object_get_string(json);
    size_t length = (size_t)json_object_get_string_len(json);
    return strlen(string) == length ? arena_strndup(arena, string, length) : NULL;
}

static bool read_int(struct json_object *json, int64_t *ret_value)
{
    if (!json_object_is_type(json, json_type_int))
        return false;
    *ret_value = json_object_get_int64(json);
    return true;
}

static bool read_reference(struct arena *arena, struct json_object *json, struct object_ref *ret_reference)
{
    if (json_object_is_type(json, json_type_object)) {
        struct json_object *id = NULL, *uuid = NULL;
        if (!json_object_object_get_ex(json, "id", &id) || !json_object_object_get_ex(json, "uuid", &uuid) ||
            !read_int(id, &ret_reference->id))
            return false;
        json = uuid;
    }
    ret_reference->uuid = string_of(arena, json);
    if (ret_reference->uuid && strcmp(ret_reference->uuid, "-1") == 0)
        *ret_reference = (struct object_ref){.id = -1};
    else if (ret_reference->uuid && !*ret_reference->uuid)
        ret_reference->uuid = NULL; /* an object known by its id alone */
    else if (!ret_reference->uuid)
        return false;
    return true;
}

static bool read_time(struct json_object *json, struct opt_time *ret_time)
{
    ret_time->set = true;
    if (json_object_is_type(json, json_type_string))
        return clock_parse(json_object_get_string(json), false, &ret_time->ms);
    return read_int(json, &ret_time->ms);
}

static bool read_strings(struct arena *arena, struct json_object *json, struct string_list *ret_list)
{
    if (!json_object_is_type(json, json_type_array))
        return false;
    size_t count = json_object_array_length(json);
    ret_list->items = arena_array(arena, count, sizeof(*ret_list->items));
    for (; ret_list->count < count; ret_list->count++) {
        const char *item = string_of(arena, json_object_array_get_idx(json, ret_list->count));
        if (!item)
            return false;
        ret_list->items[ret_list->count] = item;
    }
    return true;
}

static bool read_references(struct arena *arena, struct json_object *json, struct ref_list *ret_list)
{
    if (!json_object_is_type(json, json_type_array))
        return false;
    size_t count = json_object_array_length(json);
    ret_list->items = arena_array(arena, count, sizeof(*ret_list->items));
    for (; ret_list->count < count; ret_list->count++)
        if (!read_reference(arena, json_object_array_get_idx(json, ret_list->count), &ret_list->items[ret_list->count]))
            return false;
    return true;
}

static bool read_map(struct arena *arena, struct json_object *json, struct map_list *ret_map)
{
    if (!json_object_is_type(json, json_type_array))
        return false;
    size_t count = json_object_array_length(json);
    ret_map->entries = arena_array(arena, count, sizeof(*ret_map->entries));
    for (; ret_map->count < count; ret_map->count++) {
        struct json_object *item = json_object_array_get_idx(json, ret_map->count), *index = NULL, *name = NULL,
                           *value = NULL;
        int64_t number;
        struct map_entry *entry = &ret_map->entries[ret_map->count];
        if (!json_object_object_get_ex(item, "index", &index) || !json_object_object_get_ex(item, "field", &name) ||
            !json_object_object_get_ex(item, "value", &value) || !read_int(index, &number) || number < 0 ||
            number > UINT32_MAX)
            return false;
        entry->index = (uint32_t)number;
        entry->field = string_of(arena, name);
        entry->value = string_of(arena, value);
        if (!entry->field || !entry->value)
            return false;
    }
    return true;
}

static bool read_pairs(struct arena *arena, struct json_object *json, struct pair_list *ret_pairs)
{
    if (!json_object_is_type(json, json_type_object))
        return false;
    ret_pairs->items = arena_array(arena, (size_t)json_object_object_length(json), sizeof(*ret_pairs->items));
    json_object_object_foreach(json, name, value)
    {
        struct pair *pair = &ret_pairs->items[ret_pairs->count++];
        pair->name = arena_strdup(arena, name);
        pair->value = string_of(arena, value);
        if (!pair->value)
            return false;
    }
    return true;
}

static bool read_objects(struct arena *arena, struct json_object *json, const struct field *field,
                         struct object_list *ret_list, struct error *err)
{
    if (!json_object_is_type(json, json_type_array))
        return wrong_type(field->name, err);
    size_t count = json_object_array_length(json), size = field->table->struct_size;
    char *items = arena_array(arena, count, size);
    for (size_t i = 0; i < count; i++) {
        struct json_object *item = json_object_array_get_idx(json, i);
        if (!json_object_is_type(item, json_type_object))
            return wrong_type(field->name, err);
        if (!read_members(arena, item, field->table, items + i * size, err))
            return false;
    }
    *ret_list = (struct object_list){.items = items, .count = count, .set = true};
    return true;
}

static bool read_nested(struct arena *arena, struct json_object *json, const struct field *field,
                        struct nested *ret_nested, struct error *err)
{
    if (!json_object_is_type(json, json_type_object))
        return wrong_type(field->name, err);
    void *object = arena_alloc(arena, field->table->struct_size);
    ret_nested->object = object;
    return read_members(arena, json, field->table, object, err);
}

static bool read_number(struct json_object *json, enum field_type type, void *member)
{
    if (type == FIELD_OPT_DOUBLE) {
        if (!json_object_is_type(json, json_type_double) && !json_object_is_type(json, json_type_int))
            return false;
        *(struct opt_double *)member = OPT_DOUBLE(json_object_get_double(json));
        return true;
    }
    int64_t number;
    if (!read_int(json, &number))
        return false;
    if (type == FIELD_OPT_INT)
        *(struct opt_int *)member = OPT_INT(number);
    else if (type == FIELD_INT)
        *(int64_t *)member = number;
    else if (number >= INT32_MIN && number <= INT32_MAX)
        *(int32_t *)member = (int32_t)number;
    else
        return false;
    return true;
}

static bool read_bool(struct json_object *json, enum field_type type, void *member)
{
    if (!json_object_is_type(json, json_type_boolean))
        return false;
    bool value = json_object_get_boolean(json);
    if (type == FIELD_OPT_BOOL)
        *(struct opt_bool *)member = OPT_BOOL(value);
    else
        *(bool *)member = value;
    return true;
}

static bool read_member(struct arena *arena, struct json_object *json, const struct field *field, void *member,
                        struct error *err)
{
    bool is_good = false;
    switch (field->type) {
    case FIELD_STRING:
        *(const char **)member = string_of(arena, json);
        is_good = *(const char **)member != NULL;
        break;
    case FIELD_INT:
    case FIELD_INT32:
    case FIELD_OPT_INT:
    case FIELD_OPT_DOUBLE:
        is_good = read_number(json, field->type, member);
        break;
    case FIELD_BOOL:
    case FIELD_OPT_BOOL:
        is_good = read_bool(json, field->type, member);
        break;
    case FIELD_OPT_TIME:
        is_good = read_time(json, member);
        break;
    case FIELD_REF:
        is_good = read_reference(arena, json, member);
        break;
    case FIELD_STRING_LIST:
        is_good = read_strings(arena, json, member);
        break;
    case FIELD_REF_LIST:
        is_good = read_references(arena, json, member);
        break;
    case FIELD_MAP:
        is_good = read_map(arena, json, member);
        break;
    case FIELD_PAIRS:
        is_good = read_pairs(arena, json, member);
        break;
    case FIELD_OBJECTS:
        return read_objects(arena, json, field, member, err);
    case FIELD_NESTED:
        return read_nested(arena, json, field, member, err);
    case FIELD_RAW_JSON:
        ((struct raw_json *)member)->json =
            arena_strdup(arena, json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
        is_good = true;
        break;
    case FIELD_SECRET: {
        const char *string = string_of(arena, json);
        *(struct secret *)member = (struct secret){.bytes = string, .length = string ? strlen(string) : 0};
        is_good = string != NULL;
        break;
    }
    }
    return is_good || wrong_type(field->name, err);
}

static bool read_members(struct arena *arena, struct json_object *json, const struct field_table *table, void *object,
                         struct error *err)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        struct json_object *value = NULL;
        if (json_object_object_get_ex(json, field->name, &value) && value && /* a JSON null counts as absent */
            !read_member(arena, value, field, field_at(field, object), err))
            return false;
    }
    return true;
}

bool json_read_object(struct arena *arena, const char *json, const struct field_table *table, void *object,
                      struct error *err)
{
    size_t length = strnlen(json, JSON_READ_MAX_BYTES + 1);
    if (length > JSON_READ_MAX_BYTES)
        return error_with(err, ERROR_INVALID_VALUE, "json.too_long", E_INT("max", JSON_READ_MAX_BYTES));
    struct json_tokener *tokener = json_tokener_new_ex(JSON_READ_MAX_DEPTH);
    if (!tokener)
        abort();
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *root =
        json_tokener_parse_ex(tokener, json, (int)length + 1); /* with the NUL: the text ends here */
    enum json_tokener_error reason = json_tokener_get_error(tokener);
    size_t place = json_tokener_get_parse_end(tokener);
    json_tokener_free(tokener);
    bool is_good = false;
    if (reason != json_tokener_success || !json_object_is_type(root, json_type_object)) {
        error_with(err, ERROR_INVALID_VALUE, "json.malformed", E_INT("place", (int64_t)place));
        error_add_detail(err, "%s: %s", table->name, json_tokener_error_desc(reason));
    } else {
        void *fresh = arena_alloc(arena, table->struct_size);
        is_good = read_members(arena, root, table, fresh, err);
        if (is_good)
            memcpy(object, fresh, table->struct_size);
    }
    json_object_put(root);
    return is_good;
}
