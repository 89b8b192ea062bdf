/* Plugin "host-allocator-first-fit": the first host in the order of the candidates, the guest's last host before all
 * others. Fills hosts one after the other, which leaves whole hosts empty for large guests. */
#include "gurum_host_allocator.h"

static const struct gurum_services *services;

static int32_t start(const struct gurum_services *given)
{
    services = given;
    return GURUM_OK;
}

static void stop(void) {}

static int32_t report(struct gurum_call *call, const struct gurum_host_rank_spec *spec, uint32_t index, int64_t score)
{
    const struct gurum_host_candidate *host = gurum_at(&spec->candidates, index);
    int64_t free_mib = (int64_t)host->memory_mib_total - (int64_t)host->memory_mib_used;
    struct gurum_number numbers[] = {{"position", (int64_t)index + 1}, {"free_mib", free_mib}};
    struct gurum_rank rank = {.item = {sizeof(rank), GURUM_ITEM_RANK},
                              .index = index,
                              .score = score,
                              .reason = host->was_last_host ? "last_host" : "first_fit",
                              .numbers = {numbers, 2, sizeof(numbers[0])}};
    return services->report(call, &rank.item);
}

static int32_t rank(struct gurum_call *call, const struct gurum_host_rank_spec *spec)
{
    uint32_t count = spec->candidates.count, left = spec->ranked_most == 0 ? count : spec->ranked_most;
    for (int last_hosts = 1; last_hosts >= 0; last_hosts--) {
        for (uint32_t i = 0; i < count && left > 0; i++) {
            const struct gurum_host_candidate *host = gurum_at(&spec->candidates, i);
            if ((host->was_last_host != 0) != (last_hosts != 0))
                continue;
            int32_t status = report(call, spec, i, (int64_t)(last_hosts ? 2 : 1) * count - i);
            if (status != GURUM_OK)
                return status;
            left--;
        }
    }
    return GURUM_OK;
}

static const struct gurum_host_allocator_operations operations = {.size = sizeof(operations), .rank = rank};

GURUM_EXPORT const struct gurum_plugin gurum_plugin = {
    GURUM_PLUGIN_HEAD,
    .kind = GURUM_KIND_HOST_ALLOCATOR,
    .threading = GURUM_THREADING_FREE,
    .name = "host-allocator-first-fit",
    .title = "First host that fits",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .start = start,
    .stop = stop,
    .operations = &operations,
};
