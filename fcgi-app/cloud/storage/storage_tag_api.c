/* listStorageTags: the tags that primary storage has, a line for each pool and tag. */
#include "cloud/cache/reply.h"
#include "cloud/storage/storage_tag.h"

FIELD_TABLE(STORAGE_TAG_RESPONSE, struct tag_line, TAG_LINE_FIELDS(poolid, "pool"));

static bool handle_list(struct api_call *call, const void *args, struct error *err)
{
    struct db_rows rows;
    (void)args;
    if (!storage_store_tagged(call->db, call->arena, &rows, err))
        return false;
    reply_tag_lines(call, &rows);
    return true;
}

const struct api_command STORAGE_TAG_COMMANDS[] = {
    {.name = "listStorageTags",
     .summary = "Lists the tags of primary storage",
     .object_key = "storagetag",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN | ROLE_DOMAIN_ADMIN,
     .response = &STORAGE_TAG_RESPONSE,
     .handle = handle_list,
     .group = "Resourcetags"},
    {.name = NULL},
};
