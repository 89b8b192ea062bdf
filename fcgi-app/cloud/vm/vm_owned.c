/* VMs of an account: how they go with it (expunged with all their disks), stop when it is disabled, and are counted
 * anew. */
#include "base/text.h"
#include "cloud/identity/owned.h"
#include "cloud/quota/quota.h"
#include "cloud/vm/vm_jobs.h"
#include "cloud/vm/vm_owned.h"
#include "cloud/volume/volume.h"

DB_STATEMENT(OWNED_VMS, .name = "vm.owned", .row = &OWNED_OBJECT,
             .sql = "SELECT id, uuid, display_name AS name FROM vm WHERE account_id = ? AND removed IS NULL ORDER BY "
                    "id LIMIT ?");
DB_STATEMENT(OWNED_VMS_UP, .name = "vm.owned_up", .row = &OWNED_OBJECT,
             .sql = "SELECT id, uuid, display_name AS name FROM vm WHERE account_id = ? AND removed IS NULL AND state "
                    "IN ('Starting', 'Running', 'Stopping', 'Migrating') ORDER BY id LIMIT ?");
DB_STATEMENT(OWNED_GROUPS_FORGET, .name = "vm.owned_groups_forget", .sql = "DELETE FROM vm_group WHERE account_id = ?");

#define COUNTED                                                                                                        \
    "v.account_id = c.account_id AND v.removed IS NULL AND v.state NOT IN ('Error', 'Destroyed', 'Expunging')"
#define COUNTED_TAG COUNTED " AND FIND_IN_SET(c.tag, v.counted_tags)"
#define COUNT_ANEW(ident, statement_name, what)                                                                        \
    DB_STATEMENT(ident, .name = "vm.recount_" statement_name, .scan_reason = QUOTA_RECOUNT_REASON,                     \
                 .sql = QUOTA_RECOUNT("SELECT " what " FROM vm v WHERE " COUNTED));                                    \
    DB_STATEMENT(ident##_TAGGED, .name = "vm.recount_tagged_" statement_name, .scan_reason = QUOTA_RECOUNT_REASON,     \
                 .sql = QUOTA_RECOUNT_TAGGED("SELECT " what " FROM vm v WHERE " COUNTED_TAG))
COUNT_ANEW(RECOUNT_VMS, "vms", "COUNT(*)");
COUNT_ANEW(RECOUNT_CPUS, "cpus", "COALESCE(SUM(v.cpu_count), 0)");
COUNT_ANEW(RECOUNT_MEMORY, "memory", "COALESCE(SUM(v.memory_mib), 0)");
static const struct quota_source SOURCES[] = {{QUOTA_VM, &RECOUNT_VMS, &RECOUNT_VMS_TAGGED},
                                              {QUOTA_CPU, &RECOUNT_CPUS, &RECOUNT_CPUS_TAGGED},
                                              {QUOTA_MEMORY_MIB, &RECOUNT_MEMORY, &RECOUNT_MEMORY_TAGGED}};

static bool list_with(struct db *db, const struct db_statement *statement, struct arena *arena,
                      const struct owned_holder *holder, size_t most, struct db_rows *ret_objects, struct error *err)
{
    return holder->account_id == 0 ||
           db_query(db, statement, arena, most, ret_objects, err, db_int(holder->account_id), db_int((int64_t)most));
}

static bool list(struct db *db, struct arena *arena, const struct owned_holder *holder, size_t most,
                 struct db_rows *ret_objects, struct error *err)
{
    return list_with(db, &OWNED_VMS, arena, holder, most, ret_objects, err);
}

static bool list_up(struct db *db, struct arena *arena, const struct owned_holder *holder, size_t most,
                    struct db_rows *ret_objects, struct error *err)
{
    return list_with(db, &OWNED_VMS_UP, arena, holder, most, ret_objects, err);
}

static bool begin_job(struct db *db, const struct job_kind *kind, const struct vm_work_input *input,
                      const struct vm *vm, const struct job_stamp *stamp, struct job_ref *ret_job, struct error *err)
{
    const struct job_target target = {.object_kind = "vm", .object_id = vm->id, .object_uuid = vm->uuid};
    return job_create(db, kind, input, &target, stamp, ret_job, err) &&
           vm_store_set_job(db, vm->id, ret_job->uuid, err);
}

/* Everything goes: its data disks are named, too. */
static bool name_volumes(struct db *db, struct arena *arena, int64_t vm_id, struct string_list *ret_uuids,
                         struct error *err)
{
    struct volume *volumes = NULL;
    size_t count = 0;
    if (!volume_of_vm_any(db, arena, vm_id, &volumes, &count, err))
        return false;
    *ret_uuids = (struct string_list){arena_array(arena, count + 1, sizeof(const char *)), count};
    for (size_t i = 0; i < count; i++)
        ret_uuids->items[i] = volumes[i].uuid;
    return true;
}

static bool find_idle(struct db *db, struct arena *arena, int64_t id, struct vm **ret_vm, bool *ret_idle,
                      struct error *err)
{
    if (!vm_find_any(db, arena, id, ret_vm, err))
        return false;
    *ret_idle = *ret_vm && !(*ret_vm)->removed.set && !(*ret_vm)->job_uuid;
    return true;
}

static bool begin_removal(struct db *db, struct arena *arena, const struct owned_object *object,
                          const struct job_stamp *stamp, struct job_ref *ret_job, bool *ret_begun, struct error *err)
{
    struct vm *vm = NULL;
    struct vm_work_input input = {.vm_id = object->id, .forced = true, .expunge = true};
    if (!find_idle(db, arena, object->id, &vm, ret_begun, err))
        return false;
    if (!*ret_begun)
        return true;
    enum vm_state state = vm_state_from_name(vm->state);
    bool destroyed = state == VM_DESTROYED || state == VM_EXPUNGING;
    return name_volumes(db, arena, vm->id, &input.volume_ids, err) &&
           vm_change_state_if_possible(db, arena, vm, VM_STOP_REQUESTED, (struct vm_actor){.caller = NULL}, err) &&
           begin_job(db, destroyed ? &VM_EXPUNGE : &VM_DESTROY, &input, vm, stamp, ret_job, err);
}

static bool begin_halt(struct db *db, struct arena *arena, const struct owned_object *object,
                       const struct job_stamp *stamp, struct job_ref *ret_job, bool *ret_begun, struct error *err)
{
    struct vm *vm = NULL;
    const struct vm_work_input input = {.vm_id = object->id};
    if (!find_idle(db, arena, object->id, &vm, ret_begun, err))
        return false;
    return !*ret_begun ||
           (vm_change_state_if_possible(db, arena, vm, VM_STOP_REQUESTED, (struct vm_actor){.caller = NULL}, err) &&
            begin_job(db, &VM_STOP, &input, vm, stamp, ret_job, err));
}

static bool forget_account(struct db *db, int64_t account_id, struct error *err)
{
    return db_execute(db, &OWNED_GROUPS_FORGET, err, db_int(account_id));
}

void vm_register_owned(void)
{
    static const struct owned_kind vms = {.name = "vm",
                                          .title_key = "owned.vm",
                                          .order = OWNED_MACHINES,
                                          .remove = {.list = list, .begin = begin_removal},
                                          .halt = {.list = list_up, .begin = begin_halt},
                                          .forget_account = forget_account};
    owned_register(&vms);
    for (size_t i = 0; i < COUNT_OF(SOURCES); i++)
        quota_register_source(&SOURCES[i]);
}
