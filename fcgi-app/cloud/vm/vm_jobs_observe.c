/* vm.observe: the truth at one host. A VM that a host does not run any more is stopped by a job of its own; one that
 * was thought lost and runs becomes Running again; a guest of ours that no record knows is reported. VMs with a job of
 * their own are left to it. */
#include "base/log.h"
#include "base/text.h"
#include "cloud/vm/vm_jobs_parts.h"

FIELD_TABLE(VM_OBSERVE_INPUT, struct vm_observe_input, COLUMN(struct vm_observe_input, host_id));
struct vm_observe_state {
    const char *running, *stopped;
    bool unreachable;
}; /* guests' uuids, each after a blank */
FIELD_TABLE(VM_OBSERVE_STATE, struct vm_observe_state, COLUMN(struct vm_observe_state, running),
            COLUMN(struct vm_observe_state, stopped), COLUMN(struct vm_observe_state, unreachable));

static bool has_uuid(const char *list, const char *uuid)
{
    return list != NULL && strstr(list, uuid) != NULL;
}

static void note_unknown(struct job_run *run, const struct gurum_guest_report *guest, const struct host *host)
{
    struct vm *vm = NULL;
    struct error err;
    if (!vm_find_by_uuid_any(run->db, run->arena, guest->uuid, &vm, &err))
        return;
    bool is_elsewhere = vm == NULL || (vm->host_id != host->id && vm->job_uuid == NULL);
    if (is_elsewhere)
        log_with(LOG_WARNING, "vm.unexpected_guest", L_TEXT("guest", guest->uuid), L_TEXT("name", guest->name),
                 L_TEXT("host", host->name));
}

static enum step_outcome observe_act(struct job_run *run, struct error *err)
{
    const struct vm_observe_input *input = run->input;
    struct vm_observe_state *state = run->state;
    struct host *host = NULL;
    struct gurum_host gurum_host;
    struct plugin_target target;
    struct plugin_reports reports = {.items = NULL};
    if (!host_find(run->db, run->arena, input->host_id, &host, err))
        return STEP_FAILED;
    if (host == NULL)
        return STEP_DONE;
    if (!vm_host_target(run, host, &gurum_host, &target, err))
        return STEP_FAILED;
    const struct gurum_host_spec spec = {.size = sizeof(spec), .host = &gurum_host};
    enum step_outcome outcome = hypervisor_guest_list(run, &target, &spec, &reports, err);
    if (outcome != STEP_DONE)
        return outcome;
    size_t count = 0;
    const void **guests = plugin_report_all(&reports, GURUM_ITEM_GUEST, run->arena, &count);
    struct text running, stopped;
    text_init(&running, run->arena, 1024 * 1024);
    text_init(&stopped, run->arena, 1024 * 1024);
    for (size_t i = 0; i < count; i++) {
        const struct gurum_guest_report *guest = guests[i];
        if (guest->uuid == NULL)
            continue;
        bool is_up = guest->state == GURUM_GUEST_RUNNING || guest->state == GURUM_GUEST_PAUSED ||
                     guest->state == GURUM_GUEST_MIGRATING;
        text_addf(is_up ? &running : &stopped, " %s", guest->uuid);
        note_unknown(run, guest, host);
    }
    state->running = text_string(&running);
    state->stopped = text_string(&stopped);
    return STEP_DONE;
}

/* The ordinary job of a stop clears up: what is left of the guest, the host's room, the counters. */
static bool begin_stop(struct job_run *run, struct vm *vm, struct error *err)
{
    const struct vm_work_input input = {.vm_id = vm->id, .forced = true};
    const struct job_target target = {.object_kind = "vm", .object_id = vm->id, .object_uuid = vm->uuid};
    const struct job_stamp stamp = {
        .account_id = vm->account_id, .domain_id = vm->domain_id, .parent_job_uuid = run->job_uuid};
    struct job_ref job;
    return vm_change_state(run->db, run->arena, vm, VM_STOP_REQUESTED, (struct vm_actor){.run = run}, err) &&
           job_create(run->db, &VM_STOP, &input, &target, &stamp, &job, err) &&
           vm_store_set_job(run->db, vm->id, job.uuid, err);
}

/* Only what nobody is working on, and what has been so for a while: a job that began after the look may have changed
 * the rest. */
static bool repair(struct job_run *run, struct vm *vm, struct error *err)
{
    const struct vm_observe_state *state = run->state;
    enum vm_state now = vm_state_from_name(vm->state);
    bool is_up = has_uuid(state->running, vm->uuid);
    if (vm->job_uuid != NULL || (vm->updated.set && vm->updated.ms >= run->begun_ms))
        return true;
    if (now == VM_UNKNOWN && is_up)
        return vm_change_state(run->db, run->arena, vm, VM_FOUND_RUNNING, (struct vm_actor){.run = run}, err);
    if ((now != VM_RUNNING && now != VM_UNKNOWN) || is_up)
        return true;
    log_with(LOG_WARNING, "vm.found_stopped", L_TEXT("vm", vm->uuid), L_TEXT("name", vm->instance_name));
    return begin_stop(run, vm, err);
}

static bool observe_commit(struct job_run *run, struct error *err)
{
    const struct vm_observe_input *input = run->input;
    struct vm_observe_state *state = run->state;
    struct db_rows rows;
    if (state->running == NULL)
        return true;
    if (!vm_store_on_host_any(run->db, run->arena, input->host_id, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        if (!repair(run, (struct vm *)rows.items + i, err))
            return false;
    state->running = state->stopped = NULL; /* not worth keeping in the journal */
    return true;
}

static const struct job_step STEPS[] = {{.name = "observe",
                                         .title_key = "step.observe_guests",
                                         .act = observe_act,
                                         .commit = observe_commit,
                                         .max_attempts = 1}};
const struct job_kind VM_OBSERVE = {.name = "vm.observe",
                                    .command = "observeVirtualMachines",
                                    .version = 1,
                                    .input = &VM_OBSERVE_INPUT,
                                    .state = &VM_OBSERVE_STATE,
                                    .steps = STEPS,
                                    .step_count = COUNT_OF(STEPS)};
