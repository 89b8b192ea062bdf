/* Rows of table resource_tag. */
#ifndef GURUM_CLOUD_TAG_STORE_H
#define GURUM_CLOUD_TAG_STORE_H

#include "cloud/tag/tag.h"

struct tag_row {
    const char *object_kind, *object_uuid, *name, *value, *customer;
    int64_t object_id, account_id, domain_id;
};
extern const struct field_table TAG_ROW;

struct tag_query {
    const struct list_scope *scope;
    const char *kind, *object_uuid, *key, *value, *customer, *keyword_like; /* NULL: any */
    int64_t offset, limit;
};
MUST_CHECK bool tag_store_set(struct db *db, const struct tag_entry *entry, const char *uuid, struct error *err);
MUST_CHECK bool tag_store_remove(struct db *db, const char *kind, int64_t object_id, const char *key, const char *value,
                                 struct error *err);
MUST_CHECK bool tag_store_count_of(struct db *db, const char *kind, int64_t object_id, int64_t *ret_count,
                                   struct error *err);
MUST_CHECK bool tag_store_forget_account(struct db *db, int64_t account_id, struct error *err);
/* Rows without object_kind, which the caller knows, and domain_id. */
MUST_CHECK bool tag_store_find_for(struct db *db, struct arena *arena, const char *kind, const int64_t *ids,
                                   size_t count, struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool tag_store_list(struct db *db, struct arena *arena, const struct tag_query *query,
                               struct db_rows *ret_rows, int64_t *ret_total, struct error *err);

/* The reply's form of rows. */
MUST_CHECK bool tag_fill(struct db *db, struct arena *arena, const struct tag_row *rows, size_t count,
                         struct tag_response **ret_tags, struct error *err);

#endif
