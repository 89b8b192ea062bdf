/* The SQL of setting values. */
#include "cloud/settings/settings_store.h"

#include "base/clock.h"
#include "db/sealed.h"

FIELD_TABLE(SETTING_ROW, struct setting_row, COLUMN(struct setting_row, name), COLUMN(struct setting_row, value));

DB_STATEMENT(SETTING_VALUES, .name = "setting.values", .row = &SETTING_ROW,
             .sql = "SELECT name, value FROM setting_value WHERE scope = ? AND scope_id = ? ORDER BY name");
DB_STATEMENT(SETTING_STORE, .name = "setting.store",
             .sql = "INSERT INTO setting_value (scope, scope_id, name, value, updated) VALUES (?, ?, ?, ?, ?) "
                    "ON DUPLICATE KEY UPDATE value = VALUES(value), updated = VALUES(updated)");
DB_STATEMENT(SETTING_FIND_AT, .name = "setting.find_at", .row = &SETTING_ROW,
             .sql = "SELECT name, value FROM setting_value WHERE scope = ? AND scope_id = ? AND name = ?");
DB_STATEMENT(SETTING_FIND_ABOVE, .name = "setting.find_above", .row = &SETTING_ROW,
             .scan_reason = "a row for each domain above, at most",
             .sql = "SELECT v.name, v.value FROM domain_ancestor a "
                    "JOIN setting_value v ON v.scope = 16 AND v.scope_id = a.ancestor_id AND v.name = ? "
                    "JOIN tenant_domain d ON d.id = a.ancestor_id WHERE a.domain_id = ? ORDER BY d.level DESC LIMIT 1");
struct name_row {
    const char *name;
};
FIELD_TABLE(SETTING_NAME_ROW, struct name_row, COLUMN(struct name_row, name));
DB_STATEMENT(SETTING_SCOPED, .name = "setting.scoped", .row = &SETTING_NAME_ROW,
             .scan_reason = "a small table, read when a setting changes",
             .sql = "SELECT DISTINCT name FROM setting_value WHERE scope > 1 LIMIT ?");
DB_STATEMENT(SETTING_FORGET, .name = "setting.forget",
             .sql = "DELETE FROM setting_value WHERE scope = ? AND scope_id = ? AND name = ?");

/* A secret setting's value; only the process knows which settings are. */
SEALED_COLUMN(SETTING_SECRET, "setting_value", "value", "value LIKE 'v1:%:%'", "CONCAT('setting_value.value:', name)",
              "scope", "scope_id", "name");

bool setting_values(struct db *db, struct arena *arena, int64_t scope, int64_t scope_id, struct db_rows *ret_rows,
                    struct error *err)
{
    return db_query(db, &SETTING_VALUES, arena, 10000, ret_rows, err, db_int(scope), db_int(scope_id));
}

bool setting_store(struct db *db, int64_t scope, int64_t scope_id, const char *name, const char *value,
                   struct error *err)
{
    return db_execute(db, &SETTING_STORE, err, db_int(scope), db_int(scope_id), db_text(name), db_text(value),
                      db_time(clock_now_ms()));
}

bool setting_find_at(struct db *db, struct arena *arena, const char *name, enum setting_scope scope, int64_t scope_id,
                     struct setting_row *ret_row, bool *ret_found, struct error *err)
{
    return db_query_one(db, &SETTING_FIND_AT, arena, ret_row, ret_found, err, db_int((int64_t)scope), db_int(scope_id),
                        db_text(name));
}

bool setting_find_above(struct db *db, struct arena *arena, const char *name, int64_t domain_id,
                        struct setting_row *ret_row, bool *ret_found, struct error *err)
{
    return db_query_one(db, &SETTING_FIND_ABOVE, arena, ret_row, ret_found, err, db_text(name), db_int(domain_id));
}

bool setting_scoped_names(struct db *db, struct arena *arena, size_t max, struct string_list *ret_names,
                          struct error *err)
{
    struct db_rows rows = {0};
    if (!db_query(db, &SETTING_SCOPED, arena, max, &rows, err, db_int((int64_t)max)))
        return false;
    const struct name_row *names = rows.items;
    ret_names->items = arena_array(arena, rows.count + 1, sizeof(*ret_names->items));
    ret_names->count = rows.count;
    for (size_t i = 0; i < rows.count; i++)
        ret_names->items[i] = names[i].name;
    return true;
}

bool setting_forget(struct db *db, int64_t scope, int64_t scope_id, const char *name, struct error *err)
{
    return db_execute(db, &SETTING_FORGET, err, db_int(scope), db_int(scope_id), db_text(name));
}
