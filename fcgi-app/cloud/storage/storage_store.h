/* Rows of storage pools and image stores. */
#ifndef GURUM_CLOUD_STORAGE_STORE_H
#define GURUM_CLOUD_STORAGE_STORE_H

#include "cloud/storage/storage.h"

/* All columns; the first members are those of struct storage_pool. */
struct pool_row {
    struct storage_pool p;
    const char *asked_provider; /* what the operator named, as the wire shows it; p.provider is the plugin */
    const char *storage_access_groups, *provider_details;
    bool is_managed;
    struct opt_int capacity_iops;
    struct opt_double overprovision;
    struct opt_time created, removed;
};
/* Removed pools are found too. */
MUST_CHECK bool pool_store_find(struct db *db, struct arena *arena, int64_t id, struct pool_row **ret_row,
                                struct error *err);
MUST_CHECK bool pool_store_find_uuid(struct db *db, struct arena *arena, const char *uuid, struct pool_row **ret_row,
                                     struct error *err);
MUST_CHECK bool pool_store_add(struct db *db, const struct pool_row *row, int64_t *ret_id, struct error *err);
/* Everything but what is allocated and the state. */
MUST_CHECK bool pool_store_update(struct db *db, const struct pool_row *row, struct error *err);
MUST_CHECK bool pool_store_set_state(struct db *db, int64_t id, const char *state, struct error *err);
/* From one state to another; false in *ret_done: it was not in `from`. */
MUST_CHECK bool pool_store_move(struct db *db, int64_t id, const char *from, const char *to, bool *ret_done,
                                struct error *err);
/* From `from` to "Removing" while nothing is allocated; false in *ret_closed: something is, or the state is another. */
MUST_CHECK bool pool_store_close(struct db *db, int64_t id, const char *from, bool *ret_closed, struct error *err);
/* Sizes as the plugin reports them and the factor of the settings; the limit follows. A managed pool keeps the size it
 * was given. */
MUST_CHECK bool pool_store_set_sizes(struct db *db, int64_t id, int64_t total_bytes, int64_t used_bytes, double factor,
                                     struct error *err);
/* Volumes that lie there, and those of them whose instance is not off. */
struct pool_volumes {
    int64_t count, active;
};
MUST_CHECK bool pool_store_count_volumes(struct db *db, struct arena *arena, int64_t id,
                                         struct pool_volumes *ret_volumes, struct error *err);
/* Pools in use that were last looked at before that time, the longest ago first. */
struct due_row {
    int64_t id;
    const char *uuid;
};
MUST_CHECK bool pool_store_due(struct db *db, struct arena *arena, int64_t before_ms, size_t limit,
                               struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool pool_store_mark_observed(struct db *db, int64_t id, struct error *err);
MUST_CHECK bool pool_store_remove(struct db *db, int64_t id, struct error *err);
MUST_CHECK bool pool_store_reserve(struct db *db, int64_t id, int64_t bytes, bool *ret_done, struct error *err);
MUST_CHECK bool pool_store_release(struct db *db, int64_t id, int64_t bytes, bool *ret_done, struct error *err);
struct pool_query {
    int64_t id, zone_id, pod_id, cluster_id, host_id;
    const char *name, *scope, *state, *address, *path, *group, *keyword_like; /* NULL: any */
    int64_t offset, limit;
};
MUST_CHECK bool pool_store_list(struct db *db, struct arena *arena, const struct pool_query *query,
                                struct db_rows *ret_rows, int64_t *ret_total, struct error *err);
MUST_CHECK bool pool_store_of_zone(struct db *db, struct arena *arena, int64_t zone_id, int64_t bytes,
                                   struct db_rows *ret_rows, struct error *err);

MUST_CHECK bool image_store_row_all(struct db *db, struct arena *arena, const struct image_store **ret_stores,
                                    size_t *ret_count, struct error *err);
MUST_CHECK bool image_store_row_find_uuid(struct db *db, struct arena *arena, const char *uuid,
                                          const struct image_store **ret_store, struct error *err);
MUST_CHECK bool image_store_row_add(struct db *db, const struct image_store *store, int64_t *ret_id, struct error *err);
MUST_CHECK bool image_store_row_update(struct db *db, const struct image_store *store, struct error *err);
/* What the plugin sees of it. */
MUST_CHECK bool image_store_row_set_filling(struct db *db, int64_t id, int64_t total_bytes, int64_t used_bytes,
                                            bool read_only, struct error *err);
/* Stores in use that were last looked at before that time, the longest ago first (struct due_row). */
MUST_CHECK bool image_store_row_due(struct db *db, struct arena *arena, int64_t before_ms, size_t limit,
                                    struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool image_store_row_mark_observed(struct db *db, int64_t id, struct error *err);
MUST_CHECK bool image_store_row_remove(struct db *db, int64_t id, struct error *err);
/* Images that lie in it. */
MUST_CHECK bool image_store_row_count_images(struct db *db, struct arena *arena, int64_t id, int64_t *ret_count,
                                             struct error *err);

/* Names of the plugins of a kind ("storage", "image-store") that are fit for use. */
struct provider_row {
    const char *name;
};
MUST_CHECK bool provider_store_list(struct db *db, struct arena *arena, const char *kind, struct db_rows *ret_rows,
                                    struct error *err);

/* Settings of drivers. */
struct detail_row {
    const char *name, *value;
    bool is_sealed;
};
enum detail_owner { DETAILS_OF_POOL, DETAILS_OF_STORE };
MUST_CHECK bool detail_store_list(struct db *db, struct arena *arena, enum detail_owner owner, int64_t id,
                                  struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool detail_store_set(struct db *db, enum detail_owner owner, int64_t id, const struct detail_row *row,
                                 struct error *err);

#endif
