/* Commands of image stores, and this feature's registration. */
#include "cloud/storage/storage_tag.h"
#include "cloud/storage/storage_api.h"

#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/reply.h"
#include "cloud/storage/storage_service.h"
#include "cloud/zone/zone.h"

struct image_store_response {
    const char *id, *zoneid, *zonename, *name, *url, *protocol, *providername, *scope;
    struct opt_bool readonly;
    bool hasannotations;
    struct opt_int disksizetotal, disksizeused;
};
#define R(member, ...) FIELD(struct image_store_response, member, __VA_ARGS__)
FIELD_TABLE(IMAGE_STORE_RESPONSE, struct image_store_response,
    R(id, .help = "the id of the object"),
    R(zoneid, .help = "the zone"),
    R(zonename, .help = "the name of the zone"),
    R(name, .help = "the name"),
    R(url, .help = "where it lies"),
    R(protocol, .help = "the protocol"),
    R(providername, .help = "the provider"),
    R(scope, .help = "ZONE, CLUSTER or HOST"),
    R(readonly, .help = "true: nothing may be written to it"),
    R(disksizetotal, .help = "the size in bytes"),
    R(disksizeused, .help = "the bytes in use"),
    R(hasannotations, .help = "operators left remarks"));
#undef R

struct add_image_store_args {
    struct map_list details;
    const char *name, *provider, *url;
    struct object_ref zoneid;
};
#define P(member, ...) FIELD(struct add_image_store_args, member, __VA_ARGS__)
FIELD_TABLE(ADD_IMAGE_STORE_PARAMS, struct add_image_store_args,
    P(details, .flags = FIELD_SENSITIVE, .help = "settings of the image-store plugin; secret ones are kept sealed"),
    P(name, .help = "the name"),
    P(provider, .flags = FIELD_REQUIRED, .help = "the provider"),
    P(url, .flags = FIELD_SENSITIVE, .max = 2048, .help = "where the store lies"),
    P(zoneid, .refers_to = "zone", .help = "the zone"));
#undef P

struct list_image_stores_args {
    struct object_ref id, zoneid;
    const char *name, *protocol, *provider;
    struct opt_bool readonly;
};
#define P(member, ...) FIELD(struct list_image_stores_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_IMAGE_STORES_PARAMS, struct list_image_stores_args,
    P(id, .refers_to = "image_store", .help = "the id of the object"),
    P(name, .help = "the name"),
    P(protocol, .help = "the protocol"),
    P(provider, .help = "the provider"),
    P(readonly, .since = "4.15.0", .help = "true: nothing may be written to it"),
    P(zoneid, .refers_to = "zone", .help = "the zone"));
#undef P

struct delete_image_store_args {
    struct object_ref id;
};
#define P(member, ...) FIELD(struct delete_image_store_args, member, __VA_ARGS__)
FIELD_TABLE(DELETE_IMAGE_STORE_PARAMS, struct delete_image_store_args,
    P(id, .flags = FIELD_REQUIRED, .refers_to = "image_store", .help = "the id of the object"));
#undef P

static struct opt_int unless_zero(int64_t value)
{
    return (struct opt_int){.value = value, .set = value != 0};
}

static bool fill(struct api_call *call, const struct image_store *store, struct image_store_response *out,
                 struct error *err)
{
    const struct zone *zone = NULL;
    if (store->zone_id && !zone_find(call->db, call->arena, store->zone_id, &zone, err))
        return false;
    *out = (struct image_store_response){
        .id = store->uuid,
        .zoneid = zone ? zone->uuid : NULL,
        .zonename = zone ? zone->name : NULL,
        .name = store->name,
        .url = store->url,
        .protocol = store->protocol,
        .providername = store->asked_provider,
        .scope = store->scope,
        .readonly = OPT_BOOL(store->read_only),
        .disksizetotal = unless_zero(store->total_bytes),
        .disksizeused = unless_zero(store->used_bytes),
    };
    return true;
}

static bool describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err)
{
    struct image_store_response *objects = ret_objects;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct image_store *store = NULL;
        if (!image_store_find(call->db, call->arena, ids[i], &store, err))
            return false;
        if (store && !fill(call, store, &objects[(*ret_count)++], err))
            return false;
    }
    return true;
}

static bool find(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err)
{
    const struct image_store *store = NULL;
    if (!image_store_row_find_uuid(db, arena, uuid, &store, err))
        return false;
    *ret_exists = store && !string_equal(store->state, "Creating");
    if (*ret_exists)
        *ret_found = (struct object_found){.id = store->id, .visibility = OBJECT_INFRA, .name = store->name};
    return true;
}

static const struct object_kind IMAGE_STORE_KIND = {
    .name = "image_store", .wire_type = "ImageStore", .object_key = "imagestore", .response = &IMAGE_STORE_RESPONSE,
    .find = find, .describe = describe,
};

struct adding {
    struct api_call *call;
    const struct image_store *wish;
    struct pair_list details;
    struct job_ref job;
};

static bool add_body(struct db *db, void *context, struct error *err)
{
    struct adding *adding = context;
    struct image_store *store = NULL;
    struct job_stamp stamp = api_stamp(adding->call);
    if (!image_store_add(db, adding->call->arena, adding->wish, &adding->details, &store, err) || !store)
        return false;
    struct storage_job_input input = {.id = store->id};
    struct job_target target = {.object_kind = "image_store", .object_id = store->id, .object_uuid = store->uuid};
    return job_create(db, &IMAGE_STORE_ADD_JOB, &input, &target, &stamp, &adding->job, err);
}

static bool handle_add(struct api_call *call, const void *arguments, struct error *err)
{
    const struct add_image_store_args *args = arguments;
    struct image_store wish = {
        .name = args->name, .provider = args->provider, .url = args->url, .zone_id = args->zoneid.id};
    struct adding adding = {.call = call, .wish = &wish, .details = reply_pairs(call->arena, &args->details)};
    if (!db_transaction(call->db, add_body, &adding, err))
        return false;
    api_reply_job(call, &adding.job, NULL);
    return true;
}

static bool matches(const struct list_image_stores_args *args, const struct list_page *page,
                    const struct image_store *store)
{
    return !string_equal(store->state, "Creating") && (args->id.id == 0 || args->id.id == store->id) &&
           (args->zoneid.id == 0 || store->zone_id == 0 || args->zoneid.id == store->zone_id) &&
           (!args->name || string_equal_ignoring_case(args->name, store->name)) &&
           (!args->protocol || string_equal_ignoring_case(args->protocol, store->protocol)) &&
           (!args->provider || string_equal_ignoring_case(args->provider, store->asked_provider)) &&
           (!args->readonly.set || args->readonly.value == store->read_only) && page_keyword_matches(page, store->name);
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_image_stores_args *args = arguments;
    const struct image_store *stores = NULL;
    size_t count = 0;
    if (!image_store_row_all(call->db, call->arena, &stores, &count, err))
        return false;
    struct page_pick pick = {.page = &call->page};
    struct image_store_response *objects =
        arena_array(call->arena, page_room(&call->page, count) + 1, sizeof(*objects));
    for (size_t i = 0; i < count; i++)
        if (matches(args, &call->page, &stores[i]) && page_pick(&pick) &&
            !fill(call, &stores[i], &objects[pick.taken - 1], err))
            return false;
    api_reply_list(call, objects, pick.taken, pick.total);
    return true;
}

static bool handle_delete(struct api_call *call, const void *arguments, struct error *err)
{
    const struct delete_image_store_args *args = arguments;
    struct storage_job_input input = {.id = args->id.id};
    struct job_target target = {.object_kind = "image_store", .object_id = args->id.id, .object_uuid = args->id.uuid};
    return reply_job(call, &IMAGE_STORE_REMOVE_JOB, &input, &target, err);
}

static const struct api_command COMMANDS[] = {
    {.name = "addImageStore", .summary = "Adds a store for images: looks at it and makes it usable.", .since = "4.2.0",
     .object_key = "imagestore", .event = "IMAGE.STORE.CREATE", .mode = API_WAIT, .roles = ROLE_ADMIN,
     .params = &ADD_IMAGE_STORE_PARAMS, .response = &IMAGE_STORE_RESPONSE, .handle = handle_add,
     .group = "ImageStore"},
    {.name = "listImageStores", .summary = "Lists image stores.", .since = "4.2.0", .object_key = "imagestore",
     .mode = API_LIST, .flags = API_READ_ONLY, .roles = ROLE_ADMIN, .params = &LIST_IMAGE_STORES_PARAMS,
     .response = &IMAGE_STORE_RESPONSE, .handle = handle_list, .group = "ImageStore"},
    {.name = "deleteImageStore", .summary = "Removes an image store without images.", .since = "4.2.0",
     .event = "IMAGE.STORE.DELETE", .mode = API_WAIT, .roles = ROLE_ADMIN, .params = &DELETE_IMAGE_STORE_PARAMS,
     .handle = handle_delete, .group = "ImageStore"},
    {.name = NULL},
};

void storage_register(void)
{
    static const struct object_kind *const KINDS[] = {&STORAGE_POOL_KIND, &IMAGE_STORE_KIND, NULL};
    static const struct job_kind *const JOBS[] = {
        &POOL_ADD_JOB,      &POOL_REMOVE_JOB, &IMAGE_STORE_ADD_JOB, &IMAGE_STORE_REMOVE_JOB,
        &POOL_MAINTAIN_JOB, &POOL_RESUME_JOB, &POOL_OBSERVE_JOB,    &IMAGE_STORE_OBSERVE_JOB,
        NULL};
    api_register_kinds(KINDS);
    api_register_commands(STORAGE_POOL_COMMANDS);
    api_register_commands(COMMANDS);
    api_register_commands(STORAGE_TAG_COMMANDS);
    api_register_commands(STORAGE_PROVIDER_COMMANDS);
    job_register_kinds(JOBS);
    job_register_schedule(&STORAGE_OBSERVE_SCHEDULE);
}
