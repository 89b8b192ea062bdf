/* The OpenAPI 3.1 document, written from the declarations: one path a command, GET for reads and POST for writes. What
 * the wire does that OpenAPI has no words for carries an x- member: x-map (entries are sent as
 * name[index].field=value), x-admin (for root admins only), x-no-effect (changes nothing here, or is never filled, and
 * why), x-table (the declaration of an object), x-job-result (what the job of an asynchronous command ends with). */
#include "api/discover.h"

#include "api/call.h"
#include "api/parse.h"
#include "base/json.h"
#include "base/text.h"

enum { NESTING_MAX = 4 };

static void add_string(struct text *out, const char *name, const char *value)
{
    text_addf(out, "\"%s\":", name);
    json_add_string(out, value);
}

/* Whether the documents show it as GET; the server takes both methods for both. */
static bool is_read(const struct api_command *command)
{
    return !registry_is_write(command) && !(command->flags & API_POST_ONLY);
}

/* ---- values ---- */

static void add_range(struct text *out, const struct field *field)
{
    int64_t least = field->flags & FIELD_POSITIVE && field->min < 1 ? 1 : field->min;
    bool has_range = field->max > field->min;
    if (has_range || field->flags & FIELD_POSITIVE)
        text_addf(out, ",\"minimum\":%lld", (long long)least);
    if (has_range)
        text_addf(out, ",\"maximum\":%lld", (long long)field->max);
}

static void add_choices(struct text *out, const struct field *field)
{
    if (!field->choices)
        return;
    text_add(out, ",\"enum\":[");
    for (size_t i = 0; field->choices[i]; i++) {
        text_add(out, i > 0 ? "," : "");
        json_add_string(out, field->choices[i]);
    }
    text_add_char(out, ']');
}

static void add_text_limits(struct text *out, const struct field *field)
{
    text_addf(out, ",\"maxLength\":%lld", (long long)(field->max > 0 ? field->max : PARSE_DEFAULT_LENGTH));
    add_choices(out, field);
}

static void add_reference(struct text *out, const struct field *field)
{
    text_add(out, field->flags & FIELD_ALLOW_MINUS_ONE ? "{\"type\":\"string\""
                                                       : "{\"type\":\"string\",\"format\":\"uuid\"");
    if (field->refers_to) {
        text_add_char(out, ',');
        add_string(out, "x-refers-to", field->refers_to);
    }
    text_add_char(out, '}');
}

/* What a parameter may hold. */
static void add_param_schema(struct text *out, const struct field *field)
{
    switch (field->type) {
    case FIELD_INT:
    case FIELD_OPT_INT:
    case FIELD_INT32:
        text_addf(out, "{\"type\":\"integer\",\"format\":\"%s\"", field->type == FIELD_INT32 ? "int32" : "int64");
        add_range(out, field);
        text_add_char(out, '}');
        break;
    case FIELD_BOOL:
    case FIELD_OPT_BOOL:
        text_add(out, "{\"type\":\"boolean\"}");
        break;
    case FIELD_OPT_DOUBLE:
        text_add(out, "{\"type\":\"number\"");
        add_range(out, field);
        text_add_char(out, '}');
        break;
    case FIELD_OPT_TIME:
        text_add(out, "{\"type\":\"string\",\"format\":\"date-time\"}");
        break;
    case FIELD_REF:
        add_reference(out, field);
        break;
    case FIELD_REF_LIST:
        text_addf(out, "{\"type\":\"array\",\"maxItems\":%d,\"items\":", PARSE_LIST_MAX_ITEMS);
        add_reference(out, field);
        text_add_char(out, '}');
        break;
    case FIELD_STRING_LIST:
        text_addf(out, "{\"type\":\"array\",\"maxItems\":%d,\"items\":{\"type\":\"string\"", PARSE_LIST_MAX_ITEMS);
        add_text_limits(out, field);
        text_add(out, "}}");
        break;
    case FIELD_MAP:
        text_add(out,
                 "{\"type\":\"array\",\"x-map\":true,\"items\":{\"type\":\"object\",\"additionalProperties\":{\"type\":"
                 "\"string\"}}}");
        break;
    case FIELD_STRING:
    case FIELD_SECRET:
    case FIELD_PAIRS:
    case FIELD_OBJECTS:
    case FIELD_NESTED:
    case FIELD_RAW_JSON:
        text_add(out,
                 field->type == FIELD_SECRET ? "{\"type\":\"string\",\"format\":\"password\"" : "{\"type\":\"string\"");
        add_text_limits(out, field);
        text_add_char(out, '}');
        break;
    }
}

static void add_members(struct text *out, const struct field_table *table, int depth);

/* What a member of a reply holds; without braces, so that the description may follow. */
static void add_member_schema(struct text *out, const struct field *field, int depth)
{
    switch (field->type) {
    case FIELD_INT:
    case FIELD_OPT_INT:
    case FIELD_INT32:
        text_add(out, "\"type\":\"integer\"");
        break;
    case FIELD_BOOL:
    case FIELD_OPT_BOOL:
        text_add(out, "\"type\":\"boolean\"");
        break;
    case FIELD_OPT_DOUBLE:
        text_add(out, "\"type\":\"number\"");
        break;
    case FIELD_OPT_TIME:
        text_add(out, "\"type\":\"string\",\"pattern\":\"^\\\\d{4}-\\\\d\\\\d-\\\\d\\\\dT\\\\d\\\\d:\\\\d\\\\d:"
                      "\\\\d\\\\d\\\\+0000$\"");
        break;
    case FIELD_STRING:
    case FIELD_REF:
    case FIELD_SECRET:
        text_add(out, "\"type\":\"string\"");
        break;
    case FIELD_STRING_LIST:
    case FIELD_REF_LIST:
        text_add(out, "\"type\":\"array\",\"items\":{\"type\":\"string\"}");
        break;
    case FIELD_PAIRS:
    case FIELD_MAP:
        text_add(out, "\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}");
        break;
    case FIELD_RAW_JSON:
        text_add(out, "\"type\":\"object\"");
        break;
    case FIELD_OBJECTS:
        text_add(out, "\"type\":\"array\",\"items\":");
        add_members(out, field->table, depth + 1);
        break;
    case FIELD_NESTED:
        if (depth < NESTING_MAX) {
            text_add(out, "\"allOf\":[");
            add_members(out, field->table, depth + 1);
            text_add_char(out, ']');
        } else {
            text_add(out, "\"type\":\"object\"");
        }
        break;
    }
}

static void add_reason(struct text *out, const char *mark, const char *reason)
{
    if (reason) {
        text_add_char(out, ',');
        add_string(out, mark, reason);
    }
}

static void add_marks(struct text *out, const struct field *field)
{
    if (field->flags & FIELD_ADMIN)
        text_add(out, ",\"x-admin\":true");
    add_reason(out, "x-no-effect", field->no_effect);
    add_reason(out, "x-refused", field->refused);
}

static void add_members(struct text *out, const struct field_table *table, int depth)
{
    if (!table || depth >= NESTING_MAX) {
        text_add(out, "{\"type\":\"object\"}");
        return;
    }
    text_addf(out, "{\"type\":\"object\",\"x-table\":\"%s\",\"additionalProperties\":false,\"properties\":{",
              table->name);
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        text_add(out, i > 0 ? "," : "");
        json_add_string(out, field->name);
        text_add(out, ":{");
        add_member_schema(out, field, depth);
        text_add_char(out, ',');
        add_string(out, "description", field->help);
        add_marks(out, field);
        text_add_char(out, '}');
    }
    text_add(out, "}}");
}

/* ---- what a request holds ---- */

static const char *room_schema(const struct room_param *param)
{
    if (string_equal(param->type, "integer"))
        return "{\"type\":\"integer\",\"minimum\":-1}";
    return string_equal(param->type, "boolean") ? "{\"type\":\"boolean\"}" : "{\"type\":\"string\"}";
}

static void add_query_parameters(struct text *out, const struct api_command *command)
{
    const struct room_param *room[PARSE_ROOM_PARAMS_MAX];
    size_t room_count = parse_room_params(command, room), declared = command->params ? command->params->count : 0;
    text_add(out, "{\"$ref\":\"#/components/parameters/response\"}");
    for (size_t i = 0; i < declared; i++) {
        const struct field *field = &command->params->fields[i];
        bool is_list = field->type == FIELD_STRING_LIST || field->type == FIELD_REF_LIST;
        text_addf(out, ",{\"in\":\"query\",\"name\":\"%s\",", field->name);
        add_string(out, "description", field->help);
        text_addf(out, ",\"required\":%s,%s\"schema\":", field->flags & FIELD_REQUIRED ? "true" : "false",
                  is_list ? "\"style\":\"form\",\"explode\":false," : "");
        add_param_schema(out, field);
        add_marks(out, field);
        text_add_char(out, '}');
    }
    for (size_t i = 0; i < room_count; i++) {
        text_addf(out, ",{\"in\":\"query\",\"name\":\"%s\",", room[i]->name);
        add_string(out, "description", room[i]->help);
        text_addf(out, ",\"schema\":%s", room_schema(room[i]));
        add_reason(out, "x-no-effect", command->no_effect);
        text_add_char(out, '}');
    }
}

static void add_form_required(struct text *out, const struct field_table *params)
{
    bool first = true;
    for (size_t i = 0; params && i < params->count; i++) {
        if (!(params->fields[i].flags & FIELD_REQUIRED))
            continue;
        text_addf(out, "%s\"%s\"", first ? ",\"required\":[" : ",", params->fields[i].name);
        first = false;
    }
    text_add(out, first ? "" : "]");
}

static void add_form_property(struct text *out, const struct field *field)
{
    json_add_string(out, field->name);
    text_add(out, ":{\"allOf\":[");
    add_param_schema(out, field);
    text_add(out, "],");
    add_string(out, "description", field->help);
    add_marks(out, field);
    text_add_char(out, '}');
}

/* Lists are sent with commas between. */
static void add_form_encoding(struct text *out, const struct field_table *params)
{
    bool first = true;
    for (size_t i = 0; params && i < params->count; i++) {
        enum field_type type = params->fields[i].type;
        if (type != FIELD_STRING_LIST && type != FIELD_REF_LIST)
            continue;
        text_addf(out, "%s\"%s\":{\"style\":\"form\",\"explode\":false}", first ? ",\"encoding\":{" : ",",
                  params->fields[i].name);
        first = false;
    }
    text_add(out, first ? "" : "}");
}

static void add_form(struct text *out, const struct api_command *command)
{
    const struct room_param *room[PARSE_ROOM_PARAMS_MAX];
    size_t room_count = parse_room_params(command, room), declared = command->params ? command->params->count : 0;
    text_add(out, "\"requestBody\":{\"content\":{\"application/"
                  "x-www-form-urlencoded\":{\"schema\":{\"type\":\"object\",\"properties\":{");
    for (size_t i = 0; i < declared; i++) {
        text_add(out, i == 0 ? "" : ",");
        add_form_property(out, &command->params->fields[i]);
    }
    for (size_t i = 0; i < room_count; i++) {
        text_addf(out, "%s\"%s\":{\"allOf\":[%s],", i + declared == 0 ? "" : ",", room[i]->name, room_schema(room[i]));
        add_string(out, "description", room[i]->help);
        add_reason(out, "x-no-effect", command->no_effect);
        text_add_char(out, '}');
    }
    if (registry_is_repeatable(command))
        text_addf(out,
                  "%s\"plan\":{\"type\":\"boolean\",\"description\":\"True changes nothing and answers what "
                  "would happen\"}",
                  room_count + declared == 0 ? "" : ",");
    text_add_char(out, '}');
    add_form_required(out, command->params);
    text_add_char(out, '}');
    add_form_encoding(out, command->params);
    text_add(out, "}}},");
}

/* ---- what a reply holds ---- */

static void add_keyed(struct text *out, const char *key, const struct field_table *table, bool is_list)
{
    text_addf(
        out, "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{%s\"%s\":",
        is_list ? "\"count\":{\"type\":\"integer\",\"minimum\":1,\"description\":\"How many there are on all pages\"},"
                : "",
        key);
    if (is_list)
        text_add(out, "{\"type\":\"array\",\"minItems\":1,\"items\":");
    add_members(out, table, 0);
    text_add(out, is_list ? "}}}" : "}}");
}

static void add_result(struct text *out, const struct registered_command *command)
{
    const struct api_command *api = command->command;
    const struct field_table *table = registry_response(api);
    bool is_list = api->mode == API_LIST || api->flags & API_ANSWERS_LIST;
    if (command->object_key && api->response)
        add_keyed(out, command->object_key, table, is_list);
    else
        add_members(out, table, 0);
}

static void add_reply(struct text *out, const struct registered_command *command)
{
    bool is_job = command->command->mode == API_ASYNC, may_plan = registry_is_repeatable(command->command);
    text_addf(out, "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"%s\"],\"properties\":{\"%s\":",
              command->response_key, command->response_key);
    if (may_plan)
        text_add(out, "{\"anyOf\":[");
    if (is_job)
        text_add(out, command->command->flags & API_CREATES ? "{\"$ref\":\"#/components/schemas/JobOfNewObject\"}"
                                                            : "{\"$ref\":\"#/components/schemas/Job\"}");
    else
        add_result(out, command);
    if (may_plan)
        text_add(out, ",{\"$ref\":\"#/components/schemas/Plan\"}]}");
    text_add(out, "}}");
}

/* ---- the whole ---- */

static void add_responses(struct text *out, const struct registered_command *command)
{
    const struct api_command *api = command->command;
    static const int always[] = {400, 401, 413, 429, 430, 431, 432, 503, 511, 530, 531};
    static const int writes[] = {405, 532, 533, 534, 535, 536, 537};
    text_add(out,
             "\"responses\":{\"200\":{\"description\":\"The reply\",\"content\":{\"application/json\":{\"schema\":");
    add_reply(out, command);
    text_add(out, ",\"example\":");
    example_add_reply(out, command);
    text_add(out, "},\"text/xml\":{\"schema\":{\"type\":\"string\"}}}}");
    for (size_t i = 0; i < COUNT_OF(always); i++)
        text_addf(out, ",\"%d\":{\"$ref\":\"#/components/responses/E%d\"}", always[i], always[i]);
    for (size_t i = 0; i < COUNT_OF(writes) && !is_read(api); i++)
        text_addf(out, ",\"%d\":{\"$ref\":\"#/components/responses/E%d\"}", writes[i], writes[i]);
    text_add_char(out, '}');
    if (api->mode == API_ASYNC) {
        text_add(out, ",\"x-job-result\":");
        add_result(out, command);
    }
}

static void add_operation(struct text *out, const struct registered_command *command)
{
    const struct api_command *api = command->command;
    text_addf(out, "\"/%s\":{\"%s\":{\"operationId\":\"%s\",", api->name, is_read(api) ? "get" : "post", api->name);
    add_string(out, "summary", api->summary);
    text_add(out, ",\"tags\":[");
    json_add_string(out, api->group ? api->group : "Other");
    text_addf(out, "],\"x-roles\":%u,", api->roles);
    if (api->flags & API_NO_LOGIN)
        text_add(out, "\"security\":[],");
    if (api->flags & API_SESSION_ONLY)
        text_add(out, "\"security\":[{\"session\":[],\"sessionKey\":[]}],");
    text_add(out, "\"parameters\":[");
    if (is_read(api))
        add_query_parameters(out, api);
    else
        text_add(out, "{\"$ref\":\"#/components/parameters/response\"}");
    if (registry_is_repeatable(api))
        text_add(out, ",{\"$ref\":\"#/components/parameters/idempotencyKey\"}");
    text_add(out, "],");
    if (!is_read(api))
        add_form(out, api);
    add_responses(out, command);
    text_add(out, "}}");
}

static void add_error_responses(struct text *out)
{
    static const int statuses[] = {400, 401, 405, 413, 429, 430, 431, 432, 503,
                                   511, 530, 531, 532, 533, 534, 535, 536, 537};
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        text_addf(out,
                  "%s\"E%d\":{\"description\":\"%s\",\"headers\":{\"X-Description\":{\"$ref\":\"#/components/headers/"
                  "XDescription\"}",
                  i > 0 ? "," : "", statuses[i], http_status_phrase(statuses[i]));
        if (statuses[i] == 429)
            text_add(out, ",\"Retry-After\":{\"description\":\"Seconds until requests are taken "
                          "again\",\"schema\":{\"type\":\"integer\"}}");
        text_add(out, "},\"content\":{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/Error\"}},"
                      "\"text/xml\":{\"schema\":{\"type\":\"string\"}}}}");
    }
}

static const char COMPONENTS[] =
    "\"securitySchemes\":{"
    "\"key\":{\"type\":\"apiKey\",\"in\":\"query\",\"name\":\"apiKey\",\"description\":\"The key of a user\"},"
    "\"signature\":{\"type\":\"apiKey\",\"in\":\"query\",\"name\":\"signature\",\"description\":\"Base64 of the "
    "HMAC-SHA1, with the secret "
    "key, of all other parameters as name=value, values URL-encoded, sorted by name, joined by &, in lower case\"},"
    "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"JSESSIONID\",\"description\":\"The session that "
    "login began\"},"
    "\"sessionKey\":{\"type\":\"apiKey\",\"in\":\"query\",\"name\":\"sessionkey\",\"description\":\"The session key "
    "that login answered; "
    "the cookie of that name comes along\"}},"
    "\"parameters\":{"
    "\"response\":{\"in\":\"query\",\"name\":\"response\",\"description\":\"The format of the "
    "reply\",\"schema\":{\"type\":\"string\","
    "\"enum\":[\"xml\",\"json\"],\"default\":\"xml\"}},"
    "\"idempotencyKey\":{\"in\":\"header\",\"name\":\"Idempotency-Key\",\"description\":\"A text of the caller's "
    "choice: a repetition with the "
    "same key and the same parameters changes nothing and gets the first "
    "answer\",\"schema\":{\"type\":\"string\",\"minLength\":1,"
    "\"maxLength\":255}}},"
    "\"headers\":{\"XDescription\":{\"description\":\"The text of the error\",\"schema\":{\"type\":\"string\"}}},"
    "\"schemas\":{"
    "\"Job\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"jobid\"],\"properties\":{\"jobid\":{"
    "\"type\":\"string\","
    "\"format\":\"uuid\",\"description\":\"The job; ask for it with queryAsyncJobResult\"}}},"
    "\"JobOfNewObject\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"jobid\"],\"properties\":{"
    "\"jobid\":{\"type\":"
    "\"string\",\"format\":\"uuid\",\"description\":\"The job; ask for it with "
    "queryAsyncJobResult\"},\"id\":{\"type\":\"string\",\"format\":"
    "\"uuid\",\"description\":\"The object that the job makes\"}}},"
    "\"Plan\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"plan\"],\"properties\":{\"plan\":{"
    "\"type\":\"object\","
    "\"required\":[\"possible\"],\"properties\":{\"possible\":{\"type\":\"boolean\"},\"reason\":{\"type\":\"string\"},"
    "\"errorcode\":{\"type\":"
    "\"integer\"},\"steps\":{\"type\":\"array\",\"items\":{}},\"facts\":{\"type\":\"array\",\"items\":{}},\"object\":{"
    "\"type\":\"object\"}}}}},"
    "\"Error\":{\"type\":\"object\",\"minProperties\":1,\"maxProperties\":1,\"additionalProperties\":{\"type\":"
    "\"object\","
    "\"additionalProperties\":false,\"required\":[\"uuidList\",\"errorcode\",\"errortext\"],\"properties\":{"
    "\"uuidList\":{\"type\":\"array\","
    "\"items\":{\"type\":\"object\",\"properties\":{\"uuid\":{\"type\":\"string\"},\"description\":{\"type\":"
    "\"string\"}}}},\"errorcode\":{"
    "\"type\":\"integer\"},\"cserrorcode\":{\"type\":\"integer\"},\"errortext\":{\"type\":\"string\"}}}}},";

void api_write_openapi(struct text *out)
{
    size_t count;
    const struct registered_command *all = commands_all(&count);
    text_add(out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Gurum\",\"version\":\"" CLOUD_VERSION
                  "\",\"description\":\"Every command of "
                  "the cloud. Statuses from 530 on are the wire's own "
                  "refusals.\",\"license\":{\"name\":\"Apache-2.0\",\"identifier\":"
                  "\"Apache-2.0\"}},\"servers\":[{\"url\":\"/client/api\"}],"
                  "\"security\":[{\"key\":[],\"signature\":[]},{\"session\":[],\"sessionKey\":[]}],\"paths\":{");
    for (size_t i = 0; i < count; i++) {
        text_add(out, i > 0 ? "," : "");
        add_operation(out, &all[i]);
    }
    text_add(out, "},\"components\":{");
    text_add(out, COMPONENTS);
    text_add(out, "\"responses\":{");
    add_error_responses(out);
    text_add(out, "}}}");
}
