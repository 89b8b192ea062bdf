/* listConfigurations, updateConfiguration, resetConfiguration and listConfigurationGroups. */
#include <ctype.h>
#include <strings.h>

#include "api/audit.h"
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/identity/identity.h"
#include "cloud/settings/settings_service.h"
#include "cloud/storage/storage.h"
#include "cloud/zone/zone.h"

struct setting_response {
    const char *category, *group, *subgroup, *name, *value, *defaultvalue, *scope, *description, *component,
        *displaytext, *type, *options;
    bool isdynamic;
};
#define SHOWN(member, ...) FIELD(struct setting_response, member, __VA_ARGS__)
FIELD_TABLE(SETTING_RESPONSE, struct setting_response, SHOWN(category, .help = "The category of the setting"),
            SHOWN(group, .since = "4.18.0", .help = "The group that user interfaces show it in"),
            SHOWN(subgroup, .since = "4.18.0", .help = "The part of that group"), SHOWN(name, .help = "The setting"),
            SHOWN(value, .help = "Its value; absent for secrets"),
            SHOWN(defaultvalue, .since = "4.18.0", .help = "The value when none is set"),
            SHOWN(scope,
                  .help = "Where values can be set: global, zone, cluster, storagepool, imagestore, domain, account"),
            SHOWN(description, .help = "What it does"),
            SHOWN(isdynamic, .help = "True when a change works at once, false when roles must be started again"),
            SHOWN(component, .since = "4.18.0", .help = "The part of the program that reads it"),
            SHOWN(displaytext, .since = "4.18.0", .help = "What user interfaces call it"),
            SHOWN(type, .since = "4.18.0", .help = "The type of its value: Number, Boolean, Decimal, String or Select"),
            SHOWN(options, .since = "4.18.0", .help = "The values that a Select can have, separated by commas"));

static const char *scope_text(struct arena *arena, unsigned scopes)
{
    static const struct {
        unsigned bit;
        const char *name;
    } NAMES[] = {{SCOPE_GLOBAL, "global"},          {SCOPE_ZONE, "zone"},
                 {SCOPE_CLUSTER, "cluster"},        {SCOPE_STORAGE, "storagepool"},
                 {SCOPE_IMAGE_STORE, "imagestore"}, {SCOPE_DOMAIN, "domain"},
                 {SCOPE_ACCOUNT, "account"}};
    struct text text;
    text_init(&text, arena, 100);
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        if (scopes & NAMES[i].bit)
            text_addf(&text, "%s%s", text.length > 0 ? "," : "", NAMES[i].name);
    return text_string(&text);
}

static const char *type_text(const struct setting *setting)
{
    if (setting->choices)
        return "Select";
    switch (setting->type) {
    case SETTING_INT:
        return "Number";
    case SETTING_BOOL:
        return "Boolean";
    case SETTING_DOUBLE:
        return "Decimal";
    case SETTING_TEXT:
        return "String";
    }
    return "String";
}

/* "Vm stats interval" of "vm.stats.interval". */
static const char *title(struct arena *arena, const char *name)
{
    char *text = arena_strndup(arena, name, strlen(name));
    for (char *at = text; *at; at++)
        *at = *at == '.' || *at == '_' ? ' ' : *at;
    text[0] = (char)toupper((unsigned char)text[0]);
    return text;
}

static void fill(struct arena *arena, const struct setting *setting, const char *value, struct setting_response *to)
{
    unsigned scopes = setting->scopes | SCOPE_GLOBAL;
    const char *dot = strchr(setting->name, '.');
    *to = (struct setting_response){
        .category = setting->category,
        .name = setting->name,
        .value = value,
        .defaultvalue = setting->is_secret ? NULL : setting->default_value,
        .scope = scope_text(arena, scopes),
        .description = setting->help,
        .component = dot ? arena_strndup(arena, setting->name, (size_t)(dot - setting->name)) : setting->name,
        .displaytext = title(arena, setting->name),
        .type = type_text(setting),
        .options = setting->choices,
        .isdynamic = !setting->needs_restart};
    settings_group_of(setting, &to->group, &to->subgroup);
}

/* ---- where a value is ---- */

/* Of all commands about settings; each table declares its own. */
struct setting_args {
    struct object_ref zoneid, clusterid, storageid, domainid, accountid, imagestoreuuid, imagestoreid;
    const char *category, *name, *group, *parent, *subgroup, *value;
};
#define ARG(member, ...) FIELD(struct setting_args, member, __VA_ARGS__)
#define PLACE_ARGS                                                                                                     \
    ARG(zoneid, .refers_to = "zone", .help = "The value of this zone"),                                                \
        ARG(clusterid, .refers_to = "cluster", .help = "The value of this cluster"),                                   \
        ARG(storageid, .refers_to = "storage_pool", .help = "The value of this storage pool"),                         \
        ARG(domainid, .refers_to = "domain", .help = "The value of this domain"),                                      \
        ARG(accountid, .refers_to = "account", .help = "The value of this account")

struct place {
    enum setting_scope scope;
    int64_t id;
    struct setting_place tree; /* the place with those above it */
};

/* What lies above a place, so that the value in effect there can be told. */
static bool add_tree(struct api_call *call, struct place *place, struct error *err)
{
    struct setting_place *tree = &place->tree;
    const struct storage_pool_name *pool = NULL;
    const struct image_store *store = NULL;
    const struct cluster *cluster = NULL;
    struct identity_account *account = NULL;
    if (tree->account_id && !identity_find_account_any(call->db, call->arena, tree->account_id, &account, err))
        return false;
    if (tree->pool_id && !storage_pool_name_find(call->db, call->arena, tree->pool_id, &pool, err))
        return false;
    if (tree->image_store_id && !image_store_find(call->db, call->arena, tree->image_store_id, &store, err))
        return false;
    if (tree->cluster_id && !cluster_find(call->db, call->arena, tree->cluster_id, &cluster, err))
        return false;
    if (account)
        tree->domain_id = account->domain_id;
    if (pool)
        tree->cluster_id = pool->cluster_id;
    if (pool || store || cluster)
        tree->zone_id = pool ? pool->zone_id : store ? store->zone_id : cluster->zone_id;
    return true;
}

/* Global when no object is named. Errors: INVALID_VALUE for more than one. */
static bool place_of(struct api_call *call, const struct setting_args *args, struct place *ret_place, struct error *err)
{
    struct place place = {.scope = SCOPE_GLOBAL};
    const struct object_ref *store = args->imagestoreid.id ? &args->imagestoreid : &args->imagestoreuuid;
    const struct {
        enum setting_scope scope;
        const struct object_ref *ref;
        int64_t *slot;
    } PLACES[] = {{SCOPE_ZONE, &args->zoneid, &place.tree.zone_id},
                  {SCOPE_CLUSTER, &args->clusterid, &place.tree.cluster_id},
                  {SCOPE_STORAGE, &args->storageid, &place.tree.pool_id},
                  {SCOPE_IMAGE_STORE, store, &place.tree.image_store_id},
                  {SCOPE_DOMAIN, &args->domainid, &place.tree.domain_id},
                  {SCOPE_ACCOUNT, &args->accountid, &place.tree.account_id}};
    for (size_t i = 0; i < COUNT_OF(PLACES); i++) {
        if (!PLACES[i].ref->id)
            continue;
        if (place.scope != SCOPE_GLOBAL)
            return error_set(err, ERROR_INVALID_VALUE, "settings.many_places");
        place.scope = PLACES[i].scope;
        place.id = *PLACES[i].slot = PLACES[i].ref->id;
    }
    if (!add_tree(call, &place, err))
        return false;
    *ret_place = place;
    return true;
}

static bool value_at(struct api_call *call, const struct setting *setting, const struct place *place,
                     const char **ret_value, struct error *err)
{
    *ret_value = settings_shown(call->arena, setting);
    return place->scope == SCOPE_GLOBAL || setting->is_secret ||
           settings_text_at(call->db, call->arena, setting, &place->tree, ret_value, err);
}

/* ---- listConfigurations ---- */

FIELD_TABLE(LIST_SETTINGS_ARGS, struct setting_args, ARG(name, .help = "Lists only the setting of this name"),
            ARG(category, .help = "Lists only settings of this category"),
            ARG(group, .since = "4.18.0", .help = "Lists only settings of this group"),
            ARG(subgroup, .since = "4.18.0", .help = "Lists only settings of this part of a group"),
            ARG(parent, .since = "4.18.0", .help = "Lists only settings below this one",
                .no_effect = "settings have no parents"),
            ARG(imagestoreuuid, .refers_to = "image_store", .help = "The value of this image store"), PLACE_ARGS);

static bool setting_matches(const struct api_call *call, const struct setting_args *args, const struct setting *setting,
                            const struct place *place)
{
    const char *group, *subgroup;
    settings_group_of(setting, &group, &subgroup);
    if (place->scope != SCOPE_GLOBAL && !(setting->scopes & (unsigned)place->scope))
        return false;
    if (args->name && !string_equal_ignoring_case(args->name, setting->name))
        return false;
    if (args->category && !string_equal_ignoring_case(args->category, setting->category))
        return false;
    if (args->group && !string_equal_ignoring_case(args->group, group))
        return false;
    if (args->subgroup && !string_equal_ignoring_case(args->subgroup, subgroup))
        return false;
    return page_keyword_matches(&call->page, setting->name);
}

static int compare_names(const void *left, const void *right)
{
    const struct setting *const *a = left, *const *b = right;
    return strcmp((*a)->name, (*b)->name);
}

static const struct setting **sorted_settings(struct arena *arena, size_t *ret_count)
{
    const struct setting *const *all = setting_all(ret_count);
    const struct setting **sorted = arena_array(arena, *ret_count, sizeof(*sorted));
    for (size_t i = 0; i < *ret_count; i++)
        sorted[i] = all[i];
    qsort(sorted, *ret_count, sizeof(*sorted), compare_names);
    return sorted;
}

static bool list_settings(struct api_call *call, const void *arguments, struct error *err)
{
    const struct setting_args *args = arguments;
    struct place place;
    if (!place_of(call, args, &place, err))
        return false;
    struct page_pick pick = {.page = &call->page};
    size_t count;
    const struct setting **all = sorted_settings(call->arena, &count);
    struct setting_response *responses = arena_array(call->arena, page_room(&call->page, count), sizeof(*responses));
    for (size_t i = 0; i < count; i++) {
        const char *value = NULL;
        size_t at = pick.taken;
        if (!setting_matches(call, args, all[i], &place) || !page_pick(&pick))
            continue;
        if (!value_at(call, all[i], &place, &value, err))
            return false;
        fill(call->arena, all[i], value, &responses[at]);
    }
    api_reply_list(call, responses, pick.taken, pick.total);
    return true;
}

/* ---- updateConfiguration, resetConfiguration ---- */

FIELD_TABLE(UPDATE_SETTING_ARGS, struct setting_args, ARG(name, .flags = FIELD_REQUIRED, .help = "The setting"),
            ARG(value, .flags = FIELD_PLAIN_TEXT | FIELD_SENSITIVE, .max = 4096,
                .help = "Its new value; that of the next wider place when absent"),
            ARG(imagestoreuuid, .refers_to = "image_store", .help = "The value of this image store"), PLACE_ARGS);
FIELD_TABLE(RESET_SETTING_ARGS, struct setting_args, ARG(name, .flags = FIELD_REQUIRED, .help = "The setting"),
            ARG(imagestoreid, .refers_to = "image_store", .help = "The value of this image store"), PLACE_ARGS);

static bool update_setting(struct api_call *call, const void *arguments, struct error *err)
{
    const struct setting_args *args = arguments;
    const struct setting *setting = setting_find(args->name);
    struct place place;
    const char *before = NULL, *after = NULL;
    struct setting_response *response = ARENA_NEW(call->arena, struct setting_response);
    if (!setting)
        return error_with(err, ERROR_INVALID_VALUE, "settings.unknown", E_TEXT("name", args->name));
    if (!place_of(call, args, &place, err) || !value_at(call, setting, &place, &before, err))
        return false;
    if (!settings_change(call->db, call->arena, setting, (int64_t)place.scope, place.id, args->value, err))
        return false;
    if (!value_at(call, setting, &place, &after, err))
        return false;
    api_audit_value(call, "Configuration", setting->name, before, after);
    fill(call->arena, setting, after, response);
    api_reply_object(call, response);
    return true;
}

/* ---- listConfigurationGroups ---- */

FIELD_TABLE(SUBGROUP_RESPONSE, struct setting_subgroup, FIELD(struct setting_subgroup, name, .help = "The part's name"),
            FIELD(struct setting_subgroup, precedence, .help = "Its place among the parts"));
struct group_response {
    const char *name, *description;
    int64_t precedence;
    struct object_list subgroup;
};
FIELD_TABLE(GROUP_RESPONSE, struct group_response, FIELD(struct group_response, name, .help = "The group's name"),
            FIELD(struct group_response, description, .help = "What belongs to it"),
            FIELD(struct group_response, precedence, .help = "Its place among the groups"),
            FIELD(struct group_response, subgroup, .table = &SUBGROUP_RESPONSE, .help = "Its parts"));

struct list_groups_args {
    const char *group;
};
FIELD_TABLE(LIST_GROUPS_ARGS, struct list_groups_args,
            FIELD(struct list_groups_args, group, .help = "Lists only the group of this name"));

static bool list_groups(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_groups_args *args = arguments;
    struct page_pick pick = {.page = &call->page};
    size_t count;
    const struct setting_group *groups = settings_groups(&count);
    struct group_response *responses = arena_array(call->arena, count, sizeof(*responses));
    (void)err;
    for (size_t i = 0; i < count; i++) {
        size_t at = pick.taken, parts = 0;
        if ((args->group && !string_equal_ignoring_case(args->group, groups[i].name)) ||
            !page_keyword_matches(&call->page, groups[i].name) || !page_pick(&pick))
            continue;
        while (groups[i].subgroups[parts].name)
            parts++;
        responses[at] = (struct group_response){.name = groups[i].name,
                                                .description = groups[i].description,
                                                .precedence = groups[i].precedence,
                                                .subgroup = {groups[i].subgroups, parts, true}};
    }
    api_reply_list(call, responses, pick.taken, pick.total);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listConfigurations",
     .summary = "Lists settings with their values",
     .object_key = "configuration",
     .mode = API_LIST,
     .roles = ROLE_ADMIN,
     .params = &LIST_SETTINGS_ARGS,
     .response = &SETTING_RESPONSE,
     .handle = list_settings,
     .group = "Configuration"},
    {.name = "updateConfiguration",
     .summary = "Changes a setting",
     .object_key = "configuration",
     .event = "CONFIGURATION.VALUE.EDIT",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &UPDATE_SETTING_ARGS,
     .response = &SETTING_RESPONSE,
     .handle = update_setting,
     .group = "Configuration"},
    {.name = "resetConfiguration",
     .summary = "Forgets the value of a setting at a place, so that the next wider one counts",
     .since = "4.16.0",
     .object_key = "configuration",
     .event = "CONFIGURATION.VALUE.EDIT",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &RESET_SETTING_ARGS,
     .response = &SETTING_RESPONSE,
     .handle = update_setting,
     .group = "Configuration"},
    {.name = "listConfigurationGroups",
     .summary = "Lists the groups that user interfaces show settings in",
     .since = "4.18.0",
     .object_key = "configurationgroup",
     .mode = API_LIST,
     .roles = ROLE_ADMIN,
     .params = &LIST_GROUPS_ARGS,
     .response = &GROUP_RESPONSE,
     .handle = list_groups,
     .group = "Configuration"},
    {.name = NULL},
};

/* How the api room reads what an account may do. */
static bool settings_bool_at_account(struct api_call *call, const struct setting *setting, bool *ret_value,
                                     struct error *err)
{
    const struct setting_place place = {.account_id = call->caller->account_id, .domain_id = call->caller->domain_id};
    return settings_bool_at(call->db, call->arena, setting, &place, ret_value, err);
}

void settings_register(void)
{
    api_register_commands(COMMANDS);
    api_set_request_hook(settings_refresh);
    api_set_setting_hook(settings_bool_at_account);
}
