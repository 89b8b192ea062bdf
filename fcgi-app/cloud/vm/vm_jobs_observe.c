/* vm.observe: what one host really runs, against the records. One call of guest_list a look; records follow reality,
 * never the other way round, and only where nobody is at work:
 * - a VM that its host does not run any more: a job of its own looks again and stops the record (vm.found);
 * - a VM that is thought stopped or lost and runs here: Running, with the host's room taken;
 * - a VM that is recorded at another host and runs here: it moves when that host, asked itself, has it no more;
 * - a guest of ours that no record accounts for: told to the operator, and left alone.
 * A host that does not answer says nothing about its guests. */
#include "base/clock.h"
#include "base/text.h"
#include "cloud/host/host_watch.h"
#include "cloud/vm/vm_jobs_parts.h"

enum {
    LOOK_DEADLINE_MS = 9000,
    SILENCE_MS = 4000, /* it does not answer for so long; a connection may have to be opened first */
    ASK_AGAIN_MS = 1000,
    CLOCKS_APART_MS = 2000, /* between this machine's clock and the one that wrote `updated` */
    STRANGE_MAX = 500, /* of one look; the rest with the next */
    LOST_AT_ONCE = 200
};

FIELD_TABLE(VM_OBSERVE_INPUT, struct vm_observe_input, COLUMN(struct vm_observe_input, host_id));
struct vm_observe_state {
    bool answered;
    const char *silence; /* why it did not answer */
    const char *running, *crashed; /* guests' uuids, each after a blank */
    const char *strange; /* guests that are not recorded here: "uuid running name", a line each */
};
FIELD_TABLE(VM_OBSERVE_STATE, struct vm_observe_state, COLUMN(struct vm_observe_state, answered),
            COLUMN(struct vm_observe_state, silence), COLUMN(struct vm_observe_state, running),
            COLUMN(struct vm_observe_state, crashed), COLUMN(struct vm_observe_state, strange));

static int64_t host_of(const struct job_run *run)
{
    return ((const struct vm_observe_input *)run->input)->host_id;
}

static bool has_uuid(const char *list, const char *uuid)
{
    return list != NULL && strstr(list, uuid) != NULL;
}

/* ---- looking ---- */

static bool is_silence(const struct error *failure)
{
    return string_equal(failure->key, "plugin.UNREACHABLE") || string_equal(failure->key, "plugin.TIMED_OUT") ||
           string_equal(failure->key, "plugin.DENIED");
}

/* Silence is an answer, too, but not at once. */
static enum step_outcome unanswered(struct job_run *run, struct error *err)
{
    struct vm_observe_state *state = run->state;
    if (!is_silence(err))
        return STEP_FAILED;
    if (clock_now_ms() - run->begun_ms < SILENCE_MS) {
        run->check_after_ms = ASK_AGAIN_MS;
        return STEP_PENDING;
    }
    state->silence = arena_printf(run->arena, "%s", err->detail[0] != '\0' ? err->detail : err->key);
    error_clear(err);
    return STEP_DONE;
}

static bool note_guests(struct job_run *run, const struct plugin_reports *reports, struct error *err)
{
    struct vm_observe_state *state = run->state;
    struct text running, crashed, strange, recorded;
    struct db_rows rows;
    size_t count = 0, strangers = 0;
    const void **guests = plugin_report_all(reports, GURUM_ITEM_GUEST, run->arena, &count);
    if (!vm_store_on_host_any(run->db, run->arena, host_of(run), &rows, err))
        return false;
    text_init(&running, run->arena, 1024 * 1024);
    text_init(&crashed, run->arena, 1024 * 1024);
    text_init(&strange, run->arena, 1024 * 1024);
    text_init(&recorded, run->arena, 1024 * 1024);
    for (size_t i = 0; i < rows.count; i++)
        text_addf(&recorded, " %s", ((const struct vm *)rows.items)[i].uuid);
    for (size_t i = 0; i < count; i++) {
        const struct gurum_guest_report *guest = guests[i];
        if (guest->uuid == NULL)
            continue;
        bool is_up = vm_guest_is_up(guest->state);
        if (is_up || guest->state == GURUM_GUEST_CRASHED)
            text_addf(is_up ? &running : &crashed, " %s", guest->uuid);
        if (!has_uuid(text_string(&recorded), guest->uuid) && strangers++ < STRANGE_MAX)
            text_addf(&strange, "%s %d %s\n", guest->uuid, is_up, guest->name == NULL ? "" : guest->name);
    }
    state->running = text_string(&running);
    state->crashed = text_string(&crashed);
    state->strange = text_string(&strange);
    state->answered = true;
    return true;
}

static enum step_outcome observe_act(struct job_run *run, struct error *err)
{
    struct host *host = NULL;
    struct gurum_host gurum_host;
    struct plugin_target target;
    struct plugin_reports reports = {.items = NULL};
    if (!host_find(run->db, run->arena, host_of(run), &host, err))
        return STEP_FAILED;
    if (host == NULL)
        return STEP_DONE;
    if (!vm_host_target(run, host, &gurum_host, &target, err))
        return STEP_FAILED;
    target.deadline_ms = LOOK_DEADLINE_MS;
    const struct gurum_host_spec spec = {.size = sizeof(spec), .host = &gurum_host};
    enum step_outcome outcome = hypervisor_guest_list(run, &target, &spec, &reports, err);
    if (outcome == STEP_FAILED)
        return unanswered(run, err);
    return outcome == STEP_DONE && !note_guests(run, &reports, err) ? STEP_FAILED : outcome;
}

/* ---- VMs recorded here ---- */

/* Nobody is at work on it, and nobody was since the look began. */
static bool is_settled(const struct job_run *run, const struct vm *vm)
{
    return vm->job_uuid == NULL && !(vm->updated.set && vm->updated.ms >= run->begun_ms - CLOCKS_APART_MS);
}

static bool begin_found(struct job_run *run, struct vm *vm, const struct host *host, struct error *err)
{
    const struct vm_observe_state *state = run->state;
    const struct vm_work_input input = {
        .vm_id = vm->id, .found_on = host->name, .found_crashed = has_uuid(state->crashed, vm->uuid)};
    const struct job_target target = {.object_kind = "vm", .object_id = vm->id, .object_uuid = vm->uuid};
    const struct job_stamp stamp = {
        .account_id = vm->account_id, .domain_id = vm->domain_id, .parent_job_uuid = run->job_uuid};
    struct job_ref job;
    return vm_change_state(run->db, run->arena, vm, VM_STOP_REQUESTED, (struct vm_actor){.run = run}, err) &&
           job_create(run->db, &VM_FOUND, &input, &target, &stamp, &job, err) &&
           vm_store_set_job(run->db, vm->id, job.uuid, err);
}

/* The one other host where it was seen running; NULL: none, or several. */
static bool seen_elsewhere(struct job_run *run, const struct vm *vm, int64_t except_host_id, int64_t *ret_host_id,
                           size_t *ret_count, struct error *err)
{
    struct db_rows rows;
    if (!host_guest_list_any(run->db, run->arena, 0, vm->id, &rows, err))
        return false;
    const struct host_guest *guests = rows.items;
    *ret_host_id = 0;
    *ret_count = 0;
    for (size_t i = 0; i < rows.count; i++)
        if (guests[i].running && guests[i].host_id != except_host_id) {
            *ret_host_id = guests[i].host_id;
            ++*ret_count;
        }
    return true;
}

static bool move_record(struct job_run *run, struct vm *vm, const struct host *from, int64_t to_id, struct error *err)
{
    struct host *to = NULL;
    if (!host_find(run->db, run->arena, to_id, &to, err))
        return false;
    if (to == NULL)
        return true;
    if (!host_release(run->db, from->id, vm->cpu_count * vm->cpu_mhz, vm->memory_mib, err) ||
        !host_take(run->db, to_id, vm->cpu_count * vm->cpu_mhz, vm->memory_mib, err) ||
        !vm_store_set_host(run->db, vm->id, to_id, from->id, err) ||
        !host_guest_forget(run->db, to_id, vm->uuid, err) ||
        !vm_networks_changed(run->db, run->arena, vm->id, err))
        return false;
    vm->host_id = to_id;
    struct history_entry entry = vm_history(vm, "move", from->name, to->name, (struct vm_actor){.run = run});
    return history_add(run->db, &entry, err) &&
           vm_tell(run->db, vm, "VM.MIGRATE", "WARN", "event.vm_found_elsewhere", to->name, err);
}

static bool repair(struct job_run *run, struct vm *vm, const struct host *host, struct error *err)
{
    const struct vm_observe_state *state = run->state;
    enum vm_state now = vm_state_from_name(vm->state);
    int64_t elsewhere = 0;
    size_t count = 0;
    if (!is_settled(run, vm) || (now != VM_RUNNING && now != VM_UNKNOWN))
        return true;
    if (has_uuid(state->running, vm->uuid))
        return now == VM_RUNNING ||
               (vm_change_state(run->db, run->arena, vm, VM_FOUND_RUNNING, (struct vm_actor){.run = run}, err) &&
                vm_tell(run->db, vm, "VM.START", "INFO", "event.vm_found_again", host->name, err));
    if (!seen_elsewhere(run, vm, host->id, &elsewhere, &count, err))
        return false;
    if (count == 0)
        return begin_found(run, vm, host, err);
    return count > 1 || move_record(run, vm, host, elsewhere, err);
}

static bool repair_all(struct job_run *run, const struct host *host, struct error *err)
{
    struct db_rows rows;
    if (!vm_store_on_host_any(run->db, run->arena, host->id, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        if (!repair(run, (struct vm *)rows.items + i, host, err))
            return false;
    return true;
}

/* Nothing is known of them any more; they keep their place and their room. */
static bool lose_all(struct job_run *run, const struct host *host, struct error *err)
{
    struct db_rows rows;
    if (!vm_store_on_host_any(run->db, run->arena, host->id, &rows, err))
        return false;
    struct vm *vms = rows.items;
    for (size_t i = 0, lost = 0; i < rows.count && lost < LOST_AT_ONCE; i++) {
        if (!is_settled(run, &vms[i]) || !string_equal(vms[i].state, "Running"))
            continue;
        lost++;
        if (!vm_change_state(run->db, run->arena, &vms[i], VM_FOUND_LOST, (struct vm_actor){.run = run}, err) ||
            !vm_tell(run->db, &vms[i], "VM.LOST", "ERROR", "event.vm_lost", host->name, err))
            return false;
    }
    return true;
}

/* ---- guests that are not recorded here ---- */

/* Somebody started it by hand: it runs, and where it runs it takes room. */
static bool adopt(struct job_run *run, struct vm *vm, const struct host *host, struct error *err)
{
    const struct vm_actor actor = {.run = run};
    if (!host_take(run->db, host->id, vm->cpu_count * vm->cpu_mhz, vm->memory_mib, err) ||
        !vm_store_set_host(run->db, vm->id, host->id, vm->last_host_id, err) ||
        !vm_networks_changed(run->db, run->arena, vm->id, err))
        return false;
    vm->host_id = host->id;
    return vm_change_state(run->db, run->arena, vm, VM_FOUND_RUNNING, actor, err) &&
           vm_count_running(run, vm, 1, err) &&
           vm_tell(run->db, vm, "VM.START", "WARN", "event.vm_found_running", host->name, err);
}

static const struct host_guest *known_guest(const struct db_rows *known, const char *uuid)
{
    const struct host_guest *guests = known->items;
    for (size_t i = 0; i < known->count; i++)
        if (string_equal(guests[i].guest_uuid, uuid))
            return &guests[i];
    return NULL;
}

/* Kept as long as it is there; the operator is told once. */
static bool report(struct job_run *run, const struct host *host, const struct host_guest *guest,
                   const struct db_rows *known, struct error *err)
{
    const struct host_guest *before = known_guest(known, guest->guest_uuid);
    if (before != NULL && before->vm_id == guest->vm_id && before->running == guest->running)
        return true;
    const char *key = guest->vm_id == 0 ? "event.guest_unknown" : "event.guest_unexpected";
    const char *words = arena_printf(run->arena, "%s (%s)", guest->name, guest->guest_uuid);
    return host_guest_set(run->db, guest, err) &&
           (before != NULL || host_tell(run->db, host, "HOST.GUEST.UNEXPECTED", "WARN", key, words, err));
}

/* *ret_stays: the guest is still none that the records account for. */
static bool judge(struct job_run *run, const struct host *host, struct host_guest *guest, const struct db_rows *known,
                  bool *ret_stays, struct error *err)
{
    struct vm *vm = NULL;
    int64_t elsewhere = 0;
    size_t count = 0;
    *ret_stays = false;
    if (!vm_find_by_uuid_any(run->db, run->arena, guest->guest_uuid, &vm, err))
        return false;
    if (vm != NULL && (vm->host_id == host->id || !is_settled(run, vm)))
        return true;
    guest->vm_id = vm == NULL ? 0 : vm->id;
    enum vm_state state = vm == NULL ? VM_STATE_COUNT : vm_state_from_name(vm->state);
    if (state == VM_STOPPED && !guest->running)
        return true; /* a definition that is renewed by the next start */
    if (state == VM_STOPPED && vm->host_id == 0) {
        if (!seen_elsewhere(run, vm, host->id, &elsewhere, &count, err))
            return false;
        if (count == 0)
            return adopt(run, vm, host, err);
    }
    *ret_stays = true;
    bool is_new = known_guest(known, guest->guest_uuid) == NULL;
    if (is_new && vm != NULL && vm->host_id != 0 && !host_watch_soon(run->db, vm->host_id, false, err))
        return false; /* the host where it should be has the next word */
    return report(run, host, guest, known, err);
}

static bool sort_strangers(struct job_run *run, const struct host *host, struct error *err)
{
    const struct vm_observe_state *state = run->state;
    struct db_rows known;
    size_t count = 0;
    const char **lines = string_split(run->arena, state->strange == NULL ? "" : state->strange, '\n', &count);
    struct text staying;
    text_init(&staying, run->arena, 1024 * 1024);
    if (!host_guest_list_any(run->db, run->arena, host->id, 0, &known, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t words = strcspn(lines[i], " ");
        bool stays = false;
        if (words == 0 || lines[i][words] == '\0')
            continue;
        struct host_guest guest = {.host_id = host->id,
                                   .guest_uuid = arena_strndup(run->arena, lines[i], words),
                                   .running = lines[i][words + 1] == '1',
                                   .name = lines[i][words + 2] == ' ' ? lines[i] + words + 3 : ""};
        if (!judge(run, host, &guest, &known, &stays, err))
            return false;
        if (stays)
            text_addf(&staying, " %s", guest.guest_uuid);
    }
    const struct host_guest *guests = known.items;
    for (size_t i = 0; i < known.count; i++)
        if (!has_uuid(text_string(&staying), guests[i].guest_uuid) &&
            !host_guest_forget(run->db, host->id, guests[i].guest_uuid, err))
            return false;
    return true;
}

/* ---- the step ---- */

static bool observe_commit(struct job_run *run, struct error *err)
{
    struct vm_observe_state *state = run->state;
    struct host *host = NULL;
    bool is_lost = false;
    if (!state->answered && state->silence == NULL)
        return true; /* the host is gone */
    if (!host_find(run->db, run->arena, host_of(run), &host, err) ||
        !host_watch_seen(run, host_of(run), state->silence, &is_lost, err))
        return false;
    if (host != NULL && state->answered && (!repair_all(run, host, err) || !sort_strangers(run, host, err)))
        return false;
    state->running = state->crashed = state->strange = NULL; /* not worth keeping in the journal */
    return host == NULL || !is_lost || lose_all(run, host, err);
}

static bool observe_settle(struct job_run *run, bool succeeded, const struct error *failure, struct error *err)
{
    (void)failure;
    return succeeded || host_watch_missed(run->db, host_of(run), err);
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
                                    .step_count = COUNT_OF(STEPS),
                                    .fleeting = true,
                                    .settle = observe_settle};

/* A plugin told of a host, or of a guest wherever it is. */
static bool on_plugin_event(struct db *db, const char *host_uuid, const char *object_uuid, bool returned,
                            struct error *err)
{
    struct arena arena;
    struct vm *vm = NULL;
    int64_t host_id = 0;
    arena_init(&arena);
    bool found = host_uuid[0] != '\0' ? host_id_find_any(db, &arena, host_uuid, &host_id, err)
                                      : vm_find_by_uuid_any(db, &arena, object_uuid, &vm, err);
    if (found && vm != NULL)
        host_id = vm->host_id != 0 ? vm->host_id : vm->last_host_id;
    arena_free(&arena);
    return found && (host_id == 0 || host_watch_soon(db, host_id, returned, err));
}

void vm_observe_listen(void)
{
    plugin_host_set_event_hook(on_plugin_event);
}
