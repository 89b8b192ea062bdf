/* Allocators: asking a plugin for an order, judging it, and the built-in first fit for when there is none to ask. */
#include "plugin_host/allocator.h"

#include <string.h>

#include "base/log.h"
#include "plugin_host/host.h"

enum { DEADLINE_MS = 1000 };

/* The candidates as they came. */
static void fall_back(struct job_run *run, uint32_t candidates, const char *reason,
                      struct allocator_ranking *ret_ranking)
{
    struct allocator_rank *ranks = arena_array(run->arena, candidates, sizeof *ranks);
    const struct error_value *none = arena_alloc(run->arena, sizeof *none);
    for (uint32_t i = 0; i < candidates; i++)
        ranks[i] = (struct allocator_rank){
            .index = i, .score = (int64_t)candidates - i, .reason = "first_fit", .values = none};
    *ret_ranking = (struct allocator_ranking){
        .ranks = ranks, .count = candidates, .allocator = "built-in", .fallback_reason = reason};
}

static const struct error_value *values_of(struct arena *arena, const struct gurum_array *numbers)
{
    struct error_value *values = arena_array(arena, numbers->count + 1, sizeof *values);
    for (uint32_t i = 0; i < numbers->count; i++) {
        const struct gurum_number *number = gurum_at(numbers, i);
        values[i] = E_INT(number->name, number->value);
    }
    return values;
}

/* Best first, each candidate at most once. NULL: nonsense. */
static struct allocator_rank *ranks_read(struct arena *arena, const struct plugin_reports *reports, uint32_t candidates,
                                         size_t *ret_count)
{
    size_t count = 0;
    const void **items = plugin_report_all(reports, GURUM_ITEM_RANK, arena, &count);
    struct allocator_rank *ranks = arena_array(arena, count, sizeof *ranks);
    bool *taken = arena_array(arena, candidates, sizeof *taken);
    for (size_t i = 0; i < count; i++) {
        const struct gurum_rank *rank = items[i];
        if (rank->index >= candidates || taken[rank->index] || (i > 0 && rank->score > ranks[i - 1].score))
            return NULL;
        taken[rank->index] = true;
        ranks[i] = (struct allocator_rank){.index = rank->index,
                                           .score = rank->score,
                                           .reason = rank->reason == NULL ? "none" : rank->reason,
                                           .values = values_of(arena, &rank->numbers)};
    }
    *ret_count = count;
    return ranks;
}

/* Why the plugin is not to be asked; NULL: ask it. Unlike other kinds, an allocator in quarantine is not worth a
 * hand-over. */
static const char *unfit_reason(const struct job_run *run, enum gurum_kind kind, const char *name)
{
    if (name == NULL)
        return NULL;
    const struct host_plugin *plugin = registry_find(kind, name);
    if (plugin == NULL)
        return "absent";
    if (atomic_load(&plugin->disabled) || atomic_load(&plugin->phase) == PHASE_REFUSED)
        return "disabled";
    if (atomic_load(&plugin->quarantined))
        return "quarantined";
    return run->bad_slot != NULL && string_starts_with(run->bad_slot, plugin->name) ? "crashed" : NULL;
}

#define ALLOCATOR_CALL(call_name, KIND, kind_name, spec_name)                                                          \
    static enum step_outcome call_name(struct job_run *run, const struct plugin_target *target,                        \
                                       const struct spec_name *spec, struct plugin_reports *ret_reports,               \
                                       struct error *err)                                                              \
    {                                                                                                                  \
        struct slot_call slot;                                                                                         \
        enum step_outcome outcome;                                                                                     \
        if (!slot_begin(&slot, KIND, "rank", run, target, &outcome, err))                                              \
            return outcome;                                                                                            \
        const struct gurum_##kind_name##_operations *operations = slot.call.plugin->symbol->operations;                \
        return slot_end(&slot, operations->rank(&slot.call, spec), ret_reports, err);                                  \
    }
ALLOCATOR_CALL(call_host_allocator, GURUM_KIND_HOST_ALLOCATOR, host_allocator, gurum_host_rank_spec)
ALLOCATOR_CALL(call_storage_allocator, GURUM_KIND_STORAGE_ALLOCATOR, storage_allocator, gurum_pool_rank_spec)

static void ranking_take(struct job_run *run, const char *name, enum step_outcome outcome,
                         const struct plugin_reports *reports, uint32_t candidates, const struct error *err,
                         struct allocator_ranking *ret_ranking)
{
    size_t count = 0;
    struct allocator_rank *ranks = NULL;
    run->retry = RETRY_BY_KIND; /* what went wrong here fails no step */
    if (outcome != STEP_DONE) {
        if (outcome == STEP_FAILED)
            log_error(LOG_WARNING, "allocator.failed", err);
        fall_back(run, candidates, "failed", ret_ranking);
        return;
    }
    ranks = ranks_read(run->arena, reports, candidates, &count);
    if (ranks == NULL || count == 0) {
        fall_back(run, candidates, ranks == NULL ? "nonsense" : "no_opinion", ret_ranking);
        return;
    }
    *ret_ranking = (struct allocator_ranking){.ranks = ranks, .count = count, .allocator = name};
}

void allocator_rank_hosts(struct job_run *run, const char *name, const struct gurum_host_rank_spec *spec,
                          struct allocator_ranking *ret_ranking)
{
    const char *unfit = unfit_reason(run, GURUM_KIND_HOST_ALLOCATOR, name);
    if (name == NULL || unfit != NULL || spec->candidates.count == 0) {
        fall_back(run, spec->candidates.count, unfit, ret_ranking);
        return;
    }
    struct error err;
    struct plugin_reports reports = {.count = 0};
    struct plugin_target target = {.type = name, .deadline_ms = DEADLINE_MS};
    enum step_outcome outcome = call_host_allocator(run, &target, spec, &reports, &err);
    ranking_take(run, name, outcome, &reports, spec->candidates.count, &err, ret_ranking);
}

void allocator_rank_pools(struct job_run *run, const char *name, const struct gurum_pool_rank_spec *spec,
                          struct allocator_ranking *ret_ranking)
{
    const char *unfit = unfit_reason(run, GURUM_KIND_STORAGE_ALLOCATOR, name);
    if (name == NULL || unfit != NULL || spec->candidates.count == 0) {
        fall_back(run, spec->candidates.count, unfit, ret_ranking);
        return;
    }
    struct error err;
    struct plugin_reports reports = {.count = 0};
    struct plugin_target target = {.type = name, .deadline_ms = DEADLINE_MS};
    enum step_outcome outcome = call_storage_allocator(run, &target, spec, &reports, &err);
    ranking_take(run, name, outcome, &reports, spec->candidates.count, &err, ret_ranking);
}
