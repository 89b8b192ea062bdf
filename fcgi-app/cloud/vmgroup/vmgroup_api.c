/* createInstanceGroup, updateInstanceGroup, deleteInstanceGroup, listInstanceGroups. */
#include "cloud/cache/reply.h"
#include "cloud/identity/identity.h"
#include "cloud/identity/owned.h"
#include "cloud/vmgroup/vmgroup_service.h"

struct group_response {
    const char *id, *name, *jobid;
    struct shown_owner owner;
    struct opt_time created;
    bool hasannotations;
    struct opt_int jobstatus;
};
#define R(member, ...) FIELD(struct group_response, member, __VA_ARGS__)
FIELD_TABLE(VM_GROUP_RESPONSE, struct group_response, R(id, .help = "the group"), R(name, .help = "its name"),
            R(created, .help = "when it was made"), OWNER_FIELDS(struct group_response, owner, "owns it"),
            OWNER_PATH_FIELD(struct group_response, owner), R(hasannotations, .help = "whether it has comments"),
            R(jobid, .help = "the pending job of the group", .no_effect = "groups are changed at once"),
            R(jobstatus, .help = "the status of that job", .no_effect = "groups are changed at once"));
#undef R

static bool fill(struct api_call *call, const struct vm_group *row, struct group_response *out, struct error *err)
{
    *out = (struct group_response){.id = row->named.uuid, .name = row->named.name, .created = row->created};
    return identity_show_owner(call->db, call->arena, row->named.account_id, &out->owner, err);
}

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    struct group_response *objects = ret_objects;
    struct vm_group *row = NULL;
    size_t filled = 0;
    for (size_t i = 0; i < count; i++)
        if (!vm_group_store_by_id(call->db, call->arena, ids[i], &row, err) ||
            (row != NULL && !fill(call, row, &objects[filled++], err)))
            return false;
    *ret_count = filled;
    return true;
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    struct vm_group *row = NULL;
    if (!vm_group_store_by_uuid(db, arena, uuid, &row, err))
        return false;
    *ret_exists = row != NULL;
    return row == NULL || named_found(db, arena, &row->named, ret_found, err);
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
    struct db_rows rows;
    int64_t total = 0;
    if (!vm_group_store_list(call, &filter, &rows, &total, err))
        return false;
    const struct vm_group *groups = rows.items;
    struct group_response *objects = arena_array(call->arena, rows.count + 1, sizeof(*objects));
    for (size_t i = 0; i < rows.count; i++)
        if (!fill(call, &groups[i], &objects[i], err))
            return false;
    api_reply_list(call, objects, rows.count, total);
    return true;
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
