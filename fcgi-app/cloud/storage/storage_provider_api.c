/* listStorageProviders: the names that createStoragePool and addImageStore take. */
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/storage/storage_api.h"
#include "cloud/storage/storage_store.h"

struct storage_provider_response {
    const char *name, *type;
};
#define R(member, ...) FIELD(struct storage_provider_response, member, __VA_ARGS__)
FIELD_TABLE(STORAGE_PROVIDER_RESPONSE, struct storage_provider_response,
    R(name, .help = "the name of the provider"),
    R(type, .help = "primary or image"));
#undef R

struct list_storage_providers_args {
    const char *type;
};
FIELD_TABLE(LIST_STORAGE_PROVIDERS_PARAMS, struct list_storage_providers_args,
    FIELD(struct list_storage_providers_args, type, .flags = FIELD_REQUIRED, .help = "primary or image"));

/* `usual` stands for whichever plugin serves the place (see pool_add, image_store_add). */
struct provider_type {
    const char *name, *plugin_kind, *usual;
};
static const struct provider_type TYPES[] = {{"primary", "storage", "DefaultPrimary"}, {"image", "image-store", "NFS"}};

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_storage_providers_args *args = arguments;
    const struct provider_type *type = NULL;
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if (string_equal_ignoring_case(args->type, TYPES[i].name))
            type = &TYPES[i];
    if (!type)
        return error_with(err, ERROR_INVALID_VALUE, "storage.unknown_provider_type", E_TEXT("value", args->type));
    struct db_rows rows;
    if (!provider_store_list(call->db, call->arena, type->plugin_kind, &rows, err))
        return false;
    const struct provider_row *plugins = rows.items;
    struct storage_provider_response *objects =
        arena_array(call->arena, page_room(&call->page, rows.count + 1) + 1, sizeof(*objects));
    struct page_pick pick = {.page = &call->page};
    for (size_t i = 0; rows.count > 0 && i <= rows.count; i++) {
        const char *name = i == 0 ? type->usual : plugins[i - 1].name;
        if (page_keyword_matches(&call->page, name) && page_pick(&pick))
            objects[pick.taken - 1] = (struct storage_provider_response){.name = name, .type = type->name};
    }
    api_reply_list(call, objects, pick.taken, pick.total);
    return true;
}

const struct api_command STORAGE_PROVIDER_COMMANDS[] = {
    {.name = "listStorageProviders",
     .summary = "Lists the providers of primary storage or of image stores.",
     .object_key = "dataStoreProvider",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN,
     .params = &LIST_STORAGE_PROVIDERS_PARAMS,
     .response = &STORAGE_PROVIDER_RESPONSE,
     .handle = handle_list,
     .group = "StoragePool"},
    {.name = NULL},
};
