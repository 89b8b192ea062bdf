/* listRegions: this cloud is one region, described by settings. */
#include "base/setting.h"
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/zone/zone_api.h"

SETTING(REGION_NAME, .name = "region.name", .category = "Advanced", .default_value = "Local",
        .help = "the name of this region", .type = SETTING_TEXT, .scopes = SCOPE_GLOBAL);
SETTING(REGION_ENDPOINT, .name = "region.endpoint", .category = "Advanced", .default_value = "http://localhost/client/",
        .help = "where this region answers", .type = SETTING_TEXT, .scopes = SCOPE_GLOBAL);

struct region_response {
    struct opt_int id;
    const char *name, *endpoint;
    struct opt_bool gslbserviceenabled, portableipserviceenabled;
};
#define R(member, ...) FIELD(struct region_response, member, __VA_ARGS__)
FIELD_TABLE(REGION_RESPONSE, struct region_response,
    R(id, .help = "the id of the object"),
    R(name, .help = "the name"),
    R(endpoint, .help = "where the region answers"),
    R(gslbserviceenabled, .help = "load is balanced between regions"),
    R(portableipserviceenabled, .help = "addresses move between zones"));
#undef R

struct list_regions_args {
    struct opt_int id;
    const char *name;
};
#define P(member, ...) FIELD(struct list_regions_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_REGIONS_PARAMS, struct list_regions_args,
    P(id, .help = "the id of the object"),
    P(name, .help = "the name"));
#undef P

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    enum { REGION_ID = 1, TEXT_BYTES = 256 };
    const struct list_regions_args *args = arguments;
    char name[TEXT_BYTES], endpoint[TEXT_BYTES];
    (void)err;
    setting_text(&REGION_NAME, name, sizeof(name));
    setting_text(&REGION_ENDPOINT, endpoint, sizeof(endpoint));
    struct region_response *region = ARENA_NEW(call->arena, struct region_response);
    *region = (struct region_response){.id = OPT_INT(REGION_ID),
                                       .name = arena_strdup(call->arena, name),
                                       .endpoint = arena_strdup(call->arena, endpoint),
                                       .gslbserviceenabled = OPT_BOOL(false),
                                       .portableipserviceenabled = OPT_BOOL(false)};
    struct page_pick pick = {.page = &call->page};
    if ((!args->id.set || args->id.value == REGION_ID) &&
        (!args->name || string_equal_ignoring_case(args->name, name)) && page_keyword_matches(&call->page, name))
        (void)page_pick(&pick);
    api_reply_list(call, region, pick.taken, pick.total);
    return true;
}

const struct api_command REGION_COMMANDS[] = {
    {.name = "listRegions", .summary = "Lists regions.", .object_key = "region", .mode = API_LIST,
     .flags = API_READ_ONLY, .roles = ROLES_ALL, .params = &LIST_REGIONS_PARAMS, .response = &REGION_RESPONSE,
     .handle = handle_list, .group = "Region"},
    {.name = NULL},
};
