/* listStorageTags: the tags that primary storage has, a line for each pool and tag. */
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/storage/storage_tag.h"

struct storage_tag_response {
    const char *id, *name, *jobid;
    struct opt_int poolid, jobstatus;
};
#define R(member, ...) FIELD(struct storage_tag_response, member, __VA_ARGS__)
FIELD_TABLE(STORAGE_TAG_RESPONSE, struct storage_tag_response, R(id, .help = "the tag on this pool"),
            R(poolid, .help = "the number of the pool"), R(name, .help = "the tag"),
            R(jobid, .help = "a pending job", .no_effect = "nothing is under way"),
            R(jobstatus, .help = "the status of that job", .no_effect = "nothing is under way"));
#undef R

static bool handle_list(struct api_call *call, const void *args, struct error *err)
{
    struct db_rows rows;
    size_t room = 0, taken = 0;
    (void)args;
    if (!storage_store_tagged(call->db, call->arena, &rows, err))
        return false;
    const struct storage_tagged *pools = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        room += strlen(pools[i].tags);
    struct storage_tag_response *objects = arena_array(call->arena, page_room(&call->page, room) + 1, sizeof(*objects));
    struct page_pick pick = {.page = &call->page};
    for (size_t i = 0; i < rows.count; i++) {
        size_t count = 0;
        const char **tags = string_split(call->arena, pools[i].tags, ',', &count);
        for (size_t j = 0; j < count; j++)
            if (page_keyword_matches(&call->page, tags[j]) && page_pick(&pick))
                objects[taken++] = (struct storage_tag_response){
                    .id = arena_printf(call->arena, "%lld.%zu", (long long)pools[i].id, j + 1),
                    .poolid = OPT_INT(pools[i].id),
                    .name = tags[j]};
    }
    api_reply_list(call, objects, taken, pick.total);
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
