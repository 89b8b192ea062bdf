/* listHostTags: the tags that hosts have, a line for each host and tag. */
#include "cloud/cache/reply.h"
#include "cloud/host/host_tag.h"

FIELD_TABLE(HOST_TAG_RESPONSE, struct tag_line, TAG_LINE_FIELDS(hostid, "host"),
            FIELD(struct tag_line, isimplicit, .since = "4.20.0",
                  .help = "whether the host says it by itself; none does"));

static bool handle_list(struct api_call *call, const void *args, struct error *err)
{
    struct db_rows rows;
    (void)args;
    if (!host_store_tagged(call->db, call->arena, &rows, err))
        return false;
    reply_tag_lines(call, &rows);
    return true;
}

const struct api_command HOST_TAG_COMMANDS[] = {
    {.name = "listHostTags",
     .summary = "Lists the tags of hosts",
     .object_key = "hosttag",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN | ROLE_RESOURCE_ADMIN | ROLE_DOMAIN_ADMIN,
     .response = &HOST_TAG_RESPONSE,
     .handle = handle_list,
     .group = "Host"},
    {.name = NULL},
};
