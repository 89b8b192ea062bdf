/* listOsTypes and listOsCategories. */
#include "base/text.h"
#include "cloud/icon/icon.h"
#include "cloud/cache/columns.h"
#include "cloud/guestos/guestos_store.h"

struct os_type_response {
    const char *id, *oscategoryid, *oscategoryname, *name, *description;
    struct opt_bool isuserdefined, fordisplay;
};
#define R(member, ...) FIELD(struct os_type_response, member, __VA_ARGS__)
FIELD_TABLE(OS_TYPE_RESPONSE, struct os_type_response,
    R(id, .help = "the id of the object"),
    R(oscategoryid, .help = "the category of operating systems"),
    R(oscategoryname, .help = "the name of the category"),
    R(name, .help = "the name"),
    R(description, .help = "the description"),
    R(isuserdefined, .help = "an operator added it"),
    R(fordisplay, .help = "only those that are shown"));
#undef R

struct list_os_types_args {
    const char *description;
    struct opt_bool fordisplay;
    struct object_ref id, oscategoryid;
    struct ref_list ids;
};
#define P(member, ...) FIELD(struct list_os_types_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_OS_TYPES_PARAMS, struct list_os_types_args,
    P(description, .since = "3.0.1", .help = "the description"),
    P(fordisplay, .flags = FIELD_ADMIN, .since = "4.18.1", .help = "only those that are shown"),
    P(id, .refers_to = "os_type", .help = "the id of the object"),
    P(ids, .refers_to = "os_type", .help = "several ids; not together with id"),
    P(oscategoryid, .refers_to = "os_category", .help = "the category of operating systems"));
#undef P

struct os_category_response {
    const char *id, *name;
    struct opt_bool isfeatured;
    struct opt_time created;
    struct nested icon;
};
#define R(member, ...) FIELD(struct os_category_response, member, __VA_ARGS__)
FIELD_TABLE(OS_CATEGORY_RESPONSE, struct os_category_response,
    R(id, .help = "the id of the object"),
    R(name, .help = "the name"),
    R(isfeatured, .since = "4.21.0", .help = "only those that are put forward"),
    R(created, .help = "when it was made"), ICON_FIELD(struct os_category_response));
#undef R

struct list_os_categories_args {
    const char *arch, *name, *zoneid;
    struct object_ref id;
    struct opt_bool isfeatured, isiso, isvnf, showicon;
};
#define P(member, ...) FIELD(struct list_os_categories_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_OS_CATEGORIES_PARAMS, struct list_os_categories_args,
    P(arch, .since = "4.21.0", .help = "the processor architecture", .no_effect = "categories are the same everywhere"),
    P(id, .refers_to = "os_category", .help = "the id of the object"),
    P(isfeatured, .since = "4.21.0", .help = "only those that are put forward",
      .no_effect = "categories are listed whatever is in them"),
    P(isiso, .since = "4.21.0", .help = "only those with images of ISO form",
      .no_effect = "categories are listed whatever is in them"),
    P(isvnf, .since = "4.21.0", .help = "only those with network appliances",
      .no_effect = "categories are listed whatever is in them"),
    P(name, .since = "3.0.1", .help = "the name"),
    P(showicon, .since = "4.21.0", .help = "adds the icon"),
    P(zoneid, .since = "4.21.0", .help = "the zone", .no_effect = "categories are the same everywhere"));
#undef P

/* ---- types ---- */

static bool fill_type(struct api_call *call, const struct os_type *type, struct os_type_response *out,
                      struct error *err)
{
    const struct os_category *category = NULL;
    if (!os_category_find(call->db, call->arena, type->category_id, &category, err))
        return false;
    *out = (struct os_type_response){
        .id = type->uuid, .name = type->description, .description = type->description,
        .oscategoryid = category ? category->uuid : NULL, .oscategoryname = category ? category->name : NULL,
        .isuserdefined = OPT_BOOL(type->user_defined), .fordisplay = OPT_BOOL(type->display),
    };
    return true;
}

static bool describe_types(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects,
                           size_t *ret_count, struct error *err)
{
    struct os_type_response *objects = ret_objects;
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct os_type *type = NULL;
        if (!os_type_find(call->db, call->arena, ids[i], &type, err))
            return false;
        if (type && !fill_type(call, type, &objects[(*ret_count)++], err))
            return false;
    }
    return true;
}

static bool find_type(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                      bool *ret_exists, struct error *err)
{
    const struct os_type *type = NULL;
    if (!os_type_store_find_uuid(db, arena, uuid, &type, err))
        return false;
    *ret_exists = type != NULL;
    if (type)
        *ret_found = (struct object_found){.id = type->id, .visibility = OBJECT_SHARED, .owner_domain_path = "",
                                           .name = type->description};
    return true;
}

static const struct object_kind OS_TYPE_KIND = {
    .name = "os_type", .wire_type = "GuestOs", .object_key = "ostype", .response = &OS_TYPE_RESPONSE, .find = find_type,
    .describe = describe_types,
};

static bool type_is_named(const struct list_os_types_args *args, int64_t id)
{
    bool named = args->ids.count == 0;
    for (size_t i = 0; i < args->ids.count; i++)
        named = named || args->ids.items[i].id == id;
    return named && (args->id.id == 0 || args->id.id == id);
}

static bool handle_types(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_os_types_args *args = arguments;
    const struct os_type *types = NULL;
    size_t count = 0;
    if (!os_type_store_all(call->db, call->arena, &types, &count, err))
        return false;
    struct page_pick pick = {.page = &call->page};
    struct os_type_response *objects = arena_array(call->arena, page_room(&call->page, count) + 1, sizeof(*objects));
    for (size_t i = 0; i < count; i++) {
        const struct os_type *type = &types[i];
        bool wanted = type_is_named(args, type->id) &&
                      (args->oscategoryid.id == 0 || args->oscategoryid.id == type->category_id) &&
                      (!args->description || string_equal_ignoring_case(args->description, type->description)) &&
                      (args->fordisplay.set ? args->fordisplay.value == type->display : type->display) &&
                      page_keyword_matches(&call->page, type->description);
        if (wanted && page_pick(&pick) && !fill_type(call, type, &objects[pick.taken - 1], err))
            return false;
    }
    api_reply_list(call, objects, pick.taken, pick.total);
    return true;
}

/* ---- categories ---- */

static void fill_category(const struct os_category *category, struct os_category_response *out)
{
    *out = (struct os_category_response){.id = category->uuid, .name = category->name,
                                         .isfeatured = OPT_BOOL(category->featured), .created = category->created};
}

static bool find_category(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                          bool *ret_exists, struct error *err)
{
    const struct os_category *category = NULL;
    if (!os_category_store_find_uuid(db, arena, uuid, &category, err))
        return false;
    *ret_exists = category != NULL;
    if (category)
        *ret_found = (struct object_found){.id = category->id, .visibility = OBJECT_SHARED, .owner_domain_path = "",
                                           .name = category->name};
    return true;
}

static const struct object_kind OS_CATEGORY_KIND = {
    .name = "os_category",
    .wire_type = "GuestOsCategory",
    .object_key = "oscategory",
    .response = &OS_CATEGORY_RESPONSE,
    .find = find_category,
};

static bool handle_categories(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_os_categories_args *args = arguments;
    const struct os_category *categories = NULL;
    size_t count = 0;
    if (!os_category_store_all(call->db, call->arena, &categories, &count, err))
        return false;
    struct page_pick pick = {.page = &call->page};
    struct os_category_response *objects =
        arena_array(call->arena, page_room(&call->page, count) + 1, sizeof(*objects));
    for (size_t i = 0; i < count; i++) {
        const struct os_category *category = &categories[i];
        bool wanted = (args->id.id == 0 || args->id.id == category->id) &&
                      (!args->name || string_equal_ignoring_case(args->name, category->name)) &&
                      page_keyword_matches(&call->page, category->name);
        if (wanted && page_pick(&pick))
            fill_category(category, &objects[pick.taken - 1]);
    }
    api_reply_list(call, objects, pick.taken, pick.total);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listOsTypes", .summary = "Lists the operating systems of guests.", .object_key = "ostype",
     .mode = API_LIST, .flags = API_READ_ONLY, .roles = ROLES_ALL, .params = &LIST_OS_TYPES_PARAMS,
     .response = &OS_TYPE_RESPONSE, .handle = handle_types, .group = "GuestOS"},
    {.name = "listOsCategories", .summary = "Lists the categories of operating systems.", .object_key = "oscategory",
     .mode = API_LIST, .flags = API_READ_ONLY, .roles = ROLES_ALL, .params = &LIST_OS_CATEGORIES_PARAMS,
     .response = &OS_CATEGORY_RESPONSE, .handle = handle_categories, .group = "GuestOS"},
    {.name = NULL},
};

void guestos_register(void)
{
    static const struct object_kind *const KINDS[] = {&OS_TYPE_KIND, &OS_CATEGORY_KIND, NULL};
    api_register_kinds(KINDS);
    api_register_commands(COMMANDS);
}
