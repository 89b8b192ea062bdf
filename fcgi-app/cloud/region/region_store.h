/* The SQL of regions, for the files of this feature only. */
#ifndef GURUM_CLOUD_REGION_STORE_H
#define GURUM_CLOUD_REGION_STORE_H

#include "db/db.h"

enum { REGION_OWN = 1, REGIONS_MAX = 1000 };
struct region {
    int64_t id;
    const char *name, *endpoint;
};
/* By id. */
MUST_CHECK bool region_all(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err);
/* Errors: IN_USE "db.duplicate" (id or name). */
MUST_CHECK bool region_add(struct db *db, const struct region *region, struct error *err);
MUST_CHECK bool region_change(struct db *db, const struct region *region, struct error *err);
MUST_CHECK bool region_remove(struct db *db, int64_t id, struct error *err);

#endif
