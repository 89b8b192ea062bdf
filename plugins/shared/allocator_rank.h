/* What the allocators share: sorting candidates by score, best first, and reporting them. */
#ifndef ALLOCATOR_RANK_H
#define ALLOCATOR_RANK_H

#include "gurum_plugin.h"

struct allocator_score {
    int64_t score;
    uint32_t index;
};

/* Sorts by score, larger first; equal ones keep the order of their indexes. */
void allocator_sort(struct allocator_score *scores, uint32_t count);

#endif
