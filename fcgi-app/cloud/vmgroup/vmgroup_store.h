/* Rows of table vm_group. */
#ifndef GURUM_CLOUD_VMGROUP_STORE_H
#define GURUM_CLOUD_VMGROUP_STORE_H

#include "cloud/vmgroup/vmgroup.h"

extern const struct named_table VM_GROUPS; /* rows of struct vm_group */
/* Errors of add and rename: IN_USE "db.duplicate" (the account has a group of that name). */
MUST_CHECK bool vm_group_store_add(struct db *db, const struct named *group, int64_t *ret_id, struct error *err);
MUST_CHECK bool vm_group_store_rename(struct db *db, int64_t id, const char *name, struct error *err);
MUST_CHECK bool vm_group_store_remove(struct db *db, int64_t id, struct error *err);
MUST_CHECK bool vm_group_store_remove_all(struct db *db, int64_t account_id, struct error *err);

#endif
