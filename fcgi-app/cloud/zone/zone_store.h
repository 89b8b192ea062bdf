/* Rows of zones, pods and clusters: cached snapshots for reading, statements for writing. */
#ifndef GURUM_CLOUD_ZONE_STORE_H
#define GURUM_CLOUD_ZONE_STORE_H

#include "cloud/zone/zone.h"

MUST_CHECK bool zone_store_find_uuid(struct db *db, struct arena *arena, const char *uuid, const struct zone **ret_zone,
                                     struct error *err);
MUST_CHECK bool pod_store_find_uuid(struct db *db, struct arena *arena, const char *uuid, const struct pod **ret_pod,
                                    struct error *err);
MUST_CHECK bool cluster_store_find_uuid(struct db *db, struct arena *arena, const char *uuid,
                                        const struct cluster **ret_cluster, struct error *err);
MUST_CHECK bool zone_store_add(struct db *db, const struct zone *zone, int64_t *ret_id, struct error *err);
MUST_CHECK bool zone_store_update(struct db *db, const struct zone *zone, struct error *err);
void zone_register_details(void); /* as what addResourceDetail changes */
MUST_CHECK bool zone_store_set_detail(struct db *db, int64_t zone_id, const char *name, const char *value,
                                      struct error *err);
MUST_CHECK bool pod_store_add(struct db *db, const struct pod *pod, int64_t *ret_id, struct error *err);
MUST_CHECK bool pod_store_update(struct db *db, const struct pod *pod, struct error *err);
MUST_CHECK bool cluster_store_add(struct db *db, const struct cluster *cluster, int64_t *ret_id, struct error *err);
MUST_CHECK bool cluster_store_update(struct db *db, const struct cluster *cluster, struct error *err);

enum zone_level { LEVEL_ZONE, LEVEL_POD, LEVEL_CLUSTER };
/* Marks a place removed; false in *ret_removed: it was removed before. */
MUST_CHECK bool place_store_remove(struct db *db, enum zone_level level, int64_t id, bool *ret_removed,
                                   struct error *err);
/* What is still in it. */
struct place_content {
    int64_t pods, clusters, hosts, pools, physical_networks, image_stores;
};
MUST_CHECK bool place_store_content(struct db *db, struct arena *arena, enum zone_level level, int64_t id,
                                    struct place_content *ret_content, struct error *err);

#endif
