/* The audit trail of write commands: what was asked, and the object before and after. The row begins inside the
 * command's own transaction, so that no change goes without it, and is completed after the command or by its job's end.
 */
#include "api/audit.h"

#include <json-c/json.h>
#include <strings.h>

#include "api/call.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"

enum { PARAMS_MAX_BYTES = 8192, VALUE_MAX_BYTES = 256, OBJECT_MAX_BYTES = 256 * 1024, ERROR_TEXT_BYTES = 1000 };
#define MASK "***"

static const struct audit_hooks *hooks;

struct audit_call {
    struct api_call *call;
    struct audit_record record;
    const struct object_kind *kind; /* of the object that a parameter names; NULL: none */
    int64_t object_id;
};

void api_set_audit_hooks(const struct audit_hooks *with)
{
    hooks = with;
}

/* ---- parameters ---- */

static bool field_is_named(const struct field *field, const char *name)
{
    size_t length = strlen(field->name);
    return strncasecmp(field->name, name, length) == 0 && (name[length] == '\0' || name[length] == '[');
}

/* Masked by the declaration; entries of maps also by their own name, because operators keep passwords in details. */
static bool is_masked(const struct field *field, const char *name)
{
    const char *entry = strchr(name, '.');
    if (field->type == FIELD_SECRET || (field->flags & FIELD_SENSITIVE))
        return true;
    return entry && (strcasestr(entry, "password") || strcasestr(entry, "secret"));
}

static void add_param(struct text *out, const struct field *field, const struct api_param *param, bool *first)
{
    if (!*first)
        text_add_char(out, ',');
    *first = false;
    json_add_string(out, param->name);
    text_add_char(out, ':');
    if (is_masked(field, param->name))
        json_add_string(out, MASK);
    else
        json_add_string_bytes(out, param->value, strnlen(param->value, VALUE_MAX_BYTES));
}

/* Declared ones, and those that every command of the same kind takes; the rest was ignored anyway. */
static const char *params_json(struct api_call *call, const struct wire_params *params)
{
    static const struct field OWNER[] = {{.name = "account"}, {.name = "domainid"}, {.name = "projectid"}};
    const struct field_table *table = call->command->params;
    struct text json;
    bool first = true;
    text_init(&json, call->arena, PARAMS_MAX_BYTES);
    text_add_char(&json, '{');
    for (size_t i = 0; i < params->count && json.length < PARAMS_MAX_BYTES - 2 * VALUE_MAX_BYTES; i++) {
        const struct field *field = NULL;
        for (size_t f = 0; table && f < table->count && !field; f++)
            field = field_is_named(&table->fields[f], params->items[i].name) ? &table->fields[f] : NULL;
        for (size_t f = 0; f < COUNT_OF(OWNER) && !field; f++)
            field = field_is_named(&OWNER[f], params->items[i].name) ? &OWNER[f] : NULL;
        if (field)
            add_param(&json, field, &params->items[i], &first);
    }
    text_add_char(&json, '}');
    return json.overflowed ? "{}" : text_string(&json);
}

/* ---- objects ---- */

bool audit_describe(struct api_call *call, const struct object_kind *kind, int64_t id, const char **ret_json,
                    struct error *err)
{
    size_t count = 0;
    *ret_json = NULL;
    if (!kind->describe)
        return true;
    void *object = arena_alloc(call->arena, kind->response->struct_size);
    if (!kind->describe(call, &id, 1, object, &count, err))
        return false;
    if (count == 0)
        return true;
    struct text json;
    text_init(&json, call->arena, OBJECT_MAX_BYTES);
    json_add_object(&json, kind->response, object);
    *ret_json = json.overflowed ? NULL : text_string(&json);
    return true;
}

static const char *written(struct arena *arena, struct json_object *json)
{
    return arena_strdup(arena, json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
}

void audit_differ(struct arena *arena, const char **before_json, const char **after_json)
{
    if (!*before_json || !*after_json)
        return;
    struct json_object *before = json_tokener_parse(*before_json), *after = json_tokener_parse(*after_json);
    struct json_object *was = json_object_new_object(), *is = json_object_new_object(), *other;
    json_object_object_foreach(before, name, value)
    {
        if (json_object_object_get_ex(after, name, &other) && json_object_equal(value, other))
            json_object_object_del(after, name);
        else
            json_object_object_add(was, name, json_object_get(value));
    }
    json_object_object_foreach(after, member, now)
    {
        json_object_object_add(is, member, json_object_get(now));
    }
    *before_json = written(arena, was);
    *after_json = written(arena, is);
    json_object_put(before);
    json_object_put(after);
    json_object_put(was);
    json_object_put(is);
}

/* ---- one command ---- */

/* What the command is about: the object that `id` names, else the first that it requires, unless it makes one. */
static const struct field *find_target(const struct api_command *command)
{
    const struct field_table *table = command->params;
    const struct field *id = table ? field_find(table, "id") : NULL;
    if (id && id->type == FIELD_REF)
        return id;
    for (size_t i = 0; table && !(command->flags & API_CREATES) && i < table->count; i++)
        if (table->fields[i].type == FIELD_REF && (table->fields[i].flags & FIELD_REQUIRED))
            return &table->fields[i];
    return NULL;
}

static const char *name_in(struct arena *arena, const char *json)
{
    struct json_object *object = json ? json_tokener_parse(json) : NULL, *name;
    const char *found = NULL;
    if (json_object_object_get_ex(object, "name", &name))
        found = arena_strdup(arena, json_object_get_string(name));
    json_object_put(object);
    return found;
}

static void look_before(struct audit_call *audit, const void *args)
{
    struct api_call *call = audit->call;
    struct audit_record *record = &audit->record;
    struct error err = {0};
    const struct field *target = find_target(call->command);
    const struct object_ref *ref = target ? field_at_const(target, args) : NULL;
    if (!ref || ref->id <= 0)
        return;
    audit->kind = api_find_kind(target->refers_to);
    audit->object_id = ref->id;
    record->object_type = audit->kind->wire_type;
    record->object_uuid = ref->uuid;
    if (!audit_describe(call, audit->kind, ref->id, &record->before_json, &err))
        log_error(LOG_WARNING, "audit.no_before", &err);
    record->object_name = name_in(call->arena, record->before_json);
}

static bool begin_record(struct db *db, void *context, struct error *err)
{
    struct audit_call *audit = context;
    audit->record.result = "begun";
    return hooks->begin(db, &audit->record, err);
}

struct audit_call *audit_enter(struct api_call *call, const struct wire_params *params, const void *args)
{
    const struct caller *caller = call->caller;
    if (!hooks || db_is_dry(call->db) || caller->account_id <= 0)
        return NULL;
    struct audit_call *audit = ARENA_NEW(call->arena, struct audit_call);
    *audit = (struct audit_call){
        .call = call,
        .record = {.caller = caller, .command = call->command->name, .params_json = params_json(call, params)}};
    look_before(audit, args);
    int64_t touched = call->reply->touched_account_id;
    audit->record.owner_account_id = touched ? touched : call->owner.account_id;
    call->reply->audit = &audit->record;
    db_ride_along(call->db, begin_record, audit);
    return audit;
}

/* A reply that is another object than the one named: the command made it. */
static void look_at_reply(struct audit_call *audit)
{
    const struct api_reply *reply = audit->call->reply;
    struct audit_record *record = &audit->record;
    const struct object_kind *kind = registry_kind_of_table(reply->table);
    const struct field *id = reply->table ? field_find(reply->table, "id") : NULL;
    bool has_object = reply->form == REPLY_OBJECT || (reply->form == REPLY_LIST && reply->count > 0);
    if (!has_object || !kind || !id || id->type != FIELD_STRING)
        return;
    const char *uuid = *(const char *const *)field_at_const(id, reply->objects);
    if (!uuid || string_equal(uuid, record->object_uuid))
        return;
    struct text json;
    text_init(&json, audit->call->arena, OBJECT_MAX_BYTES);
    json_add_object(&json, kind->response, reply->objects);
    record->before_json = NULL;
    record->after_json = json.overflowed ? NULL : text_string(&json);
    record->object_type = kind->wire_type;
    record->object_uuid = uuid;
    record->object_name = name_in(audit->call->arena, record->after_json);
    audit->kind = NULL;
}

static void look_after(struct audit_call *audit)
{
    struct audit_record *record = &audit->record;
    struct error err = {0};
    look_at_reply(audit);
    if (!audit->kind)
        return;
    if (!audit_describe(audit->call, audit->kind, audit->object_id, &record->after_json, &err))
        log_error(LOG_WARNING, "audit.no_after", &err);
    audit_differ(audit->call->arena, &record->before_json, &record->after_json);
}

static void set_failure(struct audit_call *audit, const struct error *failure)
{
    char text[ERROR_TEXT_BYTES];
    string_copy(text, sizeof(text), respond_error_text(audit->call->arena, failure));
    audit->record.before_json = NULL; /* nothing changed */
    audit->record.failure_code = OPT_INT(error_http_status(failure->kind));
    audit->record.failure_text = arena_strdup(audit->call->arena, text);
}

struct ending {
    struct audit_call *audit;
    bool (*record_event)(struct db *db, void *context, struct error *err);
    void *context;
};

static bool end_record(struct db *db, void *context, struct error *err)
{
    const struct ending *ending = context;
    struct audit_call *audit = ending->audit;
    if (ending->record_event && !ending->record_event(db, ending->context, err))
        return false;
    return !audit || hooks->end(db, &audit->record, err);
}

void audit_leave(struct db *db, struct audit_call *audit, const struct error *failure,
                 bool (*record_event)(struct db *db, void *context, struct error *err), void *context)
{
    struct ending ending = {.audit = audit, .record_event = record_event, .context = context};
    struct error err = {0};
    if (audit) {
        if (!db_ride_ended(db))
            audit->record.id = 0; /* rolled back, or the command had no transaction */
        audit->record.result = failure ? "failed" : "done";
        if (failure)
            set_failure(audit, failure);
        else if (audit->call->reply->form == REPLY_JOB && audit->record.id)
            ending.audit = NULL; /* the end of the job completes it */
        else
            look_after(audit);
    }
    if ((ending.audit || record_event) && !db_transaction(db, end_record, &ending, &err))
        log_error(LOG_WARNING, "audit.not_recorded", &err);
}

void api_audit_value(struct api_call *call, const char *type, const char *name, const char *before, const char *after)
{
    struct audit_record *record = call->reply->audit;
    if (!record)
        return;
    record->object_type = type;
    record->object_name = name;
    const char *values[] = {before, after}, **slots[] = {&record->before_json, &record->after_json};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct text json;
        text_init(&json, call->arena, PARAMS_MAX_BYTES);
        text_add(&json, "{\"value\":");
        json_add_string(&json, values[i]);
        text_add_char(&json, '}');
        *slots[i] = values[i] && !json.overflowed ? text_string(&json) : NULL;
    }
}
