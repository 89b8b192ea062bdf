/* Loading, reading through scopes, and changing values. Declarations live beside the code that reads them. */
#include "cloud/settings/settings_service.h"

#include <stdatomic.h>
#include <strings.h>

#include "base/field.h"
#include "base/text.h"
#include "db/version.h"

SETTING(ACCOUNT_READS_DOMAIN, .name = "enable.account.settings.for.domain", .category = "Advanced",
        .default_value = "false", .type = SETTING_BOOL, .scopes = SCOPE_GLOBAL,
        .help = "Accounts without a value of their own take that of their domain");
SETTING(DOMAIN_READS_PARENT, .name = "enable.domain.settings.for.child.domain", .category = "Advanced",
        .default_value = "false", .type = SETTING_BOOL, .scopes = SCOPE_GLOBAL,
        .help = "Domains without a value of their own take that of the nearest domain above");

enum { VALUE_MAX = 4096, SCOPED_MAX = 10000 };

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
    struct string_list scoped = {0};
    if (!setting_scoped_names(db, arena, SCOPED_MAX, &scoped, err))
        return false;
    setting_replace_all(pairs, rows.count);
    setting_replace_scoped(&scoped);
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

/* ---- through scopes ---- */

/* The value set for the domain, or, where the operator wants it, for the nearest above it. */
static bool find_of_domain(struct db *db, struct arena *arena, const struct setting *setting, int64_t domain_id,
                           struct setting_row *ret_row, bool *ret_found, struct error *err)
{
    if (setting_bool(&DOMAIN_READS_PARENT))
        return setting_find_above(db, arena, setting->name, domain_id, ret_row, ret_found, err);
    return setting_find_at(db, arena, setting->name, SCOPE_DOMAIN, domain_id, ret_row, ret_found, err);
}

static bool find_scoped(struct db *db, struct arena *arena, const struct setting *setting,
                        const struct setting_place *place, struct setting_row *ret_row, bool *ret_found,
                        struct error *err)
{
    const struct {
        enum setting_scope scope;
        int64_t id;
    } ORDER[] = {{SCOPE_ACCOUNT, place->account_id},
                 {SCOPE_STORAGE, place->pool_id},
                 {SCOPE_IMAGE_STORE, place->image_store_id},
                 {SCOPE_CLUSTER, place->cluster_id},
                 {SCOPE_ZONE, place->zone_id}};
    *ret_found = false;
    for (size_t i = 0; i < COUNT_OF(ORDER) && !*ret_found; i++)
        if (ORDER[i].id && (setting->scopes & (unsigned)ORDER[i].scope) &&
            !setting_find_at(db, arena, setting->name, ORDER[i].scope, ORDER[i].id, ret_row, ret_found, err))
            return false;
    unsigned of_domain = SCOPE_DOMAIN | (setting_bool(&ACCOUNT_READS_DOMAIN) ? (unsigned)SCOPE_ACCOUNT : 0);
    bool reads_domain = place->domain_id && (setting->scopes & of_domain) &&
                        (!place->account_id || setting_bool(&ACCOUNT_READS_DOMAIN));
    return *ret_found || !reads_domain || find_of_domain(db, arena, setting, place->domain_id, ret_row, ret_found, err);
}

bool settings_text_at(struct db *db, struct arena *arena, const struct setting *setting,
                      const struct setting_place *place, const char **ret_value, struct error *err)
{
    struct setting_row row = {0};
    bool found = false;
    char global[VALUE_MAX + 1];
    if (setting_has_scoped(setting) && !find_scoped(db, arena, setting, place, &row, &found, err))
        return false;
    if (found)
        return opened(arena, &row, ret_value, err);
    setting_text(setting, global, sizeof(global));
    *ret_value = arena_strdup(arena, global);
    return true;
}

bool settings_int_at(struct db *db, struct arena *arena, const struct setting *setting,
                     const struct setting_place *place, int64_t *ret_value, struct error *err)
{
    const char *text = NULL;
    if (!settings_text_at(db, arena, setting, place, &text, err))
        return false;
    if (!string_to_int(text, ret_value))
        *ret_value = setting_int(setting);
    return true;
}

bool settings_bool_at(struct db *db, struct arena *arena, const struct setting *setting,
                      const struct setting_place *place, bool *ret_value, struct error *err)
{
    const char *text = NULL;
    if (!settings_text_at(db, arena, setting, place, &text, err))
        return false;
    *ret_value = strcasecmp(text, "true") == 0;
    return true;
}

bool settings_double_at(struct db *db, struct arena *arena, const struct setting *setting,
                        const struct setting_place *place, double *ret_value, struct error *err)
{
    const char *text = NULL;
    if (!settings_text_at(db, arena, setting, place, &text, err))
        return false;
    if (!string_to_double(text, ret_value))
        *ret_value = setting_double(setting);
    return true;
}

/* ---- changes ---- */

static bool is_in_range(const struct setting *setting, double number)
{
    return setting->max <= setting->min || (number >= (double)setting->min && number <= (double)setting->max);
}

static bool list_names(const char *list, const char *value)
{
    size_t length = strlen(value);
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncasecmp(at, value, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
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
        return strlen(value) <= VALUE_MAX && (!setting->choices || list_names(setting->choices, value));
    }
    return false;
}

struct change {
    const char *name, *stored; /* stored NULL: the row goes */
    int64_t scope, scope_id;
};

static bool store(struct db *db, void *context, struct error *err)
{
    const struct change *change = context;
    bool ok = change->stored ? setting_store(db, change->scope, change->scope_id, change->name, change->stored, err)
                             : setting_forget(db, change->scope, change->scope_id, change->name, err);
    return ok && version_raise(db, VERSION_SETTINGS, err);
}

bool settings_change(struct db *db, struct arena *arena, const struct setting *setting, int64_t scope, int64_t scope_id,
                     const char *value, struct error *err)
{
    if (!(setting->scopes & (unsigned)scope))
        return error_with(err, ERROR_INVALID_VALUE, "settings.bad_scope", E_TEXT("name", setting->name));
    if (value && !fits(setting, value))
        return error_with(err, ERROR_INVALID_VALUE, "settings.bad_value", E_TEXT("name", setting->name),
                          E_TEXT("value", setting->is_secret ? "" : value));
    const char *stored = value && setting->is_secret
                             ? secret_seal(arena, secret_from(arena, value), associated(arena, setting->name))
                             : value;
    struct change change = {setting->name, stored, scope, scope_id};
    return db_transaction(db, store, &change, err) && settings_refresh(db, err);
}
