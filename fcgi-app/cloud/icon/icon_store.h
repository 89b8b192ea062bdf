/* Rows of table resource_icon. */
#ifndef GURUM_CLOUD_ICON_STORE_H
#define GURUM_CLOUD_ICON_STORE_H

#include "api/api.h"

struct icon {
    const char *object_uuid, *object_kind, *resource_type, *picture;
    int64_t object_id;
};
/* Adds it, or replaces the one that is there. */
MUST_CHECK bool icon_store_set(struct db *db, const struct icon *icon, struct error *err);
MUST_CHECK bool icon_store_forget(struct db *db, const char *kind, int64_t object_id, struct error *err);
/* Of up to MARK_OBJECTS_MAX objects: rows of struct icon. */
MUST_CHECK bool icon_store_find(struct db *db, struct arena *arena, const char *const *uuids, size_t count,
                                struct db_rows *ret_rows, struct error *err);

#endif
