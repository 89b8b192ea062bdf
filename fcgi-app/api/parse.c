/* Field tables → argument structs, with the wire's error texts. Who may name which object is authorize.c's matter. */
#include "api/parse.h"

#include <strings.h>

#include "api/api_settings.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/uuid.h"

struct parsing {
    struct arena *arena;
    const struct registered_command *command;
    const struct field *field;
    struct error *err;
};

/* ---- refusals ---- */

static bool refuse_value(const struct parsing *p, const char *value)
{
    return error_with(p->err, ERROR_PARAMETER, "api.invalid_value", E_TEXT("command", p->command->wire_name),
                      E_TEXT("value", value), E_TEXT("parameter", p->field->name));
}

static bool refuse_missing(const struct parsing *p)
{
    return error_with(p->err, ERROR_PARAMETER, "api.missing_parameter", E_TEXT("command", p->command->wire_name),
                      E_TEXT("parameter", p->field->name));
}

static bool refuse_unsupported(const struct parsing *p)
{
    return error_with(p->err, ERROR_INVALID_VALUE, "api.unsupported_parameter", E_TEXT("parameter", p->field->name));
}

static bool refuse_control(const char *name, const char *value, struct error *err)
{
    return error_with(err, ERROR_PARAMETER, "api.control_characters", E_TEXT("value", value),
                      E_TEXT("parameter", name));
}

/* ---- single values ---- */

static size_t count_characters(const char *value)
{
    size_t count = 0;
    for (; *value; value++)
        count += ((unsigned char)*value & 0xC0) != 0x80;
    return count;
}

static bool check_text(const struct parsing *p, const char *value)
{
    const struct field *field = p->field;
    size_t longest = field->max > 0             ? (size_t)field->max
                     : field->type == FIELD_MAP ? PARSE_MAP_VALUE_MAX
                                                : PARSE_DEFAULT_LENGTH;
    if (count_characters(value) > longest)
        return error_with(p->err, ERROR_PARAMETER, "api.too_long", E_INT("max", (int64_t)longest),
                          E_TEXT("parameter", field->name));
    if (!(field->flags & FIELD_PLAIN_TEXT) && field->type != FIELD_SECRET && strpbrk(value, "\t\r\n"))
        return refuse_control(field->name, value, p->err);
    if (!field->choices)
        return true;
    for (size_t i = 0; field->choices[i]; i++)
        if (strcasecmp(field->choices[i], value) == 0)
            return true;
    return refuse_value(p, value);
}

static bool read_int(const struct parsing *p, const char *value, int64_t *ret_number)
{
    int64_t number;
    if (!string_to_int(value, &number))
        return refuse_value(p, value);
    const struct field *field = p->field;
    if (field->max > field->min && (number < field->min || number > field->max))
        return refuse_value(p, value);
    if ((field->flags & FIELD_POSITIVE) && number < 1)
        return refuse_value(p, value);
    if (field->type == FIELD_INT32 && (number < INT32_MIN || number > INT32_MAX))
        return refuse_value(p, value);
    *ret_number = number;
    return true;
}

static bool read_double(const struct parsing *p, const char *value, struct opt_double *ret_value)
{
    double number;
    if (!string_to_double(value, &number))
        return refuse_value(p, value);
    const struct field *field = p->field;
    if (field->max > field->min && (number < (double)field->min || number > (double)field->max))
        return refuse_value(p, value);
    *ret_value = OPT_DOUBLE(number);
    return true;
}

static bool read_time(const struct parsing *p, const char *value, struct opt_time *ret_time)
{
    int64_t ms;
    if (!clock_parse(value, (p->field->flags & FIELD_END_OF_DAY) != 0, &ms))
        return error_with(p->err, ERROR_PARAMETER, "api.invalid_date", E_TEXT("value", value),
                          E_TEXT("command", p->command->wire_name), E_TEXT("parameter", p->field->name));
    *ret_time = OPT_TIME(ms);
    return true;
}

static bool read_items(const struct parsing *p, const char *value, const char ***ret_items, size_t *ret_count)
{
    const char **items = string_split(p->arena, value, ',', ret_count);
    if (*ret_count > PARSE_LIST_MAX_ITEMS)
        return refuse_value(p, arena_strndup(p->arena, value, 40));
    for (size_t i = 0; i < *ret_count; i++)
        if (!check_text(p, items[i]))
            return false;
    *ret_items = items;
    return true;
}

static bool read_ref_list(const struct parsing *p, const char *value, struct ref_list *ret_list)
{
    const char **items;
    size_t count;
    if (!read_items(p, value, &items, &count))
        return false;
    *ret_list = (struct ref_list){arena_array(p->arena, count, sizeof(struct object_ref)), count};
    for (size_t i = 0; i < count; i++)
        ret_list->items[i].uuid = items[i];
    return true;
}

static bool read_texts(const struct parsing *p, const char *value, void *member)
{
    if (p->field->type == FIELD_REF_LIST)
        return read_ref_list(p, value, member);
    if (p->field->type == FIELD_STRING_LIST) {
        struct string_list *list = member;
        return read_items(p, value, &list->items, &list->count);
    }
    if (!check_text(p, value))
        return false;
    if (p->field->type == FIELD_REF)
        ((struct object_ref *)member)->uuid = value;
    else if (p->field->type == FIELD_SECRET)
        *(struct secret *)member = secret_from(p->arena, value);
    else
        *(const char **)member = value;
    return true;
}

static bool read_value(const struct parsing *p, const char *value, void *member)
{
    int64_t number = 0;
    switch (p->field->type) {
    case FIELD_STRING:
    case FIELD_REF:
    case FIELD_STRING_LIST:
    case FIELD_REF_LIST:
    case FIELD_SECRET:
        return read_texts(p, value, member);
    case FIELD_INT:
        return read_int(p, value, member);
    case FIELD_INT32:
        if (!read_int(p, value, &number))
            return false;
        *(int32_t *)member = (int32_t)number;
        return true;
    case FIELD_OPT_INT:
        if (!read_int(p, value, &number))
            return false;
        *(struct opt_int *)member = OPT_INT(number);
        return true;
    case FIELD_BOOL:
        *(bool *)member = parse_is_true(value);
        return true;
    case FIELD_OPT_BOOL:
        *(struct opt_bool *)member = OPT_BOOL(parse_is_true(value));
        return true;
    case FIELD_OPT_DOUBLE:
        return read_double(p, value, member);
    case FIELD_OPT_TIME:
        return read_time(p, value, member);
    case FIELD_MAP:
    case FIELD_PAIRS:
    case FIELD_OBJECTS:
    case FIELD_NESTED:
    case FIELD_RAW_JSON:
        break; /* maps are read elsewhere, the others are for replies */
    }
    return error_with(p->err, ERROR_MALFORMED_PARAMETER, "api.malformed_parameter",
                      E_TEXT("parameter", p->field->name));
}

/* ---- maps: name[index].field ---- */

static bool split_map_name(const char *name, const char *bracket, struct map_entry *ret_entry)
{
    if (strchr(bracket + 1, '['))
        return false;
    uint32_t index = 0;
    const char *at = bracket + 1;
    for (; *at >= '0' && *at <= '9' && at - bracket <= 9; at++)
        index = index * 10 + (uint32_t)(*at - '0');
    if (at == bracket + 1 || at[0] != ']' || at[1] != '.' || at[2] == '\0' || bracket == name)
        return false;
    ret_entry->index = index;
    ret_entry->field = at + 2;
    return true;
}

static bool add_map_entry(const struct parsing *p, const struct api_param *param, const char *bracket, size_t ceiling,
                          struct map_list *map)
{
    struct map_entry entry = {.value = param->value};
    if (!split_map_name(param->name, bracket, &entry))
        return error_with(p->err, ERROR_MALFORMED_PARAMETER, "api.malformed_parameter",
                          E_TEXT("parameter", param->name));
    if (!check_text(p, param->value))
        return false;
    if (!map->entries)
        map->entries = arena_array(p->arena, ceiling, sizeof(*map->entries));
    size_t at = map->count++;
    while (at > 0 && map->entries[at - 1].index > entry.index) {
        map->entries[at] = map->entries[at - 1];
        at--;
    }
    map->entries[at] = entry;
    return true;
}

/* ---- the whole ---- */

static const struct field *find_param(const struct field_table *table, const char *name, size_t length)
{
    for (size_t i = 0; table && i < table->count; i++) {
        const char *candidate = table->fields[i].name;
        if (strncasecmp(candidate, name, length) == 0 && candidate[length] == '\0')
            return &table->fields[i];
    }
    return NULL;
}

static const char *const PROTOCOL_NAMES[] = {
    "command",    "response",    "apikey",  "signature", "signatureversion", "expires",
    "sessionkey", "plan",        "lang",    "page",      "pagesize",         "keyword",
    "listall",    "isrecursive", "account", "domainid",  "projectid",        "retrieveonlyresourcecount",
    "_"};

static bool is_protocol_name(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(PROTOCOL_NAMES); i++)
        if (strcasecmp(PROTOCOL_NAMES[i], name) == 0)
            return true;
    return false;
}

static bool check_bytes(const struct wire_params *params, struct error *err)
{
    for (size_t i = 0; i < params->count; i++) {
        const struct api_param *param = &params->items[i];
        bool fine = string_is_utf8(param->value, strlen(param->value)) && !string_has_control(param->value) &&
                    string_is_utf8(param->name, strlen(param->name)) && !string_has_control(param->name);
        if (!fine)
            return refuse_control(param->name, param->value, err);
    }
    return true;
}

/* Gives each field its raw value; maps are complete afterwards. */
static bool sort_out(struct parsing *p, const struct api_call *call, const struct wire_params *params, const char **raw,
                     char *args)
{
    const struct field_table *table = p->command->command->params;
    struct text unknown;
    text_init(&unknown, p->arena, 400);
    for (size_t i = 0; i < params->count; i++) {
        const struct api_param *param = &params->items[i];
        const char *bracket = strchr(param->name, '[');
        size_t length = bracket ? (size_t)(bracket - param->name) : strlen(param->name);
        const struct field *field = find_param(table, param->name, length);
        if (field && (field->flags & FIELD_ADMIN) && !caller_is_root_admin(call->caller))
            continue;
        bool fits = field && (bracket != NULL) == (field->type == FIELD_MAP);
        if (fits && bracket) {
            p->field = field;
            if (!add_map_entry(p, param, bracket, params->count, field_at(field, args)))
                return false;
        } else if (fits && table) {
            raw[field - table->fields] = param->value;
        } else if (field && field->type == FIELD_MAP) {
            return error_with(p->err, ERROR_MALFORMED_PARAMETER, "api.malformed_parameter",
                              E_TEXT("parameter", param->name));
        } else if (!is_protocol_name(param->name)) {
            text_addf(&unknown, "%s%.60s", unknown.length ? "," : "", param->name);
        }
    }
    if (unknown.length > 0)
        log_with(LOG_INFO, "api.unknown_parameters", L_TEXT("command", p->command->command->name),
                 L_TEXT("names", text_string(&unknown)));
    return true;
}

static bool is_map_empty(const struct field *field, const char *args)
{
    return field->type == FIELD_MAP && ((const struct map_list *)field_at_const(field, args))->count == 0;
}

static bool read_all(struct parsing *p, const struct api_call *call, const char **raw, char *args)
{
    const struct field_table *table = p->command->command->params;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = p->field = &table->fields[i];
        bool is_hidden = (field->flags & FIELD_ADMIN) && !caller_is_root_admin(call->caller);
        bool is_required = (field->flags & FIELD_REQUIRED) && !is_hidden;
        /* An empty text or list that is sent takes away what was there. */
        bool keeps_empty = (field->type == FIELD_STRING || field->type == FIELD_STRING_LIST) && !is_required;
        bool is_absent =
            field->type == FIELD_MAP ? is_map_empty(field, args) : !raw[i] || (raw[i][0] == '\0' && !keeps_empty);
        if (is_absent && is_required)
            return refuse_missing(p);
        if (is_absent)
            continue;
        if (field->type != FIELD_MAP && !read_value(p, raw[i], field_at(field, args)))
            return false;
        if (field->refused && (field->type == FIELD_MAP || raw[i][0] != '\0'))
            return refuse_unsupported(p);
    }
    return true;
}

const char *parse_find(const struct wire_params *params, const char *name)
{
    for (size_t i = 0; i < params->count; i++)
        if (strcasecmp(params->items[i].name, name) == 0)
            return params->items[i].value[0] ? params->items[i].value : NULL;
    return NULL;
}

bool parse_is_true(const char *value)
{
    return value && strcasecmp(value, "true") == 0;
}

/* ---- paging ---- */

/* The substring search's pattern: % and _ of people mean themselves. */
static const char *like_pattern(struct arena *arena, const char *keyword)
{
    struct text pattern;
    text_init(&pattern, arena, strlen(keyword) * 2 + 3);
    text_add_char(&pattern, '%');
    for (; *keyword; keyword++) {
        if (strchr("%_\\", *keyword))
            text_add_char(&pattern, '\\');
        text_add_char(&pattern, *keyword);
    }
    text_add_char(&pattern, '%');
    return text_string(&pattern);
}

static bool read_paging(const struct parsing *base, struct api_call *call, const char *page_text, const char *size_text)
{
    static const struct field page_field = {.name = "page", .type = FIELD_INT, .min = 1, .max = INT32_MAX};
    static const struct field size_field = {.name = "pagesize", .type = FIELD_INT, .min = -1, .max = INT32_MAX};
    struct parsing p = *base;
    int64_t page = 1, size = -1, ceiling = setting_int(&DEFAULT_PAGE_SIZE);
    p.field = &page_field;
    if (page_text && !read_int(&p, page_text, &page))
        return false;
    p.field = &size_field;
    if (size_text && !read_int(&p, size_text, &size))
        return false;
    if (!page_text && size_text && size != -1)
        return error_set(p.err, ERROR_PARAMETER, "api.page_required");
    if (page_text && !size_text)
        return error_set(p.err, ERROR_PARAMETER, "api.pagesize_required");
    if (size > ceiling)
        return error_with(p.err, ERROR_PARAMETER, "api.pagesize_too_big", E_INT("max", ceiling));
    call->page.counted_only = size == 0;
    call->page.limit = size > 0 ? size : ceiling;
    call->page.offset = size > 0 ? (page - 1) * size : 0;
    return true;
}

static bool read_list_params(const struct parsing *base, struct api_call *call, const struct wire_params *params)
{
    static const struct field keyword_field = {.name = "keyword", .type = FIELD_STRING};
    struct parsing p = *base;
    if (!read_paging(&p, call, parse_find(params, "page"), parse_find(params, "pagesize")))
        return false;
    if (parse_is_true(parse_find(params, "retrieveonlyresourcecount")))
        call->page.counted_only = true;
    call->page.keyword = parse_find(params, "keyword");
    p.field = &keyword_field;
    if (!call->page.keyword)
        return true;
    if (!check_text(&p, call->page.keyword))
        return false;
    call->page.keyword_like = like_pattern(call->arena, call->page.keyword);
    return true;
}

static bool is_paged(const struct api_command *command)
{
    return command->mode == API_LIST && !(command->flags & API_WHOLE_LIST);
}

/* The account that authorize.c looks up where the command's own table does not name one. */
static bool check_account(const struct parsing *base, const struct wire_params *params)
{
    static const struct field account_field = {.name = "account", .type = FIELD_STRING};
    struct parsing p = *base;
    p.field = &account_field;
    const char *account = parse_find(params, "account");
    bool takes_it = (p.command->command->flags & (API_SCOPE_PARAMS | API_OWNER_PARAMS)) != 0;
    return !account || !takes_it || check_text(&p, account);
}

bool parse_arguments(struct api_call *call, const struct registered_command *command, const struct wire_params *params,
                     void **ret_args, struct error *err)
{
    struct parsing p = {.arena = call->arena, .command = command, .err = err};
    const struct field_table *table = command->command->params;
    if (!check_bytes(params, err))
        return false;
    char *args = table ? arena_alloc(call->arena, table->struct_size) : NULL;
    const char **raw = table ? arena_array(call->arena, table->count, sizeof(*raw)) : NULL;
    if (!sort_out(&p, call, params, raw, args))
        return false;
    if (table && !read_all(&p, call, raw, args))
        return false;
    if (!check_account(&p, params) || (is_paged(command->command) && !read_list_params(&p, call, params)))
        return false;
    *ret_args = args;
    return true;
}

/* ---- what the room takes itself ---- */

static const struct room_param LIST_PARAMS[] = {
    {"keyword", "string", "Lists only what has this text in its name"},
    {"page", "integer", "Which page, counted from 1; goes with pagesize"},
    {"pagesize", "integer", "How many a page; goes with page"},
    {"retrieveonlyresourcecount", "boolean", "Answers only the number"},
};
static const struct room_param SCOPE_PARAMS[] = {
    {"isrecursive", "boolean", "With domainid: includes the domains below it"},
    {"listall", "boolean", "Lists everything that the caller may see instead of only the own"},
};
static const struct room_param OWNER_PARAMS[] = {
    {"account", "string", "The name of an account; goes with domainid"},
    {"domainid", "uuid", "The domain of the account, or alone for lists: the domain to list"},
    {"projectid", "uuid", "The project"},
};

static size_t add_room_params(const struct api_command *command, const struct room_param *from, size_t count,
                              const struct room_param **ret_params, size_t so_far)
{
    for (size_t i = 0; i < count; i++)
        if (!find_param(command->params, from[i].name, strlen(from[i].name)))
            ret_params[so_far++] = &from[i];
    return so_far;
}

size_t parse_room_params(const struct api_command *command,
                         const struct room_param *ret_params[static PARSE_ROOM_PARAMS_MAX])
{
    size_t count = 0;
    if (is_paged(command))
        count = add_room_params(command, LIST_PARAMS, COUNT_OF(LIST_PARAMS), ret_params, count);
    if (command->flags & API_SCOPE_PARAMS)
        count = add_room_params(command, SCOPE_PARAMS, COUNT_OF(SCOPE_PARAMS), ret_params, count);
    if (command->flags & (API_SCOPE_PARAMS | API_OWNER_PARAMS))
        count = add_room_params(command, OWNER_PARAMS, COUNT_OF(OWNER_PARAMS), ret_params, count);
    return count;
}
