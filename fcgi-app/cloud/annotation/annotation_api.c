/* addAnnotation, listAnnotations, removeAnnotation, updateAnnotationVisibility. Few rules, so they stand here: who may
 * see the object may comment on it; what is for administrators only root admins write and read; a comment is taken away
 * by its author's account and the administrators above. */
#include "cloud/annotation/annotation.h"

#include "base/text.h"
#include "base/uuid.h"
#include "cloud/annotation/annotation_store.h"
#include "cloud/cache/reply.h"
#include "cloud/identity/identity.h"
#include "cloud/identity/owned.h"
#include "cloud/mark/mark.h"

/* The wire's types of entities, of kinds that exist here. */
static const struct {
    const char *type, *kind;
} ENTITIES[] = {
    {"VM", "vm"},
    {"VOLUME", "volume"},
    {"SNAPSHOT", "snapshot"},
    {"VM_SNAPSHOT", "vmsnapshot"},
    {"INSTANCE_GROUP", "vm_group"},
    {"SSH_KEYPAIR", "ssh_key"},
    {"USER_DATA", "user_data"},
    {"NETWORK", "network"},
    {"VPC", "vpc"},
    {"PUBLIC_IP_ADDRESS", "address"},
    {"TEMPLATE", "image"},
    {"ISO", "image"},
    {"SERVICE_OFFERING", "service_offering"},
    {"DISK_OFFERING", "disk_offering"},
    {"NETWORK_OFFERING", "network_offering"},
    {"ZONE", "zone"},
    {"POD", "pod"},
    {"CLUSTER", "cluster"},
    {"HOST", "host"},
    {"DOMAIN", "domain"},
    {"PRIMARY_STORAGE", "storage_pool"},
    {"SECONDARY_STORAGE", "image_store"},
};

static bool entity_kind(const char *type, const char **ret_type, const char **ret_kind, struct error *err)
{
    for (size_t i = 0; i < COUNT_OF(ENTITIES); i++)
        if (string_equal_ignoring_case(ENTITIES[i].type, type) && api_find_kind(ENTITIES[i].kind) != NULL) {
            *ret_type = ENTITIES[i].type;
            *ret_kind = ENTITIES[i].kind;
            return true;
        }
    return error_with(err, ERROR_INVALID_VALUE, "annotation.type_unknown", E_TEXT("type", type));
}

/* ---- replies ---- */

struct annotation_response {
    const char *id, *entitytype, *entityid, *entityname, *annotation, *userid, *username, *jobid;
    bool adminsonly;
    struct opt_time created, removed;
    struct opt_int jobstatus;
};
#define R(member, ...) FIELD(struct annotation_response, member, __VA_ARGS__)
FIELD_TABLE(ANNOTATION_RESPONSE, struct annotation_response, R(id, .help = "the comment"),
            R(entitytype, .help = "the type of the object"), R(entityid, .help = "the object"),
            R(entityname, .help = "the name of the object"), R(annotation, .help = "what it says"),
            R(userid, .help = "who wrote it"), R(username, .help = "the name of who wrote it"),
            R(adminsonly, .help = "whether only administrators see it"), R(created, .help = "when it was written"),
            R(removed, .help = "when it was taken away", .no_effect = "a comment that was taken away is gone"),
            R(jobid, .help = "a pending job", .no_effect = "comments are changed at once"),
            R(jobstatus, .help = "the status of that job", .no_effect = "comments are changed at once"));
#undef R

/* The object's name; a page mostly shows comments on one object. */
static bool find_name(struct api_call *call, const struct annotation *row, const struct annotation *last,
                      const char *last_name, const char **ret_name, struct error *err)
{
    const struct object_kind *kind = api_find_kind(row->object_kind);
    struct object_found found = {.name = NULL};
    bool exists = false;
    *ret_name = last_name;
    if (last != NULL && string_equal(last->object_uuid, row->object_uuid))
        return true;
    if (kind != NULL && !kind->find(call->db, call->arena, row->object_uuid, &found, &exists, err))
        return false;
    *ret_name = exists ? found.name : NULL;
    return true;
}

static bool fill(struct api_call *call, const struct annotation *row, struct annotation_response *out,
                 struct error *err)
{
    struct identity_user *user = NULL;
    if (!identity_find_user_any(call->db, call->arena, row->user_id, &user, err))
        return false;
    *out = (struct annotation_response){.id = row->uuid,
                                        .entitytype = row->entity_type,
                                        .entityid = row->object_uuid,
                                        .annotation = row->content,
                                        .userid = user != NULL ? user->uuid : NULL,
                                        .username = user != NULL ? user->username : NULL,
                                        .adminsonly = row->admins_only,
                                        .created = row->created};
    return true;
}

static bool fill_all(struct api_call *call, const struct annotation *rows, size_t count,
                     struct annotation_response *objects, struct error *err)
{
    const char *name = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!fill(call, &rows[i], &objects[i], err) ||
            !find_name(call, &rows[i], i > 0 ? &rows[i - 1] : NULL, name, &name, err))
            return false;
        objects[i].entityname = name;
    }
    return true;
}

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    struct annotation_response *objects = ret_objects;
    struct annotation *row = NULL;
    size_t filled = 0;
    for (size_t i = 0; i < count; i++)
        if (!annotation_store_by_id(call->db, call->arena, ids[i], &row, err) ||
            (row != NULL && !fill_all(call, row, 1, &objects[filled++], err)))
            return false;
    *ret_count = filled;
    return true;
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    struct annotation *row = NULL;
    struct owner author;
    if (!annotation_store_by_uuid(db, arena, uuid, &row, err))
        return false;
    *ret_exists = row != NULL;
    if (row == NULL)
        return true;
    if (!identity_owner_any(db, arena, row->account_id, &author, err))
        return false;
    *ret_found = (struct object_found){.id = row->id,
                                       .owner_account_id = row->account_id,
                                       .owner_domain_path = author.domain_path,
                                       .visibility = OBJECT_OWNED,
                                       .name = row->uuid};
    return true;
}

static const struct object_kind ANNOTATION_KIND = {.name = "annotation",
                                                   .wire_type = "Annotation",
                                                   .object_key = "annotation",
                                                   .response = &ANNOTATION_RESPONSE,
                                                   .find = find,
                                                   .describe = describe};

/* ---- addAnnotation ---- */

struct add_args {
    const char *annotation, *entityid, *entitytype;
    struct opt_bool adminsonly;
};
FIELD_TABLE(ADD_ANNOTATION_ARGS, struct add_args,
            FIELD(struct add_args, annotation, .flags = FIELD_PLAIN_TEXT, .max = 255, .help = "what the comment says"),
            FIELD(struct add_args, entityid, .help = "the object"),
            FIELD(struct add_args, entitytype,
                  .help = "the type of the object: VM, VOLUME, NETWORK, TEMPLATE, HOST, SSH_KEYPAIR …"),
            FIELD(struct add_args, adminsonly, .since = "4.16.0",
                  .help = "whether only administrators see it; root administrators may say so"));

static bool require(const struct api_call *call, const char *param, const char *value, struct error *err)
{
    return !string_is_empty(value) || api_refuse_missing(call, param, err);
}

static bool handle_add(struct api_call *call, const void *arguments, struct error *err)
{
    const struct add_args *args = arguments;
    struct annotation row = {.content = args->annotation,
                             .object_uuid = args->entityid,
                             .user_id = call->caller->user_id,
                             .account_id = call->caller->account_id,
                             .admins_only = args->adminsonly.value && caller_is_root_admin(call->caller)};
    struct object_found object;
    char uuid[UUID_BYTES];
    int64_t id = 0;
    uuid_random(uuid);
    row.uuid = uuid;
    if (!require(call, "entitytype", args->entitytype, err) || !require(call, "entityid", args->entityid, err) ||
        !require(call, "annotation", args->annotation, err) ||
        !entity_kind(args->entitytype, &row.entity_type, &row.object_kind, err) ||
        !api_resolve(call, row.object_kind, "entityid", args->entityid, &object, err))
        return false;
    row.object_id = object.id;
    return annotation_store_add(call->db, &row, &id, err) && reply_described(call, &ANNOTATION_KIND, id, false, err);
}

/* ---- listAnnotations ---- */

struct list_args {
    struct object_ref id, userid;
    const char *annotationfilter, *entityid, *entitytype;
};
static const char *const FILTERS[] = {"all", "self", NULL};
FIELD_TABLE(LIST_ANNOTATIONS_ARGS, struct list_args,
            FIELD(struct list_args, id, .refers_to = "annotation", .help = "only this one"),
            FIELD(struct list_args, userid, .refers_to = "user", .since = "4.16.0", .help = "only of this user"),
            FIELD(struct list_args, annotationfilter, .choices = FILTERS, .since = "4.16.0",
                  .help = "self: one's own; all: everybody's, for root administrators or of one object"),
            FIELD(struct list_args, entityid, .help = "only on this object, of the type in entitytype"),
            FIELD(struct list_args, entitytype, .help = "only on objects of this type"));

/* Who is no root admin reads his own comments, or those on an object that he may see. */
static bool narrow(struct api_call *call, const struct list_args *args, struct annotation_query *query,
                   struct error *err)
{
    const char *kind = NULL;
    struct object_found object;
    bool own = args->annotationfilter != NULL && string_equal_ignoring_case(args->annotationfilter, "self");
    if (args->entitytype != NULL && !entity_kind(args->entitytype, &query->entity_type, &kind, err))
        return false;
    if (args->entityid != NULL && kind == NULL)
        return error_set(err, ERROR_INVALID_VALUE, "annotation.type_missing");
    if (args->entityid != NULL && !api_resolve(call, kind, "entityid", args->entityid, &object, err))
        return false;
    query->object_uuid = args->entityid;
    if (own || (!caller_is_root_admin(call->caller) && args->entityid == NULL && args->id.id == 0))
        query->user_id = call->caller->user_id;
    return true;
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_args *args = arguments;
    struct annotation_query query = {.id = args->id.id,
                                     .user_id = args->userid.id,
                                     .keyword_like = call->page.keyword_like,
                                     .sees_all = caller_is_root_admin(call->caller),
                                     .offset = call->page.offset,
                                     .limit = call->page.counted_only ? 0 : call->page.limit};
    struct db_rows rows;
    int64_t total = 0;
    if (!narrow(call, args, &query, err) || !annotation_store_list(call->db, call->arena, &query, &rows, &total, err))
        return false;
    struct annotation_response *objects = arena_array(call->arena, rows.count + 1, sizeof(*objects));
    if (!fill_all(call, rows.items, rows.count, objects, err))
        return false;
    api_reply_list(call, objects, rows.count, total);
    return true;
}

/* ---- removeAnnotation, updateAnnotationVisibility ---- */

struct change_args {
    struct object_ref id;
    bool adminsonly;
};
FIELD_TABLE(REMOVE_ANNOTATION_ARGS, struct change_args,
            FIELD(struct change_args, id, .flags = FIELD_REQUIRED, .refers_to = "annotation", .help = "the comment"));
FIELD_TABLE(SHOW_ANNOTATION_ARGS, struct change_args,
            FIELD(struct change_args, id, .flags = FIELD_REQUIRED, .refers_to = "annotation", .help = "the comment"),
            FIELD(struct change_args, adminsonly, .flags = FIELD_REQUIRED,
                  .help = "whether only administrators see it"));

/* Answers with what was taken away. */
static bool handle_remove(struct api_call *call, const void *arguments, struct error *err)
{
    const struct change_args *args = arguments;
    struct annotation_response *removed = ARENA_NEW(call->arena, struct annotation_response);
    size_t count = 0;
    if (!describe(call, &args->id.id, 1, removed, &count, err))
        return false;
    if (count == 0)
        return error_set(err, ERROR_INVALID_VALUE, "annotation.gone");
    if (!annotation_store_remove(call->db, args->id.id, err))
        return false;
    api_reply_object(call, removed);
    return true;
}

static bool handle_show(struct api_call *call, const void *arguments, struct error *err)
{
    const struct change_args *args = arguments;
    if (!caller_is_root_admin(call->caller))
        return error_set(err, ERROR_DENIED, "annotation.visibility_denied");
    return annotation_store_set_visibility(call->db, args->id.id, args->adminsonly, err) &&
           reply_described(call, &ANNOTATION_KIND, args->id.id, false, err);
}

/* ---- the mark ---- */

static bool mark(struct api_call *call, const struct field *field, const char *const *uuids, void *const *members,
                 size_t count, struct error *err)
{
    struct db_rows rows;
    bool sees_all = caller_is_root_admin(call->caller);
    if (!annotation_store_annotated(call->db, call->arena, uuids, count, sees_all, &rows, err))
        return false;
    const struct annotated *annotated = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        for (size_t j = 0; j < count; j++) {
            if (!string_equal(uuids[j], annotated[i].object_uuid))
                continue;
            if (field->type == FIELD_BOOL)
                *(bool *)members[j] = true;
            else
                *(struct opt_bool *)members[j] = OPT_BOOL(true);
        }
    return true;
}

#define ANNOTATION_COMMAND                                                                                             \
    .object_key = "annotation", .response = &ANNOTATION_RESPONSE, .roles = ROLE_ADMIN, .group = "Annotation"
static const struct api_command COMMANDS[] = {
    {.name = "addAnnotation",
     .summary = "Writes a comment on an object",
     .since = "4.11",
     .event = "ANNOTATION.CREATE",
     .mode = API_SYNC,
     .params = &ADD_ANNOTATION_ARGS,
     .handle = handle_add,
     ANNOTATION_COMMAND},
    {.name = "listAnnotations",
     .summary = "Lists comments, the newest first",
     .since = "4.11",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .params = &LIST_ANNOTATIONS_ARGS,
     .handle = handle_list,
     ANNOTATION_COMMAND},
    {.name = "removeAnnotation",
     .summary = "Takes a comment away",
     .since = "4.11",
     .event = "ANNOTATION.REMOVE",
     .mode = API_SYNC,
     .params = &REMOVE_ANNOTATION_ARGS,
     .handle = handle_remove,
     ANNOTATION_COMMAND},
    {.name = "updateAnnotationVisibility",
     .summary = "Says whether only administrators see a comment",
     .since = "4.16",
     .event = "ANNOTATION.UPDATE",
     .mode = API_SYNC,
     .params = &SHOW_ANNOTATION_ARGS,
     .handle = handle_show,
     ANNOTATION_COMMAND},
    {.name = NULL},
};

void annotation_register(void)
{
    static const struct object_kind *const kinds[] = {&ANNOTATION_KIND, NULL};
    static const struct api_mark has_annotations = {.member = "hasannotations", .fill = mark};
    static const struct owned_kind owned = {
        .name = "annotation", .order = OWNED_RECORDS, .forget_account = annotation_store_forget_account};
    api_register_kinds(kinds);
    api_register_commands(COMMANDS);
    api_register_mark(&has_annotations);
    mark_on_forget(annotation_store_forget);
    owned_register(&owned);
}
