/* Rules of zones, pods and clusters, for this feature's commands. */
#ifndef GURUM_CLOUD_ZONE_SERVICE_H
#define GURUM_CLOUD_ZONE_SERVICE_H

#include "cloud/zone/zone_store.h"

/* Rows without id, uuid and dates. Errors: INVALID_VALUE (addresses, words, a name that is taken). */
MUST_CHECK bool zone_create(struct db *db, const struct zone *wish, int64_t *ret_id, struct error *err);
MUST_CHECK bool zone_update(struct db *db, const struct zone *changed, const struct pair_list *details,
                            struct error *err);
MUST_CHECK bool pod_create(struct db *db, const struct pod *wish, int64_t *ret_id, struct error *err);
MUST_CHECK bool pod_update(struct db *db, const struct pod *changed, struct error *err);
MUST_CHECK bool cluster_create(struct db *db, const struct cluster *wish, int64_t *ret_id, struct error *err);
MUST_CHECK bool cluster_update(struct db *db, const struct cluster *changed, struct error *err);
/* Removes an empty place. Errors: IN_USE naming what is still in it. */
MUST_CHECK bool place_remove(struct db *db, struct arena *arena, enum zone_level level, int64_t id, struct error *err);

/* "Enabled" or "Disabled" in any case, as stored; NULL: *ret_state stays. */
MUST_CHECK bool zone_read_allocation_state(const char *text, const char **ret_state, struct error *err);

#endif
