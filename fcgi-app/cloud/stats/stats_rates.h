/* From counters to what was used between two looks, and from many points to few. Pure. */
#ifndef GURUM_CLOUD_STATS_RATES_H
#define GURUM_CLOUD_STATS_RATES_H

#include "cloud/stats/stats.h"

/* One look at a guest's counters. */
struct stats_counters {
    int64_t taken_ms;
    int64_t cpu_count, memory_mib, memory_used_mib;
    int64_t cpu_ms, disk_read_bytes, disk_write_bytes, disk_read_requests, disk_write_requests, network_in_bytes,
        network_out_bytes;
};

/* What was used between two looks; `before` NULL: there was none. A counter that fell began anew with the guest: then,
 * and when no time went by, the point has no interval. */
struct stats_point stats_between(int64_t vm_id, const struct stats_counters *before, const struct stats_counters *now);

/* Adds neighbours up until at most one point is left in each `slot_ms` from `from_ms` on; points of one VM, by time.
 * Works in place and returns how many are left. */
size_t stats_thin(struct stats_point *points, size_t count, int64_t from_ms, int64_t slot_ms);
/* Is there a hole before this point: more time since the last one than their intervals and slots explain? */
bool stats_gap(const struct stats_point *last, const struct stats_point *point, int64_t usual_ms);

#endif
