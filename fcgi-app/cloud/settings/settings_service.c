/* Loading and changing values. Declarations live beside the code that reads them. */
#include "cloud/settings/settings_service.h"

#include <stdatomic.h>
#include <strings.h>

#include "base/field.h"
#include "base/text.h"
#include "db/version.h"

enum { VALUE_MAX = 4096 };

static atomic_ullong loaded_version = UINT64_MAX; /* of the values in this process; UINT64_MAX: none */

static const char *associated(struct arena *arena, const char *name)
{
    return arena_printf(arena, "setting_value.value:%s", name);
}

static bool opened(struct arena *arena, const struct setting_row *row, const char **ret_value, struct error *err)
{
    const struct setting *setting = setting_find(row->name);
    struct secret secret = {0};
    *ret_value = row->value;
    if (!setting || !setting->is_secret)
        return true;
    if (!secret_open(arena, row->value, associated(arena, row->name), &secret, err))
        return false;
    *ret_value = arena_strndup(arena, secret.bytes, secret.length);
    return true;
}

static bool load(struct db *db, struct arena *arena, struct error *err)
{
    struct db_rows rows = {0};
    if (!setting_values(db, arena, SCOPE_GLOBAL, 0, &rows, err))
        return false;
    const struct setting_row *values = rows.items;
    struct pair *pairs = arena_array(arena, rows.count, sizeof(*pairs));
    for (size_t i = 0; i < rows.count; i++) {
        pairs[i].name = values[i].name;
        if (!opened(arena, &values[i], &pairs[i].value, err))
            return false;
    }
    setting_replace_all(pairs, rows.count);
    return true;
}

bool settings_refresh(struct db *db, struct error *err)
{
    uint64_t version =
        shared_version_read(VERSION_SETTINGS); /* before reading: a change meanwhile is loaded next time */
    if (atomic_load(&loaded_version) == version)
        return true;
    struct arena arena;
    arena_init(&arena);
    bool ok = load(db, &arena, err);
    arena_free(&arena);
    if (ok)
        atomic_store(&loaded_version, version);
    return ok;
}

const char *settings_shown(struct arena *arena, const struct setting *setting)
{
    char value[VALUE_MAX + 1];
    if (setting->is_secret)
        return NULL;
    setting_text(setting, value, sizeof(value));
    return arena_strdup(arena, value);
}

bool settings_scoped_text(struct db *db, struct arena *arena, const struct setting *setting, enum setting_scope scope,
                          int64_t scope_id, const char **ret_value, struct error *err)
{
    struct db_rows rows = {0};
    char global[VALUE_MAX + 1];
    if (!setting_values(db, arena, (int64_t)scope, scope_id, &rows, err))
        return false;
    const struct setting_row *values = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        if (string_equal(values[i].name, setting->name))
            return opened(arena, &values[i], ret_value, err);
    setting_text(setting, global, sizeof(global));
    *ret_value = arena_strdup(arena, global);
    return true;
}

/* ---- changes ---- */

static bool is_in_range(const struct setting *setting, double number)
{
    return setting->max <= setting->min || (number >= (double)setting->min && number <= (double)setting->max);
}

static bool fits(const struct setting *setting, const char *value)
{
    int64_t integer;
    double number;
    switch (setting->type) {
    case SETTING_INT:
        return string_to_int(value, &integer) && is_in_range(setting, (double)integer);
    case SETTING_BOOL:
        return strcasecmp(value, "true") == 0 || strcasecmp(value, "false") == 0;
    case SETTING_DOUBLE:
        return string_to_double(value, &number) && is_in_range(setting, number);
    case SETTING_TEXT:
        return true;
    }
    return false;
}

struct change {
    const char *name, *stored;
    int64_t scope, scope_id;
};

static bool store(struct db *db, void *context, struct error *err)
{
    const struct change *change = context;
    return setting_store(db, change->scope, change->scope_id, change->name, change->stored, err) &&
           version_raise(db, VERSION_SETTINGS, err);
}

bool settings_change(struct db *db, struct arena *arena, const struct setting *setting, int64_t scope, int64_t scope_id,
                     const char *value, struct error *err)
{
    if (!fits(setting, value))
        return error_with(err, ERROR_INVALID_VALUE, "settings.bad_value", E_TEXT("name", setting->name),
                          E_TEXT("value", setting->is_secret ? "" : value));
    if (!(setting->scopes & (unsigned)scope))
        return error_with(err, ERROR_INVALID_VALUE, "settings.bad_scope", E_TEXT("name", setting->name));
    const char *stored =
        setting->is_secret ? secret_seal(arena, secret_from(arena, value), associated(arena, setting->name)) : value;
    struct change change = {setting->name, stored, scope, scope_id};
    return db_transaction(db, store, &change, err) && settings_refresh(db, err);
}
