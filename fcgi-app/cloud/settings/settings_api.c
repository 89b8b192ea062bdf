/* listConfigurations and updateConfiguration. */
#include <strings.h>

#include "api/api.h"
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/settings/settings_service.h"

struct setting_response {
    const char *category, *group, *subgroup, *name, *value, *defaultvalue, *scope, *description, *component,
        *displaytext, *type;
    bool isdynamic;
};
#define SHOWN(member, ...) FIELD(struct setting_response, member, __VA_ARGS__)
FIELD_TABLE(SETTING_RESPONSE, struct setting_response, SHOWN(category, .help = "The category of the setting"),
            SHOWN(group, .since = "4.18.0", .help = "The group that user interfaces show it in"),
            SHOWN(subgroup, .since = "4.18.0", .help = "The part of that group"), SHOWN(name, .help = "The setting"),
            SHOWN(value, .help = "Its value; absent for secrets"),
            SHOWN(defaultvalue, .since = "4.18.0", .help = "The value when none is set"),
            SHOWN(scope, .help = "Where values can be set: global, zone, cluster, storagepool, domain, account"),
            SHOWN(description, .help = "What it does"),
            SHOWN(isdynamic, .help = "True when a change works at once, false when roles must be started again"),
            SHOWN(component, .since = "4.18.0", .help = "The part of the program that reads it"),
            SHOWN(displaytext, .since = "4.18.0", .help = "What user interfaces call it"),
            SHOWN(type, .since = "4.18.0", .help = "The type of its value: Number, Boolean, Decimal or String"));

static const char *scope_text(struct arena *arena, unsigned scopes)
{
    static const struct {
        unsigned bit;
        const char *name;
    } NAMES[] = {{SCOPE_GLOBAL, "global"},       {SCOPE_ZONE, "zone"},     {SCOPE_CLUSTER, "cluster"},
                 {SCOPE_STORAGE, "storagepool"}, {SCOPE_DOMAIN, "domain"}, {SCOPE_ACCOUNT, "account"}};
    struct text text;
    text_init(&text, arena, 100);
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        if (scopes & NAMES[i].bit)
            text_addf(&text, "%s%s", text.length > 0 ? "," : "", NAMES[i].name);
    return text_string(&text);
}

static const char *type_text(enum setting_type type)
{
    switch (type) {
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

static void fill(struct arena *arena, const struct setting *setting, const char *value, struct setting_response *to)
{
    unsigned scopes = setting->scopes | SCOPE_GLOBAL;
    const char *dot = strchr(setting->name, '.');
    *to = (struct setting_response){
        .category = setting->category,
        .group = "Miscellaneous",
        .subgroup = "Others",
        .name = setting->name,
        .value = value,
        .defaultvalue = setting->is_secret ? NULL : setting->default_value,
        .scope = scope_text(arena, scopes),
        .description = setting->help,
        .component = dot ? arena_strndup(arena, setting->name, (size_t)(dot - setting->name)) : setting->name,
        .displaytext = setting->name,
        .type = type_text(setting->type),
        .isdynamic = !setting->needs_restart};
}

/* ---- where a value is ---- */

#define PLACE_MEMBERS                                                                                                  \
    struct object_ref zoneid, clusterid, storageid, domainid, accountid;                                               \
    const char *imagestoreuuid
#define PLACE_FIELDS(owner)                                                                                            \
    FIELD(owner, zoneid, .refers_to = "zone", .help = "The value of this zone"),                                       \
        FIELD(owner, clusterid, .refers_to = "cluster", .help = "The value of this cluster"),                          \
        FIELD(owner, storageid, .refers_to = "storage_pool", .help = "The value of this storage pool"),                \
        FIELD(owner, domainid, .refers_to = "domain", .help = "The value of this domain"),                             \
        FIELD(owner, accountid, .refers_to = "account", .help = "The value of this account"),                          \
        FIELD(owner, imagestoreuuid, .max = 36, .help = "The value of this image store",                               \
              .no_effect = "no setting has a value of an image store")

struct place {
    int64_t scope, id;
};

/* The narrowest place that is named; global when none is. */
static struct place place_of(const struct object_ref *zone, const struct object_ref *cluster,
                             const struct object_ref *storage, const struct object_ref *domain,
                             const struct object_ref *account)
{
    if (account->id)
        return (struct place){SCOPE_ACCOUNT, account->id};
    if (domain->id)
        return (struct place){SCOPE_DOMAIN, domain->id};
    if (storage->id)
        return (struct place){SCOPE_STORAGE, storage->id};
    if (cluster->id)
        return (struct place){SCOPE_CLUSTER, cluster->id};
    if (zone->id)
        return (struct place){SCOPE_ZONE, zone->id};
    return (struct place){SCOPE_GLOBAL, 0};
}
#define PLACE_OF(args)                                                                                                 \
    place_of(&(args)->zoneid, &(args)->clusterid, &(args)->storageid, &(args)->domainid, &(args)->accountid)

static bool value_at(struct api_call *call, const struct setting *setting, struct place place, const char **ret_value,
                     struct error *err)
{
    *ret_value = settings_shown(call->arena, setting);
    if (place.scope == SCOPE_GLOBAL || setting->is_secret)
        return true;
    return settings_scoped_text(call->db, call->arena, setting, (enum setting_scope)place.scope, place.id, ret_value,
                                err);
}

/* ---- listConfigurations ---- */

struct list_args {
    PLACE_MEMBERS;
    const char *category, *name, *group, *parent, *subgroup;
};
FIELD_TABLE(LIST_SETTINGS_ARGS, struct list_args,
            FIELD(struct list_args, name, .help = "Lists only the setting of this name"),
            FIELD(struct list_args, category, .help = "Lists only settings of this category"),
            FIELD(struct list_args, group, .since = "4.18.0", .help = "Lists only settings of this group"),
            FIELD(struct list_args, subgroup, .since = "4.18.0", .help = "Lists only settings of this part of a group"),
            FIELD(struct list_args, parent, .since = "4.18.0", .help = "Lists only settings below this one",
                  .no_effect = "settings have no parents"),
            PLACE_FIELDS(struct list_args));

static bool setting_matches(const struct api_call *call, const struct list_args *args, const struct setting *setting,
                            struct place place)
{
    if (place.scope != SCOPE_GLOBAL && !(setting->scopes & (unsigned)place.scope))
        return false;
    if (args->name && !string_equal_ignoring_case(args->name, setting->name))
        return false;
    if (args->category && !string_equal_ignoring_case(args->category, setting->category))
        return false;
    if (args->group && !string_equal_ignoring_case(args->group, "Miscellaneous"))
        return false;
    if (args->subgroup && !string_equal_ignoring_case(args->subgroup, "Others"))
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
    const struct list_args *args = arguments;
    struct place place = PLACE_OF(args);
    struct page_pick pick = {.page = &call->page};
    size_t count;
    const struct setting **all = sorted_settings(call->arena, &count);
    struct setting_response *responses = arena_array(call->arena, page_room(&call->page, count), sizeof(*responses));
    for (size_t i = 0; i < count; i++) {
        const char *value = NULL;
        size_t at = pick.taken;
        if (!setting_matches(call, args, all[i], place) || !page_pick(&pick))
            continue;
        if (!value_at(call, all[i], place, &value, err))
            return false;
        fill(call->arena, all[i], value, &responses[at]);
    }
    api_reply_list(call, responses, pick.taken, pick.total);
    return true;
}

/* ---- updateConfiguration ---- */

struct update_args {
    PLACE_MEMBERS;
    const char *name, *value;
};
FIELD_TABLE(UPDATE_SETTING_ARGS, struct update_args,
            FIELD(struct update_args, name, .flags = FIELD_REQUIRED, .help = "The setting"),
            FIELD(struct update_args, value, .flags = FIELD_PLAIN_TEXT | FIELD_SENSITIVE, .max = 4096,
                  .help = "Its new value; the default when absent"),
            PLACE_FIELDS(struct update_args));

static bool update_setting(struct api_call *call, const void *arguments, struct error *err)
{
    const struct update_args *args = arguments;
    const struct setting *setting = setting_find(args->name);
    struct place place = PLACE_OF(args);
    const char *value = NULL;
    struct setting_response *response = ARENA_NEW(call->arena, struct setting_response);
    if (!setting)
        return error_with(err, ERROR_INVALID_VALUE, "settings.unknown", E_TEXT("name", args->name));
    const char *wanted = args->value ? args->value : setting->default_value;
    if (!settings_change(call->db, call->arena, setting, place.scope, place.id, wanted, err))
        return false;
    if (!value_at(call, setting, place, &value, err))
        return false;
    fill(call->arena, setting, value, response);
    api_reply_object(call, response);
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
    {.name = NULL},
};

void settings_register(void)
{
    api_register_commands(COMMANDS);
    api_set_request_hook(settings_refresh);
}
