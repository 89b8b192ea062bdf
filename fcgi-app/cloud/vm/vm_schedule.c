/* Periodic work on VMs: expunging destroyed ones after their grace, and comparing records with what hosts really run.
 * Both only begin jobs. */
#include "cloud/vm/vm_schedule.h"

#include "base/clock.h"
#include "base/setting.h"
#include "cloud/host/host_watch.h"
#include "cloud/vm/vm_jobs.h"

SETTING(EXPUNGE_DELAY, .name = "expunge.delay", .category = "Advanced", .default_value = "86400",
        .help = "Seconds that a destroyed VM can still be recovered.", .type = SETTING_INT, .scopes = SCOPE_GLOBAL,
        .min = 0, .max = 31536000);
SETTING(EXPUNGE_INTERVAL, .name = "expunge.interval", .category = "Advanced", .default_value = "86400",
        .help = "Seconds between two looks for destroyed VMs to expunge; the schedule itself looks every 10 s.",
        .type = SETTING_INT, .scopes = SCOPE_GLOBAL, .min = 1, .max = 31536000);
enum { LOOK_EVERY_MS = 10000, EXPUNGES_AT_ONCE = 200, WATCH_EVERY_MS = 1000, LOOKS_AT_ONCE = 200 };

struct expunge_context {
    struct arena *arena;
    int64_t vm_id;
};

static bool expunge_body(struct db *db, void *context, struct error *err)
{
    const struct expunge_context *c = context;
    struct vm *vm = NULL;
    struct job_ref job;
    if (!vm_find_any(db, c->arena, c->vm_id, &vm, err))
        return false;
    if (vm == NULL || vm->job_uuid != NULL || vm->removed.set)
        return true;
    const struct vm_work_input input = {.vm_id = vm->id, .forced = true, .expunge = true};
    const struct job_target target = {.object_kind = "vm", .object_id = vm->id, .object_uuid = vm->uuid};
    const struct job_stamp stamp = {.account_id = vm->account_id, .domain_id = vm->domain_id};
    return job_create(db, &VM_EXPUNGE, &input, &target, &stamp, &job, err) &&
           vm_store_set_job(db, vm->id, job.uuid, err);
}

/* The last look, in this process: another process that takes the schedule over looks at once, which does no harm. */
static int64_t last_look_ms;

static bool run_expunge(struct db *db, struct arena *arena, struct error *err)
{
    int64_t now = clock_now_ms();
    struct db_rows ids;
    int64_t delay_ms = setting_int(&EXPUNGE_DELAY) * 1000, interval_ms = setting_int(&EXPUNGE_INTERVAL) * 1000;
    if (now - last_look_ms < interval_ms)
        return true;
    if (!vm_store_due_for_expunge_any(db, arena, now - delay_ms, EXPUNGES_AT_ONCE, &ids, err))
        return false;
    for (size_t i = 0; i < ids.count; i++) {
        struct expunge_context context = {.arena = arena, .vm_id = ((const struct db_number *)ids.items)[i].value};
        if (!db_transaction(db, expunge_body, &context, err))
            return false;
    }
    if (ids.count < EXPUNGES_AT_ONCE)
        last_look_ms = now;
    return true;
}

static bool look_body(struct db *db, void *context, struct error *err)
{
    const struct vm_observe_input *input = context;
    const struct job_target target = {.object_kind = "host_guests", .object_id = input->host_id};
    const struct job_stamp stamp = {.account_id = 0};
    struct job_ref job;
    bool taken = false;
    return host_watch_take(db, input->host_id, &taken, err) &&
           (!taken || job_create(db, &VM_OBSERVE, input, &target, &stamp, &job, err));
}

/* A process that has just begun heard nothing of what hosts told before. Only the schedules' thread comes here. */
static bool is_listening;

static bool run_observe(struct db *db, struct arena *arena, struct error *err)
{
    struct db_rows ids;
    if (!is_listening && !host_watch_all_soon(db, err))
        return false;
    is_listening = true;
    if (!host_watch_due_any(db, arena, LOOKS_AT_ONCE, &ids, err))
        return false;
    for (size_t i = 0; i < ids.count; i++) {
        struct vm_observe_input input = {.host_id = ((const struct db_number *)ids.items)[i].value};
        if (!db_transaction(db, look_body, &input, err))
            return false;
    }
    return true;
}

void vm_register_schedules(void)
{
    static const struct job_schedule expunge = {.name = "vm.expunge", .interval_ms = LOOK_EVERY_MS, .run = run_expunge};
    static const struct job_schedule observe = {
        .name = "vm.observe", .interval_ms = WATCH_EVERY_MS, .run = run_observe};
    job_register_schedule(&expunge);
    job_register_schedule(&observe);
    vm_observe_listen();
}
