/* Rows of table vm_group. */
#ifndef GURUM_CLOUD_VMGROUP_STORE_H
#define GURUM_CLOUD_VMGROUP_STORE_H

#include "cloud/vmgroup/vmgroup.h"

/* Errors of add and rename: IN_USE "db.duplicate" (the account has a group of that name). */
MUST_CHECK bool vm_group_store_add(struct db *db, const struct named *group, int64_t *ret_id, struct error *err);
MUST_CHECK bool vm_group_store_rename(struct db *db, int64_t id, const char *name, struct error *err);
MUST_CHECK bool vm_group_store_remove(struct db *db, int64_t id, struct error *err);
MUST_CHECK bool vm_group_store_remove_all(struct db *db, int64_t account_id, struct error *err);
/* NULL: none. */
MUST_CHECK bool vm_group_store_by_id(struct db *db, struct arena *arena, int64_t id, struct vm_group **ret_group,
                                     struct error *err);
MUST_CHECK bool vm_group_store_by_uuid(struct db *db, struct arena *arena, const char *uuid,
                                       struct vm_group **ret_group, struct error *err);
MUST_CHECK bool vm_group_store_list(struct api_call *call, const struct named_filter *filter, struct db_rows *ret_rows,
                                    int64_t *ret_total, struct error *err);

#endif
