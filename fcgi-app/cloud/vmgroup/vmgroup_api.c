/* createInstanceGroup, updateInstanceGroup, deleteInstanceGroup, listInstanceGroups. */
#include "cloud/cache/reply.h"
#include "cloud/identity/identity.h"
#include "cloud/identity/owned.h"
#include "cloud/vmgroup/vmgroup_service.h"

struct group_response {
    struct named_response named;
    struct opt_time created;
};
FIELD_TABLE(VM_GROUP_RESPONSE, struct group_response,
            NAMED_RESPONSE_FIELDS(struct group_response, named, "groups are changed at once"),
            OWNER_PATH_FIELD(struct group_response, named.owner),
            FIELD(struct group_response, created, .help = "when it was made"));

static bool fill(struct api_call *call, const void *found, void *ret_object, struct error *err)
{
    const struct vm_group *row = found;
    struct group_response *out = ret_object;
    out->created = row->created;
    return named_tell(call, &row->named, &out->named, err);
}
static const struct named_kind VM_GROUP_TOLD = {&VM_GROUPS, &VM_GROUP_RESPONSE, fill};

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    return named_describe(call, &VM_GROUP_TOLD, ids, count, ret_objects, ret_count, err);
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    return named_find(db, arena, &VM_GROUPS, uuid, ret_found, ret_exists, err);
}

static const struct object_kind VM_GROUP_KIND = {.name = "vm_group",
                                                 .wire_type = "InstanceGroup",
                                                 .object_key = "instancegroup",
                                                 .response = &VM_GROUP_RESPONSE,
                                                 .find = find,
                                                 .describe = describe};

struct group_args {
    struct object_ref id;
    const char *name;
};
FIELD_TABLE(CREATE_VM_GROUP_ARGS, struct group_args,
            FIELD(struct group_args, name, .flags = FIELD_REQUIRED, .help = "the name of the group"));
FIELD_TABLE(UPDATE_VM_GROUP_ARGS, struct group_args,
            FIELD(struct group_args, id, .flags = FIELD_REQUIRED, .refers_to = "vm_group", .help = "the group"),
            FIELD(struct group_args, name, .help = "its new name"));
FIELD_TABLE(DELETE_VM_GROUP_ARGS, struct group_args,
            FIELD(struct group_args, id, .flags = FIELD_REQUIRED, .refers_to = "vm_group", .help = "the group"));
FIELD_TABLE(LIST_VM_GROUPS_ARGS, struct group_args,
            FIELD(struct group_args, id, .refers_to = "vm_group", .help = "only this one"),
            FIELD(struct group_args, name, .help = "only of this name"));

static bool handle_create(struct api_call *call, const void *arguments, struct error *err)
{
    const struct group_args *args = arguments;
    int64_t id = 0;
    return vm_group_add(call->db, &call->owner, args->name, &id, err) &&
           reply_described(call, &VM_GROUP_KIND, id, false, err);
}

static bool handle_update(struct api_call *call, const void *arguments, struct error *err)
{
    const struct group_args *args = arguments;
    return (args->name == NULL || vm_group_rename(call->db, call->arena, args->id.id, args->name, err)) &&
           reply_described(call, &VM_GROUP_KIND, args->id.id, false, err);
}

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct group_args *args = arguments;
    if (!vm_group_remove(call->db, call->arena, args->id.id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct group_args *args = arguments;
    const struct named_filter filter = {.id = args->id.id, .name = args->name};
    return named_reply_list(call, &VM_GROUP_TOLD, &filter, err);
}

#define GROUP_COMMAND                                                                                                  \
    .object_key = "instancegroup", .response = &VM_GROUP_RESPONSE, .roles = ROLES_ALL, .group = "VMGroup"
static const struct api_command COMMANDS[] = {
    {.name = "createInstanceGroup",
     .summary = "Makes an instance group",
     .event = "VM.GROUP.CREATE",
     .mode = API_SYNC,
     .flags = API_OWNER_PARAMS,
     .params = &CREATE_VM_GROUP_ARGS,
     .handle = handle_create,
     GROUP_COMMAND},
    {.name = "updateInstanceGroup",
     .summary = "Renames an instance group",
     .event = "VM.GROUP.UPDATE",
     .mode = API_SYNC,
     .params = &UPDATE_VM_GROUP_ARGS,
     .handle = handle_update,
     GROUP_COMMAND},
    {.name = "deleteInstanceGroup",
     .summary = "Removes an instance group; its machines stay",
     .event = "VM.GROUP.DELETE",
     .mode = API_SYNC,
     .params = &DELETE_VM_GROUP_ARGS,
     .handle = handle_delete,
     .roles = ROLES_ALL,
     .group = "VMGroup"},
    {.name = "listInstanceGroups",
     .summary = "Lists instance groups",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_SCOPE_PARAMS,
     .params = &LIST_VM_GROUPS_ARGS,
     .handle = handle_list,
     GROUP_COMMAND},
    {.name = NULL},
};

void vmgroup_register(void)
{
    static const struct owned_kind owned = {
        .name = "vm_group", .order = OWNED_RECORDS, .forget_account = vm_group_store_remove_all};
    static const struct object_kind *const kinds[] = {&VM_GROUP_KIND, NULL};
    api_register_kinds(kinds);
    api_register_commands(COMMANDS);
    owned_register(&owned);
}
