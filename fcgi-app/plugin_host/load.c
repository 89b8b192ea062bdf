/* Opening plugins: every *.so of the folder is found, opened, judged by the SDK's own checker, and started. One that is
 * not fit is listed with the reason. Plugins are never closed again: their threads and handlers may still be there. */
#include "plugin_host/host.h"

#include <dirent.h>
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

struct host plugin_host;

enum { START_DEADLINE_MS = 20000 };

static bool refuse(struct host_plugin *plugin, const char *what, const char *found, const char *expected,
                   const char *advice)
{
    snprintf(plugin->refusal, sizeof plugin->refusal, "%s: found %s; expected %s; %s", what, found, expected, advice);
    return false;
}

/* Code that others may change is not loaded into a process that holds secrets. */
static bool file_is_safe(struct host_plugin *plugin)
{
    struct stat facts;
    if (stat(plugin->path, &facts) != 0)
        return refuse(plugin, "file", strerror(errno), "a readable file", "look at the file's rights");
    if (!S_ISREG(facts.st_mode))
        return refuse(plugin, "file", "no regular file", "a shared object", "take it out of the plugins folder");
    if ((facts.st_mode & S_IWOTH) != 0)
        return refuse(plugin, "file", "one that everybody may write", "one that only its owner may write",
                      "chmod o-w the file");
    return true;
}

static size_t symbol_bytes(const void *symbol)
{
    Dl_info info;
    void *entry = NULL;
    if (dladdr1(symbol, &info, &entry, RTLD_DL_SYMENT) == 0 || entry == NULL)
        return 0;
    const ElfW(Sym) *found = entry;
    return found->st_size;
}

static bool symbol_is_fit(struct host_plugin *plugin, const struct gurum_plugin *symbol)
{
    struct gurum_refusal refusal;
    if (!gurum_plugin_verify(symbol, symbol_bytes(symbol), &refusal))
        return refuse(plugin, refusal.code, refusal.found, refusal.expected, refusal.advice);
    if (!string_equal(symbol->name, plugin->name))
        return refuse(plugin, "name", symbol->name, plugin->name, "name the file after the plugin");
    return true;
}

static bool plugin_open(struct host_plugin *plugin)
{
    if (!file_is_safe(plugin))
        return false;
    void *handle = dlopen(plugin->path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        const char *why = dlerror();
        return refuse(plugin, "file", why == NULL ? "an unknown error" : why, "a shared object that loads",
                      "build it for this system, with -Wl,-z,defs");
    }
    const struct gurum_plugin *symbol = dlsym(handle, "gurum_plugin");
    if (symbol == NULL)
        return refuse(plugin, "symbol", "no symbol gurum_plugin", "one exported gurum_plugin",
                      "define it with GURUM_EXPORT");
    if (!symbol_is_fit(plugin, symbol))
        return false;
    plugin->symbol = symbol;
    plugin->kind = symbol->kind;
    plugin->info = gurum_kind_find(symbol->kind);
    string_copy(plugin->kind_name, sizeof plugin->kind_name, plugin->info->name);
    return true;
}

/* What fail() says in start(), where there is no call: the thread that starts a plugin finds it here. */
static _Thread_local struct gurum_call *starting;

struct gurum_call *load_starting(void)
{
    return starting;
}

static bool plugin_start(struct host_plugin *plugin)
{
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct gurum_call call;
    call_open(&call, plugin, "start", NULL, &arena, NULL);
    services_fill(plugin);
    starting = &call;
    int32_t status = plugin->symbol->start == NULL ? GURUM_OK : plugin->symbol->start(&plugin->services);
    starting = NULL;
    const char *name = gurum_status_text(status);
    if (status != GURUM_OK)
        snprintf(plugin->refusal, sizeof plugin->refusal, "its start() answered %s: %s",
                 name == NULL ? "no status at all" : name,
                 call.words[0] == '\0' ? "it gave no reason; see the log" : call.words);
    call_close(&call);
    return status == GURUM_OK;
}

static bool plugin_ready(struct host_plugin *plugin, struct db *db)
{
    if (plugin->symbol == NULL && !plugin_open(plugin))
        return false;
    if (!settings_load(plugin, db))
        return false;
    const char *types = settings_value(plugin, "types");
    string_copy(plugin->types, sizeof plugin->types, types == NULL ? "" : types);
    return plugin_start(plugin);
}

/* A crash in here is the plugin's, and is recorded like one in a slot. */
bool load_ready(struct host_plugin *plugin, struct db *db)
{
    if (atomic_load(&plugin->phase) != PHASE_FOUND)
        return atomic_load(&plugin->phase) == PHASE_STARTED;
    mutex_lock(&plugin->lock);
    if (atomic_load(&plugin->phase) == PHASE_FOUND) {
        struct guard_record *record = guard_thread();
        guard_call_begin(record, plugin->name, "start", clock_monotonic_ms() + START_DEADLINE_MS);
        bool ready = plugin_ready(plugin, db);
        guard_call_end(record);
        if (ready)
            log_with(LOG_INFO, "plugin.started", L_TEXT("plugin", plugin->name),
                     L_TEXT("version", plugin->symbol->version));
        else
            log_with(LOG_WARNING, "plugin.refused", L_TEXT("plugin", plugin->name), L_TEXT("reason", plugin->refusal));
        atomic_store(&plugin->phase, ready ? PHASE_STARTED : PHASE_REFUSED);
    }
    mutex_unlock(&plugin->lock);
    return atomic_load(&plugin->phase) == PHASE_STARTED;
}

/* ---- the folder ---- */

/* Libraries that plugins share lie beside them, and are called lib*. */
static int is_shared_object(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && !string_starts_with(entry->d_name, "lib") && length > 3 && length < 65 + 3 &&
           string_ends_with(entry->d_name, ".so");
}

static struct host_plugin *plugin_new(const char *file_name)
{
    struct host_plugin *plugin = calloc(1, sizeof *plugin);
    if (plugin == NULL)
        abort();
    string_copy(plugin->name, strlen(file_name) - 2 < sizeof plugin->name ? strlen(file_name) - 2 : sizeof plugin->name,
                file_name);
    snprintf(plugin->path, sizeof plugin->path, "%s/%s", plugin_host.config.plugins_folder, file_name);
    plugin->index = plugin_host.count;
    mutex_init(&plugin->lock);
    for (size_t i = 0; i < TARGET_LOCKS; i++)
        mutex_init(&plugin->targets[i]);
    return plugin;
}

/* What an earlier process wrote: kind and types let jobs find a plugin that this process does not open. */
static bool plugin_recall(struct host_plugin *plugin, const struct db_rows *rows, bool *ret_waits)
{
    const struct plugin_row *items = rows->items;
    for (size_t i = 0; i < rows->count; i++)
        if (string_equal(items[i].name, plugin->name)) {
            string_copy(plugin->kind_name, sizeof plugin->kind_name, items[i].kind);
            string_copy(plugin->types, sizeof plugin->types, items[i].types);
            atomic_store(&plugin->quarantined, items[i].quarantined);
            atomic_store(&plugin->disabled, items[i].disabled);
            *ret_waits = items[i].refusal == NULL && (items[i].quarantined || items[i].disabled);
            return true;
        }
    return false;
}

/* A quarantined plugin is opened only by the quarantine process, and there only when a job wants it, so that a death is
 * counted. */
static bool plugin_add(struct db *db, const struct db_rows *rows, const char *file_name, struct error *err)
{
    struct host_plugin *plugin = plugin_new(file_name);
    bool waits = false, known = plugin_recall(plugin, rows, &waits);
    plugin_host.plugins[plugin_host.count++] = plugin;
    if (waits || plugin_host.config.quarantine)
        return true;
    if (!known && !plugin_row_write(db, plugin, err)) /* it may crash before it can be described */
        return false;
    (void)!load_ready(plugin, db);
    return plugin_row_write(db, plugin, err);
}

bool load_folder(struct db *db, struct error *err)
{
    AUTO(arena_free) struct arena arena;
    arena_init(&arena);
    struct db_rows rows;
    struct dirent **entries = NULL;
    if (!plugin_rows(db, &arena, &rows, err))
        return false;
    int count = scandir(plugin_host.config.plugins_folder, &entries, is_shared_object, alphasort);
    if (count < 0)
        log_with(LOG_WARNING, "plugin.no_folder", L_TEXT("folder", plugin_host.config.plugins_folder),
                 L_TEXT("reason", strerror(errno)));
    bool added = true;
    for (int i = 0; i < count; i++) {
        if (added && plugin_host.count < LOADED_MAX)
            added = plugin_add(db, &rows, entries[i]->d_name, err);
        free(entries[i]);
    }
    free(entries);
    return added;
}

static void on_act_begin(const struct job_run *run)
{
    registry_refresh(run->db);
    guard_job_begin(run);
}

bool plugin_host_start(const struct plugin_host_config *config, struct error *err)
{
    static const struct jobs_plugin_hooks hooks = {.before_act = on_act_begin, .after_act = guard_job_end};
    plugin_host = (struct host){.config = *config};
    struct db *db = NULL;
    if (!guard_start(err) || !event_start(err) || !db_acquire(config->pool, &db, err))
        return false;
    bool loaded = load_folder(db, err);
    db_release(db);
    plugin_host.started = loaded;
    jobs_set_plugin_hooks(&hooks);
    return loaded;
}

void plugin_host_stop(void)
{
    for (size_t i = 0; i < plugin_host.count; i++) {
        struct host_plugin *plugin = plugin_host.plugins[i];
        if (atomic_load(&plugin->phase) == PHASE_STARTED && plugin->symbol->stop != NULL)
            plugin->symbol->stop();
        atomic_store(&plugin->phase, PHASE_REFUSED);
    }
    plugin_host.started = false;
    event_stop();
    guard_stop();
}
