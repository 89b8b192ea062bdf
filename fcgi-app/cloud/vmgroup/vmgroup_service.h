/* Rules of instance groups; each function is one transaction. */
#ifndef GURUM_CLOUD_VMGROUP_SERVICE_H
#define GURUM_CLOUD_VMGROUP_SERVICE_H

#include "cloud/vmgroup/vmgroup_store.h"

/* Errors: INVALID_VALUE (the account has a group of that name). */
MUST_CHECK bool vm_group_add(struct db *db, const struct owner *owner, const char *name, int64_t *ret_id,
                             struct error *err);
MUST_CHECK bool vm_group_rename(struct db *db, struct arena *arena, int64_t id, const char *name, struct error *err);
/* Its VMs stay, in no group. */
MUST_CHECK bool vm_group_remove(struct db *db, struct arena *arena, int64_t id, struct error *err);

#endif
