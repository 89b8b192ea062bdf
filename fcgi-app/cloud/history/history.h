/* History: one row for each change of state, size, owner or place of a VM, volume, address, snapshot or image, written
 * in the same transaction as the change. Usage, audit and invoices read only these rows; nobody changes or deletes
 * them. */
#ifndef GURUM_CLOUD_HISTORY_H
#define GURUM_CLOUD_HISTORY_H

#include "api/caller.h"
#include "db/db.h"

/* Quantities describe the object AFTER the change; 0 or NULL: does not apply. */
struct history_entry {
    const char *object_kind; /* "vm", "volume", "address", "snapshot", "image" */
    int64_t object_id;
    const char *object_uuid, *object_name;
    const char *change; /* "create", "start", "stop", "resize", "move", "assign", "destroy", "recover", "expunge" … */
    const char *before, *after; /* states, or what the change is about: "Starting" → "Running", "host-1" → "host-2" */
    int64_t account_id, domain_id;
    int64_t zone_id, host_id, pool_id; /* where it is */
    int64_t offering_id, image_id;
    int64_t cpu_count, cpu_mhz, memory_mib, size_bytes;
    /* Who asked: history_set_caller or history_set_stamp fill these. user 0: the system itself (a reconciler). */
    int64_t caller_user_id, caller_account_id;
    const char *request_id, *remote_address, *job_uuid;
};

/* Adds the row in the open transaction, at the current time. Errors: DATABASE, INTERNAL (no transaction is open). */
MUST_CHECK bool history_add(struct db *db, const struct history_entry *entry, struct error *err);

void history_set_caller(struct history_entry *entry, const struct caller *caller);
struct job_stamp;
void history_set_stamp(struct history_entry *entry, const struct job_stamp *stamp, const char *job_uuid);

/* The rows of one object, oldest first. */
struct history_row {
    int64_t id;
    const char *change, *before_state, *after_state, *request_id, *job_uuid;
    int64_t account_id, domain_id, zone_id, host_id, pool_id, offering_id, image_id, cpu_count, cpu_mhz, memory_mib,
        size_bytes, caller_user_id;
    struct opt_time created;
};
MUST_CHECK bool history_of_object_any(struct db *db, struct arena *arena, const char *object_kind, int64_t object_id,
                                      struct db_rows *ret_rows, struct error *err);

#endif
