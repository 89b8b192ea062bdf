/* vm.stop, vm.reboot, vm.destroy, vm.expunge, and vm.found for what stopped by itself. None of them is undone: each
 * step can be repeated, and what fails leaves the VM in a state from which the command can be given again. */
#include "base/setting.h"
#include "base/text.h"
#include "cloud/mark/mark.h"
#include "cloud/vm/vm_jobs_parts.h"

SETTING(STOP_GRACE, .name = "vm.stop.grace", .category = "Advanced", .default_value = "30",
        .help = "Seconds that a guest gets for its own shutdown before its power is cut.", .type = SETTING_INT,
        .scopes = SCOPE_GLOBAL, .min = 0, .max = 600);

static bool find_vm(struct job_run *run, struct vm **ret_vm, struct error *err)
{
    const struct vm_work_input *input = run->input;
    if (!vm_find_any(run->db, run->arena, input->vm_id, ret_vm, err))
        return false;
    return *ret_vm != NULL || error_set(err, ERROR_RESOURCE_UNAVAILABLE, "vm.gone");
}

static bool input_expunges(const struct job_run *run)
{
    return ((const struct vm_work_input *)run->input)->expunge;
}

static bool skip_unless_expunge(const struct job_run *run)
{
    return !input_expunges(run);
}

/* ---- steps ---- */

static enum step_outcome stop_act(struct job_run *run, struct error *err)
{
    const struct vm_work_input *input = run->input;
    struct vm_world world;
    struct gurum_host host;
    struct plugin_target target;
    if (!vm_world_load(run, input->vm_id, &world, err))
        return STEP_FAILED;
    if (world.host == NULL)
        return STEP_DONE;
    if (!vm_host_target(run, world.host, &host, &target, err))
        return STEP_FAILED;
    const struct gurum_guest_stop_spec spec = {.size = sizeof(spec),
                                               .flags = input->forced ? GURUM_STOP_FORCE : 0,
                                               .host = &host,
                                               .guest_uuid = world.vm->uuid,
                                               .guest_name = world.vm->instance_name,
                                               .grace_ms = (uint32_t)setting_int(&STOP_GRACE) * 1000};
    return hypervisor_guest_stop(run, &target, &spec, NULL, err);
}

static enum step_outcome remove_guest_act(struct job_run *run, struct error *err)
{
    return vm_remove_guest(run, ((const struct vm_work_input *)run->input)->vm_id, err);
}

/* The guest is gone: the host's room is free, and a VM that was running or on its way down is stopped. */
static bool remove_guest_commit(struct job_run *run, struct error *err)
{
    struct vm *vm = NULL;
    const struct vm_actor actor = {.run = run};
    if (!find_vm(run, &vm, err) || !vm_leave_host(run, vm, err))
        return false;
    if (!string_equal(vm->state, "Stopping"))
        return true;
    return vm_change_state(run->db, run->arena, vm, VM_STOP_DONE, actor, err) && vm_count_running(run, vm, -1, err);
}

static bool destroy_commit(struct job_run *run, struct error *err)
{
    struct vm *vm = NULL;
    const struct vm_actor actor = {.run = run};
    if (!find_vm(run, &vm, err))
        return false;
    enum vm_state from = vm_state_from_name(vm->state);
    if (from == VM_DESTROYED || from == VM_EXPUNGING)
        return true;
    if (!vm_change_state(run->db, run->arena, vm, VM_DESTROY_DONE, actor, err))
        return false;
    return !vm_state_is_counted(from) || vm_count(run->db, run->arena, vm, -1, err);
}

static bool begin_expunge_commit(struct job_run *run, struct error *err)
{
    struct vm *vm = NULL;
    const struct vm_actor actor = {.run = run};
    return find_vm(run, &vm, err) && vm_change_state(run->db, run->arena, vm, VM_EXPUNGE_REQUESTED, actor, err);
}

/* The root disk always goes; data disks only when the request names them, else they are detached and stay. */
static enum step_outcome remove_volumes_act(struct job_run *run, struct error *err)
{
    const struct vm_work_input *input = run->input;
    return vm_remove_volumes_act(run, input->vm_id, true, &input->volume_ids, err);
}

static bool remove_volumes_commit(struct job_run *run, struct error *err)
{
    const struct vm_work_input *input = run->input;
    return vm_remove_volumes_commit(run, input->vm_id, true, &input->volume_ids, err);
}

static bool forget_commit(struct job_run *run, struct error *err)
{
    struct vm *vm = NULL;
    const struct vm_actor actor = {.run = run};
    return find_vm(run, &vm, err) && vm_release_nics(run, vm->id, err) && mark_forget(run->db, "vm", vm->id, err) &&
           vm_detail_clear(run->db, vm->id, err) && vm_user_data_set(run->db, vm->id, NULL, err) &&
           vm_key_clear(run->db, vm->id, err) &&
           vm_change_state(run->db, run->arena, vm, VM_EXPUNGE_DONE, actor, err);
}

static enum step_outcome reboot_act(struct job_run *run, struct error *err)
{
    const struct vm_work_input *input = run->input;
    struct vm_world world;
    struct gurum_host host;
    struct plugin_target target;
    if (!vm_world_load(run, input->vm_id, &world, err))
        return STEP_FAILED;
    if (world.host == NULL) {
        error_set(err, ERROR_RESOURCE_UNAVAILABLE, "vm.host_gone");
        return STEP_FAILED;
    }
    if (!vm_host_target(run, world.host, &host, &target, err))
        return STEP_FAILED;
    const struct gurum_guest_spec spec = {
        .size = sizeof(spec), .host = &host, .guest_uuid = world.vm->uuid, .guest_name = world.vm->instance_name};
    return hypervisor_guest_reboot(run, &target, &spec, NULL, err);
}

static bool reboot_commit(struct job_run *run, struct error *err)
{
    struct vm *vm = NULL;
    if (!find_vm(run, &vm, err))
        return false;
    struct history_entry entry = vm_history(vm, "reboot", vm->state, vm->state, (struct vm_actor){.run = run});
    return history_add(run->db, &entry, err);
}

/* ---- vm.found: an observation did not see the guest running ---- */

struct vm_found_state {
    bool is_up;
};
FIELD_TABLE(VM_FOUND_STATE, struct vm_found_state, COLUMN(struct vm_found_state, is_up));

/* Asks for this one guest again: what follows removes it, and somebody may have started it since. */
static enum step_outcome look_act(struct job_run *run, struct error *err)
{
    const struct vm_work_input *input = run->input;
    struct vm_world world;
    struct gurum_host host;
    struct plugin_target target;
    struct plugin_reports reports = {.items = NULL};
    if (!vm_world_load(run, input->vm_id, &world, err))
        return STEP_FAILED;
    if (world.host == NULL)
        return STEP_DONE;
    if (!vm_host_target(run, world.host, &host, &target, err))
        return STEP_FAILED;
    const struct gurum_guest_spec spec = {
        .size = sizeof(spec), .host = &host, .guest_uuid = world.vm->uuid, .guest_name = world.vm->instance_name};
    enum step_outcome outcome = hypervisor_guest_observe(run, &target, &spec, &reports, err);
    const struct gurum_guest_report *guest = plugin_report_first(&reports, GURUM_ITEM_GUEST);
    if (outcome == STEP_DONE)
        ((struct vm_found_state *)run->state)->is_up = guest != NULL && vm_guest_is_up(guest->state);
    return outcome;
}

static bool skip_when_up(const struct job_run *run)
{
    return ((const struct vm_found_state *)run->state)->is_up;
}

static bool found_commit(struct job_run *run, struct error *err)
{
    const struct vm_work_input *input = run->input;
    struct vm *vm = NULL;
    const char *key = input->found_crashed ? "event.vm_found_crashed" : "event.vm_found_stopped";
    return remove_guest_commit(run, err) && find_vm(run, &vm, err) &&
           vm_tell(run->db, vm, "VM.STOP", "WARN", key, input->found_on, err);
}

/* ---- plans: these jobs depend on nothing but the VM ---- */

static bool step_plan(struct job_run *run, struct plan *plan, struct error *err)
{
    (void)err;
    plan_step(plan, run->step->title_key, NULL);
    return true;
}

/* ---- settle ---- */

static bool work_settle(struct job_run *run, bool succeeded, const struct error *failure, struct error *err)
{
    const struct vm_work_input *input = run->input;
    struct vm *vm = NULL;
    (void)failure;
    if (!vm_store_clear_job(run->db, input->vm_id, run->job_uuid, err) ||
        !vm_find_any(run->db, run->arena, input->vm_id, &vm, err))
        return false;
    if (succeeded || vm == NULL)
        return true;
    return vm_change_state_if_possible(run->db, run->arena, vm, VM_STOP_FAILED, (struct vm_actor){.run = run}, err);
}

/* Whatever it came to, a VM that was not stopped runs: the next look finds what else is true. */
static bool found_settle(struct job_run *run, bool succeeded, const struct error *failure, struct error *err)
{
    (void)succeeded;
    return work_settle(run, false, failure, err);
}

#define STOP_STEP                                                                                                      \
    {                                                                                                                  \
        .name = "stop_guest", .title_key = "step.stop_guest", .act = stop_act, .plan = step_plan                       \
    }
#define REMOVE_GUEST_STEP                                                                                              \
    {                                                                                                                  \
        .name = "remove_guest", .title_key = "step.remove_guest", .act = remove_guest_act,                             \
        .commit = remove_guest_commit, .plan = step_plan                                                               \
    }
#define EXPUNGE_STEPS(skipped)                                                                                         \
    {.name = "begin_expunge", .title_key = "step.begin_expunge", .commit = begin_expunge_commit, .skip = (skipped)},   \
        {.name = "remove_volumes",                                                                                     \
         .title_key = "step.remove_volumes",                                                                           \
         .act = remove_volumes_act,                                                                                    \
         .commit = remove_volumes_commit,                                                                              \
         .plan = step_plan,                                                                                            \
         .skip = (skipped)},                                                                                           \
    {                                                                                                                  \
        .name = "forget", .title_key = "step.forget", .commit = forget_commit, .plan = step_plan, .skip = (skipped)    \
    }

static const struct job_step STOP_STEPS[] = {STOP_STEP, REMOVE_GUEST_STEP};
static const struct job_step FOUND_STEPS[] = {
    {.name = "look", .title_key = "step.observe_guests", .act = look_act},
    {.name = "remove_guest",
     .title_key = "step.remove_guest",
     .act = remove_guest_act,
     .commit = found_commit,
     .skip = skip_when_up}};
static const struct job_step REBOOT_STEPS[] = {{.name = "reboot_guest",
                                                .title_key = "step.reboot_guest",
                                                .act = reboot_act,
                                                .commit = reboot_commit,
                                                .plan = step_plan}};
static const struct job_step DESTROY_STEPS[] = {
    STOP_STEP,
    REMOVE_GUEST_STEP,
    {.name = "destroy", .title_key = "step.destroy", .commit = destroy_commit, .plan = step_plan},
    EXPUNGE_STEPS(skip_unless_expunge)};
static const struct job_step EXPUNGE_ONLY_STEPS[] = {REMOVE_GUEST_STEP, EXPUNGE_STEPS(NULL)};

const struct job_kind VM_STOP = {.name = "vm.stop",
                                 .command = "stopVirtualMachine",
                                 .version = 1,
                                 .input = &VM_WORK_INPUT,
                                 .steps = STOP_STEPS,
                                 .step_count = COUNT_OF(STOP_STEPS),
                                 .event = "VM.STOP",
                                 .result_kind = "vm",
                                 .settle = work_settle};
const struct job_kind VM_REBOOT = {.name = "vm.reboot",
                                   .command = "rebootVirtualMachine",
                                   .version = 1,
                                   .input = &VM_WORK_INPUT,
                                   .steps = REBOOT_STEPS,
                                   .step_count = COUNT_OF(REBOOT_STEPS),
                                   .event = "VM.REBOOT",
                                   .result_kind = "vm",
                                   .settle = work_settle};
const struct job_kind VM_DESTROY = {.name = "vm.destroy",
                                    .command = "destroyVirtualMachine",
                                    .version = 1,
                                    .input = &VM_WORK_INPUT,
                                    .steps = DESTROY_STEPS,
                                    .step_count = COUNT_OF(DESTROY_STEPS),
                                    .event = "VM.DESTROY",
                                    .result_kind = "vm",
                                    .settle = work_settle};
const struct job_kind VM_EXPUNGE = {.name = "vm.expunge",
                                    .command = "expungeVirtualMachine",
                                    .version = 1,
                                    .input = &VM_WORK_INPUT,
                                    .steps = EXPUNGE_ONLY_STEPS,
                                    .step_count = COUNT_OF(EXPUNGE_ONLY_STEPS),
                                    .event = "VM.EXPUNGE",
                                    .settle = work_settle};
const struct job_kind VM_FOUND = {.name = "vm.found",
                                  .command = "observeVirtualMachines",
                                  .version = 1,
                                  .input = &VM_WORK_INPUT,
                                  .state = &VM_FOUND_STATE,
                                  .steps = FOUND_STEPS,
                                  .step_count = COUNT_OF(FOUND_STEPS),
                                  .settle = found_settle};
