/* createTags, deleteTags, listTags. */
#include "base/text.h"
#include "cloud/bucket/bucket.h"
#include "cloud/identity/owned.h"
#include "cloud/mark/mark.h"
#include "cloud/tag/tag_jobs.h"
#include "cloud/tag/tag_store.h"

FIELD_TABLE(
    TAG_RESPONSE, struct tag_response, FIELD(struct tag_response, key, .help = "the tag's key"),
    FIELD(struct tag_response, value, .help = "the tag's value"),
    FIELD(struct tag_response, resourcetype, .help = "the type of the tagged object"),
    FIELD(struct tag_response, resourceid, .help = "the id of the tagged object"),
    OWNER_FIELDS(struct tag_response, owner, "owns the tagged object"), OWNER_PATH_FIELD(struct tag_response, owner),
    FIELD(struct tag_response, customer, .help = "the customer the tag belongs to"),
    FIELD(struct tag_response, jobid, .no_effect = "tags are changed at once", .help = "the pending job of the tag"),
    FIELD(struct tag_response, jobstatus, .no_effect = "tags are changed at once", .help = "the status of that job"));

enum { TAGGED_OBJECTS_MAX = 100 };

struct tag_args {
    const char *resourcetype, *customer;
    struct string_list resourceids;
    struct map_list tags;
};
FIELD_TABLE(CREATE_TAGS_ARGS, struct tag_args,
            FIELD(struct tag_args, resourcetype, .flags = FIELD_REQUIRED, .help = "the type of the objects"),
            FIELD(struct tag_args, resourceids, .flags = FIELD_REQUIRED, .help = "the ids of the objects to tag"),
            FIELD(struct tag_args, tags, .flags = FIELD_REQUIRED, .help = "pairs of key and value"),
            FIELD(struct tag_args, customer, .help = "the customer it belongs to, for clients that keep theirs apart"));
FIELD_TABLE(DELETE_TAGS_ARGS, struct tag_args,
            FIELD(struct tag_args, resourcetype, .flags = FIELD_REQUIRED, .help = "the type of the objects"),
            FIELD(struct tag_args, resourceids, .flags = FIELD_REQUIRED, .help = "the ids of the objects"),
            FIELD(struct tag_args, tags,
                  .help = "the tags to remove; without it all of the objects' tags are removed"));

static bool read_pairs(struct arena *arena, const struct map_list *tags, bool needs_values, struct tag_job_input *input,
                       struct error *err)
{
    input->keys.items = arena_array(arena, tags->count + 1, sizeof(char *));
    input->values.items = arena_array(arena, tags->count + 1, sizeof(char *));
    for (size_t i = 0; i < tags->count; i++) {
        const struct map_entry *entry = &tags->entries[i];
        if (!string_equal(entry->field, "key"))
            continue;
        const char *value = NULL;
        for (size_t j = 0; j < tags->count; j++)
            if (tags->entries[j].index == entry->index && string_equal(tags->entries[j].field, "value"))
                value = tags->entries[j].value;
        if (string_is_empty(entry->value) || (needs_values && string_is_empty(value)))
            return error_set(err, ERROR_INVALID_VALUE, "tag.pair_empty");
        input->keys.items[input->keys.count++] = entry->value;
        input->values.items[input->values.count++] = value != NULL ? value : "";
    }
    if (needs_values && input->keys.count == 0)
        return error_set(err, ERROR_INVALID_VALUE, "tag.pair_empty");
    return true;
}

static bool start(struct api_call *call, const struct job_kind *kind, const struct tag_args *args, struct error *err)
{
    struct tag_job_input input = {
        .kind = mark_kind_of_type(args->resourcetype), .customer = args->customer, .uuids = args->resourceids};
    if (input.kind == NULL)
        return error_with(err, ERROR_INVALID_VALUE, "tag.type_unknown", E_TEXT("type", args->resourcetype));
    if (args->resourceids.count == 0 || args->resourceids.count > TAGGED_OBJECTS_MAX)
        return error_with(err, ERROR_INVALID_VALUE, "tag.objects_count", E_INT("max", TAGGED_OBJECTS_MAX));
    struct object_found first = {0};
    for (size_t i = 0; i < args->resourceids.count; i++) {
        struct object_found found;
        if (!api_resolve(call, input.kind, "resourceids", args->resourceids.items[i], &found, err))
            return false;
        if (!mark_may_change(call->caller, &found))
            return error_with(err, ERROR_DENIED, "tag.not_owner", E_TEXT("id", args->resourceids.items[i]));
        if (i == 0)
            first = found;
    }
    if (!read_pairs(call->arena, &args->tags, kind == &TAG_CREATE, &input, err))
        return false;
    /* A target of its own kind: tagging does not wait for the object's other jobs. */
    struct job_target target = {.object_kind = "tag", .object_id = first.id, .object_uuid = args->resourceids.items[0]};
    struct job_stamp stamp = api_stamp(call);
    struct job_ref job;
    if (!job_create(call->db, kind, &input, &target, &stamp, &job, err))
        return false;
    api_reply_job(call, &job, NULL);
    return true;
}

static bool handle_create(struct api_call *call, const void *args, struct error *err)
{
    return start(call, &TAG_CREATE, args, err);
}

static bool handle_delete(struct api_call *call, const void *args, struct error *err)
{
    return start(call, &TAG_DELETE, args, err);
}

struct list_tags_args {
    const char *key, *value, *resourcetype, *resourceid, *customer;
};
FIELD_TABLE(LIST_TAGS_ARGS, struct list_tags_args, FIELD(struct list_tags_args, key, .help = "only tags with this key"),
            FIELD(struct list_tags_args, value, .help = "only tags with this value"),
            FIELD(struct list_tags_args, resourcetype, .help = "only tags of objects of this type"),
            FIELD(struct list_tags_args, resourceid, .help = "only tags of this object"),
            FIELD(struct list_tags_args, customer, .help = "only tags of this customer"));

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_tags_args *args = arguments;
    struct tag_query query = {.scope = &call->scope,
                              .object_uuid = args->resourceid,
                              .key = args->key,
                              .value = args->value,
                              .customer = args->customer,
                              .keyword_like = call->page.keyword_like,
                              .offset = call->page.offset,
                              .limit = call->page.limit};
    if (args->resourcetype != NULL && (query.kind = mark_kind_of_type(args->resourcetype)) == NULL)
        return error_with(err, ERROR_INVALID_VALUE, "tag.type_unknown", E_TEXT("type", args->resourcetype));
    struct db_rows rows;
    int64_t total = 0;
    if (!tag_store_list(call->db, call->arena, &query, &rows, &total, err))
        return false;
    struct tag_response *tags = NULL;
    if (!tag_fill(call->db, call->arena, rows.items, rows.count, &tags, err))
        return false;
    api_reply_list(call, tags, rows.count, total);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "createTags",
     .summary = "Puts tags on objects",
     .since = "4.0.0",
     .mode = API_ASYNC,
     .event = "CREATE_TAGS",
     .roles = ROLES_ALL,
     .params = &CREATE_TAGS_ARGS,
     .handle = handle_create,
     .group = "Resourcetags"},
    {.name = "deleteTags",
     .summary = "Takes tags off objects",
     .since = "4.0.0",
     .mode = API_ASYNC,
     .event = "DELETE_TAGS",
     .roles = ROLES_ALL,
     .params = &DELETE_TAGS_ARGS,
     .handle = handle_delete,
     .group = "Resourcetags"},
    {.name = "listTags",
     .summary = "Lists tags",
     .since = "4.0.0",
     .object_key = "tag",
     .mode = API_LIST,
     .flags = API_READ_ONLY | API_SCOPE_PARAMS,
     .roles = ROLES_ALL,
     .params = &LIST_TAGS_ARGS,
     .response = &TAG_RESPONSE,
     .handle = handle_list,
     .group = "Resourcetags"},
    {.name = NULL},
};

void tag_register(void)
{
    static const struct job_kind *const kinds[] = {&TAG_CREATE, &TAG_DELETE, NULL};
    static const struct owned_kind tags = {
        .name = "tag", .order = OWNED_RECORDS, .forget_account = tag_store_forget_account};
    job_register_kinds(kinds);
    api_register_commands(COMMANDS);
    mark_on_forget(tag_forget);
    owned_register(&tags);
}
