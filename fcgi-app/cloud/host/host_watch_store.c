/* SQL of watching hosts, and of the guests found on them. */
#include "cloud/host/host_watch_store.h"

#include "base/clock.h"

FIELD_TABLE(HOST_WATCH_ROW, struct host_watch_row, COLUMN(struct host_watch_row, silent),
            COLUMN(struct host_watch_row, returned),
            COLUMN(struct host_watch_row, silent_since));
FIELD_TABLE(HOST_GUEST_ROW, struct host_guest, COLUMN(struct host_guest, host_id), COLUMN(struct host_guest, vm_id),
            COLUMN(struct host_guest, guest_uuid), COLUMN(struct host_guest, name), COLUMN(struct host_guest, running),
            COLUMN(struct host_guest, found));

DB_STATEMENT(WATCH_FIND, .name = "host_watch.find",
             .sql = "SELECT silent, returned, silent_since FROM host_watch WHERE host_id = ?",
             .row = &HOST_WATCH_ROW);
DB_STATEMENT(WATCH_ADD, .name = "host_watch.add",
             .sql = "INSERT INTO host_watch (host_id, due) VALUES (?, ?) ON DUPLICATE KEY UPDATE due = VALUES(due)");
DB_STATEMENT(WATCH_DUE, .name = "host_watch.due",
             .sql = "SELECT host_id AS value FROM host_watch WHERE due <= ? ORDER BY due LIMIT ?", .row = &DB_NUMBER);
DB_STATEMENT(WATCH_TAKE, .name = "host_watch.take",
             .sql = "UPDATE host_watch SET looking = 1, began = ?, due = ? WHERE host_id = ? AND due <= ?");
DB_STATEMENT(WATCH_SOON, .name = "host_watch.soon",
             .sql = "UPDATE host_watch SET wanted = looking, returned = returned OR ?, due = IF(looking, due,"
                    " LEAST(due, GREATEST(?, COALESCE(began, ?) + INTERVAL ? MICROSECOND))) WHERE host_id = ?");
DB_STATEMENT(WATCH_ALL_SOON, .name = "host_watch.all_soon",
             .sql = "UPDATE host_watch SET due = LEAST(due, ? + INTERVAL host_id % 1000 * 10000 MICROSECOND)"
                    " WHERE looking = 0",
             .scan_reason = "once in the life of a process");
DB_STATEMENT(WATCH_END, .name = "host_watch.end",
             .sql = "UPDATE host_watch SET due = IF(wanted, ?, ?), returned = returned AND NOT ?, looking = 0,"
                    " wanted = 0, silent = ?, silent_since = ? WHERE host_id = ?");
DB_STATEMENT(WATCH_FORGET, .name = "host_watch.forget", .sql = "DELETE FROM host_watch WHERE host_id = ?");
DB_STATEMENT(GUESTS_FORGET, .name = "host_guest.forget_all", .sql = "DELETE FROM host_guest WHERE host_id = ?");
DB_STATEMENT(HOST_PINGED, .name = "host.pinged", .sql = "UPDATE host SET last_pinged = ? WHERE id = ?");

DB_STATEMENT(GUESTS_OF_HOST, .name = "host_guest.of_host",
             .sql = "SELECT host_id, vm_id, guest_uuid, name, running, found FROM host_guest WHERE host_id = ?",
             .row = &HOST_GUEST_ROW);
DB_STATEMENT(GUESTS_OF_VM, .name = "host_guest.of_vm",
             .sql = "SELECT host_id, vm_id, guest_uuid, name, running, found FROM host_guest WHERE vm_id = ?",
             .row = &HOST_GUEST_ROW);
DB_STATEMENT(GUESTS_OF_ALL, .name = "host_guest.of_all",
             .sql = "SELECT host_id, vm_id, guest_uuid, name, running, found FROM host_guest"
                    " ORDER BY host_id, guest_uuid",
             .row = &HOST_GUEST_ROW, .scan_reason = "operators list what should not be there: few rows, or none");
DB_STATEMENT(GUEST_SET, .name = "host_guest.set",
             .sql = "INSERT INTO host_guest (host_id, vm_id, guest_uuid, name, running, found) VALUES (?, ?, ?, ?, ?,"
                    " UTC_TIMESTAMP(3)) ON DUPLICATE KEY UPDATE vm_id = VALUES(vm_id), name = VALUES(name),"
                    " running = VALUES(running)");
DB_STATEMENT(GUEST_FORGET, .name = "host_guest.forget",
             .sql = "DELETE FROM host_guest WHERE host_id = ? AND guest_uuid = ?");

bool host_watch_store_find(struct db *db, struct arena *arena, int64_t host_id, struct host_watch_row *ret_row,
                           struct error *err)
{
    struct host_watch_row row = {.silent = 0};
    bool found = false;
    if (!db_query_one(db, &WATCH_FIND, arena, &row, &found, err, db_int(host_id)))
        return false;
    *ret_row = row;
    return true;
}

bool host_watch_store_add(struct db *db, int64_t host_id, int64_t due_ms, struct error *err)
{
    return db_execute(db, &WATCH_ADD, err, db_int(host_id), db_time(due_ms));
}

bool host_watch_due_any(struct db *db, struct arena *arena, size_t most, struct db_rows *ret_ids, struct error *err)
{
    return db_query(db, &WATCH_DUE, arena, most, ret_ids, err, db_time(clock_now_ms()), db_int((int64_t)most));
}

bool host_watch_all_soon(struct db *db, struct error *err)
{
    return db_execute(db, &WATCH_ALL_SOON, err, db_time(clock_now_ms()));
}

bool host_watch_store_take(struct db *db, int64_t host_id, int64_t now_ms, int64_t at_latest_ms, bool *ret_taken,
                           struct error *err)
{
    if (!db_execute(db, &WATCH_TAKE, err, db_time(now_ms), db_time(at_latest_ms), db_int(host_id), db_time(now_ms)))
        return false;
    *ret_taken = db_affected_rows(db) == 1;
    return true;
}

bool host_watch_store_soon(struct db *db, int64_t host_id, bool returned, int64_t now_ms, int64_t rest_ms,
                           struct error *err)
{
    return db_execute(db, &WATCH_SOON, err, db_bool(returned), db_time(now_ms), db_time(now_ms - rest_ms),
                      db_int(rest_ms * 1000), db_int(host_id));
}

bool host_watch_store_end(struct db *db, int64_t host_id, const struct host_watch_row *row, int64_t due_ms,
                          int64_t due_if_wanted_ms, struct error *err)
{
    return db_execute(db, &WATCH_END, err, db_time(due_if_wanted_ms), db_time(due_ms), db_bool(row->returned),
                      db_int(row->silent), row->silent_since.set ? db_time(row->silent_since.ms) : db_null(),
                      db_int(host_id));
}

bool host_watch_forget(struct db *db, int64_t host_id, struct error *err)
{
    return db_execute(db, &WATCH_FORGET, err, db_int(host_id)) && db_execute(db, &GUESTS_FORGET, err, db_int(host_id));
}

bool host_watch_store_pinged(struct db *db, int64_t host_id, int64_t now_ms, struct error *err)
{
    return db_execute(db, &HOST_PINGED, err, db_time(now_ms), db_int(host_id));
}

bool host_guest_list_any(struct db *db, struct arena *arena, int64_t host_id, int64_t vm_id, struct db_rows *ret_rows,
                         struct error *err)
{
    if (host_id != 0)
        return db_query(db, &GUESTS_OF_HOST, arena, HOST_GUESTS_MAX, ret_rows, err, db_int(host_id));
    if (vm_id != 0)
        return db_query(db, &GUESTS_OF_VM, arena, HOST_GUESTS_MAX, ret_rows, err, db_int(vm_id));
    return db_query(db, &GUESTS_OF_ALL, arena, HOST_GUESTS_MAX, ret_rows, err, DB_NO_VALUES);
}

bool host_guest_set(struct db *db, const struct host_guest *guest, struct error *err)
{
    return db_execute(db, &GUEST_SET, err, db_int(guest->host_id), db_int(guest->vm_id), db_text(guest->guest_uuid),
                      db_text(guest->name), db_bool(guest->running));
}

bool host_guest_forget(struct db *db, int64_t host_id, const char *guest_uuid, struct error *err)
{
    return db_execute(db, &GUEST_FORGET, err, db_int(host_id), db_text(guest_uuid));
}
