/* What the host does for plugins: struct gurum_services. Functions that get no call (settings) exist once for each
 * plugin's place, because a plugin may call them from any thread. */
#include "plugin_host/host.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"

static struct gurum_call *call_or_start(struct gurum_call *call)
{
    return call == NULL ? load_starting() : call;
}

/* ---- words ---- */

static int32_t service_fail(struct gurum_call *given, int32_t status, const char *reason, const char *format, ...)
    PRINTF_LIKE(4, 5);
static int32_t service_fail(struct gurum_call *given, int32_t status, const char *reason, const char *format, ...)
{
    struct gurum_call *call = call_or_start(given);
    if (call == NULL)
        return status;
    va_list arguments;
    va_start(arguments, format);
    mutex_lock(&call->lock);
    string_copy(call->reason, sizeof call->reason, reason == NULL ? "" : reason);
    char words[sizeof call->words];
    vsnprintf(words, sizeof words, format, arguments);
    string_copy(call->words, sizeof call->words, words);
    mutex_unlock(&call->lock);
    va_end(arguments);
    return status;
}

static void service_log(struct gurum_call *given, int32_t level, const char *format, ...) PRINTF_LIKE(3, 4);
static void service_log(struct gurum_call *given, int32_t level, const char *format, ...)
{
    static const enum log_level LEVELS[] = {LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR};
    const struct gurum_call *call = call_or_start(given);
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    log_with(level >= 0 && (size_t)level < COUNT_OF(LEVELS) ? LEVELS[level] : LOG_INFO, "plugin.says",
             L_TEXT("plugin", call == NULL ? "" : call->plugin->name), L_TEXT("slot", call == NULL ? "" : call->slot),
             L_TEXT("text", line));
}

/* ---- results ---- */

static void report_add(struct gurum_call *call, const struct gurum_item *item)
{
    struct plugin_reports *reports = &call->reports;
    if (reports->count == call->report_capacity) {
        size_t capacity = call->report_capacity == 0 ? 8 : call->report_capacity * 2;
        const struct gurum_item **items = arena_array(call->arena, capacity, sizeof *items);
        if (reports->count > 0)
            memcpy(items, reports->items, reports->count * sizeof *items);
        reports->items = items;
        call->report_capacity = capacity;
    }
    reports->items[reports->count++] = item;
}

static bool is_cancelled(struct gurum_call *call)
{
    if (atomic_load(&call->is_cancelled))
        return true;
    return !call->is_background && call->run != NULL && !call->run->planning && job_cancelled(call->run);
}

static int32_t service_report(struct gurum_call *call, const struct gurum_item *item)
{
    if (call == NULL || item == NULL)
        return GURUM_INVALID;
    int32_t status = GURUM_OK;
    mutex_lock(&call->lock);
    const char *problem = NULL;
    const struct gurum_item *copy = NULL;
    if (call->reports.count == PLUGIN_REPORTS_MAX)
        status = GURUM_NO_CAPACITY;
    else if ((copy = item_copy(call->arena, (enum gurum_kind)call->plugin->kind, item, &problem)) == NULL)
        status = GURUM_INVALID;
    if (copy != NULL)
        report_add(call, copy);
    if (problem != NULL) {
        call->is_broken = true;
        snprintf(call->words, sizeof call->words, "it reported an item of type %u and size %u with %s", item->type,
                 item->size, problem);
    }
    mutex_unlock(&call->lock);
    return status;
}

/* ---- time ---- */

static void service_progress(struct gurum_call *call, uint64_t done, uint64_t total, const char *stage)
{
    (void)stage;
    if (call == NULL || call->run == NULL)
        return;
    int percent = total == 0 ? 0 : (int)((double)(done > total ? total : done) / (double)total * 100);
    atomic_store(&call->percent, percent);
    if (call->is_background)
        return; /* the calls that look after the work write it down */
    mutex_lock(&call->lock);
    job_progress(call->run, percent, NULL);
    mutex_unlock(&call->lock);
}

static bool service_cancelled(struct gurum_call *call)
{
    return call != NULL && is_cancelled(call);
}

static int64_t service_remaining_ms(struct gurum_call *call)
{
    if (call == NULL)
        return 0;
    int64_t left = call->deadline_ms - clock_monotonic_ms();
    return left < 0 ? 0 : left;
}

static int32_t service_check_after(struct gurum_call *call, uint32_t delay_ms)
{
    if (call != NULL)
        call->check_after_ms = delay_ms == 0 ? 1 : delay_ms;
    return GURUM_PENDING;
}

/* ---- memory, notes, secrets ---- */

static void *service_alloc(struct gurum_call *call, size_t size)
{
    if (call == NULL)
        abort();
    mutex_lock(&call->lock);
    call->alloc_bytes += size;
    if (size > ALLOC_MAX_BYTES || call->alloc_bytes > ALLOC_MAX_BYTES) {
        log_with(LOG_ERROR, "plugin.too_much_memory", L_TEXT("plugin", call->plugin->name), L_TEXT("slot", call->slot));
        abort(); /* counted as a crash of the plugin */
    }
    void *memory = arena_alloc(call->arena, size);
    mutex_unlock(&call->lock);
    return memory;
}

static const char *service_operation_id(struct gurum_call *call)
{
    return call == NULL || call->run == NULL ? "" : call->run->operation_id;
}

/* The run's connection belongs to the thread that waits in the slot; work in the background takes one of its own. */
static bool notes_open(struct gurum_call *call, struct db **ret_db, struct error *err)
{
    if (!call->is_background)
        return true;
    if (!db_acquire(plugin_host.config.pool, ret_db, err))
        return false;
    call->run->db = *ret_db;
    return true;
}

static int32_t service_remember(struct gurum_call *call, const char *name, const char *value)
{
    if (call == NULL || call->run == NULL || name == NULL || value == NULL)
        return GURUM_INVALID;
    struct db *db = NULL;
    struct error err;
    mutex_lock(&call->lock);
    bool kept = notes_open(call, &db, &err) && job_remember(call->run, name, value, &err);
    db_release(db);
    mutex_unlock(&call->lock);
    if (!kept)
        log_error(LOG_WARNING, "plugin.remember", &err);
    return kept ? GURUM_OK : GURUM_FAILED;
}

static const char *service_recall(struct gurum_call *call, const char *name)
{
    if (call == NULL || call->run == NULL || name == NULL)
        return NULL;
    struct db *db = NULL;
    struct error err;
    const char *value = NULL;
    mutex_lock(&call->lock);
    if (!notes_open(call, &db, &err) || !job_recall(call->run, name, &value, &err))
        log_error(LOG_WARNING, "plugin.recall", &err);
    db_release(db);
    mutex_unlock(&call->lock);
    return value;
}

static const char *secret_sealed(const struct gurum_call *call, const char *name, const char **ret_associated)
{
    for (size_t i = 0; call->target != NULL && i < call->target->secret_count; i++)
        if (string_equal(call->target->secrets[i].name, name)) {
            *ret_associated = call->target->secrets[i].associated;
            return call->target->secrets[i].sealed;
        }
    *ret_associated = settings_associated(call->arena, call->plugin->name, name);
    return settings_sealed(call->plugin, name);
}

static const char *service_secret(struct gurum_call *given, const char *name)
{
    struct gurum_call *call = call_or_start(given);
    if (call == NULL || name == NULL)
        return NULL;
    struct secret secret = {.bytes = NULL};
    struct error err;
    const char *associated = NULL;
    mutex_lock(&call->lock);
    const char *sealed = secret_sealed(call, name, &associated);
    if (sealed != NULL && call->secret_count < COUNT_OF(call->secrets)) {
        if (secret_open(call->arena, sealed, associated, &secret, &err))
            call->secrets[call->secret_count++] = secret;
        else
            log_error(LOG_ERROR, "plugin.secret", &err);
    }
    mutex_unlock(&call->lock);
    return secret.bytes;
}

static void service_emit(const struct gurum_event *event)
{
    if (event != NULL && event->size >= sizeof *event)
        event_put(event);
}

/* ---- settings: one set of functions for each place ---- */

static const char *setting_of(size_t place, const char *name)
{
    return place < plugin_host.count && name != NULL ? settings_value(plugin_host.plugins[place], name) : NULL;
}

static int64_t setting_integer_of(size_t place, const char *name)
{
    const char *value = setting_of(place, name);
    int64_t number = 0;
    return value != NULL && string_to_int(value, &number) ? number : 0;
}

static bool setting_boolean_of(size_t place, const char *name)
{
    return string_equal(setting_of(place, name), "true");
}

#define PLACES(X)                                                                                                      \
    X(0)                                                                                                               \
    X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20)     \
        X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31) X(32) X(33) X(34) X(35) X(36) X(37) X(38)    \
            X(39) X(40) X(41) X(42) X(43) X(44) X(45) X(46) X(47) X(48) X(49) X(50) X(51) X(52) X(53) X(54) X(55)      \
                X(56) X(57) X(58) X(59) X(60) X(61) X(62) X(63)
#define FUNCTIONS(n)                                                                                                   \
    static const char *setting_##n(const char *name)                                                                   \
    {                                                                                                                  \
        return setting_of(n, name);                                                                                    \
    }                                                                                                                  \
    static int64_t integer_##n(const char *name)                                                                       \
    {                                                                                                                  \
        return setting_integer_of(n, name);                                                                            \
    }                                                                                                                  \
    static bool boolean_##n(const char *name)                                                                          \
    {                                                                                                                  \
        return setting_boolean_of(n, name);                                                                            \
    }
PLACES(FUNCTIONS)

static const struct {
    const char *(*text)(const char *name);
    int64_t (*integer)(const char *name);
    bool (*boolean)(const char *name);
} SETTINGS_OF[LOADED_MAX] = {
#define ROW(n) {setting_##n, integer_##n, boolean_##n},
    PLACES(ROW)
#undef ROW
};

void services_fill(struct host_plugin *plugin)
{
    plugin->services = (struct gurum_services){
        .size = sizeof plugin->services,
        .abi_major = GURUM_ABI_MAJOR,
        .abi_minor = GURUM_ABI_MINOR,
        .setting = SETTINGS_OF[plugin->index].text,
        .setting_integer = SETTINGS_OF[plugin->index].integer,
        .setting_boolean = SETTINGS_OF[plugin->index].boolean,
        .fail = service_fail,
        .log = service_log,
        .report = service_report,
        .progress = service_progress,
        .cancelled = service_cancelled,
        .remaining_ms = service_remaining_ms,
        .check_after = service_check_after,
        .alloc = service_alloc,
        .operation_id = service_operation_id,
        .remember = service_remember,
        .recall = service_recall,
        .secret = service_secret,
        .run = child_run,
        .emit = service_emit,
        .background = background_call,
    };
}
