/* Allocators from a job step: they rank candidates that the placement feature has already filtered, and say why. With
 * no plugin of the wanted name, one that is late, crashed before or answers nonsense, the built-in first fit stands in:
 * the candidates in the order given. */
#ifndef GURUM_PLUGIN_HOST_ALLOCATOR_H
#define GURUM_PLUGIN_HOST_ALLOCATOR_H

#include "gurum_host_allocator.h"
#include "gurum_storage_allocator.h"
#include "plugin_host/plugin_host.h"

struct allocator_rank {
    size_t index; /* in the spec's candidates */
    int64_t score;
    const char *reason; /* a code: "allocator.reason.<code>" is the message key when the catalogue has it */
    const struct error_value *values; /* the numbers that decided, ended by a NULL name */
};
struct allocator_ranking {
    const struct allocator_rank *ranks; /* best first; at least all candidates that the allocator named */
    size_t count;
    const char *allocator;       /* whose ranking it is: the plugin's name, or "built-in" */
    const char *fallback_reason; /* why the built-in stood in; NULL when it did not */
};
/* Always gives a ranking of at least one candidate when there is any; calls get one second; one that
 * hangs is stopped like any stuck call. `name`: the allocator asked for
 * ("first-fit", "host-allocator-spread"); NULL: the built-in. Nothing here fails: what went wrong stands in
 * fallback_reason and the log. */
void allocator_rank_hosts(struct job_run *run, const char *name, const struct gurum_host_rank_spec *spec,
                          struct allocator_ranking *ret_ranking);
void allocator_rank_pools(struct job_run *run, const char *name, const struct gurum_pool_rank_spec *spec,
                          struct allocator_ranking *ret_ranking);

#endif
