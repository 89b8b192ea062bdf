/* Plugin "storage-allocator-least-used": the pool with the largest share of its capacity left, by what is promised and
 * by what is used, whichever is scarcer. A pool that has the image already wins among nearly equal ones. */
#include "allocator_rank.h"
#include "gurum_storage_allocator.h"

#define HAS_IMAGE_BONUS 50

static const struct gurum_services *services;

static int32_t start(const struct gurum_services *given)
{
    services = given;
    return GURUM_OK;
}

static void stop(void) {}

static int64_t free_permille(uint64_t capacity, uint64_t taken)
{
    return capacity == 0 || taken >= capacity ? 0 : (int64_t)((double)(capacity - taken) * 1000.0 / (double)capacity);
}

static int64_t scarcer_permille(const struct gurum_pool_request *request, const struct gurum_pool_candidate *pool)
{
    int64_t promised = free_permille(pool->capacity_bytes, pool->promised_bytes + request->size_bytes);
    int64_t used = free_permille(pool->capacity_bytes, pool->used_bytes);
    return promised < used ? promised : used;
}

static int32_t report(struct gurum_call *call, const struct gurum_pool_rank_spec *spec, struct allocator_score score)
{
    const struct gurum_pool_candidate *pool = gurum_at(&spec->candidates, score.index);
    struct gurum_number numbers[] = {{"free_permille", scarcer_permille(spec->request, pool)},
                                     {"volumes", pool->volumes},
                                     {"has_image", pool->has_image}};
    struct gurum_rank rank = {.item = {sizeof(rank), GURUM_ITEM_RANK},
                              .index = score.index,
                              .score = score.score,
                              .reason = pool->has_image ? "least_used_with_image" : "least_used",
                              .numbers = {numbers, 3, sizeof(numbers[0])}};
    return services->report(call, &rank.item);
}

static int32_t rank(struct gurum_call *call, const struct gurum_pool_rank_spec *spec)
{
    uint32_t count = spec->candidates.count;
    struct allocator_score *scores = services->alloc(call, (count + 1) * sizeof(*scores));
    for (uint32_t i = 0; i < count; i++) {
        const struct gurum_pool_candidate *pool = gurum_at(&spec->candidates, i);
        int64_t score = scarcer_permille(spec->request, pool) + (pool->has_image ? HAS_IMAGE_BONUS : 0);
        scores[i] = (struct allocator_score){score, i};
    }
    allocator_sort(scores, count);
    uint32_t wanted = spec->ranked_most == 0 || spec->ranked_most > count ? count : spec->ranked_most;
    for (uint32_t i = 0; i < wanted; i++) {
        int32_t status = report(call, spec, scores[i]);
        if (status != GURUM_OK)
            return status;
    }
    return GURUM_OK;
}

static const struct gurum_storage_allocator_operations operations = {.size = sizeof(operations), .rank = rank};

GURUM_EXPORT const struct gurum_plugin gurum_plugin = {
    GURUM_PLUGIN_HEAD,
    .kind = GURUM_KIND_STORAGE_ALLOCATOR,
    .threading = GURUM_THREADING_FREE,
    .name = "storage-allocator-least-used",
    .title = "Least used pool",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .start = start,
    .stop = stop,
    .operations = &operations,
};
