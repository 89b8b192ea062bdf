/* Rows of guest OS types and categories. */
#ifndef GURUM_CLOUD_GUESTOS_STORE_H
#define GURUM_CLOUD_GUESTOS_STORE_H

#include "cloud/guestos/guestos.h"

MUST_CHECK bool os_type_store_all(struct db *db, struct arena *arena, const struct os_type **ret_types,
                                  size_t *ret_count, struct error *err);
MUST_CHECK bool os_category_store_all(struct db *db, struct arena *arena, const struct os_category **ret_categories,
                                      size_t *ret_count, struct error *err);
MUST_CHECK bool os_type_store_find_uuid(struct db *db, struct arena *arena, const char *uuid,
                                        const struct os_type **ret_type, struct error *err);
MUST_CHECK bool os_category_store_find_uuid(struct db *db, struct arena *arena, const char *uuid,
                                            const struct os_category **ret_category, struct error *err);

#endif
