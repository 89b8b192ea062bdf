/* What handlers answer with, and what both formats share. The formats themselves: respond_json.c, respond_xml.c. */
#include "api/call.h"

#include "base/json.h"
#include "base/message.h"
#include "base/text.h"

void reply_object_as(struct api_call *call, const struct field_table *table, const char *object_key, const void *object)
{
    call->reply->form = REPLY_OBJECT;
    call->reply->table = table;
    call->reply->object_key = object_key;
    call->reply->objects = object;
    call->reply->count = 1;
}

void api_reply_object(struct api_call *call, const void *object)
{
    reply_object_as(call, registry_response(call->command), call->command->object_key, object);
}

void api_reply_list(struct api_call *call, const void *objects, size_t count, int64_t total)
{
    call->reply->form = REPLY_LIST;
    call->reply->table = registry_response(call->command);
    call->reply->object_key = call->command->object_key;
    call->reply->objects = objects;
    call->reply->count = call->page.counted_only ? 0 : count;
    call->reply->total = total;
}

void api_reply_success(struct api_call *call, const char *displaytext)
{
    struct success_response *response = ARENA_NEW(call->arena, struct success_response);
    *response = (struct success_response){true, displaytext};
    reply_object_as(call, &SUCCESS_RESPONSE, NULL, response);
}

void api_reply_job(struct api_call *call, const struct job_ref *job, const char *object_uuid)
{
    call->reply->form = REPLY_JOB;
    call->reply->job = *job;
    call->reply->job_object_uuid = call->command->flags & API_CREATES ? object_uuid : NULL;
}

void api_set_session(struct api_call *call, const char *session_token, const char *session_key)
{
    call->reply->session_changed = true;
    call->reply->session_token = session_token;
    call->reply->session_key = session_key;
}

bool respond_leaves_out(const struct field *field, const void *member, bool for_admin)
{
    if ((field->flags & FIELD_ADMIN) && !for_admin)
        return true;
    switch (field->type) {
    case FIELD_STRING:
        return *(const char *const *)member == NULL;
    case FIELD_OPT_INT:
        return !((const struct opt_int *)member)->set;
    case FIELD_OPT_BOOL:
        return !((const struct opt_bool *)member)->set;
    case FIELD_OPT_DOUBLE:
        return !((const struct opt_double *)member)->set;
    case FIELD_OPT_TIME:
        return !((const struct opt_time *)member)->set;
    case FIELD_REF:
        return ((const struct object_ref *)member)->uuid == NULL;
    case FIELD_STRING_LIST:
        return ((const struct string_list *)member)->items == NULL;
    case FIELD_PAIRS:
        return ((const struct pair_list *)member)->items == NULL;
    case FIELD_OBJECTS:
        return !((const struct object_list *)member)->set;
    case FIELD_NESTED:
        return ((const struct nested *)member)->object == NULL;
    case FIELD_RAW_JSON:
        return ((const struct raw_json *)member)->json == NULL;
    case FIELD_MAP:
    case FIELD_REF_LIST:
    case FIELD_SECRET:
        return true;
    case FIELD_INT:
    case FIELD_INT32:
    case FIELD_BOOL:
        return false;
    }
    return true;
}

void respond_write(struct api_call *call, const struct registered_command *command, struct text *out)
{
    bool for_admin = caller_is_root_admin(call->caller);
    if (call->reply->form == REPLY_KEPT)
        text_add(out, call->reply->kept);
    else if (call->format == FORMAT_XML)
        xml_write_reply(out, command->response_key, call->reply, for_admin);
    else
        json_write_reply(out, command->response_key, call->reply, for_admin);
}

/* ---- errors ---- */

const char *respond_error_text(struct arena *arena, const struct error *err)
{
    struct text message;
    text_init(&message, arena, 4096);
    message_render_error(&message, "en", err);
    return text_string(&message);
}

static void error_as_json(struct arena *arena, const char *key, const struct error *err, struct text *out)
{
    text_addf(out, "{\"%s\":{\"uuidList\":[", key);
    for (size_t i = 0; i < err->entity_count; i++) {
        text_add(out, i > 0 ? ",{\"uuid\":" : "{\"uuid\":");
        json_add_string(out, err->entities[i].uuid);
        text_add(out, ",\"description\":");
        json_add_string(out, err->entities[i].description);
        text_add_char(out, '}');
    }
    text_addf(out, "],\"errorcode\":%d,", error_http_status(err->kind));
    if (error_cs_code(err->kind))
        text_addf(out, "\"cserrorcode\":%d,", error_cs_code(err->kind));
    text_add(out, "\"errortext\":");
    json_add_string(out, respond_error_text(arena, err));
    text_add(out, "}}");
}

static void error_as_xml(struct arena *arena, const char *key, bool is_authenticated, const struct error *err,
                         struct text *out)
{
    text_addf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><%s%s>", key,
              is_authenticated ? " cloud-stack-version=\"" CLOUD_VERSION "\"" : "");
    for (size_t i = 0; i < err->entity_count; i++) {
        text_add(out, "<uuidList><uuid>");
        xml_add_escaped(out, err->entities[i].uuid);
        text_add(out, "</uuid><description>");
        xml_add_escaped(out, err->entities[i].description);
        text_add(out, "</description></uuidList>");
    }
    text_addf(out, "<errorcode>%d</errorcode>", error_http_status(err->kind));
    if (error_cs_code(err->kind))
        text_addf(out, "<cserrorcode>%d</cserrorcode>", error_cs_code(err->kind));
    text_add(out, "<errortext>");
    xml_add_escaped(out, respond_error_text(arena, err));
    text_addf(out, "</errortext></%s>", key);
}

void respond_error(struct arena *arena, const struct registered_command *command, enum api_format format,
                   bool is_authenticated, const struct error *err, struct text *out)
{
    const char *key = command && err->kind != ERROR_UNSUPPORTED ? command->response_key : "errorresponse";
    if (format == FORMAT_XML)
        error_as_xml(arena, key, is_authenticated, err, out);
    else
        error_as_json(arena, key, err, out);
}
