/* addResourceDetail, removeResourceDetail, listResourceDetails, listDetailOptions. */
#include "base/json.h"
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/detail/detail_jobs.h"
#include "cloud/identity/identity.h"
#include "cloud/mark/mark.h"
#include "cloud/tag/tag.h"

enum { NAME_MAX_LENGTH = 255, VALUE_MAX_LENGTH = 1024, OPTIONS_BYTES_MAX = 16 * 1024 };

static bool find_object(struct api_call *call, const char *type, const char *uuid, const char **ret_kind,
                        struct object_found *ret_found, struct error *err)
{
    const char *kind = mark_kind_of_type(type);
    if (kind == NULL)
        return error_with(err, ERROR_INVALID_VALUE, "detail.type_unknown", E_TEXT("type", type));
    *ret_kind = kind;
    return api_resolve(call, kind, "resourceid", uuid, ret_found, err);
}

/* ---- addResourceDetail, removeResourceDetail ---- */

struct change_args {
    const char *resourcetype, *resourceid, *key;
    struct map_list details;
    struct opt_bool fordisplay;
};
#define OBJECT                                                                                                         \
    FIELD(struct change_args, resourcetype, .flags = FIELD_REQUIRED, .help = "the type of the object"),                \
        FIELD(struct change_args, resourceid, .flags = FIELD_REQUIRED, .help = "the object")
FIELD_TABLE(ADD_DETAIL_ARGS, struct change_args, OBJECT,
            FIELD(struct change_args, details, .flags = FIELD_REQUIRED, .help = "pairs of key and value"),
            FIELD(struct change_args, fordisplay, .since = "4.4",
                  .help = "whether its owner sees them; true when absent"));
FIELD_TABLE(REMOVE_DETAIL_ARGS, struct change_args, OBJECT,
            FIELD(struct change_args, key, .help = "the detail; without it all are removed"));

static bool start(struct api_call *call, const struct job_kind *kind, const struct change_args *args,
                  struct detail_job_input *input, struct error *err)
{
    struct object_found object;
    if (!find_object(call, args->resourcetype, args->resourceid, &input->kind, &object, err))
        return false;
    if (!mark_may_change(call->caller, &object))
        return error_with(err, ERROR_DENIED, "detail.not_owner", E_TEXT("id", args->resourceid));
    input->object_id = object.id;
    /* A target of its own kind: a detail does not wait for the object's other jobs. */
    const struct job_target target = {.object_kind = "detail", .object_id = object.id, .object_uuid = args->resourceid};
    return reply_job(call, kind, input, &target, err);
}

static bool handle_add(struct api_call *call, const void *arguments, struct error *err)
{
    const struct change_args *args = arguments;
    const struct pair_list pairs = reply_pairs(call->arena, &args->details);
    struct detail_job_input input = {.names.items = arena_array(call->arena, pairs.count + 1, sizeof(char *)),
                                     .values.items = arena_array(call->arena, pairs.count + 1, sizeof(char *)),
                                     .is_shown = !args->fordisplay.set || args->fordisplay.value};
    if (pairs.count == 0 || pairs.count > DETAILS_PER_OBJECT_MAX)
        return error_with(err, ERROR_INVALID_VALUE, "detail.count", E_INT("max", DETAILS_PER_OBJECT_MAX));
    for (size_t i = 0; i < pairs.count; i++) {
        const struct pair *pair = &pairs.items[i];
        if (string_is_empty(pair->name) || strlen(pair->name) > NAME_MAX_LENGTH ||
            strlen(pair->value) > VALUE_MAX_LENGTH)
            return error_with(err, ERROR_INVALID_VALUE, "detail.pair_invalid", E_TEXT("name", pair->name),
                              E_INT("max", VALUE_MAX_LENGTH));
        input.names.items[input.names.count++] = pair->name;
        input.values.items[input.values.count++] = pair->value;
    }
    return start(call, &DETAIL_ADD, args, &input, err);
}

static bool handle_remove(struct api_call *call, const void *arguments, struct error *err)
{
    const struct change_args *args = arguments;
    struct detail_job_input input = {.names.items = arena_array(call->arena, 1, sizeof(char *))};
    if (args->key != NULL)
        input.names.items[input.names.count++] = args->key;
    return start(call, &DETAIL_REMOVE, args, &input, err);
}

/* ---- listResourceDetails ---- */

struct list_args {
    struct object_ref domainid;
    const char *resourcetype, *resourceid, *key, *value, *account, *projectid;
    struct opt_bool fordisplay, isrecursive, listall;
};
#define BY_OBJECT .no_effect = "the object says whose its details are"
FIELD_TABLE(LIST_DETAILS_ARGS, struct list_args,
            FIELD(struct list_args, resourcetype, .flags = FIELD_REQUIRED, .help = "the type of the object"),
            FIELD(struct list_args, resourceid, .help = "the object; must be given"),
            FIELD(struct list_args, key, .help = "only of this name"),
            FIELD(struct list_args, value, .flags = FIELD_ADMIN, .since = "4.4", .help = "only of this value"),
            FIELD(struct list_args, fordisplay, .flags = FIELD_ADMIN, .since = "4.3",
                  .help = "only those that the owner sees, or does not see"),
            FIELD(struct list_args, account, .help = "the owner's account", BY_OBJECT),
            FIELD(struct list_args, domainid, .refers_to = "domain", .help = "the owner's domain", BY_OBJECT),
            FIELD(struct list_args, projectid, .help = "the owner's project", BY_OBJECT),
            FIELD(struct list_args, isrecursive, .help = "domains below, too", BY_OBJECT),
            FIELD(struct list_args, listall, .help = "of all accounts", BY_OBJECT));

static bool is_wanted(const struct api_call *call, const struct list_args *args, const struct detail *detail)
{
    if (!detail->is_shown && !caller_is_root_admin(call->caller))
        return false;
    if (args->fordisplay.set && args->fordisplay.value != detail->is_shown)
        return false;
    const char *keyword = call->page.keyword;
    return (args->key == NULL || string_equal(args->key, detail->name)) &&
           (args->value == NULL || string_equal(args->value, detail->value)) &&
           (keyword == NULL || strcasestr(detail->name, keyword) != NULL || strcasestr(detail->value, keyword) != NULL);
}

/* The wire shows a detail in the form of a tag. */
static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    struct object_found object;
    struct db_rows rows;
    const char *kind = NULL;
    if (args->resourceid == NULL)
        return error_set(err, ERROR_INVALID_VALUE, "detail.object_missing");
    if (!find_object(call, args->resourcetype, args->resourceid, &kind, &object, err) ||
        !object_details_list(call->db, call->arena, kind, object.id, &rows, err))
        return false;
    struct tag_response pattern = {.resourcetype = mark_type_of_kind(kind), .resourceid = args->resourceid};
    if (!identity_show_owner(call->db, call->arena, object.owner_account_id, &pattern.owner, err))
        return false;
    const struct detail *details = rows.items;
    struct tag_response *objects = arena_array(call->arena, rows.count + 1, sizeof(*objects));
    struct page_pick pick = {.page = &call->page};
    for (size_t i = 0; i < rows.count; i++)
        if (is_wanted(call, args, &details[i]) && page_pick(&pick)) {
            objects[pick.taken - 1] = pattern;
            objects[pick.taken - 1].key = details[i].name;
            objects[pick.taken - 1].value = details[i].value;
        }
    api_reply_list(call, objects, pick.taken, pick.total);
    return true;
}

/* ---- listDetailOptions ---- */

/* What the hypervisors here read of the details of machines and images, and the values they know. */
static const struct {
    const char *name, *values; /* NULL: any */
} GUEST_OPTIONS[] = {
    {"dataDiskController", "virtio scsi sata ide"},
    {"guest.cpu.mode", "host-model host-passthrough custom maximum"},
    {"guest.cpu.model", NULL},
    {"kvm.machine", "pc q35"},
    {"nicAdapter", "virtio e1000 rtl8139"},
    {"rootDiskController", "virtio scsi sata ide"},
    {"video.hardware", "vga cirrus virtio qxl none"},
};

struct options_args {
    const char *resourcetype, *resourceid;
};
FIELD_TABLE(DETAIL_OPTIONS_ARGS, struct options_args,
            FIELD(struct options_args, resourcetype, .flags = FIELD_REQUIRED, .help = "the type of the object"),
            FIELD(struct options_args, resourceid, .help = "an object that the caller sees"));
struct options_response {
    struct raw_json details;
    const char *jobid;
    struct opt_int jobstatus;
};
FIELD_TABLE(DETAIL_OPTIONS_RESPONSE, struct options_response,
            FIELD(struct options_response, details, .help = "the details with their possible values"),
            FIELD(struct options_response, jobid, .help = "a pending job", .no_effect = "nothing is under way"),
            FIELD(struct options_response, jobstatus, .help = "the status of that job",
                  .no_effect = "nothing is under way"));

static void add_options(struct arena *arena, struct text *json)
{
    for (size_t i = 0; i < COUNT_OF(GUEST_OPTIONS); i++) {
        size_t count = 0;
        const char *values = GUEST_OPTIONS[i].values, **words = string_split(arena, values ? values : "", ' ', &count);
        text_add(json, i > 0 ? "," : "");
        json_add_string(json, GUEST_OPTIONS[i].name);
        text_add(json, ":[");
        for (size_t j = 0; j < count; j++) {
            text_add(json, j > 0 ? "," : "");
            json_add_string(json, words[j]);
        }
        text_add_char(json, ']');
    }
}

static bool handle_options(struct api_call *call, const void *arguments, struct error *err)
{
    const struct options_args *args = arguments;
    struct options_response *response = ARENA_NEW(call->arena, struct options_response);
    const char *kind = mark_kind_of_type(args->resourcetype);
    struct object_found object;
    struct text json;
    if (kind == NULL)
        return error_with(err, ERROR_INVALID_VALUE, "detail.type_unknown", E_TEXT("type", args->resourcetype));
    if (args->resourceid != NULL && !api_resolve(call, kind, "resourceid", args->resourceid, &object, err))
        return false;
    text_init(&json, call->arena, OPTIONS_BYTES_MAX);
    text_add_char(&json, '{');
    if (string_equal(kind, "vm") || string_equal(kind, "image"))
        add_options(call->arena, &json);
    text_add_char(&json, '}');
    response->details.json = text_string(&json);
    api_reply_object(call, response);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "addResourceDetail",
     .summary = "Puts details on an object, or changes them",
     .event = "CREATE_RESOURCE_DETAILS",
     .mode = API_ASYNC,
     .roles = ROLE_ADMIN,
     .params = &ADD_DETAIL_ARGS,
     .handle = handle_add,
     .group = "Resourcemetadata"},
    {.name = "removeResourceDetail",
     .summary = "Takes details off an object",
     .event = "DELETE_RESOURCE_DETAILS",
     .mode = API_ASYNC,
     .roles = ROLE_ADMIN,
     .params = &REMOVE_DETAIL_ARGS,
     .handle = handle_remove,
     .group = "Resourcemetadata"},
    {.name = "listResourceDetails",
     .summary = "Lists the details of an object",
     .since = "4.2",
     .object_key = "resourcedetail",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLES_ALL,
     .params = &LIST_DETAILS_ARGS,
     .response = &TAG_RESPONSE,
     .handle = handle_list,
     .group = "Resourcemetadata"},
    {.name = "listDetailOptions",
     .summary = "Lists what details an object may have",
     .since = "4.13",
     .object_key = "detailoptions",
     .mode = API_SYNC,
     .flags = API_READ_ONLY,
     .roles = ROLES_ALL,
     .params = &DETAIL_OPTIONS_ARGS,
     .response = &DETAIL_OPTIONS_RESPONSE,
     .handle = handle_options,
     .group = "Resourcemetadata"},
    {.name = NULL},
};

void detail_register(void)
{
    static const struct job_kind *const kinds[] = {&DETAIL_ADD, &DETAIL_REMOVE, NULL};
    job_register_kinds(kinds);
    api_register_commands(COMMANDS);
    mark_on_forget(object_details_forget);
}
