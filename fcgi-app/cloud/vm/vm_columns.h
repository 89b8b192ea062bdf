/* The columns of table vm, for the files that hold its SQL. */
#ifndef GURUM_CLOUD_VM_COLUMNS_H
#define GURUM_CLOUD_VM_COLUMNS_H

#include "cloud/vm/vm_store.h"

/* What lists show, and what only the code about a single VM reads: a column of a page of 50 costs 50 times. */
#define VM_LISTED_COLUMNS(X)                                                                                           \
    X(id)                                                                                                              \
    X(account_id)                                                                                                      \
    X(domain_id)                                                                                                       \
    X(user_id) X(zone_id) X(host_id) X(image_id) X(offering_id) X(disk_offering_id) X(group_id) X(os_type_id)          \
        X(listed) X(cpu_count) X(cpu_mhz) X(memory_mib) X(uuid) X(name) X(display_name) X(instance_name) X(state)      \
            X(hypervisor) X(boot_type) X(boot_mode) X(job_uuid) X(ha_enabled) X(is_shown) X(is_dynamically_scalable)   \
                X(delete_protected) X(has_details) X(has_keys) X(has_stored_data) X(created)
#define VM_OTHER_COLUMNS(X)                                                                                            \
    X(last_host_id)                                                                                                    \
    X(keyboard) X(mac_address) X(failure_kind) X(failure_key) X(failure_args) X(counted_tags) X(destroyed) X(removed)
#define VM_COLUMN_NAME(column) "v." #column ", "
#define VM_LIST_SELECT "SELECT " VM_LISTED_COLUMNS(VM_COLUMN_NAME) "v.updated FROM vm v"
#define VM_SELECT "SELECT " VM_LISTED_COLUMNS(VM_COLUMN_NAME) VM_OTHER_COLUMNS(VM_COLUMN_NAME) "v.updated FROM vm v"

/* A statement whose only parameters are 64 ids of VMs; the last id fills up. */
MUST_CHECK bool vm_query_page(struct db *db, const struct db_statement *statement, struct arena *arena, size_t most,
                              const int64_t *ids, size_t count, struct db_rows *ret_rows, struct error *err);

#endif
