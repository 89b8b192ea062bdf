/* Which plugin serves a kind and a type, and whether it may be called now. */
#include "plugin_host/host.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

enum { LOOK_EVERY_MS = 500, VIEW_EVERY_MS = 1000 };

/* `types` is a comma list. */
static bool types_have(const char *types, const char *type)
{
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    size_t count = 0;
    const char **items = string_split(&arena, types, ',', &count);
    for (size_t i = 0; i < count; i++)
        if (string_equal_ignoring_case(items[i], type))
            return true;
    return false;
}

static bool serves(const char *kind_name, const char *name, const char *types, const char *type)
{
    char full[160];
    snprintf(full, sizeof full, "%s-%s", kind_name, type);
    return string_equal(name, type) || string_equal_ignoring_case(name, full) ||
           (types[0] != '\0' && types_have(types, type));
}

static const char *kind_text(enum gurum_kind kind)
{
    const struct gurum_kind_info *info = gurum_kind_find((uint32_t)kind);
    return info == NULL ? "" : info->name;
}

struct host_plugin *registry_find(enum gurum_kind kind, const char *type)
{
    const char *kind_name = kind_text(kind);
    for (size_t i = 0; type != NULL && i < plugin_host.count; i++) {
        struct host_plugin *plugin = plugin_host.plugins[i];
        if (string_equal(plugin->kind_name, kind_name) && serves(kind_name, plugin->name, plugin->types, type))
            return plugin;
    }
    return NULL;
}

static void states_take(const struct db_rows *rows)
{
    const struct plugin_row *items = rows->items;
    for (size_t i = 0; i < rows->count; i++)
        for (size_t j = 0; j < plugin_host.count; j++)
            if (string_equal(plugin_host.plugins[j]->name, items[i].name)) {
                atomic_store(&plugin_host.plugins[j]->quarantined, items[i].quarantined);
                atomic_store(&plugin_host.plugins[j]->disabled, items[i].disabled);
            }
}

void registry_refresh(struct db *db)
{
    static atomic_llong looked_ms;
    long long last = atomic_load(&looked_ms), now = clock_monotonic_ms();
    if (now - last < LOOK_EVERY_MS || !atomic_compare_exchange_strong(&looked_ms, &last, now))
        return;
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct db_rows rows;
    struct error err;
    if (plugin_rows(db, &arena, &rows, &err))
        states_take(&rows);
    else
        log_error(LOG_WARNING, "plugin.states", &err);
}

/* ---- capabilities, for every process: a copy of table plugin, at most a second old ---- */

static struct mutex seen_lock = MUTEX_INITIALIZER;
static struct {
    struct arena arena;
    struct db_rows rows;
    int64_t read_ms;
} seen GUARDED_BY(seen_lock);

static REQUIRES(seen_lock) bool seen_refresh(struct db *db, struct error *err)
{
    int64_t now = clock_monotonic_ms();
    if (seen.read_ms != 0 && now - seen.read_ms < VIEW_EVERY_MS)
        return true;
    seen.read_ms = 0;
    arena_reset(&seen.arena);
    if (!plugin_rows(db, &seen.arena, &seen.rows, err))
        return false;
    seen.read_ms = now;
    return true;
}

bool plugin_capabilities(struct db *db, enum gurum_kind kind, const char *type, uint64_t *ret_bits, struct error *err)
{
    const char *kind_name = kind_text(kind);
    bool found = false;
    mutex_lock(&seen_lock);
    bool read = seen_refresh(db, err);
    const struct plugin_row *rows = seen.rows.items;
    for (size_t i = 0; read && !found && i < seen.rows.count; i++) {
        found = string_equal(rows[i].kind, kind_name) && rows[i].refusal == NULL &&
                serves(kind_name, rows[i].name, rows[i].types, type);
        if (found)
            *ret_bits = (uint64_t)rows[i].capabilities;
    }
    mutex_unlock(&seen_lock);
    return read && (found || error_with(err, ERROR_RESOURCE_UNAVAILABLE, "plugin.absent", E_TEXT("kind", kind_name),
                                        E_TEXT("type", type)));
}
