/* Writing JSON from field tables. Reading is in json_read.c. This is a hot path: a list reply writes thousands of
 * members. */
#include "base/json.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"

static const char hex_digits[] = "0123456789abcdef";

/* Eight bytes at a time: a byte's high bit in the result says that it may need care (below 0x20, '"', '\\', not ASCII).
 * The tests may also mark the byte after a match, never miss one. */
static uint64_t marks(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    uint64_t quotes = word ^ (ones * '"'), backslashes = word ^ (ones * '\\');
    return ((word - ones * 0x20) | (quotes - ones) | (backslashes - ones) | word) & highs;
}

/* Length of the longest run at the start that can be copied as it is: ASCII without escapes, and well-formed UTF-8. */
static size_t plain_run(const char *bytes, size_t length)
{
    size_t i = 0;
    while (i < length) {
        uint64_t word;
        if (length - i >= sizeof(word)) {
            memcpy(&word, bytes + i, sizeof(word));
            if (!marks(word)) {
                i += sizeof(word);
                continue;
            }
        }
        unsigned char c = (unsigned char)bytes[i];
        if (c < 0x20 || c == '"' || c == '\\')
            break;
        size_t size = c < 0x80 ? 1 : string_utf8_length(bytes + i, length - i);
        if (!size)
            break;
        i += size;
    }
    return i;
}

static void add_escaped(struct text *out, unsigned char c)
{
    char escape[6] = {'\\', 'u', '0', '0', hex_digits[c >> 4], hex_digits[c & 15]};
    switch (c) {
    case '"':
        text_add_bytes(out, "\\\"", 2);
        break;
    case '\\':
        text_add_bytes(out, "\\\\", 2);
        break;
    case '\n':
        text_add_bytes(out, "\\n", 2);
        break;
    case '\r':
        text_add_bytes(out, "\\r", 2);
        break;
    case '\t':
        text_add_bytes(out, "\\t", 2);
        break;
    default:
        if (c < 0x20)
            text_add_bytes(out, escape, sizeof(escape));
        else
            text_add_bytes(out, "\xEF\xBF\xBD", 3); /* U+FFFD for a broken byte */
    }
}

void json_add_string_bytes(struct text *out, const char *bytes, size_t length)
{
    size_t run = plain_run(bytes, length);
    if (run == length) { /* nearly always: one reservation, one copy */
        char *to = text_reserve(out, length + 2);
        if (!to)
            return;
        to[0] = '"';
        memcpy(to + 1, bytes, length);
        to[length + 1] = '"';
        to[length + 2] = '\0';
        out->length += length + 2;
        return;
    }
    text_add_char(out, '"');
    for (size_t i = 0; i < length; run = plain_run(bytes + i, length - i)) {
        text_add_bytes(out, bytes + i, run);
        i += run;
        if (i < length)
            add_escaped(out, (unsigned char)bytes[i++]);
    }
    text_add_char(out, '"');
}

void json_add_string(struct text *out, const char *string)
{
    if (string)
        json_add_string_bytes(out, string, strlen(string));
    else
        text_add_bytes(out, "null", 4);
}

void json_add_double(struct text *out, double value)
{
    if (!isfinite(value)) {
        text_add_bytes(out, "null", 4);
        return;
    }
    char digits[32];
    double again;
    snprintf(digits, sizeof(digits), "%.15g", value);
    if (!string_to_double(digits, &again) || again < value || again > value)
        snprintf(digits, sizeof(digits), "%.17g", value);
    text_add(out, digits);
}

void json_add_name(struct text *out, const char *name, bool *first)
{
    size_t length = strlen(name);
    char *to = text_reserve(out, length + 4);
    if (!to)
        return;
    size_t used = 0;
    if (!*first)
        to[used++] = ',';
    *first = false;
    to[used++] = '"';
    memcpy(to + used, name, length);
    used += length;
    to[used++] = '"';
    to[used++] = ':';
    to[used] = '\0';
    out->length += used;
}

/* How an object is written: for a reply or as a record, and which members not at all. */
struct style {
    uint32_t hidden_flags;
    bool is_record;
};

static void add_members(struct text *out, const struct field_table *table, const void *object, struct style style,
                        bool *first);

static void add_object(struct text *out, const struct field_table *table, const void *object, struct style style)
{
    bool first = true;
    text_add_char(out, '{');
    add_members(out, table, object, style, &first);
    text_add_char(out, '}');
}

static void add_bool(struct text *out, bool value)
{
    if (value)
        text_add_bytes(out, "true", 4);
    else
        text_add_bytes(out, "false", 5);
}

static void add_time(struct text *out, int64_t ms, struct style style)
{
    if (style.is_record) {
        text_add_int(out, ms);
        return;
    }
    char date[32];
    clock_format_wire(ms, date, sizeof(date));
    json_add_string(out, date);
}

static void add_reference(struct text *out, const struct object_ref *reference, struct style style)
{
    const char *uuid = reference->uuid ? reference->uuid : reference->id == -1 ? "-1" : "";
    if (!style.is_record) {
        json_add_string(out, uuid);
        return;
    }
    text_add(out, "{\"id\":");
    text_add_int(out, reference->id);
    text_add(out, ",\"uuid\":");
    json_add_string(out, uuid);
    text_add_char(out, '}');
}

static void add_string_list(struct text *out, const struct string_list *list)
{
    text_add_char(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            text_add_char(out, ',');
        json_add_string(out, list->items[i]);
    }
    text_add_char(out, ']');
}

static void add_references(struct text *out, const struct ref_list *list, struct style style)
{
    text_add_char(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            text_add_char(out, ',');
        add_reference(out, &list->items[i], style);
    }
    text_add_char(out, ']');
}

static void add_map(struct text *out, const struct map_list *map)
{
    text_add_char(out, '[');
    for (size_t i = 0; i < map->count; i++) {
        text_add(out, i ? ",{\"index\":" : "{\"index\":");
        text_add_int(out, map->entries[i].index);
        text_add(out, ",\"field\":");
        json_add_string(out, map->entries[i].field);
        text_add(out, ",\"value\":");
        json_add_string(out, map->entries[i].value);
        text_add_char(out, '}');
    }
    text_add_char(out, ']');
}

static void add_pairs(struct text *out, const struct pair_list *pairs)
{
    bool first = true;
    text_add_char(out, '{');
    for (size_t i = 0; i < pairs->count; i++) {
        if (!pairs->items[i].value)
            continue;
        if (!first)
            text_add_char(out, ',');
        first = false;
        json_add_string(out, pairs->items[i].name);
        text_add_char(out, ':');
        json_add_string(out, pairs->items[i].value);
    }
    text_add_char(out, '}');
}

static void add_objects(struct text *out, const struct field_table *table, const struct object_list *list,
                        struct style style)
{
    text_add_char(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            text_add_char(out, ',');
        add_object(out, table, (const char *)list->items + i * table->struct_size, style);
    }
    text_add_char(out, ']');
}

/* A value that is there, or may be: absent values write nothing, not even their name. */
static void add_member(struct text *out, const struct field *field, const void *member, struct style style, bool *first)
{
#define ABSENT_UNLESS(present)                                                                                         \
    if (!(present))                                                                                                    \
        return;                                                                                                        \
    json_add_name(out, field->name, first)
    switch (field->type) {
    case FIELD_STRING: {
        const char *string = *(const char *const *)member;
        ABSENT_UNLESS(string);
        json_add_string(out, string);
        return;
    }
    case FIELD_INT:
        json_add_name(out, field->name, first);
        text_add_int(out, *(const int64_t *)member);
        return;
    case FIELD_INT32:
        json_add_name(out, field->name, first);
        text_add_int(out, *(const int32_t *)member);
        return;
    case FIELD_BOOL:
        json_add_name(out, field->name, first);
        add_bool(out, *(const bool *)member);
        return;
    case FIELD_OPT_INT: {
        const struct opt_int *value = member;
        ABSENT_UNLESS(value->set);
        text_add_int(out, value->value);
        return;
    }
    case FIELD_OPT_BOOL: {
        const struct opt_bool *value = member;
        ABSENT_UNLESS(value->set);
        add_bool(out, value->value);
        return;
    }
    case FIELD_OPT_DOUBLE: {
        const struct opt_double *value = member;
        ABSENT_UNLESS(value->set && isfinite(value->value));
        json_add_double(out, value->value);
        return;
    }
    case FIELD_OPT_TIME: {
        const struct opt_time *value = member;
        ABSENT_UNLESS(value->set);
        add_time(out, value->ms, style);
        return;
    }
    case FIELD_REF: {
        const struct object_ref *reference = member;
        ABSENT_UNLESS(reference->id || reference->uuid);
        add_reference(out, reference, style);
        return;
    }
    case FIELD_STRING_LIST: {
        const struct string_list *list = member;
        ABSENT_UNLESS(list->items);
        add_string_list(out, list);
        return;
    }
    case FIELD_REF_LIST: {
        const struct ref_list *list = member;
        ABSENT_UNLESS(list->items);
        add_references(out, list, style);
        return;
    }
    case FIELD_MAP: {
        const struct map_list *map = member;
        ABSENT_UNLESS(map->entries);
        add_map(out, map);
        return;
    }
    case FIELD_PAIRS: {
        const struct pair_list *pairs = member;
        ABSENT_UNLESS(pairs->items);
        add_pairs(out, pairs);
        return;
    }
    case FIELD_OBJECTS: {
        const struct object_list *list = member;
        ABSENT_UNLESS(list->set);
        add_objects(out, field->table, list, style);
        return;
    }
    case FIELD_NESTED: {
        const struct nested *nested = member;
        ABSENT_UNLESS(nested->object);
        add_object(out, field->table, nested->object, style);
        return;
    }
    case FIELD_RAW_JSON: {
        const struct raw_json *raw = member;
        ABSENT_UNLESS(raw->json);
        text_add(out, raw->json);
        return;
    }
    case FIELD_SECRET:
        return;
    }
#undef ABSENT_UNLESS
}

static void add_members(struct text *out, const struct field_table *table, const void *object, struct style style,
                        bool *first)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        if (!(field->flags & (style.hidden_flags | FIELD_SENSITIVE)))
            add_member(out, field, field_at_const(field, object), style, first);
    }
}

void json_add_members_except(struct text *out, const struct field_table *table, const void *object,
                             uint32_t hidden_flags, bool *first)
{
    add_members(out, table, object, (struct style){.hidden_flags = hidden_flags}, first);
}

void json_add_members(struct text *out, const struct field_table *table, const void *object, bool *first)
{
    json_add_members_except(out, table, object, 0, first);
}

void json_add_object(struct text *out, const struct field_table *table, const void *object)
{
    add_object(out, table, object, (struct style){.hidden_flags = 0});
}

void json_add_record(struct text *out, const struct field_table *table, const void *object)
{
    add_object(out, table, object, (struct style){.is_record = true});
}
