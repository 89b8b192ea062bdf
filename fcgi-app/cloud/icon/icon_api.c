/* uploadResourceIcon, listResourceIcon, deleteResourceIcon. */
#include "base/text.h"
#include "cloud/icon/icon.h"
#include "cloud/icon/icon_picture.h"
#include "cloud/icon/icon_store.h"
#include "cloud/mark/mark.h"

struct icon_response {
    const char *resourcetype, *resourceid, *base64image, *jobid;
    struct opt_int jobstatus;
};
#define R(member, ...) FIELD(struct icon_response, member, __VA_ARGS__)
FIELD_TABLE(ICON_RESPONSE, struct icon_response, R(resourcetype, .help = "the type of the object"),
            R(resourceid, .help = "the object"), R(base64image, .help = "the picture, base64"),
            R(jobid, .help = "a pending job", .no_effect = "icons are changed at once"),
            R(jobstatus, .help = "the status of that job", .no_effect = "icons are changed at once"));
#undef R

/* Kinds whose replies can show an icon. */
static bool read_type(const char *type, const char **ret_kind, struct error *err)
{
    const char *kind = mark_kind_of_type(type);
    if (kind == NULL || field_find(api_find_kind(kind)->response, "icon") == NULL)
        return error_with(err, ERROR_INVALID_VALUE, "icon.type_unknown", E_TEXT("type", type));
    *ret_kind = kind;
    return true;
}

struct icon_args {
    const char *base64image, *resourcetype;
    struct string_list resourceids;
};
#define OBJECTS                                                                                                        \
    FIELD(struct icon_args, resourcetype, .flags = FIELD_REQUIRED,                                                     \
          .help = "the type of the objects: UserVm, Template, Network, User, Account, Domain, Zone …"),                \
        FIELD(struct icon_args, resourceids, .flags = FIELD_REQUIRED, .help = "the ids of the objects")
FIELD_TABLE(UPLOAD_ICON_ARGS, struct icon_args, OBJECTS,
            FIELD(struct icon_args, base64image, .flags = FIELD_REQUIRED | FIELD_PLAIN_TEXT, .max = 2097152,
                  .help = "the picture in base64: PNG, JPEG or GIF, at most 65,535 characters"));
FIELD_TABLE(ICON_OBJECTS_ARGS, struct icon_args, OBJECTS);

enum icon_use { ICON_READ, ICON_WRITE };

/* Reading takes what the caller may see, writing what is his. */
static bool resolve_objects(struct api_call *call, const struct icon_args *args, enum icon_use use, struct icon *icons,
                            struct error *err)
{
    const char *kind = NULL;
    if (!read_type(args->resourcetype, &kind, err))
        return false;
    if (args->resourceids.count == 0 || args->resourceids.count > MARK_OBJECTS_MAX)
        return error_with(err, ERROR_INVALID_VALUE, "icon.objects_count", E_INT("max", MARK_OBJECTS_MAX));
    for (size_t i = 0; i < args->resourceids.count; i++) {
        const char *uuid = args->resourceids.items[i];
        struct object_found object;
        if (!api_resolve(call, kind, "resourceids", uuid, &object, err))
            return false;
        if (use == ICON_WRITE && !mark_may_change(call->caller, &object))
            return error_with(err, ERROR_DENIED, "icon.not_owner", E_TEXT("id", uuid));
        icons[i] = (struct icon){.object_uuid = uuid,
                                 .object_kind = kind,
                                 .resource_type = mark_type_of_kind(kind),
                                 .picture = args->base64image,
                                 .object_id = object.id};
    }
    return true;
}

struct icons {
    const struct icon *items;
    size_t count;
};

static bool set_body(struct db *db, void *context, struct error *err)
{
    const struct icons *icons = context;
    for (size_t i = 0; i < icons->count; i++)
        if (!icon_store_set(db, &icons->items[i], err))
            return false;
    return true;
}

static bool forget_body(struct db *db, void *context, struct error *err)
{
    const struct icons *icons = context;
    for (size_t i = 0; i < icons->count; i++)
        if (!icon_store_forget(db, icons->items[i].object_kind, icons->items[i].object_id, err))
            return false;
    return true;
}

static bool change(struct api_call *call, const struct icon_args *args, db_transaction_body *body, struct error *err)
{
    struct icon items[MARK_OBJECTS_MAX];
    struct icons icons = {items, args->resourceids.count};
    if (!resolve_objects(call, args, ICON_WRITE, items, err) || !db_transaction(call->db, body, &icons, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

static bool handle_upload(struct api_call *call, const void *arguments, struct error *err)
{
    const struct icon_args *args = arguments;
    return icon_check_picture(call->arena, args->base64image, err) && change(call, args, set_body, err);
}

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    return change(call, arguments, forget_body, err);
}

static struct icon_response *respond(struct arena *arena, const struct icon *icons, size_t count)
{
    struct icon_response *responses = arena_array(arena, count + 1, sizeof(*responses));
    for (size_t i = 0; i < count; i++)
        responses[i] = (struct icon_response){.resourcetype = icons[i].resource_type,
                                              .resourceid = icons[i].object_uuid,
                                              .base64image = icons[i].picture};
    return responses;
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct icon_args *args = arguments;
    struct icon objects[MARK_OBJECTS_MAX];
    struct db_rows rows;
    if (!resolve_objects(call, args, ICON_READ, objects, err) ||
        !icon_store_find(call->db, call->arena, args->resourceids.items, args->resourceids.count, &rows, err))
        return false;
    api_reply_list(call, respond(call->arena, rows.items, rows.count), rows.count, (int64_t)rows.count);
    return true;
}

/* ---- the mark ---- */

static bool mark(struct api_call *call, const struct field *field, const char *const *uuids, void *const *members,
                 size_t count, struct error *err)
{
    struct db_rows rows;
    (void)field;
    if (!icon_store_find(call->db, call->arena, uuids, count, &rows, err))
        return false;
    const struct icon_response *responses = respond(call->arena, rows.items, rows.count);
    for (size_t i = 0; i < rows.count; i++)
        for (size_t j = 0; j < count; j++)
            if (string_equal(uuids[j], responses[i].resourceid))
                *(struct nested *)members[j] = (struct nested){.object = &responses[i]};
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "uploadResourceIcon",
     .summary = "Gives objects an icon, or another one",
     .since = "4.16.0.0",
     .event = "RESOURCE.ICON.UPLOAD",
     .mode = API_SYNC,
     .roles = ROLES_ALL,
     .params = &UPLOAD_ICON_ARGS,
     .handle = handle_upload,
     .group = "ResourceIcon"},
    {.name = "listResourceIcon",
     .summary = "Lists the icons of objects",
     .since = "4.16.0.0",
     .object_key = "icon",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_WHOLE_LIST,
     .roles = ROLES_ALL,
     .params = &ICON_OBJECTS_ARGS,
     .response = &ICON_RESPONSE,
     .handle = handle_list,
     .group = "ResourceIcon"},
    {.name = "deleteResourceIcon",
     .summary = "Takes the icons of objects away",
     .since = "4.16.0.0",
     .event = "RESOURCE.ICON.DELETE",
     .mode = API_SYNC,
     .roles = ROLES_ALL,
     .params = &ICON_OBJECTS_ARGS,
     .handle = handle_delete,
     .group = "ResourceIcon"},
    {.name = NULL},
};

void icon_register(void)
{
    static const struct api_mark icon = {.member = "icon", .param = "showicon", .fill = mark};
    api_register_commands(COMMANDS);
    api_register_mark(&icon);
    mark_on_forget(icon_store_forget);
}
