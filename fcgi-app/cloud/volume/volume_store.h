/* Rows of table volume, beyond what volume.h offers to other features. */
#ifndef GURUM_CLOUD_VOLUME_STORE_H
#define GURUM_CLOUD_VOLUME_STORE_H

#include "cloud/tag/tag.h"
#include "cloud/volume/volume.h"

struct volume_query {
    const struct list_scope *scope;
    int least_listed;
    const char *ids; /* ",3,7,"; NULL: any */
    const char *name, *keyword_like, *state, *type;
    int64_t vm_id, zone_id, pod_id, cluster_id, host_id, disk_offering_id, service_offering_id, pool_id; /* 0: any */
    struct opt_bool shown;
    struct tag_filter tags;
    int64_t offset, limit;
};
bool volume_query_is_plain(const struct volume_query *query); /* no filter: counters give count and anchor */

MUST_CHECK bool volume_store_insert(struct db *db, struct volume *volume, struct error *err);
MUST_CHECK bool volume_store_find_by_uuid_any(struct db *db, struct arena *arena, const char *uuid,
                                              struct volume **ret_volume, struct error *err);
MUST_CHECK bool volume_store_set_ready(struct db *db, int64_t id, const char *location, int64_t size_bytes,
                                       struct error *err);
MUST_CHECK bool volume_store_set_shown(struct db *db, int64_t id, bool shown, struct error *err);
MUST_CHECK bool volume_store_set_expunged(struct db *db, int64_t id, struct error *err);
/* Rows for a page of a list, by id; *ret_total counts all pages. */
MUST_CHECK bool volume_store_list(struct db *db, struct arena *arena, const struct volume_query *query,
                                  struct db_rows *ret_rows, int64_t *ret_total, struct error *err);

#endif
