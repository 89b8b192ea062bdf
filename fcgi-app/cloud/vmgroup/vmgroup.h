/* Instance groups: names under which an account gathers VMs. What other features may ask of them. */
#ifndef GURUM_CLOUD_VMGROUP_H
#define GURUM_CLOUD_VMGROUP_H

#include "cloud/bucket/named.h"

struct vm_group {
    struct named named;
    struct opt_time created;
};
enum { VM_GROUP_PAGE_MAX = 64 };

/* The account's group of that name, made when there is none. */
MUST_CHECK bool vm_group_ensure(struct db *db, int64_t account_id, int64_t domain_id, const char *name, int64_t *ret_id,
                                struct error *err);
/* Groups of up to VM_GROUP_PAGE_MAX ids in one statement: rows of struct vm_group. */
MUST_CHECK bool vm_group_find_for_any(struct db *db, struct arena *arena, const int64_t *ids, size_t count,
                                      struct db_rows *ret_rows, struct error *err);

void vmgroup_register(void); /* commands, kind vm_group */

#endif
