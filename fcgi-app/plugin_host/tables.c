/* Tables plugin, plugin_fault and plugin_setting as commands, pages and the loader use them. */
#include "plugin_host/host.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/version.h"

FIELD_TABLE(PLUGIN_ROW, struct plugin_row, COLUMN(struct plugin_row, id), COLUMN(struct plugin_row, capabilities),
            COLUMN(struct plugin_row, name), COLUMN(struct plugin_row, kind), COLUMN(struct plugin_row, types),
            COLUMN(struct plugin_row, refusal), COLUMN(struct plugin_row, file), COLUMN(struct plugin_row, disabled),
            COLUMN(struct plugin_row, quarantined));
FIELD_TABLE(PLUGIN_VIEW, struct plugin_view, COLUMN(struct plugin_view, id), COLUMN(struct plugin_view, name),
            COLUMN(struct plugin_view, kind), COLUMN(struct plugin_view, title), COLUMN(struct plugin_view, version),
            COLUMN(struct plugin_view, license), COLUMN(struct plugin_view, file), COLUMN(struct plugin_view, abi),
            COLUMN(struct plugin_view, threading), COLUMN(struct plugin_view, state),
            COLUMN(struct plugin_view, refusal), COLUMN(struct plugin_view, loaded),
            COLUMN(struct plugin_view, last_fault), COLUMN(struct plugin_view, fault),
            COLUMN(struct plugin_view, fault_count), COLUMN(struct plugin_view, capabilities));
FIELD_TABLE(PLUGIN_FAULT_VIEW, struct plugin_fault_view, COLUMN(struct plugin_fault_view, id),
            COLUMN(struct plugin_fault_view, uuid), COLUMN(struct plugin_fault_view, plugin),
            COLUMN(struct plugin_fault_view, slot), COLUMN(struct plugin_fault_view, what),
            COLUMN(struct plugin_fault_view, detail), COLUMN(struct plugin_fault_view, job_uuid),
            COLUMN(struct plugin_fault_view, step), COLUMN(struct plugin_fault_view, created));

DB_STATEMENT(
    PLUGIN_ROWS, .name = "plugin.rows", .row = &PLUGIN_ROW, .scan_reason = "a few dozen rows",
    .sql =
        "SELECT id, capabilities, name, kind, types, refusal, file, disabled, quarantined FROM plugin ORDER BY name");
DB_STATEMENT(PLUGIN_LIST, .name = "plugin.list", .row = &PLUGIN_VIEW, .scan_reason = "a few dozen rows",
             .sql =
                 "SELECT id, name, kind, title, version, license, file, abi, threading, "
                 "CASE WHEN disabled THEN 'disabled' WHEN refusal IS NOT NULL THEN 'refused' WHEN quarantined THEN "
                 "'quarantined' ELSE 'ok' END "
                 "AS state, refusal, loaded, last_fault, fault, fault_count, capabilities FROM plugin ORDER BY name");
#define FAULT_COLUMNS                                                                                                  \
    "plugin_fault.id, plugin_fault.uuid, plugin_fault.plugin, plugin_fault.slot, plugin_fault.what, "                  \
    "plugin_fault.detail, "                                                                                            \
    "job.uuid AS job_uuid, plugin_fault.step, plugin_fault.created FROM plugin_fault LEFT JOIN job ON job.id = "       \
    "plugin_fault.job_id "
DB_STATEMENT(FAULT_LIST_ALL, .name = "plugin_fault.list_all", .row = &PLUGIN_FAULT_VIEW,
             .sql = "SELECT " FAULT_COLUMNS "ORDER BY plugin_fault.id DESC LIMIT ?");
DB_STATEMENT(FAULT_LIST, .name = "plugin_fault.list", .row = &PLUGIN_FAULT_VIEW,
             .sql = "SELECT " FAULT_COLUMNS "WHERE plugin_fault.plugin = ? ORDER BY plugin_fault.id DESC LIMIT ?");
DB_STATEMENT(PLUGIN_WRITE, .name = "plugin.write",
             .sql = "INSERT INTO plugin (name, kind, title, version, license, file, abi, threading, capabilities, "
                    "types, refusal, loaded) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE "
                    "kind = VALUES(kind), title = VALUES(title), version = VALUES(version), "
                    "license = VALUES(license), file = VALUES(file), abi = VALUES(abi), threading = VALUES(threading), "
                    "capabilities = VALUES(capabilities), types = VALUES(types), refusal = VALUES(refusal), loaded = "
                    "VALUES(loaded)");
DB_STATEMENT(PLUGIN_RELEASE, .name = "plugin.release",
             .sql = "UPDATE plugin SET quarantined = 0, good_calls = 0 WHERE name = ?");
DB_STATEMENT(PLUGIN_DISABLE, .name = "plugin.disable", .sql = "UPDATE plugin SET disabled = ? WHERE name = ?");

bool plugin_rows(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &PLUGIN_ROWS, arena, PLUGINS_MAX, ret_rows, err, DB_NO_VALUES);
}

static const char *threading_name(uint32_t threading)
{
    return threading == GURUM_THREADING_SINGLE       ? "single"
           : threading == GURUM_THREADING_PER_TARGET ? "per target"
                                                     : "free";
}

bool plugin_row_write(struct db *db, const struct host_plugin *plugin, struct error *err)
{
    const struct gurum_plugin *symbol = plugin->symbol; /* NULL: nothing of it can be believed */
    char abi[32];
    snprintf(abi, sizeof abi, "%u.%u", symbol == NULL ? 0u : symbol->abi_major,
             symbol == NULL ? 0u : symbol->abi_minor);
    int64_t capabilities = 0;
    if (symbol != NULL)
        memcpy(&capabilities, &symbol->capabilities, sizeof capabilities);
    return db_execute(db, &PLUGIN_WRITE, err, db_text(plugin->name), db_text(plugin->kind_name),
                      db_text(symbol == NULL ? "" : symbol->title), db_text(symbol == NULL ? "" : symbol->version),
                      db_text(symbol == NULL ? "" : symbol->license), db_text(plugin->path), db_text(abi),
                      db_text(symbol == NULL ? "" : threading_name(symbol->threading)), db_int(capabilities),
                      db_text(plugin->types), db_text(plugin->refusal[0] == '\0' ? NULL : plugin->refusal),
                      db_time(clock_now_ms()));
}

bool plugin_list(struct db *db, struct arena *arena, struct db_rows *ret_plugins, struct error *err)
{
    return db_query(db, &PLUGIN_LIST, arena, PLUGINS_MAX, ret_plugins, err, DB_NO_VALUES);
}

bool plugin_fault_list(struct db *db, struct arena *arena, const char *plugin, size_t limit, struct db_rows *ret_faults,
                       struct error *err)
{
    if (plugin == NULL)
        return db_query(db, &FAULT_LIST_ALL, arena, limit, ret_faults, err, db_int((int64_t)limit));
    return db_query(db, &FAULT_LIST, arena, limit, ret_faults, err, db_text(plugin), db_int((int64_t)limit));
}

struct change {
    const struct db_statement *statement;
    const struct db_value *values;
    size_t count;
};

static bool change_body(struct db *db, void *context, struct error *err)
{
    const struct change *change = context;
    if (!db_execute_values(db, change->statement, change->values, change->count, err))
        return false;
    if (db_affected_rows(db) == 0)
        return error_with(err, ERROR_INVALID_VALUE, "plugin.unknown",
                          E_TEXT("plugin", change->values[change->count - 1].text));
    return version_raise(db, VERSION_PLUGINS, err);
}

bool plugin_release(struct db *db, const char *name, struct error *err)
{
    struct change change = {&PLUGIN_RELEASE, (const struct db_value[]){db_text(name)}, 1};
    return db_transaction(db, change_body, &change, err);
}

static bool plugin_set_disabled(struct db *db, const char *name, bool disabled, struct error *err)
{
    struct change change = {&PLUGIN_DISABLE, (const struct db_value[]){db_bool(disabled), db_text(name)}, 2};
    return db_transaction(db, change_body, &change, err);
}

bool plugin_disable(struct db *db, const char *name, struct error *err)
{
    return plugin_set_disabled(db, name, true, err);
}

bool plugin_enable(struct db *db, const char *name, struct error *err)
{
    return plugin_set_disabled(db, name, false, err);
}
