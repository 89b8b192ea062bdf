/* The SQL of history rows. When to write one is the business of the feature whose object changes. */
#include "cloud/history/history.h"

#include "base/clock.h"
#include "jobs/jobs.h"

enum { HISTORY_MAX_ROWS = 10000 };

FIELD_TABLE(HISTORY_ROW, struct history_row, COLUMN(struct history_row, id), COLUMN(struct history_row, change),
            COLUMN(struct history_row, before_state), COLUMN(struct history_row, after_state),
            COLUMN(struct history_row, request_id), COLUMN(struct history_row, job_uuid),
            COLUMN(struct history_row, account_id), COLUMN(struct history_row, domain_id),
            COLUMN(struct history_row, zone_id), COLUMN(struct history_row, host_id),
            COLUMN(struct history_row, pool_id), COLUMN(struct history_row, offering_id),
            COLUMN(struct history_row, image_id), COLUMN(struct history_row, cpu_count),
            COLUMN(struct history_row, cpu_mhz), COLUMN(struct history_row, memory_mib),
            COLUMN(struct history_row, size_bytes), COLUMN(struct history_row, caller_user_id),
            COLUMN(struct history_row, created));

DB_STATEMENT(HISTORY_ADD, .name = "history.add",
             .sql = "INSERT INTO history (object_kind, object_id, object_uuid, object_name, change_name, before_state, "
                    "after_state, "
                    "account_id, domain_id, zone_id, host_id, pool_id, offering_id, image_id, cpu_count, cpu_mhz, "
                    "memory_mib, size_bytes, "
                    "caller_user_id, caller_account_id, request_id, remote_address, job_uuid, created) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
DB_STATEMENT(
    HISTORY_OF_OBJECT, .name = "history.of_object", .row = &HISTORY_ROW,
    .sql =
        "SELECT id, change_name AS `change`, before_state, after_state, request_id, job_uuid, account_id, domain_id, "
        "zone_id, "
        "host_id, pool_id, offering_id, image_id, cpu_count, cpu_mhz, memory_mib, size_bytes, caller_user_id, created "
        "FROM history WHERE object_kind = ? AND object_id = ? ORDER BY id LIMIT 10000");

bool history_add(struct db *db, const struct history_entry *e, struct error *err)
{
    if (!db_in_transaction(db))
        return error_set(err, ERROR_INTERNAL, "history.no_transaction");
    return db_execute(db, &HISTORY_ADD, err, db_text(e->object_kind), db_int(e->object_id), db_text(e->object_uuid),
                      db_text(e->object_name), db_text(e->change), db_text(e->before), db_text(e->after),
                      db_int(e->account_id), db_int(e->domain_id), db_int(e->zone_id), db_int(e->host_id),
                      db_int(e->pool_id), db_int(e->offering_id), db_int(e->image_id), db_int(e->cpu_count),
                      db_int(e->cpu_mhz), db_int(e->memory_mib), db_int(e->size_bytes), db_int(e->caller_user_id),
                      db_int(e->caller_account_id), db_text(e->request_id), db_text(e->remote_address),
                      db_text(e->job_uuid), db_time(clock_now_ms()));
}

void history_set_caller(struct history_entry *entry, const struct caller *caller)
{
    entry->caller_user_id = caller->user_id;
    entry->caller_account_id = caller->account_id;
    entry->request_id = caller->request_id;
    entry->remote_address = caller->remote_address;
}

void history_set_stamp(struct history_entry *entry, const struct job_stamp *stamp, const char *job_uuid)
{
    entry->caller_user_id = stamp->user_id;
    entry->caller_account_id = stamp->account_id;
    entry->request_id = stamp->request_id;
    entry->remote_address = stamp->remote_address;
    entry->job_uuid = job_uuid;
}

bool history_of_object_any(struct db *db, struct arena *arena, const char *object_kind, int64_t object_id,
                           struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &HISTORY_OF_OBJECT, arena, HISTORY_MAX_ROWS, ret_rows, err, db_text(object_kind),
                    db_int(object_id));
}
