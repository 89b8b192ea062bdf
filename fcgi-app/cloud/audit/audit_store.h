/* The SQL of audit records, for the files of this feature only. */
#ifndef GURUM_CLOUD_AUDIT_STORE_H
#define GURUM_CLOUD_AUDIT_STORE_H

#include "api/audit.h"

struct audit_row {
    int64_t id, user_id, caller_account_id, account_id, domain_id;
    const char *uuid, *command, *result, *error_text, *api_key, *remote_address, *request_id, *job_uuid, *object_type,
        *object_uuid, *object_name, *params, *before_data, *after_data;
    struct opt_int error_code, session_id;
    struct opt_time created, ended;
};
/* Absent conditions (0, NULL, not set) do not narrow. */
struct audit_filter {
    const struct list_scope *scope;
    int64_t user_id;
    const char *uuid, *command, *result, *object_type, *object_uuid, *api_key, *remote_address, *request_id,
        *keyword_like;
    struct opt_time from, until;
};
enum { AUDIT_COUNT_MAX = 10000 }; /* lists count no further */

MUST_CHECK bool audit_add(struct db *db, struct audit_record *record, int64_t domain_id, struct error *err);
MUST_CHECK bool audit_complete(struct db *db, const struct audit_record *record, const char *job_uuid,
                               struct error *err);
/* The record that a job's command began; false in *ret_found: none is open. */
MUST_CHECK bool audit_find_begun(struct db *db, struct arena *arena, const char *request_id, const char *command,
                                 struct audit_row *ret_row, bool *ret_found, struct error *err);
MUST_CHECK bool audit_find(struct db *db, struct arena *arena, const char *uuid, struct audit_row *ret_row,
                           bool *ret_found, struct error *err);
/* The newest first. */
MUST_CHECK bool audit_page(struct db *db, struct arena *arena, const struct audit_filter *filter, int64_t offset,
                           int64_t limit, struct db_rows *ret_rows, int64_t *ret_total, struct error *err);
/* Removes at most `limit` records from before that time. */
MUST_CHECK bool audit_remove_before(struct db *db, int64_t before_ms, size_t limit, uint64_t *ret_removed,
                                    struct error *err);

#endif
