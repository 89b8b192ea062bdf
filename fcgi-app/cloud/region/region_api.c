/* addRegion, updateRegion, removeRegion, listRegions. */
#include "api/audit.h"
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/region/region.h"
#include "cloud/region/region_store.h"

struct region_response {
    int64_t id;
    const char *name, *endpoint;
    bool gslbserviceenabled, portableipserviceenabled;
};
#define SHOWN(member, ...) FIELD(struct region_response, member, __VA_ARGS__)
FIELD_TABLE(REGION_RESPONSE, struct region_response, SHOWN(id, .help = "The number of the region"),
            SHOWN(name, .help = "Its name"), SHOWN(endpoint, .help = "Where it answers"),
            SHOWN(gslbserviceenabled, .help = "Whether load is balanced between regions"),
            SHOWN(portableipserviceenabled, .help = "Whether addresses move between zones"));

struct region_args {
    struct opt_int id;
    const char *name, *endpoint;
};
#define ARG(member, ...) FIELD(struct region_args, member, __VA_ARGS__)
#define NUMBER .min = 1, .max = 2147483647, .help = "The number of the region"
FIELD_TABLE(LIST_REGIONS_ARGS, struct region_args, ARG(id, NUMBER), ARG(name, .help = "Its name"));
FIELD_TABLE(ADD_REGION_ARGS, struct region_args, ARG(id, .flags = FIELD_REQUIRED, NUMBER),
            ARG(name, .flags = FIELD_REQUIRED, .help = "Its name"),
            ARG(endpoint, .flags = FIELD_REQUIRED, .help = "Where it answers: an http or https address"));
FIELD_TABLE(UPDATE_REGION_ARGS, struct region_args, ARG(id, .flags = FIELD_REQUIRED, NUMBER),
            ARG(name, .help = "Its new name"), ARG(endpoint, .help = "Where it answers now"));
FIELD_TABLE(REMOVE_REGION_ARGS, struct region_args, ARG(id, .flags = FIELD_REQUIRED, NUMBER));

static void reply(struct api_call *call, const struct region *region)
{
    struct region_response *response = ARENA_NEW(call->arena, struct region_response);
    *response = (struct region_response){.id = region->id, .name = region->name, .endpoint = region->endpoint};
    api_reply_object(call, response);
}

static bool find(struct api_call *call, int64_t id, struct region *ret_region, struct error *err)
{
    struct db_rows rows;
    if (!region_all(call->db, call->arena, &rows, err))
        return false;
    const struct region *regions = rows.items;
    for (size_t i = 0; i < rows.count; i++) {
        if (regions[i].id != id)
            continue;
        *ret_region = regions[i];
        return true;
    }
    return error_with(err, ERROR_INVALID_VALUE, "region.unknown", E_INT("id", id));
}

static bool check_endpoint(const char *endpoint, struct error *err)
{
    return string_starts_with(endpoint, "http://") || string_starts_with(endpoint, "https://") ||
           error_with(err, ERROR_INVALID_VALUE, "region.bad_endpoint", E_TEXT("endpoint", endpoint));
}

static bool taken(const struct region *region, struct error *err)
{
    return error_with(err, ERROR_INVALID_VALUE, "region.taken", E_INT("id", region->id), E_TEXT("name", region->name));
}

static bool add(struct api_call *call, const void *arguments, struct error *err)
{
    const struct region_args *args = arguments;
    const struct region region = {args->id.value, args->name, args->endpoint};
    struct error why = {0};
    if (!check_endpoint(args->endpoint, err))
        return false;
    if (!region_add(call->db, &region, &why)) {
        if (why.kind == ERROR_IN_USE)
            return taken(&region, err);
        error_copy(err, &why);
        return false;
    }
    api_audit_value(call, "Region", region.name, NULL, region.endpoint);
    reply(call, &region);
    return true;
}

static bool update(struct api_call *call, const void *arguments, struct error *err)
{
    const struct region_args *args = arguments;
    struct region region, before;
    struct error why = {0};
    if (!find(call, args->id.value, &region, err) || (args->endpoint && !check_endpoint(args->endpoint, err)))
        return false;
    before = region;
    region.name = args->name ? args->name : region.name;
    region.endpoint = args->endpoint ? args->endpoint : region.endpoint;
    if (!region_change(call->db, &region, &why)) {
        if (why.kind == ERROR_IN_USE)
            return taken(&region, err);
        error_copy(err, &why);
        return false;
    }
    api_audit_value(call, "Region", region.name, arena_printf(call->arena, "%s %s", before.name, before.endpoint),
                    arena_printf(call->arena, "%s %s", region.name, region.endpoint));
    reply(call, &region);
    return true;
}

static bool remove_region(struct api_call *call, const void *arguments, struct error *err)
{
    const struct region_args *args = arguments;
    struct region region;
    if (!find(call, args->id.value, &region, err))
        return false;
    if (region.id == REGION_OWN)
        return error_set(err, ERROR_INVALID_VALUE, "region.own");
    if (!region_remove(call->db, region.id, err))
        return false;
    api_audit_value(call, "Region", region.name, region.endpoint, NULL);
    api_reply_success(call, NULL);
    return true;
}

static bool list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct region_args *args = arguments;
    struct page_pick pick = {.page = &call->page};
    struct db_rows rows;
    if (!region_all(call->db, call->arena, &rows, err))
        return false;
    const struct region *regions = rows.items;
    struct region_response *responses =
        arena_array(call->arena, page_room(&call->page, rows.count), sizeof(*responses));
    for (size_t i = 0; i < rows.count; i++) {
        size_t at = pick.taken;
        if ((args->id.set && args->id.value != regions[i].id) ||
            (args->name && !string_equal_ignoring_case(args->name, regions[i].name)) ||
            !page_keyword_matches(&call->page, regions[i].name) || !page_pick(&pick))
            continue;
        responses[at] =
            (struct region_response){.id = regions[i].id, .name = regions[i].name, .endpoint = regions[i].endpoint};
    }
    api_reply_list(call, responses, pick.taken, pick.total);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listRegions",
     .summary = "Lists regions",
     .object_key = "region",
     .mode = API_LIST,
     .roles = ROLES_ALL,
     .params = &LIST_REGIONS_ARGS,
     .response = &REGION_RESPONSE,
     .handle = list,
     .group = "Region"},
    {.name = "addRegion",
     .summary = "Tells clients of a further region",
     .object_key = "region",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &ADD_REGION_ARGS,
     .response = &REGION_RESPONSE,
     .handle = add,
     .group = "Region"},
    {.name = "updateRegion",
     .summary = "Changes the name or address of a region",
     .object_key = "region",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &UPDATE_REGION_ARGS,
     .response = &REGION_RESPONSE,
     .handle = update,
     .group = "Region"},
    {.name = "removeRegion",
     .summary = "Forgets a region; the cloud's own stays",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &REMOVE_REGION_ARGS,
     .handle = remove_region,
     .group = "Region"},
    {.name = NULL},
};

void region_register(void)
{
    api_register_commands(COMMANDS);
}
