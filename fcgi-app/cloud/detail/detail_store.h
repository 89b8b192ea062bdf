/* Details of an object, wherever they are kept. */
#ifndef GURUM_CLOUD_DETAIL_STORE_H
#define GURUM_CLOUD_DETAIL_STORE_H

#include "cloud/detail/detail.h"

/* Errors: INVALID_VALUE (the kind cannot hide details). */
MUST_CHECK bool object_detail_set(struct db *db, const char *kind, int64_t object_id, const struct detail *detail,
                                  struct error *err);
/* NULL name: all of them. */
MUST_CHECK bool object_detail_remove(struct db *db, const char *kind, int64_t object_id, const char *name,
                                     struct error *err);
/* Rows of struct detail by name. */
MUST_CHECK bool object_details_list(struct db *db, struct arena *arena, const char *kind, int64_t object_id,
                                    struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool object_details_forget(struct db *db, const char *kind, int64_t object_id, struct error *err);

#endif
