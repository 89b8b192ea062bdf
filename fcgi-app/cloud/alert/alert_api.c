/* listAlerts, archiveAlerts, deleteAlerts, listAlertTypes. */
#include "api/api.h"
#include "base/message.h"
#include "base/text.h"
#include "cloud/alert/alert_generate.h"
#include "cloud/alert/alert_store.h"
#include "cloud/alert/alert_watch.h"
#include "cloud/cache/columns.h"

static const struct {
    enum alert_type type;
    const char *name;
} TYPES[] = {
    {ALERT_MEMORY, "ALERT.MEMORY"},
    {ALERT_CPU, "ALERT.CPU"},
    {ALERT_STORAGE, "ALERT.STORAGE"},
    {ALERT_STORAGE_ALLOCATED, "ALERT.STORAGE.ALLOCATED"},
    {ALERT_PUBLIC_IP, "ALERT.NETWORK.PUBLICIP"},
    {ALERT_SECONDARY_STORAGE, "ALERT.STORAGE.SECONDARY"},
    {ALERT_HOST, "ALERT.COMPUTE.HOST"},
    {ALERT_STORAGE_MISC, "ALERT.STORAGE.MISC"},
    {ALERT_MANAGEMENT, "ALERT.MANAGEMENT"},
    {ALERT_VLAN, "ALERT.NETWORK.VLAN"},
    {ALERT_STORAGE_DELETE, "ALERT.STORAGE.DELETE"},
    {ALERT_DIRECT_IP, "ALERT.NETWORK.DIRECTPUBLICIP"},
    {ALERT_LOCAL_STORAGE, "ALERT.STORAGE.LOCAL"},
};

const char *alert_type_name(enum alert_type type)
{
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if (TYPES[i].type == type)
            return TYPES[i].name;
    return NULL;
}

struct alert_response {
    const char *id, *name, *description;
    int64_t type;
    struct opt_time sent;
};
#define ALERT(member, ...) FIELD(struct alert_response, member, __VA_ARGS__)
FIELD_TABLE(ALERT_RESPONSE, struct alert_response, ALERT(id, .help = "The alert"),
            ALERT(type, .help = "The number of its type"), ALERT(name, .help = "The name of its type"),
            ALERT(description, .help = "What is wrong"), ALERT(sent, .help = "When it began"));

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    struct alert_row row = {0};
    if (!alert_find(db, arena, uuid, &row, ret_exists, err))
        return false;
    *ret_found = (struct object_found){.id = row.id, .visibility = OBJECT_INFRA, .name = row.name};
    return true;
}

static const struct object_kind ALERT_KIND = {
    .name = "alert", .wire_type = "Alert", .object_key = "alert", .response = &ALERT_RESPONSE, .find = find};

static void fill(struct api_call *call, const struct alert_row *row, struct alert_response *to)
{
    const struct error_arg args[] = {{.name = "subject", .value = row->subject},
                                     {.name = "detail", .value = row->detail}};
    struct text description;
    text_init(&description, call->arena, 2048);
    message_render(&description, call->language, row->message_key, args, COUNT_OF(args));
    *to = (struct alert_response){.id = row->uuid,
                                  .name = row->name,
                                  .description = text_string(&description),
                                  .type = row->type,
                                  .sent = row->sent};
}

/* ---- listAlerts ---- */

struct list_args {
    struct object_ref id;
    const char *name;
    struct opt_int type;
};
#define LIST(member, ...) FIELD(struct list_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_ALERTS_ARGS, struct list_args, LIST(id, .refers_to = "alert", .help = "Lists only this alert"),
            LIST(name, .since = "4.11.0", .help = "Lists only alerts of the type of this name"),
            LIST(type, .help = "Lists only alerts of the type of this number"));

static bool list_alerts(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    const struct alert_filter filter = {
        .id = args->id.id, .type = args->type, .name = args->name, .keyword_like = call->page.keyword_like};
    struct db_rows rows = {0};
    int64_t total = 0;
    if (!alert_page(call->db, call->arena, &filter, call->page.offset, call->page.limit, &rows, &total, err))
        return false;
    struct alert_response *responses = arena_array(call->arena, rows.count, sizeof(*responses));
    const struct alert_row *alerts = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        fill(call, &alerts[i], &responses[i]);
    api_reply_list(call, responses, rows.count, total);
    return true;
}

/* ---- archiveAlerts, deleteAlerts ---- */

struct choose_args {
    struct ref_list ids;
    struct opt_int type;
    struct opt_time startdate, enddate;
};
#define CHOOSE(member, ...) FIELD(struct choose_args, member, __VA_ARGS__)
FIELD_TABLE(CHOOSE_ALERTS_ARGS, struct choose_args, CHOOSE(ids, .refers_to = "alert", .help = "These alerts"),
            CHOOSE(type, .help = "Alerts of the type of this number"),
            CHOOSE(startdate, .help = "Alerts from then on; together with enddate"),
            CHOOSE(enddate, .flags = FIELD_END_OF_DAY, .help = "Alerts until then"));

static bool change(struct api_call *call, const struct choose_args *args,
                   bool (*to)(struct db *db, const struct alert_choice *choice, struct error *err), struct error *err)
{
    struct alert_choice choice = {.type = args->type, .from = args->startdate, .until = args->enddate};
    if (args->ids.count == 0 && !args->type.set && !args->enddate.set)
        return error_set(err, ERROR_INVALID_VALUE, "event.nothing_chosen");
    if (args->startdate.set && !args->enddate.set)
        return error_set(err, ERROR_INVALID_VALUE, "event.end_missing");
    for (size_t i = 0; i < args->ids.count; i++) {
        choice.id = args->ids.items[i].id;
        if (!to(call->db, &choice, err))
            return false;
    }
    if (args->ids.count == 0 && !to(call->db, &choice, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

static bool archive_alerts(struct api_call *call, const void *args, struct error *err)
{
    return change(call, args, alert_archive, err);
}

static bool delete_alerts(struct api_call *call, const void *args, struct error *err)
{
    return change(call, args, alert_delete, err);
}

/* ---- listAlertTypes ---- */

struct type_response {
    int64_t type;
    const char *name;
};
FIELD_TABLE(ALERT_TYPE_RESPONSE, struct type_response, FIELD(struct type_response, type, .help = "Its number"),
            FIELD(struct type_response, name, .help = "Its name"));

static bool list_types(struct api_call *call, const void *args, struct error *err)
{
    struct type_response *types = arena_array(call->arena, COUNT_OF(TYPES), sizeof(*types));
    (void)args;
    (void)err;
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        types[i] = (struct type_response){TYPES[i].type, TYPES[i].name};
    api_reply_list(call, types, COUNT_OF(TYPES), COUNT_OF(TYPES));
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listAlerts",
     .summary = "Lists alerts that are not archived, the newest first",
     .object_key = "alert",
     .mode = API_LIST,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN,
     .params = &LIST_ALERTS_ARGS,
     .response = &ALERT_RESPONSE,
     .handle = list_alerts,
     .group = "Alert"},
    {.name = "archiveAlerts",
     .summary = "Archives alerts, so that lists leave them out",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &CHOOSE_ALERTS_ARGS,
     .handle = archive_alerts,
     .group = "Alert"},
    {.name = "deleteAlerts",
     .summary = "Deletes alerts",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &CHOOSE_ALERTS_ARGS,
     .handle = delete_alerts,
     .group = "Alert"},
    {.name = "listAlertTypes",
     .summary = "Lists the types that alerts can have",
     .since = "4.17.0",
     .object_key = "alerttype",
     .mode = API_LIST,
     .flags = API_WHOLE_LIST,
     .roles = ROLE_ADMIN,
     .response = &ALERT_TYPE_RESPONSE,
     .handle = list_types,
     .group = "Alert"},
    {.name = NULL},
};

void alert_register(void)
{
    static const struct object_kind *const KINDS[] = {&ALERT_KIND, NULL};
    api_register_kinds(KINDS);
    api_register_commands(COMMANDS);
    alert_generate_register();
    alert_watch_register();
}
