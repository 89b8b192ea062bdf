/* listAuditRecords: operators see all, tenants what was done with what is theirs. */
#include <json-c/json.h>

#include "base/json.h"
#include "base/text.h"
#include "cloud/audit/audit.h"
#include "cloud/audit/audit_service.h"
#include "cloud/bucket/bucket.h"
#include "cloud/identity/identity.h"

struct audit_response {
    const char *id, *command, *result, *errortext, *username, *userid, *calleraccount, *ipaddress, *access, *apikey,
        *requestid, *jobid, *resourcetype, *resourceid, *resourcename;
    struct shown_owner owner;
    struct opt_int errorcode, sessionid;
    struct opt_time created, ended;
    struct raw_json parameters, before, after;
};
#define SHOWN(member, ...) FIELD(struct audit_response, member, __VA_ARGS__)
FIELD_TABLE(AUDIT_RESPONSE, struct audit_response, SHOWN(id, .help = "The record"),
            SHOWN(created, .help = "When it was asked for"), SHOWN(ended, .help = "When it ended"),
            SHOWN(command, .help = "The command"),
            SHOWN(result, .help = "done, failed, or begun while it is under way or when its process died"),
            SHOWN(errorcode, .help = "What a failed command was answered"),
            SHOWN(errortext, .help = "The same in words"),
            SHOWN(username, .help = "Who asked; absent for people above the reader"),
            SHOWN(userid, .help = "That user"), SHOWN(calleraccount, .help = "The account of that user"),
            SHOWN(ipaddress, .help = "Where the request came from; absent for people above the reader"),
            SHOWN(access, .help = "key or session"), SHOWN(apikey, .help = "The beginning of the API key"),
            SHOWN(sessionid, .help = "The number of the session"), SHOWN(requestid, .help = "The request, as in logs"),
            SHOWN(jobid, .help = "The job that did the work"),
            SHOWN(resourcetype, .help = "The type of the object it concerns"), SHOWN(resourceid, .help = "That object"),
            SHOWN(resourcename, .help = "Its name then"),
            OWNER_FIELDS(struct audit_response, owner, "owned the object"),
            OWNER_PATH_FIELD(struct audit_response, owner),
            SHOWN(parameters, .help = "What was asked for; secrets are masked, long values cut"),
            SHOWN(before, .help = "The members of the object that changed, as they were"),
            SHOWN(after, .help = "The same as they became"));

struct list_args {
    struct object_ref id, userid;
    const char *name, *result, *resourcetype, *resourceid, *key, *ipaddress, *requestid;
    struct opt_time startdate, enddate;
};
static const char *const RESULTS[] = {"begun", "done", "failed", NULL};
#define LIST(member, ...) FIELD(struct list_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_AUDIT_ARGS, struct list_args, LIST(id, .refers_to = "audit_record", .help = "Lists only this record"),
            LIST(userid, .refers_to = "user", .help = "Lists only what this user asked for"),
            LIST(name, .help = "Lists only this command, such as updateZone"),
            LIST(result, .choices = RESULTS, .help = "Lists only records with this result: begun, done or failed"),
            LIST(resourcetype, .help = "Lists only what concerns objects of this type, such as VirtualMachine"),
            LIST(resourceid, .max = 36, .help = "Lists only what concerns this object"),
            LIST(key, .help = "Lists only what was asked for with this API key; its beginning is enough"),
            LIST(ipaddress, .max = 64, .help = "Lists only requests from this address"),
            LIST(requestid, .max = 64, .help = "Lists only this request"),
            LIST(startdate, .help = "Lists only records from then on"),
            LIST(enddate, .flags = FIELD_END_OF_DAY, .help = "Lists only records until then"));

/* ---- rows to replies ---- */

/* Without the members that only root admins see. */
static const char *for_tenants(struct arena *arena, const char *json, const struct field_table *table)
{
    struct json_object *object = json ? json_tokener_parse(json) : NULL;
    if (!object || !table) {
        json_object_put(object);
        return json;
    }
    for (size_t i = 0; i < table->count; i++)
        if (table->fields[i].flags & FIELD_ADMIN)
            json_object_object_del(object, table->fields[i].name);
    const char *shown = arena_strdup(arena, json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
    json_object_put(object);
    return shown;
}

static void fill_data(struct api_call *call, const struct audit_row *row, struct audit_response *to)
{
    const struct api_command *command = api_find_command(row->command);
    const struct object_kind *kind = api_find_kind_of_type(row->object_type);
    const struct field_table *object = kind ? kind->response : NULL;
    bool hides = !caller_is_root_admin(call->caller);
    to->parameters.json = hides && command ? for_tenants(call->arena, row->params, command->params) : row->params;
    to->before.json = hides ? for_tenants(call->arena, row->before_data, object) : row->before_data;
    to->after.json = hides ? for_tenants(call->arena, row->after_data, object) : row->after_data;
}

/* Who it was: in full for those who may reach that account, else only the account's name. */
static bool fill_caller(struct api_call *call, const struct audit_row *row, struct audit_response *to,
                        struct error *err)
{
    struct identity_account *account = NULL;
    struct identity_user *user = NULL;
    if (!identity_find_account_any(call->db, call->arena, row->caller_account_id, &account, err) ||
        !identity_find_user_any(call->db, call->arena, row->user_id, &user, err))
        return false;
    to->calleraccount = account ? account->shown_name : NULL;
    if (!caller_may_reach(call->caller, row->caller_account_id, account ? account->domain_path : NULL))
        return true;
    to->username = user ? user->username : "system";
    to->userid = user ? user->uuid : NULL;
    to->ipaddress = row->remote_address;
    to->access = row->api_key ? "key" : row->session_id.set ? "session" : NULL;
    to->apikey = row->api_key;
    to->sessionid = row->session_id;
    to->requestid = row->request_id;
    return true;
}

static bool fill(struct api_call *call, const struct audit_row *row, struct audit_response *to, struct error *err)
{
    *to = (struct audit_response){.id = row->uuid,
                                  .command = row->command,
                                  .result = row->result,
                                  .errorcode = row->error_code,
                                  .errortext = row->error_text,
                                  .jobid = row->job_uuid,
                                  .resourcetype = row->object_type,
                                  .resourceid = row->object_uuid,
                                  .resourcename = row->object_name,
                                  .created = row->created,
                                  .ended = row->ended};
    fill_data(call, row, to);
    return identity_show_owner(call->db, call->arena, row->account_id, &to->owner, err) &&
           fill_caller(call, row, to, err);
}

static bool find_record(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                        bool *ret_exists, struct error *err)
{
    struct audit_row row = {0};
    struct identity_account *owner = NULL;
    if (!audit_find(db, arena, uuid, &row, ret_exists, err))
        return false;
    if (!*ret_exists)
        return true;
    if (!identity_find_account_any(db, arena, row.account_id, &owner, err))
        return false;
    *ret_found =
        (struct object_found){row.id, row.account_id, owner ? owner->domain_path : NULL, OBJECT_OWNED, row.command};
    return true;
}

static const struct object_kind AUDIT_KIND = {.name = "audit_record",
                                              .wire_type = "AuditRecord",
                                              .object_key = "auditrecord",
                                              .response = &AUDIT_RESPONSE,
                                              .find = find_record};

/* ---- listAuditRecords ---- */

/* Whose the objects were and who asked, read many at once. */
static bool prefetch(struct api_call *call, const struct audit_row *records, size_t count, struct error *err)
{
    int64_t *owners = arena_array(call->arena, count + 1, sizeof(*owners)),
            *callers = arena_array(call->arena, count + 1, sizeof(*callers)),
            *users = arena_array(call->arena, count + 1, sizeof(*users));
    for (size_t i = 0; i < count; i++) {
        owners[i] = records[i].account_id;
        callers[i] = records[i].caller_account_id;
        users[i] = records[i].user_id;
    }
    return identity_prefetch_any(call->db, call->arena, owners, users, count, err) &&
           identity_prefetch_any(call->db, call->arena, callers, NULL, count, err);
}

static bool list_records(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    struct audit_filter filter = {
        .scope = &call->scope,
        .uuid = args->id.uuid,
        .user_id = args->userid.id,
        .command = args->name,
        .result = args->result,
        .object_type = args->resourcetype,
        .object_uuid = args->resourceid,
        .api_key = args->key ? arena_strndup(call->arena, args->key, strnlen(args->key, AUDIT_KEY_BYTES - 1)) : NULL,
        .remote_address = args->ipaddress,
        .request_id = args->requestid,
        .keyword_like = call->page.keyword_like,
        .from = args->startdate,
        .until = args->enddate};
    struct db_rows rows = {0};
    int64_t total = 0;
    if (!audit_page(call->db, call->arena, &filter, call->page.offset, call->page.limit, &rows, &total, err))
        return false;
    struct audit_response *responses = arena_array(call->arena, rows.count, sizeof(*responses));
    const struct audit_row *records = rows.items;
    if (!prefetch(call, records, rows.count, err))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        if (!fill(call, &records[i], &responses[i], err))
            return false;
    api_reply_list(call, responses, rows.count, total);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listAuditRecords",
     .summary = "Lists what was changed by whom, the newest first; the count ends at 10000",
     .object_key = "auditrecord",
     .mode = API_LIST,
     .flags = API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .params = &LIST_AUDIT_ARGS,
     .response = &AUDIT_RESPONSE,
     .handle = list_records,
     .group = "Audit"},
    {.name = NULL},
};

void audit_register(void)
{
    static const struct object_kind *const KINDS[] = {&AUDIT_KIND, NULL};
    api_register_kinds(KINDS);
    api_register_commands(COMMANDS);
    audit_service_register();
}
