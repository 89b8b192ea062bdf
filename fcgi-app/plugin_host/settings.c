/* Settings of plugins: the declared rows in table plugin_setting, the operator's values, their judgement. */
#include "plugin_host/host.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "db/version.h"
#include "db/sealed.h"

FIELD_TABLE(PLUGIN_SETTING_VIEW, struct plugin_setting_view, COLUMN(struct plugin_setting_view, plugin),
            COLUMN(struct plugin_setting_view, name), COLUMN(struct plugin_setting_view, type),
            COLUMN(struct plugin_setting_view, title), COLUMN(struct plugin_setting_view, help),
            COLUMN(struct plugin_setting_view, default_value), COLUMN(struct plugin_setting_view, choices),
            COLUMN(struct plugin_setting_view, value), COLUMN(struct plugin_setting_view, required),
            COLUMN(struct plugin_setting_view, has_value), COLUMN(struct plugin_setting_view, minimum),
            COLUMN(struct plugin_setting_view, maximum));

struct value_row {
    const char *name, *value;
};
FIELD_TABLE(VALUE_ROW, struct value_row, COLUMN(struct value_row, name), COLUMN(struct value_row, value));

DB_STATEMENT(
    SETTING_DECLARE, .name = "plugin_setting.declare",
    .sql =
        "INSERT INTO plugin_setting (plugin, name, position, type, title, help, default_value, choices, required, "
        "minimum, maximum) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE position = VALUES(position), type = "
        "VALUES(type), "
        "title = VALUES(title), help = VALUES(help), default_value = VALUES(default_value), choices = VALUES(choices), "
        "required = VALUES(required), minimum = VALUES(minimum), maximum = VALUES(maximum)");
DB_STATEMENT(SETTING_VALUES, .name = "plugin_setting.values", .row = &VALUE_ROW,
             .sql = "SELECT name, value FROM plugin_setting WHERE plugin = ? AND value IS NOT NULL");
DB_STATEMENT(
    SETTING_LIST, .name = "plugin_setting.list", .row = &PLUGIN_SETTING_VIEW, .scan_reason = "a plugin's few rows",
    .sql = "SELECT plugin, name, type, title, help, default_value, choices, IF(type = 'secret', NULL, value) AS value, "
           "required, "
           "value IS NOT NULL AS has_value, minimum, maximum FROM plugin_setting WHERE plugin = ? "
           "ORDER BY position");
DB_STATEMENT(SETTING_FIND, .name = "plugin_setting.find", .row = &PLUGIN_SETTING_VIEW,
             .sql = "SELECT plugin, name, type, title, help, default_value, choices, NULL AS value, required, value IS "
                    "NOT NULL AS has_value, "
                    "minimum, maximum FROM plugin_setting WHERE plugin = ? AND name = ?");
DB_STATEMENT(SETTING_STORE, .name = "plugin_setting.store",
             .sql = "UPDATE plugin_setting SET value = ? WHERE plugin = ? AND name = ?");

SEALED_COLUMN(SETTING_SECRET, "plugin_setting", "value", "type = 'secret'",
              "CONCAT('plugin_setting.value:', plugin, ':', name)", "plugin", "name", "''");

static const char *const TYPE_NAMES[] = {NULL, "text", "integer", "boolean", "choice", "secret", "path", "url"};

static const struct gurum_setting *setting_at(const struct gurum_plugin *symbol, uint32_t index)
{
    return (const struct gurum_setting *)(const void *)((const char *)symbol->settings +
                                                        (size_t)index * symbol->setting_stride);
}

static int64_t setting_index(const struct host_plugin *plugin, const char *name)
{
    for (uint32_t i = 0; i < plugin->symbol->setting_count && i < SETTINGS_MAX; i++)
        if (string_equal(setting_at(plugin->symbol, i)->name, name))
            return i;
    return -1;
}

const char *settings_associated(struct arena *arena, const char *plugin, const char *name)
{
    return arena_printf(arena, "plugin_setting.value:%s:%s", plugin, name);
}

static bool setting_declare(struct db *db, const char *plugin, const struct gurum_setting *setting, uint32_t position,
                            struct error *err)
{
    return db_execute(db, &SETTING_DECLARE, err, db_text(plugin), db_text(setting->name), db_int(position),
                      db_text(TYPE_NAMES[setting->type]), db_text(setting->title), db_text(setting->help),
                      db_text(setting->default_value), db_text(setting->choices),
                      db_bool((setting->flags & GURUM_SETTING_REQUIRED) != 0), db_int(setting->minimum),
                      db_int(setting->maximum));
}

static bool value_take(struct host_plugin *plugin, const struct value_row *row)
{
    int64_t index = setting_index(plugin, row->name);
    if (index < 0)
        return true; /* of another version of the plugin */
    const struct gurum_setting *setting = setting_at(plugin->symbol, (uint32_t)index);
    char buffer[200];
    const char *problem = setting->type == GURUM_SETTING_SECRET
                              ? NULL
                              : gurum_setting_problem(setting, row->value, buffer, sizeof buffer);
    if (problem != NULL) {
        snprintf(plugin->refusal, sizeof plugin->refusal, "its setting %s %s; set it to another value", row->name,
                 problem);
        return false;
    }
    free(plugin->values[index]);
    plugin->values[index] = strdup(row->value);
    return true;
}

static bool required_are_there(struct host_plugin *plugin)
{
    for (uint32_t i = 0; i < plugin->symbol->setting_count && i < SETTINGS_MAX; i++) {
        const struct gurum_setting *setting = setting_at(plugin->symbol, i);
        if ((setting->flags & GURUM_SETTING_REQUIRED) != 0 && plugin->values[i] == NULL &&
            setting->default_value == NULL) {
            snprintf(plugin->refusal, sizeof plugin->refusal, "its setting %s has no value; give it one",
                     setting->name);
            return false;
        }
    }
    return true;
}

bool settings_load(struct host_plugin *plugin, struct db *db)
{
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct error err;
    struct db_rows rows;
    bool declared = true;
    for (uint32_t i = 0; declared && i < plugin->symbol->setting_count && i < SETTINGS_MAX; i++)
        declared = setting_declare(db, plugin->name, setting_at(plugin->symbol, i), i, &err);
    if (!declared || !db_query(db, &SETTING_VALUES, &arena, SETTINGS_MAX * 4, &rows, &err, db_text(plugin->name))) {
        log_error(LOG_WARNING, "plugin.settings", &err);
        snprintf(plugin->refusal, sizeof plugin->refusal,
                 "its settings could not be read from the database; restart the jobs process");
        return false;
    }
    const struct value_row *items = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        if (!value_take(plugin, &items[i]))
            return false;
    return required_are_there(plugin);
}

const char *settings_value(const struct host_plugin *plugin, const char *name)
{
    int64_t index = setting_index(plugin, name);
    if (index < 0 || setting_at(plugin->symbol, (uint32_t)index)->type == GURUM_SETTING_SECRET)
        return NULL;
    return plugin->values[index] != NULL ? plugin->values[index]
                                         : setting_at(plugin->symbol, (uint32_t)index)->default_value;
}

const char *settings_sealed(const struct host_plugin *plugin, const char *name)
{
    int64_t index = setting_index(plugin, name);
    return index < 0 || setting_at(plugin->symbol, (uint32_t)index)->type != GURUM_SETTING_SECRET
               ? NULL
               : plugin->values[index];
}

/* ---- for commands and pages ---- */

bool plugin_setting_list(struct db *db, struct arena *arena, const char *plugin, struct db_rows *ret_settings,
                         struct error *err)
{
    return db_query(db, &SETTING_LIST, arena, SETTINGS_MAX * 4, ret_settings, err, db_text(plugin));
}

/* Judges the value by the stored declaration: web processes have none of the plugin's own. */
static bool value_fits(const struct plugin_setting_view *view, const char *value, struct error *err)
{
    struct gurum_setting setting = {
        .name = view->name, .choices = view->choices, .minimum = view->minimum, .maximum = view->maximum};
    for (uint32_t i = 1; i < COUNT_OF(TYPE_NAMES); i++)
        if (string_equal(TYPE_NAMES[i], view->type))
            setting.type = i;
    char buffer[200];
    const char *problem = gurum_setting_problem(&setting, value, buffer, sizeof buffer);
    return problem == NULL || error_with(err, ERROR_INVALID_VALUE, "plugin.setting_invalid", E_TEXT("name", view->name),
                                         E_TEXT("problem", problem));
}

struct setting_change {
    struct arena *arena;
    const char *plugin, *name, *value;
};

static bool setting_body(struct db *db, void *context, struct error *err)
{
    const struct setting_change *change = context;
    struct plugin_setting_view view = {0};
    bool found = false;
    if (!db_query_one(db, &SETTING_FIND, change->arena, &view, &found, err, db_text(change->plugin),
                      db_text(change->name)))
        return false;
    if (!found)
        return error_with(err, ERROR_INVALID_VALUE, "plugin.setting_unknown", E_TEXT("plugin", change->plugin),
                          E_TEXT("name", change->name));
    const char *stored = change->value;
    if (stored != NULL && !value_fits(&view, stored, err))
        return false;
    if (stored != NULL && string_equal(view.type, "secret"))
        stored = secret_seal(change->arena, secret_from(change->arena, stored),
                             settings_associated(change->arena, change->plugin, change->name));
    return db_execute(db, &SETTING_STORE, err, db_text(stored), db_text(change->plugin), db_text(change->name)) &&
           version_raise(db, VERSION_PLUGINS, err);
}

bool plugin_setting_set(struct db *db, const char *plugin, const char *name, const char *value, struct error *err)
{
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct setting_change change = {.arena = &arena, .plugin = plugin, .name = name, .value = value};
    return db_transaction(db, setting_body, &change, err);
}
