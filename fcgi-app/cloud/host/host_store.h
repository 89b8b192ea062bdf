/* Rows of table host. */
#ifndef GURUM_CLOUD_HOST_STORE_H
#define GURUM_CLOUD_HOST_STORE_H

#include "cloud/host/host.h"

/* All columns: what commands show and change. The first members are those of struct host. */
struct host_row {
    struct host h;
    const char *sealed_password, *version, *capabilities, *storage_access_groups, *annotation;
    int64_t os_category_id, cpu_sockets;
    struct opt_time last_pinged, disconnected, created, removed;
};

/* Removed hosts are found too. NULL: none. */
MUST_CHECK bool host_store_find(struct db *db, struct arena *arena, int64_t id, struct host_row **ret_row,
                                struct error *err);
MUST_CHECK bool host_store_find_uuid(struct db *db, struct arena *arena, const char *uuid, struct host_row **ret_row,
                                     struct error *err);
MUST_CHECK bool host_store_add(struct db *db, const struct host_row *row, int64_t *ret_id, struct error *err);
/* What a probe found, and the limits that follow from it. */
MUST_CHECK bool host_store_set_facts(struct db *db, const struct host_row *row, struct error *err);
/* What an operator changes: only what is not NULL or 0 (tags "": none any more), so that two who change different
 * things do not undo each other. Errors: IN_USE (the url is another host's). */
struct host_edit {
    const char *name, *url, *private_ip, *resource_state, *tags, *annotation;
    int64_t os_category_id;
};
MUST_CHECK bool host_store_edit(struct db *db, int64_t id, const struct host_edit *edit, struct error *err);
MUST_CHECK bool host_store_set_state(struct db *db, int64_t id, const char *state, struct error *err);
/* To "Removing" while nothing is reserved; false in *ret_closed: something is. */
MUST_CHECK bool host_store_close(struct db *db, int64_t id, bool *ret_closed, struct error *err);
MUST_CHECK bool host_store_remove(struct db *db, int64_t id, struct error *err);
/* Pools on the host's own disks. */
MUST_CHECK bool host_store_count_pools(struct db *db, struct arena *arena, int64_t id, int64_t *ret_count,
                                       struct error *err);
MUST_CHECK bool host_store_reserve(struct db *db, int64_t id, int64_t cpu_mhz, int64_t memory_mib, bool *ret_done,
                                   struct error *err);
MUST_CHECK bool host_store_take(struct db *db, int64_t id, int64_t cpu_mhz, int64_t memory_mib, struct error *err);
MUST_CHECK bool host_store_release(struct db *db, int64_t id, int64_t cpu_mhz, int64_t memory_mib, bool *ret_done,
                                   struct error *err);
/* Limits of a cluster's hosts after a change of its overcommitment. */
MUST_CHECK bool host_store_set_limits(struct db *db, int64_t cluster_id, double cpu, double memory, struct error *err);

struct host_query {
    int64_t id, zone_id, pod_id, cluster_id;
    const char *name, *state, *resource_state, *hypervisor, *arch, *version, *group, *keyword_like; /* NULL: any */
    int64_t offset, limit;
};
MUST_CHECK bool host_store_list(struct db *db, struct arena *arena, const struct host_query *query,
                                struct db_rows *ret_rows, int64_t *ret_total, struct error *err);
/* Hosts of a zone for placement; `all` also those that are down, disabled or too full. */
MUST_CHECK bool host_store_candidates(struct db *db, struct arena *arena, const struct host_filter *filter, bool all,
                                      struct db_rows *ret_rows, struct error *err);

#endif
