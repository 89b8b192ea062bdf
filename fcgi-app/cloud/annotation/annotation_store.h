/* Rows of table annotation. */
#ifndef GURUM_CLOUD_ANNOTATION_STORE_H
#define GURUM_CLOUD_ANNOTATION_STORE_H

#include "api/api.h"

struct annotation {
    int64_t id, object_id, user_id, account_id;
    const char *uuid, *object_kind, *object_uuid, *entity_type, *content;
    bool admins_only;
    struct opt_time created;
};
struct annotation_query {
    int64_t id, user_id;                                  /* 0: any */
    const char *object_uuid, *entity_type, *keyword_like; /* NULL: any */
    bool sees_all;                                        /* also those for administrators */
    int64_t offset, limit;
};
MUST_CHECK bool annotation_store_add(struct db *db, const struct annotation *annotation, int64_t *ret_id,
                                     struct error *err);
MUST_CHECK bool annotation_store_remove(struct db *db, int64_t id, struct error *err);
MUST_CHECK bool annotation_store_set_visibility(struct db *db, int64_t id, bool admins_only, struct error *err);
/* NULL: none. */
MUST_CHECK bool annotation_store_by_id(struct db *db, struct arena *arena, int64_t id, struct annotation **ret_row,
                                       struct error *err);
MUST_CHECK bool annotation_store_by_uuid(struct db *db, struct arena *arena, const char *uuid,
                                         struct annotation **ret_row, struct error *err);
/* Rows of struct annotation, the newest first; *ret_total counts all pages. */
MUST_CHECK bool annotation_store_list(struct db *db, struct arena *arena, const struct annotation_query *query,
                                      struct db_rows *ret_rows, int64_t *ret_total, struct error *err);
/* Which of up to MARK_OBJECTS_MAX objects have comments that the caller may see: rows of one uuid each. */
struct annotated {
    const char *object_uuid;
};
MUST_CHECK bool annotation_store_annotated(struct db *db, struct arena *arena, const char *const *uuids, size_t count,
                                           bool sees_all, struct db_rows *ret_rows, struct error *err);
/* An object, or an account and with it its people's comments, goes. */
MUST_CHECK bool annotation_store_forget(struct db *db, const char *kind, int64_t object_id, struct error *err);
MUST_CHECK bool annotation_store_forget_account(struct db *db, int64_t account_id, struct error *err);

#endif
