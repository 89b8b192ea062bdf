/* Replies as XML, from the same field tables: the wire's format when a request does not ask for JSON. */
#include "api/call.h"

#include <json-c/json.h>

#include "base/clock.h"
#include "base/text.h"

static void write_object(struct text *out, const struct field_table *table, const void *object, bool for_admin);

static void open_tag(struct text *out, const char *name)
{
    text_add_char(out, '<');
    text_add(out, name);
    text_add_char(out, '>');
}

static void close_tag(struct text *out, const char *name)
{
    text_add(out, "</");
    text_add(out, name);
    text_add_char(out, '>');
}

/* Bytes that XML 1.0 cannot hold at all become U+FFFD. */
void xml_add_escaped(struct text *out, const char *string)
{
    for (; *string; string++) {
        unsigned char c = (unsigned char)*string;
        if (c == '&')
            text_add(out, "&amp;");
        else if (c == '<')
            text_add(out, "&lt;");
        else if (c == '>')
            text_add(out, "&gt;");
        else if (c == '"')
            text_add(out, "&quot;");
        else if (c == '\'')
            text_add(out, "&apos;");
        else if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
            text_add(out, "\xEF\xBF\xBD");
        else
            text_add_char(out, (char)c);
    }
}

static void add_element(struct text *out, const char *name, const char *value)
{
    open_tag(out, name);
    xml_add_escaped(out, value);
    close_tag(out, name);
}

static void add_number(struct text *out, const char *name, int64_t value)
{
    open_tag(out, name);
    text_add_int(out, value);
    close_tag(out, name);
}

/* Names of pairs are data: only what is an XML name becomes an element. */
static bool is_xml_name(const char *name)
{
    bool starts = (name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z') || name[0] == '_';
    return starts && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == strlen(name);
}

static void add_pair(struct text *out, const char *name, const char *value)
{
    if (is_xml_name(name)) {
        add_element(out, name, value);
        return;
    }
    text_add(out, "<entry name=\"");
    xml_add_escaped(out, name);
    text_add(out, "\">");
    xml_add_escaped(out, value);
    text_add(out, "</entry>");
}

static void add_pairs(struct text *out, const char *name, const struct pair_list *list)
{
    open_tag(out, name);
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].value)
            add_pair(out, list->items[i].name, list->items[i].value);
    close_tag(out, name);
}

static void add_json_value(struct text *out, const char *name, struct json_object *value)
{
    if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            add_json_value(out, name, json_object_array_get_idx(value, i));
    } else if (json_object_is_type(value, json_type_object)) {
        open_tag(out, name);
        json_object_object_foreach(value, key, member) if (is_xml_name(key)) add_json_value(out, key, member);
        close_tag(out, name);
    } else if (value) {
        add_element(out, name, json_object_get_string(value));
    }
}

static void add_raw_json(struct text *out, const char *name, const char *json)
{
    struct json_object *value = json_tokener_parse(json);
    add_json_value(out, name, value);
    json_object_put(value);
}

static void add_objects(struct text *out, const char *name, const struct field_table *table, const void *items,
                        size_t count, bool for_admin)
{
    for (size_t i = 0; i < count; i++) {
        open_tag(out, name);
        write_object(out, table, (const char *)items + i * table->struct_size, for_admin);
        close_tag(out, name);
    }
}

static void add_strings(struct text *out, const char *name, const struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        add_element(out, name, list->items[i]);
}

static void add_double(struct text *out, const char *name, double value)
{
    open_tag(out, name);
    text_addf(out, "%.15g", value);
    close_tag(out, name);
}

static void add_time(struct text *out, const char *name, int64_t ms)
{
    char when[32];
    clock_format_wire(ms, when, sizeof(when));
    add_element(out, name, when);
}

static void add_member(struct text *out, const struct field *field, const void *member, bool for_admin)
{
    const char *name = field->name;
    switch (field->type) {
    case FIELD_STRING:
        add_element(out, name, *(const char *const *)member);
        break;
    case FIELD_INT:
        add_number(out, name, *(const int64_t *)member);
        break;
    case FIELD_INT32:
        add_number(out, name, *(const int32_t *)member);
        break;
    case FIELD_BOOL:
        add_element(out, name, *(const bool *)member ? "true" : "false");
        break;
    case FIELD_OPT_INT:
        add_number(out, name, ((const struct opt_int *)member)->value);
        break;
    case FIELD_OPT_BOOL:
        add_element(out, name, ((const struct opt_bool *)member)->value ? "true" : "false");
        break;
    case FIELD_OPT_DOUBLE:
        add_double(out, name, ((const struct opt_double *)member)->value);
        break;
    case FIELD_OPT_TIME:
        add_time(out, name, ((const struct opt_time *)member)->ms);
        break;
    case FIELD_REF:
        add_element(out, name, ((const struct object_ref *)member)->uuid);
        break;
    case FIELD_STRING_LIST:
        add_strings(out, name, member);
        break;
    case FIELD_PAIRS:
        add_pairs(out, name, member);
        break;
    case FIELD_RAW_JSON:
        add_raw_json(out, name, ((const struct raw_json *)member)->json);
        break;
    case FIELD_NESTED:
        add_objects(out, name, field->table, ((const struct nested *)member)->object, 1, for_admin);
        break;
    case FIELD_OBJECTS: {
        const struct object_list *list = member;
        add_objects(out, name, field->table, list->items, list->count, for_admin);
        break;
    }
    case FIELD_MAP:
    case FIELD_REF_LIST:
    case FIELD_SECRET:
        break; /* parameters only: left out before */
    }
}

static void write_object(struct text *out, const struct field_table *table, const void *object, bool for_admin)
{
    for (size_t i = 0; i < table->count; i++) {
        const void *member = field_at_const(&table->fields[i], object);
        if (!respond_leaves_out(&table->fields[i], member, for_admin))
            add_member(out, &table->fields[i], member, for_admin);
    }
}

void xml_write_reply(struct text *out, const char *response_key, const struct api_reply *reply, bool for_admin)
{
    text_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><");
    text_add(out, response_key);
    text_add(out, " cloud-stack-version=\"" CLOUD_VERSION "\">");
    if (reply->form == REPLY_LIST) {
        if (reply->total > 0)
            add_number(out, "count", reply->total);
        if (reply->count > 0)
            add_objects(out, reply->object_key, reply->table, reply->objects, reply->count, for_admin);
    } else if (reply->form == REPLY_JOB) {
        add_element(out, "jobid", reply->job.uuid);
        if (reply->job_object_uuid)
            add_element(out, "id", reply->job_object_uuid);
    } else if (reply->object_key) {
        add_objects(out, reply->object_key, reply->table, reply->objects, 1, for_admin);
    } else {
        write_object(out, reply->table, reply->objects, for_admin);
    }
    close_tag(out, response_key);
}
