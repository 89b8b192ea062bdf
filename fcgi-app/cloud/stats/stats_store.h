/* Rows of tables vm_stats, vm_stats_half_hour, vm_stats_now and host_stats. */
#ifndef GURUM_CLOUD_STATS_STORE_H
#define GURUM_CLOUD_STATS_STORE_H

#include "cloud/stats/stats_rates.h"

/* VMs that the records place on a host, each with the newest look at it (taken unset: none yet). */
struct stats_guest {
    int64_t vm_id, cpu_count;
    const char *uuid;
    struct opt_time taken;
    int64_t total_cpu_ms, total_disk_read_bytes, total_disk_write_bytes, total_disk_read_requests,
        total_disk_write_requests, total_network_in_bytes, total_network_out_bytes;
};
MUST_CHECK bool stats_guests_of_host_any(struct db *db, struct arena *arena, int64_t host_id, struct db_rows *ret_rows,
                                         struct error *err);

/* Hosts that are due are marked as asked at `now_ms`; their ids follow. One host's last round must have ended, or be
 * older than ten intervals. */
MUST_CHECK bool stats_take_due(struct db *db, struct arena *arena, int64_t now_ms, int64_t interval_ms,
                               struct db_rows *ret_ids, struct error *err);
MUST_CHECK bool stats_mark_answered(struct db *db, int64_t host_id, struct error *err);

/* What one look at a guest gave, ready to be written. */
struct stats_look {
    struct stats_point point;
    struct stats_counters counters;
};
/* All looks of a host at once: three statements in one transaction, however many guests. */
MUST_CHECK bool stats_write(struct db *db, struct arena *arena, const struct stats_look *looks, size_t count,
                            struct error *err);

struct stats_host_look {
    int64_t host_id, now_ms, cpu_used_permille, memory_used_bytes, network_in_bytes, network_out_bytes;
};
MUST_CHECK bool stats_write_host(struct db *db, const struct stats_host_look *look, struct error *err);

/* Removes up to `most` rows of what is older; *ret_more: there is more. */
MUST_CHECK bool stats_forget(struct db *db, int64_t samples_before_ms, int64_t sums_before_ms, bool *ret_more,
                             struct error *err);

#endif
