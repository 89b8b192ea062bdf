/* Commands about plugins: what is installed, how it behaves, its settings. They are Gurum's own and for root
 * administrators. The rules are plugin_host's; nothing here calls a plugin. */
#include "api/api.h"
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/plugin/plugin.h"
#include "plugin_host/plugin_host.h"

/* ---- listPlugins, updatePlugin ---- */

struct plugin_args {
    const char *name, *action;
};
static const char *const ACTIONS[] = {"enable", "disable", "release", NULL};
FIELD_TABLE(LIST_PLUGINS, struct plugin_args,
            FIELD(struct plugin_args, name, .max = 64, .help = "Only the plugin of this name."));
FIELD_TABLE(UPDATE_PLUGIN, struct plugin_args,
            FIELD(struct plugin_args, name, .flags = FIELD_REQUIRED, .max = 64, .help = "Name of the plugin."),
            FIELD(struct plugin_args, action, .flags = FIELD_REQUIRED, .choices = ACTIONS,
                  .help = "enable, disable, or release (out of quarantine)."));

struct plugin_response {
    const char *name, *kind, *title, *version, *license, *file, *abi, *threading, *state, *reason, *lastfault,
        *lastfaultdetail, *lastfaultslot, *lastfaultjobid;
    struct opt_time loaded, lastfaulttime;
    int64_t faultcount;
};
FIELD_TABLE(PLUGIN_RESPONSE, struct plugin_response, FIELD(struct plugin_response, name, .help = "Name of the plugin."),
            FIELD(struct plugin_response, kind,
                  .help = "What it drives: hypervisor, storage, image_store, network or an allocator."),
            FIELD(struct plugin_response, title, .help = "What it calls itself."),
            FIELD(struct plugin_response, version, .help = "Its version."),
            FIELD(struct plugin_response, license, .help = "Its licence."),
            FIELD(struct plugin_response, file, .help = "Its file."),
            FIELD(struct plugin_response, abi, .help = "Version of the plugin interface it was built for."),
            FIELD(struct plugin_response, threading, .help = "How many calls it takes at once."),
            FIELD(struct plugin_response, state, .help = "ok, refused, quarantined or disabled."),
            FIELD(struct plugin_response, reason,
                  .help = "Why it was refused: what was found, what was expected, what to do."),
            FIELD(struct plugin_response, lastfault, .help = "What happened last: crashed or stuck."),
            FIELD(struct plugin_response, lastfaultdetail, .help = "How it happened."),
            FIELD(struct plugin_response, lastfaultslot, .help = "The operation it was in."),
            FIELD(struct plugin_response, lastfaultjobid, .help = "The job it was working for."),
            FIELD(struct plugin_response, loaded, .help = "When a process last loaded it."),
            FIELD(struct plugin_response, lastfaulttime, .help = "When it last failed."),
            FIELD(struct plugin_response, faultcount, .help = "How often it crashed or got stuck."));

static bool fill_plugin(struct api_call *call, const struct plugin_view *row, struct plugin_response *ret_plugin,
                        struct error *err)
{
    struct db_rows faults = {0};
    *ret_plugin = (struct plugin_response){.name = row->name,
                                           .kind = row->kind,
                                           .title = row->title,
                                           .version = row->version,
                                           .license = row->license,
                                           .file = row->file,
                                           .abi = row->abi,
                                           .threading = row->threading,
                                           .state = row->state,
                                           .reason = row->refusal,
                                           .lastfault = row->fault,
                                           .loaded = row->loaded,
                                           .lastfaulttime = row->last_fault,
                                           .faultcount = row->fault_count};
    if (!row->last_fault.set)
        return true;
    if (!plugin_fault_list(call->db, call->arena, row->name, 1, &faults, err))
        return false;
    if (faults.count == 1) {
        const struct plugin_fault_view *fault = faults.items;
        ret_plugin->lastfaultdetail = fault->detail;
        ret_plugin->lastfaultslot = fault->slot;
        ret_plugin->lastfaultjobid = fault->job_uuid;
    }
    return true;
}

static bool find_plugins(struct api_call *call, const char *name, struct plugin_response **ret_plugins,
                         size_t *ret_count, struct error *err)
{
    struct db_rows rows;
    if (!plugin_list(call->db, call->arena, &rows, err))
        return false;
    const struct plugin_view *plugins = rows.items;
    struct plugin_response *found = arena_array(call->arena, rows.count + 1, sizeof(*found));
    size_t count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        bool wanted =
            (!name || string_equal(name, plugins[i].name)) && page_keyword_matches(&call->page, plugins[i].name);
        if (wanted && !fill_plugin(call, &plugins[i], &found[count++], err))
            return false;
    }
    *ret_plugins = found;
    *ret_count = count;
    return true;
}

/* The part of a short list that the page asks for. */
static void reply_page(struct api_call *call, const void *items, size_t size, size_t count)
{
    size_t from = (size_t)call->page.offset < count ? (size_t)call->page.offset : count;
    size_t shown = count - from < (size_t)call->page.limit ? count - from : (size_t)call->page.limit;
    api_reply_list(call, (const char *)items + from * size, shown, (int64_t)count);
}

static bool list_plugins(struct api_call *call, const void *given, struct error *err)
{
    const struct plugin_args *args = given;
    struct plugin_response *plugins;
    size_t count;
    if (!find_plugins(call, args->name, &plugins, &count, err))
        return false;
    reply_page(call, plugins, sizeof(*plugins), count);
    return true;
}

static bool update_plugin(struct api_call *call, const void *given, struct error *err)
{
    const struct plugin_args *args = given;
    struct plugin_response *plugins;
    size_t count;
    bool changed = string_equal_ignoring_case(args->action, "enable")    ? plugin_enable(call->db, args->name, err)
                   : string_equal_ignoring_case(args->action, "disable") ? plugin_disable(call->db, args->name, err)
                                                                         : plugin_release(call->db, args->name, err);
    if (!changed || !find_plugins(call, args->name, &plugins, &count, err))
        return false;
    if (count == 0)
        return error_with(err, ERROR_INVALID_VALUE, "plugin.unknown", E_TEXT("name", args->name));
    api_reply_object(call, plugins);
    return true;
}

/* ---- listPluginFaults ---- */

struct fault_response {
    const char *id, *plugin, *slot, *what, *detail, *jobid, *step;
    struct opt_time created;
};
FIELD_TABLE(PLUGIN_FAULT_RESPONSE, struct fault_response, FIELD(struct fault_response, id, .help = "ID of the fault."),
            FIELD(struct fault_response, plugin, .help = "Name of the plugin."),
            FIELD(struct fault_response, slot, .help = "The operation it was in."),
            FIELD(struct fault_response, what, .help = "crashed or stuck."),
            FIELD(struct fault_response, detail, .help = "How it happened."),
            FIELD(struct fault_response, jobid, .help = "The job it was working for."),
            FIELD(struct fault_response, step, .help = "The job's step."),
            FIELD(struct fault_response, created, .help = "When it happened."));

enum { FAULTS_MAX = 1000 };

static bool list_faults(struct api_call *call, const void *given, struct error *err)
{
    const struct plugin_args *args = given;
    struct db_rows rows;
    if (!plugin_fault_list(call->db, call->arena, args->name, FAULTS_MAX, &rows, err))
        return false;
    const struct plugin_fault_view *faults = rows.items;
    struct fault_response *found = arena_array(call->arena, rows.count + 1, sizeof(*found));
    size_t count = 0;
    for (size_t i = 0; i < rows.count; i++)
        if (page_keyword_matches(&call->page, faults[i].plugin) || page_keyword_matches(&call->page, faults[i].slot))
            found[count++] = (struct fault_response){.id = faults[i].uuid,
                                                     .plugin = faults[i].plugin,
                                                     .slot = faults[i].slot,
                                                     .what = faults[i].what,
                                                     .detail = faults[i].detail,
                                                     .jobid = faults[i].job_uuid,
                                                     .step = faults[i].step,
                                                     .created = faults[i].created};
    reply_page(call, found, sizeof(*found), count);
    return true;
}

/* ---- listPluginSettings, updatePluginSetting ---- */

struct setting_args {
    const char *plugin, *name, *value;
};
FIELD_TABLE(LIST_PLUGIN_SETTINGS, struct setting_args,
            FIELD(struct setting_args, plugin, .flags = FIELD_REQUIRED, .max = 64, .help = "Name of the plugin."));
FIELD_TABLE(UPDATE_PLUGIN_SETTING, struct setting_args,
            FIELD(struct setting_args, plugin, .flags = FIELD_REQUIRED, .max = 64, .help = "Name of the plugin."),
            FIELD(struct setting_args, name, .flags = FIELD_REQUIRED, .max = 64, .help = "Name of the setting."),
            FIELD(struct setting_args, value, .max = 4000, .flags = FIELD_SENSITIVE,
                  .help = "The new value; left out, the default holds again."));

struct plugin_setting_response {
    const char *plugin, *name, *type, *title, *description, *defaultvalue, *choices, *value;
    bool required, isset;
};
FIELD_TABLE(PLUGIN_SETTING_RESPONSE, struct plugin_setting_response,
            FIELD(struct plugin_setting_response, plugin, .help = "Name of the plugin."),
            FIELD(struct plugin_setting_response, name, .help = "Name of the setting."),
            FIELD(struct plugin_setting_response, type, .help = "Type of the value."),
            FIELD(struct plugin_setting_response, title, .help = "What it is called."),
            FIELD(struct plugin_setting_response, description, .help = "What it does."),
            FIELD(struct plugin_setting_response, defaultvalue, .help = "What holds when none is set."),
            FIELD(struct plugin_setting_response, choices, .help = "The values it may have."),
            FIELD(struct plugin_setting_response, value, .help = "The value; never that of a secret."),
            FIELD(struct plugin_setting_response, required, .help = "Whether it must be set."),
            FIELD(struct plugin_setting_response, isset, .help = "Whether a value is set."));

static bool find_settings(struct api_call *call, const char *plugin, struct plugin_setting_response **ret_settings,
                          size_t *ret_count, struct error *err)
{
    struct db_rows rows;
    if (!plugin_setting_list(call->db, call->arena, plugin, &rows, err))
        return false;
    const struct plugin_setting_view *settings = rows.items;
    struct plugin_setting_response *found = arena_array(call->arena, rows.count + 1, sizeof(*found));
    for (size_t i = 0; i < rows.count; i++)
        found[i] = (struct plugin_setting_response){.plugin = settings[i].plugin,
                                                    .name = settings[i].name,
                                                    .type = settings[i].type,
                                                    .title = settings[i].title,
                                                    .description = settings[i].help,
                                                    .defaultvalue = settings[i].default_value,
                                                    .choices = settings[i].choices,
                                                    .value = settings[i].value,
                                                    .required = settings[i].required,
                                                    .isset = settings[i].has_value};
    *ret_settings = found;
    *ret_count = rows.count;
    return true;
}

static bool list_settings(struct api_call *call, const void *given, struct error *err)
{
    const struct setting_args *args = given;
    struct plugin_setting_response *settings;
    size_t known, count = 0;
    if (!find_settings(call, args->plugin, &settings, &known, err))
        return false;
    for (size_t i = 0; i < known; i++)
        if (page_keyword_matches(&call->page, settings[i].name))
            settings[count++] = settings[i];
    reply_page(call, settings, sizeof(*settings), count);
    return true;
}

static bool update_setting(struct api_call *call, const void *given, struct error *err)
{
    const struct setting_args *args = given;
    struct plugin_setting_response *settings;
    size_t count;
    if (!plugin_setting_set(call->db, args->plugin, args->name, args->value, err) ||
        !find_settings(call, args->plugin, &settings, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (string_equal(settings[i].name, args->name))
            api_reply_object(call, &settings[i]);
    }
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listPlugins",
     .summary = "Lists plugins and their health.",
     .object_key = "plugin",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN,
     .params = &LIST_PLUGINS,
     .response = &PLUGIN_RESPONSE,
     .handle = list_plugins,
     .group = "Plugin"},
    {.name = "updatePlugin",
     .summary = "Takes a plugin into use, out of use, or out of quarantine.",
     .object_key = "plugin",
     .event = "PLUGIN.UPDATE",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &UPDATE_PLUGIN,
     .response = &PLUGIN_RESPONSE,
     .handle = update_plugin,
     .group = "Plugin"},
    {.name = "listPluginFaults",
     .summary = "Lists crashes and hangs of plugins, the newest first.",
     .object_key = "pluginfault",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN,
     .params = &LIST_PLUGINS,
     .response = &PLUGIN_FAULT_RESPONSE,
     .handle = list_faults,
     .group = "Plugin"},
    {.name = "listPluginSettings",
     .summary = "Lists a plugin's settings.",
     .object_key = "pluginsetting",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN,
     .params = &LIST_PLUGIN_SETTINGS,
     .response = &PLUGIN_SETTING_RESPONSE,
     .handle = list_settings,
     .group = "Plugin"},
    {.name = "updatePluginSetting",
     .summary = "Sets a plugin's setting.",
     .object_key = "pluginsetting",
     .event = "PLUGIN.SETTING.UPDATE",
     .mode = API_SYNC,
     .flags = API_POST_ONLY,
     .roles = ROLE_ADMIN,
     .params = &UPDATE_PLUGIN_SETTING,
     .response = &PLUGIN_SETTING_RESPONSE,
     .handle = update_setting,
     .group = "Plugin"},
    {.name = NULL},
};

void plugin_register(void)
{
    api_register_commands(COMMANDS);
}
