/* The allocator kinds: a ranking is whole, falls, repeats itself and is quick enough. */
#include "check.h"

#include "gurum_host_allocator.h"
#include "gurum_storage_allocator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CANDIDATES 25000

/* True when no index comes twice and no score rises; with the reason given for each. */
static bool ranking_is_good(const struct outcome *outcome, uint32_t candidates)
{
    bool good = outcome->status == GURUM_OK;
    unsigned char *seen = calloc(candidates + 1, 1);
    int64_t last = INT64_MAX;
    for (uint32_t i = 0; seen != NULL && i < outcome->item_count && good; i++) {
        const struct gurum_rank *rank = (const void *)outcome->items[i];
        good = rank->item.type == GURUM_ITEM_RANK && rank->index < candidates && !seen[rank->index] &&
               rank->score <= last && rank->reason != NULL;
        if (good)
            seen[rank->index] = 1;
        last = rank->score;
    }
    free(seen);
    return good;
}

static bool same_ranking(const struct outcome *left, const struct outcome *right)
{
    bool same = left->item_count == right->item_count;
    for (uint32_t i = 0; same && i < left->item_count; i++) {
        const struct gurum_rank *a = (const void *)left->items[i], *b = (const void *)right->items[i];
        same = a->index == b->index && a->score == b->score;
    }
    return same;
}

/* `most` points at the spec's ranked_most, `candidates` at its array. */
static void check_ranking(const void *spec, uint32_t *most, struct gurum_array *candidates)
{
    OUTCOME(first);
    OUTCOME(second);
    slot_call(&first, "rank", spec, NULL);
    check(ranking_is_good(&first, candidates->count), "happy.rank",
          "every candidate at most once, scores never rising, each with a reason: %s", outcome_words(&first));
    check(first.item_count == candidates->count, "happy.rank_all", "%u of %u are ranked", first.item_count,
          candidates->count);
    slot_call(&second, "rank", spec, NULL);
    check(same_ranking(&first, &second), "twice.rank", "the same input gives the same order");
    *most = 3;
    slot_call(&second, "rank", spec, NULL);
    check(second.item_count == 3 && ranking_is_good(&second, candidates->count), "ceilings.ranked_most",
          "no more are reported than asked for");
    *most = 0;
    candidates->count = 0;
    slot_call(&second, "rank", spec, NULL);
    check(second.status == GURUM_OK && second.item_count == 0, "absent.candidates", "no candidates is OK");
}

void check_host_allocator(void)
{
    /* The stride is larger than the structure, as with a newer host. */
    const uint32_t stride = sizeof(struct gurum_host_candidate) + 16;
    unsigned char *candidates = calloc(CANDIDATES, stride);
    for (uint32_t i = 0; candidates != NULL && i < CANDIDATES; i++) {
        struct gurum_host_candidate host = {.uuid = run.uuids[0],
                                            .name = "check",
                                            .cluster_uuid = run.uuids[1],
                                            .pod_uuid = run.uuids[2],
                                            .cpu_mhz_total = 16000,
                                            .cpu_mhz_used = i * 7919 % 16000,
                                            .memory_mib_total = 32768,
                                            .memory_mib_used = i * 104729 % 32768,
                                            .guests_of_group = i % 3};
        memcpy(candidates + (size_t)i * stride, &host, sizeof(host));
    }
    struct gurum_host_request request = {.size = sizeof(request),
                                         .cpu_count = 1,
                                         .cpu_mhz = 500,
                                         .memory_mib = 512,
                                         .guest_uuid = run.uuids[3],
                                         .account_uuid = run.uuids[4],
                                         .prefers_apart = 1};
    struct gurum_host_rank_spec spec = {
        .size = sizeof(spec), .request = &request, .candidates = {candidates, CANDIDATES, stride}};
    check_ranking(&spec, &spec.ranked_most, &spec.candidates);
    free(candidates);
}

void check_storage_allocator(void)
{
    const uint32_t stride = sizeof(struct gurum_pool_candidate) + 16;
    unsigned char *candidates = calloc(CANDIDATES, stride);
    for (uint32_t i = 0; candidates != NULL && i < CANDIDATES; i++) {
        struct gurum_pool_candidate pool = {.uuid = run.uuids[0],
                                            .name = "check",
                                            .capacity_bytes = UINT64_C(1) << 40,
                                            .used_bytes = (uint64_t)(i * 7919 % 1000) << 30,
                                            .promised_bytes = (uint64_t)(i * 104729 % 1000) << 30,
                                            .has_image = i % 2};
        memcpy(candidates + (size_t)i * stride, &pool, sizeof(pool));
    }
    struct gurum_pool_request request = {
        .size = sizeof(request), .size_bytes = 1 << 30, .volume_uuid = run.uuids[1], .account_uuid = run.uuids[2]};
    struct gurum_pool_rank_spec spec = {
        .size = sizeof(spec), .request = &request, .candidates = {candidates, CANDIDATES, stride}};
    check_ranking(&spec, &spec.ranked_most, &spec.candidates);
    free(candidates);
}
