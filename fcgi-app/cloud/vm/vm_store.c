/* SQL of table vm, but for lists (vm_list.c), and of what hangs on it (vm_parts.c). */
#include "base/text.h"
#include "cloud/bucket/run.h"
#include "cloud/vm/vm_columns.h"

#define X(column) COLUMN(struct vm, column),
FIELD_TABLE(VM_ROW, struct vm, VM_LISTED_COLUMNS(X) VM_OTHER_COLUMNS(X) COLUMN(struct vm, updated));
#undef X

DB_STATEMENT(VM_INSERT, .name = "vm.insert",
             .sql =
                 "INSERT INTO vm (id, uuid, account_id, domain_id, user_id, zone_id, host_id, last_host_id, image_id, "
                 "offering_id, disk_offering_id, group_id, "
                 "os_type_id, name, display_name, instance_name, state, listed, hypervisor, cpu_count, cpu_mhz, "
                 "memory_mib, ha_enabled, is_shown, "
                 "is_dynamically_scalable, boot_type, boot_mode, keyboard, mac_address, has_details, has_keys, "
                 "has_stored_data, counted_tags, created, updated) "
                 "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                 "?, ?, ?, ?, NOW(3), NOW(3))");
DB_STATEMENT(VM_FIND, .name = "vm.find", .sql = VM_SELECT " WHERE v.id = ?", .row = &VM_ROW);
DB_STATEMENT(VM_FIND_UUID, .name = "vm.find_uuid", .sql = VM_SELECT " WHERE v.uuid = ? AND v.removed IS NULL",
             .row = &VM_ROW);
DB_STATEMENT(
    VM_NAME_TAKEN, .name = "vm.name_taken",
    .sql = "SELECT COUNT(*) AS value FROM vm WHERE name = ? AND account_id = ? AND removed IS NULL AND id <> ?",
    .row = &DB_NUMBER);
DB_STATEMENT(VM_COUNT_BY_IMAGE, .name = "vm.count_by_image",
             .sql = "SELECT COUNT(*) AS value FROM vm WHERE image_id = ? AND removed IS NULL", .row = &DB_NUMBER);
DB_STATEMENT(VM_LEAVE_GROUP, .name = "vm.leave_group",
             .sql = "UPDATE vm SET group_id = 0 WHERE account_id = ? AND group_id = ?");
DB_STATEMENT(VM_MOVE_STATE, .name = "vm.move_state",
             .sql = "UPDATE vm SET state = ?, listed = ?, destroyed = IF(? = 'Destroyed', NOW(3), IF(? = 'Stopped', "
                    "NULL, destroyed)), "
                    "removed = IF(? = 'Expunged', NOW(3), NULL), updated = NOW(3) WHERE id = ? AND state = ?");
DB_STATEMENT(VM_SET_HOST, .name = "vm.set_host",
             .sql = "UPDATE vm SET host_id = ?, last_host_id = ?, updated = NOW(3) WHERE id = ?");
DB_STATEMENT(VM_SET_JOB, .name = "vm.set_job", .sql = "UPDATE vm SET job_uuid = ? WHERE id = ? AND job_uuid IS NULL");
DB_STATEMENT(VM_CLEAR_JOB, .name = "vm.clear_job",
             .sql = "UPDATE vm SET job_uuid = NULL WHERE id = ? AND job_uuid = ?");
DB_STATEMENT(VM_SET_FAILURE, .name = "vm.set_failure",
             .sql = "UPDATE vm SET failure_kind = ?, failure_key = ?, failure_args = ? WHERE id = ?");
DB_STATEMENT(VM_UPDATE, .name = "vm.update",
             .sql = "UPDATE vm SET name = ?, display_name = ?, instance_name = ?, group_id = ?, os_type_id = ?, "
                    "ha_enabled = ?, is_shown = ?, listed = ?, "
                    "is_dynamically_scalable = ?, delete_protected = ?, has_details = ?, "
                    "has_stored_data = ?, updated = NOW(3) WHERE id = ?");
DB_STATEMENT(VM_DUE_FOR_EXPUNGE, .name = "vm.due_for_expunge",
             .sql = "SELECT id AS value FROM vm WHERE ((state = 'Destroyed' AND destroyed < ?) OR state = 'Expunging') "
                    "AND job_uuid IS NULL "
                    "ORDER BY id LIMIT ?",
             .row = &DB_NUMBER, .scan_reason = "run by a schedule over few rows");
DB_STATEMENT(VM_ON_HOST, .name = "vm.on_host",
             .sql = VM_SELECT " WHERE v.host_id = ? AND v.removed IS NULL AND v.job_uuid IS NULL", .row = &VM_ROW);
enum { VMS_PER_HOST_MAX = 5000 };

bool vm_store_number(struct db *db, struct arena *arena, struct vm *vm, struct error *err)
{
    if (!run_take_id(db, "vm", vm->account_id, &vm->id, err))
        return false;
    vm->instance_name = arena_printf(arena, "i-%lld-%lld-VM", (long long)vm->account_id, (long long)vm->id);
    return true;
}

bool vm_store_insert(struct db *db, const struct vm *v, struct error *err)
{
    return db_execute(db, &VM_INSERT, err, db_int(v->id), db_text(v->uuid), db_int(v->account_id), db_int(v->domain_id),
                      db_int(v->user_id), db_int(v->zone_id), db_int(v->host_id), db_int(v->last_host_id),
                      db_int(v->image_id), db_int(v->offering_id), db_int(v->disk_offering_id), db_int(v->group_id),
                      db_int(v->os_type_id), db_text(v->name), db_text(v->display_name), db_text(v->instance_name),
                      db_text(v->state), db_int(v->listed), db_text(v->hypervisor), db_int(v->cpu_count),
                      db_int(v->cpu_mhz), db_int(v->memory_mib), db_bool(v->ha_enabled), db_bool(v->is_shown),
                      db_bool(v->is_dynamically_scalable), db_text(v->boot_type), db_text(v->boot_mode),
                      db_text(v->keyboard), db_text(v->mac_address), db_bool(v->has_details), db_bool(v->has_keys),
                      db_bool(v->has_stored_data), db_text(v->counted_tags));
}

static bool find_one(struct db *db, struct arena *arena, const struct db_statement *statement, struct db_value key,
                     struct vm **ret_vm, struct error *err)
{
    struct vm *vm = ARENA_NEW(arena, struct vm);
    bool found = false;
    if (!db_query_one(db, statement, arena, vm, &found, err, key))
        return false;
    *ret_vm = found ? vm : NULL;
    return true;
}

bool vm_find_any(struct db *db, struct arena *arena, int64_t id, struct vm **ret_vm, struct error *err)
{
    return find_one(db, arena, &VM_FIND, db_int(id), ret_vm, err);
}

bool vm_find_by_uuid_any(struct db *db, struct arena *arena, const char *uuid, struct vm **ret_vm, struct error *err)
{
    return find_one(db, arena, &VM_FIND_UUID, db_text(uuid), ret_vm, err);
}

bool vm_store_name_is_taken(struct db *db, struct arena *arena, int64_t account_id, const char *name, int64_t except_id,
                            bool *ret_taken, struct error *err)
{
    struct db_number number = {0};
    bool found = false;
    if (!db_query_one(db, &VM_NAME_TAKEN, arena, &number, &found, err, db_text(name), db_int(account_id),
                      db_int(except_id)))
        return false;
    *ret_taken = number.value > 0;
    return true;
}

bool vm_leave_group_any(struct db *db, int64_t account_id, int64_t group_id, struct error *err)
{
    return db_execute(db, &VM_LEAVE_GROUP, err, db_int(account_id), db_int(group_id));
}

bool vm_count_by_image_any(struct db *db, int64_t image_id, int64_t *ret_count, struct error *err)
{
    struct db_number number = {0};
    bool found = false;
    struct arena arena;
    arena_init(&arena);
    bool ok = db_query_one(db, &VM_COUNT_BY_IMAGE, &arena, &number, &found, err, db_int(image_id));
    arena_free(&arena);
    if (ok)
        *ret_count = number.value;
    return ok;
}

bool vm_store_move_state(struct db *db, const struct vm *vm, enum vm_state to, bool *ret_moved, struct error *err)
{
    const char *name = vm_state_name(to);
    if (!db_execute(db, &VM_MOVE_STATE, err, db_text(name), db_int(vm_state_listed(to, vm->is_shown)), db_text(name),
                    db_text(name), db_text(name), db_int(vm->id), db_text(vm->state)))
        return false;
    *ret_moved = db_affected_rows(db) == 1;
    return true;
}

bool vm_store_set_host(struct db *db, int64_t id, int64_t host_id, int64_t last_host_id, struct error *err)
{
    return db_execute(db, &VM_SET_HOST, err, db_int(host_id), db_int(last_host_id), db_int(id));
}

bool vm_store_set_job(struct db *db, int64_t id, const char *job_uuid, struct error *err)
{
    if (!db_execute(db, &VM_SET_JOB, err, db_text(job_uuid), db_int(id)))
        return false;
    return db_affected_rows(db) == 1 || error_set(err, ERROR_IN_USE, "vm.busy_now");
}

bool vm_store_clear_job(struct db *db, int64_t id, const char *job_uuid, struct error *err)
{
    return db_execute(db, &VM_CLEAR_JOB, err, db_int(id), db_text(job_uuid));
}

bool vm_store_set_failure(struct db *db, int64_t id, const char *kind, const char *key, const char *args,
                          struct error *err)
{
    return db_execute(db, &VM_SET_FAILURE, err, db_text(kind), db_text(key), db_text(args), db_int(id));
}

bool vm_store_update(struct db *db, const struct vm *v, struct error *err)
{
    return db_execute(db, &VM_UPDATE, err, db_text(v->name), db_text(v->display_name), db_text(v->instance_name),
                      db_int(v->group_id), db_int(v->os_type_id), db_bool(v->ha_enabled), db_bool(v->is_shown),
                      db_int(v->listed), db_bool(v->is_dynamically_scalable), db_bool(v->delete_protected),
                      db_bool(v->has_details), db_bool(v->has_stored_data), db_int(v->id));
}

bool vm_store_due_for_expunge_any(struct db *db, struct arena *arena, int64_t destroyed_before_ms, size_t most,
                                  struct db_rows *ret_ids, struct error *err)
{
    return db_query(db, &VM_DUE_FOR_EXPUNGE, arena, most, ret_ids, err, db_time(destroyed_before_ms),
                    db_int((int64_t)most));
}

bool vm_store_on_host_any(struct db *db, struct arena *arena, int64_t host_id, struct db_rows *ret_rows,
                          struct error *err)
{
    return db_query(db, &VM_ON_HOST, arena, VMS_PER_HOST_MAX, ret_rows, err, db_int(host_id));
}
