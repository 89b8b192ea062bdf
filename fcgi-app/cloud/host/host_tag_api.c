/* listHostTags: the tags that hosts have, a line for each host and tag. */
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/host/host_tag.h"

struct host_tag_response {
    const char *id, *name, *jobid;
    struct opt_int hostid, jobstatus;
    bool isimplicit;
};
#define R(member, ...) FIELD(struct host_tag_response, member, __VA_ARGS__)
FIELD_TABLE(HOST_TAG_RESPONSE, struct host_tag_response, R(id, .help = "the tag on this host"),
            R(hostid, .help = "the number of the host"), R(name, .help = "the tag"),
            R(isimplicit, .since = "4.20.0", .help = "whether the host says it by itself; none does"),
            R(jobid, .help = "a pending job", .no_effect = "nothing is under way"),
            R(jobstatus, .help = "the status of that job", .no_effect = "nothing is under way"));
#undef R

static bool handle_list(struct api_call *call, const void *args, struct error *err)
{
    struct db_rows rows;
    size_t room = 0, taken = 0;
    (void)args;
    if (!host_store_tagged(call->db, call->arena, &rows, err))
        return false;
    const struct host_tagged *hosts = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        room += strlen(hosts[i].tags);
    struct host_tag_response *objects = arena_array(call->arena, page_room(&call->page, room) + 1, sizeof(*objects));
    struct page_pick pick = {.page = &call->page};
    for (size_t i = 0; i < rows.count; i++) {
        size_t count = 0;
        const char **tags = string_split(call->arena, hosts[i].tags, ',', &count);
        for (size_t j = 0; j < count; j++)
            if (page_keyword_matches(&call->page, tags[j]) && page_pick(&pick))
                objects[taken++] = (struct host_tag_response){
                    .id = arena_printf(call->arena, "%lld.%zu", (long long)hosts[i].id, j + 1),
                    .hostid = OPT_INT(hosts[i].id),
                    .name = tags[j]};
    }
    api_reply_list(call, objects, taken, pick.total);
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
