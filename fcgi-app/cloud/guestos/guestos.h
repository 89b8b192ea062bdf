/* Guest OS types and their categories: names that images and VMs carry. Rows come from sql/seed. Cached
 * (VERSION_CATALOGUE). */
#ifndef GURUM_CLOUD_GUESTOS_H
#define GURUM_CLOUD_GUESTOS_H

#include "api/api.h"

struct os_type {
    int64_t id;
    const char *uuid, *description; /* "Debian GNU/Linux 12 (64-bit)" */
    int64_t category_id;
    bool user_defined, display;
};
struct os_category {
    int64_t id;
    const char *uuid, *name;
    int64_t sort_key;
    bool featured;
    struct opt_time created;
};
MUST_CHECK bool os_type_find(struct db *db, struct arena *arena, int64_t id, const struct os_type **ret_type,
                             struct error *err);
MUST_CHECK bool os_category_find(struct db *db, struct arena *arena, int64_t id,
                                 const struct os_category **ret_category, struct error *err);
/* The type that stands for "no type given": "Other (64-bit)". Errors: INTERNAL when the seed is missing. */
MUST_CHECK bool os_type_default(struct db *db, struct arena *arena, const struct os_type **ret_type, struct error *err);

void guestos_register(void); /* listOsTypes, listOsCategories; kinds os_type, os_category */

#endif
