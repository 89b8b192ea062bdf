/* Replies as JSON, straight from field tables. This is the hottest writer of the program: one reservation a member, no
 * formatting calls. */
#include "api/call.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

static const void *item_at(const void *items, size_t index, size_t size)
{
    return (const char *)items + index * size;
}

/* Bytes that stand for themselves inside a JSON string. */
static size_t plain_length(const char *string)
{
    size_t length = 0;
    for (; (unsigned char)string[length] >= 0x20 && (unsigned char)string[length] < 0x7F; length++)
        if (string[length] == '"' || string[length] == '\\')
            break;
    return length;
}

static void add_string(struct text *out, const char *string)
{
    size_t length = plain_length(string);
    if (string[length] != '\0') {
        json_add_string(out, string);
        return;
    }
    char *at = text_reserve(out, length + 3);
    if (!at)
        return;
    at[0] = '"';
    memcpy(at + 1, string, length);
    at[length + 1] = '"';
    at[length + 2] = '\0';
    out->length += length + 2;
}

static void add_name(struct text *out, const char *name, bool *first)
{
    size_t length = strlen(name);
    char *at = text_reserve(out, length + 5);
    if (!at)
        return;
    char *end = at;
    if (!*first)
        *end++ = ',';
    *first = false;
    *end++ = '"';
    memcpy(end, name, length);
    end += length;
    *end++ = '"';
    *end++ = ':';
    *end = '\0';
    out->length += (size_t)(end - at);
}

static void add_time(struct text *out, int64_t ms)
{
    char when[32];
    clock_format_wire(ms, when, sizeof(when));
    add_string(out, when);
}

static void add_strings(struct text *out, const struct string_list *list)
{
    text_add_char(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            text_add_char(out, ',');
        add_string(out, list->items[i]);
    }
    text_add_char(out, ']');
}

static void add_pairs(struct text *out, const struct pair_list *list)
{
    bool first = true;
    text_add_char(out, '{');
    for (size_t i = 0; i < list->count; i++) {
        if (!list->items[i].value)
            continue;
        if (!first)
            text_add_char(out, ',');
        first = false;
        add_string(out, list->items[i].name);
        text_add_char(out, ':');
        add_string(out, list->items[i].value);
    }
    text_add_char(out, '}');
}

static void add_objects(struct text *out, const struct field_table *table, const void *items, size_t count,
                        bool for_admin)
{
    text_add_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            text_add_char(out, ',');
        json_write_object(out, table, item_at(items, i, table->struct_size), for_admin);
    }
    text_add_char(out, ']');
}

/* The shortest decimal text that reads back as the same number. */
static void add_double(struct text *out, double value)
{
    char digits[40];
    for (int precision = 6; precision <= 17; precision += 11) {
        snprintf(digits, sizeof(digits), "%.*g", precision, value);
        double back;
        if (string_to_double(digits, &back) && !(back < value) && !(back > value))
            break;
    }
    text_add(out, digits);
}

static void add_member(struct text *out, const struct field *field, const void *member, bool for_admin)
{
    switch (field->type) {
    case FIELD_STRING:
        add_string(out, *(const char *const *)member);
        break;
    case FIELD_INT:
        text_add_int(out, *(const int64_t *)member);
        break;
    case FIELD_INT32:
        text_add_int(out, *(const int32_t *)member);
        break;
    case FIELD_BOOL:
        text_add(out, *(const bool *)member ? "true" : "false");
        break;
    case FIELD_OPT_INT:
        text_add_int(out, ((const struct opt_int *)member)->value);
        break;
    case FIELD_OPT_BOOL:
        text_add(out, ((const struct opt_bool *)member)->value ? "true" : "false");
        break;
    case FIELD_OPT_DOUBLE:
        add_double(out, ((const struct opt_double *)member)->value);
        break;
    case FIELD_OPT_TIME:
        add_time(out, ((const struct opt_time *)member)->ms);
        break;
    case FIELD_REF:
        add_string(out, ((const struct object_ref *)member)->uuid);
        break;
    case FIELD_STRING_LIST:
        add_strings(out, member);
        break;
    case FIELD_PAIRS:
        add_pairs(out, member);
        break;
    case FIELD_RAW_JSON:
        text_add(out, ((const struct raw_json *)member)->json);
        break;
    case FIELD_NESTED:
        json_write_object(out, field->table, ((const struct nested *)member)->object, for_admin);
        break;
    case FIELD_OBJECTS: {
        const struct object_list *list = member;
        add_objects(out, field->table, list->items, list->count, for_admin);
        break;
    }
    case FIELD_MAP:
    case FIELD_REF_LIST:
    case FIELD_SECRET:
        break; /* parameters only: left out before */
    }
}

void json_write_object(struct text *out, const struct field_table *table, const void *object, bool for_admin)
{
    bool first = true;
    text_add_char(out, '{');
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        const void *member = field_at_const(field, object);
        if (respond_leaves_out(field, member, for_admin))
            continue;
        add_name(out, field->name, &first);
        add_member(out, field, member, for_admin);
    }
    text_add_char(out, '}');
}

static void write_list(struct text *out, const struct api_reply *reply, bool for_admin)
{
    bool first = true;
    text_add_char(out, '{');
    if (reply->total > 0) {
        add_name(out, "count", &first);
        text_add_int(out, reply->total);
    }
    if (reply->count > 0) {
        add_name(out, reply->object_key, &first);
        add_objects(out, reply->table, reply->objects, reply->count, for_admin);
    }
    text_add_char(out, '}');
}

static void write_job(struct text *out, const struct api_reply *reply)
{
    bool first = true;
    text_add_char(out, '{');
    add_name(out, "jobid", &first);
    add_string(out, reply->job.uuid);
    if (reply->job_object_uuid) {
        add_name(out, "id", &first);
        add_string(out, reply->job_object_uuid);
    }
    text_add_char(out, '}');
}

void json_write_reply(struct text *out, const char *response_key, const struct api_reply *reply, bool for_admin)
{
    bool first = true;
    if (response_key) {
        text_add_char(out, '{');
        add_name(out, response_key, &first);
    }
    if (reply->form == REPLY_LIST) {
        write_list(out, reply, for_admin);
    } else if (reply->form == REPLY_JOB) {
        write_job(out, reply);
    } else if (reply->object_key) {
        bool first_inside = true;
        text_add_char(out, '{');
        add_name(out, reply->object_key, &first_inside);
        json_write_object(out, reply->table, reply->objects, for_admin);
        text_add_char(out, '}');
    } else {
        json_write_object(out, reply->table, reply->objects, for_admin);
    }
    if (response_key)
        text_add_char(out, '}');
}
