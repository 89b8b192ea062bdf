/* Rows of offerings: cached snapshots for reading, statements for writing. Only this feature's services use it. */
#ifndef GURUM_CLOUD_OFFERING_STORE_H
#define GURUM_CLOUD_OFFERING_STORE_H

#include "cloud/offering/offering.h"

/* The sorts of offerings of this feature; each has the same three tables. */
enum offering_sort { OFFERING_SERVICE, OFFERING_DISK };

MUST_CHECK bool service_offering_store_all(struct db *db, struct arena *arena,
                                           const struct service_offering **ret_offerings, size_t *ret_count,
                                           struct error *err);
MUST_CHECK bool service_offering_store_find(struct db *db, struct arena *arena, int64_t id, const char *uuid,
                                            const struct service_offering **ret_offering, struct error *err);
MUST_CHECK bool service_offering_store_add(struct db *db, const struct service_offering *offering, int64_t *ret_id,
                                           struct error *err);
MUST_CHECK bool service_offering_store_update(struct db *db, const struct service_offering *offering,
                                              struct error *err);

MUST_CHECK bool disk_offering_store_all(struct db *db, struct arena *arena, const struct disk_offering **ret_offerings,
                                        size_t *ret_count, struct error *err);
MUST_CHECK bool disk_offering_store_find(struct db *db, struct arena *arena, int64_t id, const char *uuid,
                                         const struct disk_offering **ret_offering, struct error *err);
MUST_CHECK bool disk_offering_store_add(struct db *db, const struct disk_offering *offering, int64_t *ret_id,
                                        struct error *err);
MUST_CHECK bool disk_offering_store_update(struct db *db, const struct disk_offering *offering, struct error *err);

/* Replaces where an offering is offered. */
MUST_CHECK bool offering_store_set_places(struct db *db, struct arena *arena, enum offering_sort sort, int64_t id,
                                          struct offering_places places, struct error *err);
MUST_CHECK bool offering_store_add_details(struct db *db, enum offering_sort sort, int64_t id,
                                           const struct pair_list *details, struct error *err);

void offering_register_details(void); /* as what addResourceDetail changes */

#endif
