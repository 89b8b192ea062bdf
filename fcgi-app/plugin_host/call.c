/* A call of a slot from beginning to end: may it be called here, under which lock and deadline, and what its status
 * means for the job. */
#include "plugin_host/host.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/setting.h"
#include "base/thread.h"

SETTING(PLUGIN_CALL_DEADLINE_MS, .name = "plugin.call.deadline.ms", .category = "Advanced", .default_value = "30000",
        .help = "How long one call of a plugin may take, in milliseconds. A call that takes half as long again is "
                "taken for stuck.",
        .type = SETTING_INT, .scopes = SCOPE_GLOBAL, .min = 100, .max = 600000);

enum { DEFAULT_CHECK_MS = 500, CHECK_MAX_MS = 600000 };

/* ---- what a status means ---- */

struct meaning {
    const char *name, *key;
    enum gurum_recovery recovery;
    int api_code;
};
#define MEANING(status, number, recovery_name, code, words)                                                            \
    [number] = {                                                                                                       \
        .name = #status, .key = "plugin." #status, .recovery = GURUM_RECOVERY_##recovery_name, .api_code = (code)},
static const struct meaning MEANINGS[] = {GURUM_STATUS_LIST(MEANING)};

static const struct meaning *meaning_of(int32_t status)
{
    return status >= 0 && (size_t)status < COUNT_OF(MEANINGS) && MEANINGS[status].name != NULL
               ? &MEANINGS[status]
               : &MEANINGS[GURUM_INTERNAL];
}

static enum error_kind kind_of(int32_t status, int api_code)
{
    if (status == GURUM_CANCELLED)
        return ERROR_CANCELLED;
    switch (api_code) {
    case 431:
        return ERROR_INVALID_VALUE;
    case 432:
        return ERROR_UNSUPPORTED;
    case 531:
        return ERROR_DENIED;
    case 533:
        return ERROR_INSUFFICIENT_CAPACITY;
    case 534:
        return ERROR_RESOURCE_UNAVAILABLE;
    case 536:
        return ERROR_IN_USE;
    default:
        return ERROR_PLUGIN;
    }
}

/* "plugin.NO_CAPACITY" is the key; the plugin's own reason and words are for the log and for operators. */
static enum step_outcome fail(const struct gurum_call *call, int32_t status, struct error *err)
{
    const struct meaning *meaning = meaning_of(status);
    const char *reason = call->reason[0] == '\0' ? "none" : call->reason;
    error_with(err, kind_of(status, meaning->api_code), meaning->key, E_TEXT("plugin", call->plugin->name),
               E_TEXT("slot", call->slot), E_TEXT("reason", reason));
    error_add_detail(err, "%s %s: %s", call->plugin->name, call->slot,
                     call->words[0] == '\0' ? "no words" : call->words);
    bool may_help = meaning->recovery == GURUM_RECOVERY_RETRY || call->run->undoing; /* undo gives up late */
    call->run->retry = may_help ? RETRY_ALWAYS : RETRY_NEVER;
    return STEP_FAILED;
}

/* ---- a call's own memory ---- */

void call_open(struct gurum_call *call, struct host_plugin *plugin, const char *slot, struct job_run *run,
               struct arena *arena, const struct plugin_target *target)
{
    *call = (struct gurum_call){.plugin = plugin, .slot = slot, .run = run, .arena = arena, .target = target};
    mutex_init(&call->lock);
    atomic_init(&call->is_cancelled, false);
    atomic_init(&call->percent, 0);
    int64_t wanted = target == NULL ? 0 : target->deadline_ms;
    call->deadline_ms = clock_monotonic_ms() + (wanted > 0 ? wanted : setting_int(&PLUGIN_CALL_DEADLINE_MS));
}

void call_close(struct gurum_call *call)
{
    for (size_t i = 0; i < call->secret_count; i++) /* arena memory of ours, const for those who read it */
        explicit_bzero((void *)(uintptr_t)call->secrets[i].bytes, call->secrets[i].length);
    mutex_destroy(&call->lock);
}

/* ---- before ---- */

static bool refuse(enum step_outcome *ret_outcome)
{
    *ret_outcome = STEP_FAILED;
    return false;
}

static bool plugin_is_callable(struct host_plugin *plugin, const char *slot, struct job_run *run,
                               enum step_outcome *ret_outcome, struct error *err)
{
    char place[140];
    snprintf(place, sizeof place, "%s:%s", plugin->name, slot);
    run->retry = RETRY_NEVER;
    if (run->bad_slot != NULL && string_equal(run->bad_slot, place)) {
        error_with(err, ERROR_RESOURCE_UNAVAILABLE, "plugin.slot_unavailable", E_TEXT("slot", place));
        return refuse(ret_outcome);
    }
    if (atomic_load(&plugin->disabled)) {
        error_with(err, ERROR_RESOURCE_UNAVAILABLE, "plugin.disabled", E_TEXT("plugin", plugin->name));
        return refuse(ret_outcome);
    }
    if (atomic_load(&plugin->quarantined) && !plugin_host.config.quarantine) {
        job_hand_to_quarantine(run, plugin->name);
        *ret_outcome = STEP_PENDING;
        return false;
    }
    if (!load_ready(plugin, run->db)) {
        error_with(err, ERROR_RESOURCE_UNAVAILABLE, "plugin.refused", E_TEXT("plugin", plugin->name));
        error_add_detail(err, "%s", plugin->refusal);
        return refuse(ret_outcome);
    }
    run->retry = RETRY_BY_KIND;
    return true;
}

static bool slot_is_there(const struct host_plugin *plugin, const char *name)
{
    for (uint32_t i = 0; i < plugin->info->slot_count; i++)
        if (string_equal(plugin->info->slots[i].name, name))
            return gurum_plugin_slot(plugin->symbol, &plugin->info->slots[i]) != NULL;
    return false;
}

static struct mutex *lock_of(struct host_plugin *plugin, const struct plugin_target *target)
{
    if (plugin->symbol->threading == GURUM_THREADING_SINGLE)
        return &plugin->lock;
    if (plugin->symbol->threading != GURUM_THREADING_PER_TARGET)
        return NULL;
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (const char *c = target->object_uuid == NULL ? "" : target->object_uuid; *c != '\0'; c++)
        hash = (hash ^ (uint8_t)*c) * 16777619u;
    return &plugin->targets[hash % TARGET_LOCKS];
}

/* The lock is held from one function to another, and not by every plugin: the analysis cannot follow. */
static LOCKS_UNSEEN void threading_begin(struct slot_call *slot, struct mutex *lock)
{
    slot->held = lock;
    if (lock != NULL)
        mutex_lock(lock);
}

static LOCKS_UNSEEN void threading_end(struct slot_call *slot)
{
    if (slot->held != NULL)
        mutex_unlock(slot->held);
}

bool slot_begin(struct slot_call *slot, enum gurum_kind kind, const char *name, struct job_run *run,
                const struct plugin_target *target, enum step_outcome *ret_outcome, struct error *err)
{
    if (!plugin_host.started ||
        db_in_transaction(run->db)) { /* a defect of the caller: plugins run in jobs processes, outside transactions */
        error_set(err, ERROR_INTERNAL, "plugin.misplaced_call");
        error_add_detail(err, "%s called %s", name,
                         plugin_host.started ? "inside a transaction" : "in a process without plugins");
        return refuse(ret_outcome);
    }
    const struct gurum_kind_info *info = gurum_kind_find((uint32_t)kind);
    struct host_plugin *plugin = registry_find(kind, target->type);
    if (plugin == NULL) {
        error_with(err, ERROR_RESOURCE_UNAVAILABLE, "plugin.absent", E_TEXT("kind", info == NULL ? "" : info->name),
                   E_TEXT("type", target->type));
        run->retry = RETRY_NEVER;
        return refuse(ret_outcome);
    }
    if (!plugin_is_callable(plugin, name, run, ret_outcome, err))
        return false;
    call_open(&slot->call, plugin, name, run, run->arena, target);
    if (!slot_is_there(plugin, name)) {
        *ret_outcome = fail(&slot->call, GURUM_UNSUPPORTED, err);
        call_close(&slot->call);
        return false;
    }
    threading_begin(slot, lock_of(plugin, target));
    int64_t now = clock_monotonic_ms(), allowed = slot->call.deadline_ms - now;
    slot->record = guard_thread();
    guard_call_begin(slot->record, plugin->name, name, slot->call.deadline_ms + (allowed > 0 ? allowed / 2 : 0));
    return true;
}

/* ---- after ---- */

static void good_call(struct gurum_call *call)
{
    struct error err;
    if (plugin_host.config.quarantine && atomic_load(&call->plugin->quarantined) &&
        !fault_good_call(call->run->db, call->plugin->name, &err))
        log_error(LOG_WARNING, "plugin.good_call", &err);
}

enum step_outcome slot_end(struct slot_call *slot, int32_t status, struct plugin_reports *ret_reports,
                           struct error *err)
{
    struct gurum_call *call = &slot->call;
    guard_call_end(slot->record);
    threading_end(slot);
    good_call(call);
    if (call->is_broken || gurum_status_text(status) == NULL) {
        log_with(LOG_ERROR, "plugin.misbehaved", L_TEXT("plugin", call->plugin->name), L_TEXT("slot", call->slot),
                 L_INT("status", status), L_TEXT("words", call->words));
        status = GURUM_INTERNAL;
    }
    enum step_outcome outcome = STEP_DONE;
    if (status == GURUM_PENDING) {
        uint32_t wait = call->check_after_ms == 0 ? DEFAULT_CHECK_MS : call->check_after_ms;
        call->run->check_after_ms = wait > CHECK_MAX_MS ? CHECK_MAX_MS : wait;
        outcome = STEP_PENDING;
    } else if (status != GURUM_OK) {
        outcome = fail(call, status, err);
    } else if (ret_reports != NULL) {
        *ret_reports = call->reports;
    }
    call_close(call);
    return outcome;
}
