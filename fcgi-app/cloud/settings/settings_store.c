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
