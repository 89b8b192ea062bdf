/* What guests and hosts use, measured from outside: sums over intervals, from counters that plugins tell. What other
 * features may ask of it. Collecting is in stats_jobs.c; no page and no drawing is here. */
#ifndef GURUM_CLOUD_STATS_H
#define GURUM_CLOUD_STATS_H

#include "api/api.h"

/* What a VM used in `interval_ms` up to `taken` (one look), or in a half hour from `taken` on (a sum: memory_* are
 * added up over `samples`). interval_ms 0: nothing is known but the memory. */
struct stats_point {
    int64_t vm_id;
    struct opt_time taken;
    int64_t samples, interval_ms, capacity_ms, cpu_ms, memory_mib, memory_used_mib; /* used 0: not told */
    int64_t disk_read_bytes, disk_write_bytes, disk_read_requests, disk_write_requests, network_in_bytes,
        network_out_bytes;
};

/* The newest look at a VM: its last interval, and its counters since the guest's start. */
struct stats_now {
    struct stats_point last;
    int64_t total_cpu_ms, total_disk_read_bytes, total_disk_write_bytes, total_disk_read_requests,
        total_disk_write_requests, total_network_in_bytes, total_network_out_bytes;
};
enum { STATS_PAGE_MAX = 64 };
/* Of up to STATS_PAGE_MAX VMs, in no order, leaving out those that were not looked at lately (three intervals); VMs
 * that were not asked for may be among them. */
MUST_CHECK bool stats_now_for_any(struct db *db, struct arena *arena, const int64_t *vm_ids, size_t count,
                                  struct db_rows *ret_rows, struct error *err);
/* Adds up what is shown: setting vm.stats.increment.metrics, when a command does not say. */
bool stats_accumulates(struct opt_bool asked);

/* Samples of VMs taken in [from_ms, until_ms], ordered by VM and time: the single ones while they are kept, or the sums
 * of half hours. At most STATS_POINTS_MAX; more are an error. Errors: PARAMETER "stats.too_many". */
enum { STATS_POINTS_MAX = 50000 };
MUST_CHECK bool stats_points_any(struct db *db, struct arena *arena, const int64_t *vm_ids, size_t count,
                                 int64_t from_ms, int64_t until_ms, bool half_hours, struct db_rows *ret_points,
                                 struct error *err);

/* Of a host; taken unset: it told nothing (lately). */
struct stats_host {
    int64_t host_id;
    struct opt_time taken;
    int64_t interval_ms, cpu_used_permille, memory_used_bytes, network_in_bytes, network_out_bytes;
};
MUST_CHECK bool stats_host_any(struct db *db, int64_t host_id, struct stats_host *ret_stats, struct error *err);

int64_t stats_interval_ms(void);   /* setting vm.stats.interval */
int64_t stats_kept_since_ms(void); /* single looks are kept since then: vm.stats.max.retention.time */
/* Per second and in KiB, 0 when the interval is not known. */
int64_t stats_kib_second(int64_t bytes, int64_t interval_ms);
/* "10.18%", "0%" */
const char *stats_percent(struct arena *arena, double percent);

void stats_register(void); /* commands, job kind, schedules */

#endif
