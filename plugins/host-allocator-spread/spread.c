/* Plugin "host-allocator-spread": the host with the most room left after the guest is on it, away from guests of the
 * same group and account. Keeps load even and failures small. */
#include "allocator_rank.h"
#include "gurum_host_allocator.h"

static const struct gurum_services *services;

static int32_t start(const struct gurum_services *given)
{
    services = given;
    return GURUM_OK;
}

static void stop(void) {}

/* Permille of `total` that stays free after `wanted` more is used; 0 when nothing does. */
static int64_t free_permille(uint64_t total, uint64_t used, uint64_t wanted)
{
    if (total == 0 || used >= total || total - used <= wanted)
        return 0;
    return (int64_t)((double)(total - used - wanted) * 1000.0 / (double)total);
}

/* The scarcer of memory and CPU decides; a guest of the same group here costs more than any room can win. */
static int64_t score_of(const struct gurum_host_request *request, const struct gurum_host_candidate *host)
{
    int64_t memory = free_permille(host->memory_mib_total, host->memory_mib_used, request->memory_mib);
    int64_t cpu = free_permille(host->cpu_mhz_total, host->cpu_mhz_used, request->cpu_mhz);
    int64_t score = (memory < cpu ? memory : cpu) * 100;
    score -= (int64_t)host->guests_of_account * 50;
    if (request->prefers_apart)
        score -= (int64_t)host->guests_of_group * 1000000 + (int64_t)host->guests_of_group_in_cluster * 1000;
    if (request->prefers_together)
        score += (int64_t)host->guests_of_group * 1000000 + (int64_t)host->guests_of_group_in_cluster * 1000;
    return score + (host->has_image ? 10 : 0);
}

static const char *reason_of(const struct gurum_host_request *request, const struct gurum_host_candidate *host)
{
    if (request->prefers_apart && host->guests_of_group == 0)
        return "spread_apart_from_group";
    if (request->prefers_together && host->guests_of_group > 0)
        return "near_group";
    return "most_room";
}

static int32_t report(struct gurum_call *call, const struct gurum_host_rank_spec *spec, struct allocator_score score)
{
    const struct gurum_host_candidate *host = gurum_at(&spec->candidates, score.index);
    const struct gurum_host_request *request = spec->request;
    struct gurum_number numbers[] = {
        {"memory_free_permille", free_permille(host->memory_mib_total, host->memory_mib_used, request->memory_mib)},
        {"cpu_free_permille", free_permille(host->cpu_mhz_total, host->cpu_mhz_used, request->cpu_mhz)},
        {"guests_of_account", host->guests_of_account},
        {"guests_of_group", host->guests_of_group},
    };
    struct gurum_rank rank = {.item = {sizeof(rank), GURUM_ITEM_RANK},
                              .index = score.index,
                              .score = score.score,
                              .reason = reason_of(request, host),
                              .numbers = {numbers, 4, sizeof(numbers[0])}};
    return services->report(call, &rank.item);
}

static int32_t rank(struct gurum_call *call, const struct gurum_host_rank_spec *spec)
{
    uint32_t count = spec->candidates.count;
    struct allocator_score *scores = services->alloc(call, (count + 1) * sizeof(*scores));
    for (uint32_t i = 0; i < count; i++)
        scores[i] = (struct allocator_score){score_of(spec->request, gurum_at(&spec->candidates, i)), i};
    allocator_sort(scores, count);
    uint32_t wanted = spec->ranked_most == 0 || spec->ranked_most > count ? count : spec->ranked_most;
    for (uint32_t i = 0; i < wanted; i++) {
        int32_t status = report(call, spec, scores[i]);
        if (status != GURUM_OK)
            return status;
    }
    return GURUM_OK;
}

static const struct gurum_host_allocator_operations operations = {.size = sizeof(operations), .rank = rank};

GURUM_EXPORT const struct gurum_plugin gurum_plugin = {
    GURUM_PLUGIN_HEAD,
    .kind = GURUM_KIND_HOST_ALLOCATOR,
    .threading = GURUM_THREADING_FREE,
    .name = "host-allocator-spread",
    .title = "Spread over hosts",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .start = start,
    .stop = stop,
    .operations = &operations,
};
