/* See allocator_rank.h. */
#include "allocator_rank.h"

#include <stdlib.h>

static int compare(const void *left, const void *right)
{
    const struct allocator_score *a = left, *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

void allocator_sort(struct allocator_score *scores, uint32_t count)
{
    if (count > 1)
        qsort(scores, count, sizeof(*scores), compare);
}
