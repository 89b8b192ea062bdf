/* vm.deploy and vm.start: place → create_volumes → prepare_network → define_guest → start_guest → publish. */
#include "base/text.h"
#include "cloud/network/network.h"
#include "cloud/vm/vm_jobs_parts.h"

struct vm_start_state {
    int64_t host_id;
    const char *ranked_hosts, *ranked_pools;
    const char *made; /* one line a volume: id, size and handle, separated by blanks */
};
FIELD_TABLE(VM_START_STATE, struct vm_start_state, COLUMN(struct vm_start_state, host_id),
            COLUMN(struct vm_start_state, ranked_hosts), COLUMN(struct vm_start_state, ranked_pools),
            COLUMN(struct vm_start_state, made));

/* A VM that is only defined (startvm=false) needs none of the steps. */
static bool skip_unstarted(const struct job_run *run)
{
    return !((const struct vm_start_input *)run->input)->start;
}

/* ---- place ---- */

static void disks_of_volumes(struct job_run *run, const struct vm_start_input *input, const struct volume *volumes,
                             size_t count, struct placement_request *request)
{
    struct placement_disk *disks = arena_array(run->arena, count + 1, sizeof(*disks));
    for (size_t i = 0; i < count; i++)
        disks[i] =
            (struct placement_disk){.volume_id = volumes[i].id,
                                    .bytes = volumes[i].size_bytes,
                                    .pool_id = volumes[i].pool_id,
                                    .volume_uuid = volumes[i].uuid,
                                    .tags = volumes[i].storage_tags,
                                    .local = volumes[i].device_number == 0 ? input->root_local : input->data_local};
    request->disks = disks;
    request->disk_count = count;
}

static void disks_of_input(struct job_run *run, const struct vm_start_input *input, struct placement_request *request)
{
    struct placement_disk *disks = arena_array(run->arena, 2, sizeof(*disks));
    disks[0] = (struct placement_disk){.bytes = input->root_bytes,
                                       .volume_uuid = input->vm_uuid,
                                       .tags = input->root_tags,
                                       .local = input->root_local};
    disks[1] = (struct placement_disk){.bytes = input->data_bytes,
                                       .volume_uuid = input->vm_uuid,
                                       .tags = input->data_tags,
                                       .local = input->data_local};
    request->disks = disks;
    request->disk_count = input->data_bytes > 0 ? 2 : 1;
}

static bool build_request(struct job_run *run, struct placement_request *ret_request, struct error *err)
{
    const struct vm_start_input *input = run->input;
    struct placement_request request = {.zone_id = input->zone_id,
                                        .pod_id = input->pod_id,
                                        .cluster_id = input->cluster_id,
                                        .host_id = input->host_id,
                                        .hypervisor = input->hypervisor,
                                        .arch = input->arch,
                                        .host_tags = input->host_tags,
                                        .cpu_number = input->cpu_count,
                                        .cpu_speed_mhz = input->cpu_mhz,
                                        .memory_mib = input->memory_mib,
                                        .vm_uuid = input->vm_uuid,
                                        .account_uuid = input->account_uuid};
    if (run->planning && input->is_new) {
        disks_of_input(run, input, &request);
    } else {
        struct vm_world world;
        if (!vm_world_load(run, input->vm_id, &world, err))
            return false;
        request.last_host_id = world.vm->last_host_id;
        disks_of_volumes(run, input, world.volumes, world.volume_count, &request);
    }
    *ret_request = request;
    return true;
}

static enum step_outcome place_act(struct job_run *run, struct error *err)
{
    struct vm_start_state *state = run->state;
    struct placement_request request;
    struct placement_ranking ranking = {.hosts = NULL};
    if (!build_request(run, &request, err))
        return STEP_FAILED;
    enum step_outcome outcome = placement_rank(run, &request, NULL, &ranking, err);
    if (outcome == STEP_DONE) {
        state->ranked_hosts = ranking.hosts;
        state->ranked_pools = ranking.pools;
    }
    return outcome;
}

static bool place_commit(struct job_run *run, struct error *err)
{
    const struct vm_start_input *input = run->input;
    struct vm_start_state *state = run->state;
    const struct placement_ranking ranking = {.hosts = state->ranked_hosts, .pools = state->ranked_pools};
    struct placement_request request;
    int64_t pools[PLACEMENT_DISKS_MAX + 1] = {0};
    struct vm *vm = NULL;
    if (!build_request(run, &request, err) ||
        !placement_reserve(run, &request, &ranking, &state->host_id, pools, err) ||
        !vm_find_any(run->db, run->arena, input->vm_id, &vm, err))
        return false;
    if (vm == NULL)
        return error_set(err, ERROR_RESOURCE_UNAVAILABLE, "vm.gone");
    for (size_t i = 0; i < request.disk_count; i++)
        if (request.disks[i].pool_id == 0 && !volume_set_pool(run->db, request.disks[i].volume_id, pools[i], err))
            return false;
    state->ranked_hosts = state->ranked_pools = NULL; /* the reservation stands; the lists have served */
    return vm_store_set_host(run->db, vm->id, state->host_id, vm->last_host_id, err);
}

/* Disks that the undo of create_volumes could not take back keep their place: they are still there. */
static bool place_undo(struct job_run *run, struct error *err)
{
    const struct vm_start_input *input = run->input;
    struct vm *vm = NULL;
    struct volume *volumes = NULL;
    size_t count = 0;
    if (!vm_find_any(run->db, run->arena, input->vm_id, &vm, err) ||
        !volume_of_vm_any(run->db, run->arena, input->vm_id, &volumes, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (volumes[i].pool_id == 0 || !string_equal(volumes[i].state, "Allocated"))
            continue;
        if (!pool_release(run->db, volumes[i].pool_id, volumes[i].size_bytes, err) ||
            !volume_set_pool(run->db, volumes[i].id, 0, err))
            return false;
    }
    return vm == NULL || vm_leave_host(run, vm, err);
}

static bool place_plan(struct job_run *run, struct plan *plan, struct error *err)
{
    struct placement_request request;
    struct placement_ranking ranking;
    struct error reason = {.kind = ERROR_NONE};
    plan_step(plan, "step.place", NULL);
    if (!build_request(run, &request, err))
        return false;
    if (placement_rank(run, &request, plan, &ranking, &reason) != STEP_DONE)
        plan_impossible(plan, &reason);
    return true;
}

/* ---- create_volumes ---- */

static bool load_with_host(struct job_run *run, struct vm_world *world, struct gurum_host *host,
                           struct plugin_target *target, struct error *err)
{
    const struct vm_start_input *input = run->input;
    if (!vm_world_load(run, input->vm_id, world, err))
        return false;
    if (world->host == NULL)
        return error_set(err, ERROR_RESOURCE_UNAVAILABLE, "vm.host_gone");
    return vm_host_target(run, world->host, host, target, err);
}

static enum step_outcome volumes_act(struct job_run *run, struct error *err)
{
    struct vm_start_state *state = run->state;
    struct vm_world world;
    struct gurum_host host;
    struct plugin_target unused;
    struct text made;
    text_init(&made, run->arena, 64 * 1024);
    if (!load_with_host(run, &world, &host, &unused, err))
        return STEP_FAILED;
    for (size_t i = 0; i < world.volume_count; i++) {
        struct volume_made one = {.volume_id = 0};
        if (string_equal(world.volumes[i].state, "Ready"))
            continue;
        if (!volume_set_creating(run->db, world.volumes[i].id, err))
            return STEP_FAILED;
        enum step_outcome outcome = volume_make_act(run, &world.volumes[i], &host, &one, err);
        if (outcome != STEP_DONE)
            return outcome;
        text_addf(&made, "%lld %lld %s\n", (long long)one.volume_id, (long long)one.size_bytes,
                  one.handle != NULL ? one.handle : "");
    }
    state->made = text_string(&made);
    return STEP_DONE;
}

/* The line of a volume, or NULL: it existed before. */
static const char *find_made(struct arena *arena, const char *made, int64_t volume_id, int64_t *ret_size)
{
    size_t count = 0;
    const char **lines = string_split(arena, made != NULL ? made : "", '\n', &count);
    for (size_t i = 0; i < count; i++) {
        char *end = NULL;
        long long id = strtoll(lines[i], &end, 10);
        long long size = strtoll(end, &end, 10);
        if (id != volume_id)
            continue;
        *ret_size = size;
        return *end == ' ' ? end + 1 : end;
    }
    return NULL;
}

/* The provider may round a size up; what is reserved and counted stays what was asked for. */
static bool volumes_commit(struct job_run *run, struct error *err)
{
    const struct vm_start_input *input = run->input;
    struct vm_start_state *state = run->state;
    struct volume *volumes = NULL;
    size_t count = 0;
    if (!volume_of_vm_any(run->db, run->arena, input->vm_id, &volumes, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        int64_t size = 0;
        const char *handle = find_made(run->arena, state->made, volumes[i].id, &size);
        if (handle != NULL && !volume_set_ready(run->db, &volumes[i], handle, volumes[i].size_bytes, run, err))
            return false;
    }
    return true;
}

/* Where an undo looks: the host that this job chose. An undo may be repeated long after the job (a leftover); when the
 * VM has moved on by then, its disks and its guest are another job's. *ret_skip: nothing to take back (any more). */
static bool load_for_undo(struct job_run *run, struct vm_world *world, struct gurum_host *host,
                          struct plugin_target *target, bool *ret_skip, struct error *err)
{
    const struct vm_start_input *input = run->input;
    const struct vm_start_state *state = run->state;
    struct host *row = NULL;
    *ret_skip = true;
    if (state->host_id == 0)
        return true;
    if (!vm_world_load(run, input->vm_id, world, err) || !host_find(run->db, run->arena, state->host_id, &row, err))
        return false;
    bool is_current = string_equal(world->vm->job_uuid, run->job_uuid);
    if (!is_current && world->vm->job_uuid != NULL)
        return error_with(err, ERROR_IN_USE, "vm.busy", E_TEXT("name", world->vm->display_name));
    if (row == NULL || (!is_current && world->vm->host_id == state->host_id))
        return true;
    *ret_skip = false;
    return vm_host_target(run, row, host, target, err);
}

/* Of a new VM everything goes; of an older one only what was not finished. */
static bool is_unwanted(const struct vm_start_input *input, const struct volume *volume)
{
    return string_equal(volume->state, "Creating") || (input->is_new && string_equal(volume->state, "Ready"));
}

static enum step_outcome volumes_undo_act(struct job_run *run, struct error *err)
{
    const struct vm_start_input *input = run->input;
    struct vm_world world = {.vm = NULL};
    struct gurum_host host;
    struct plugin_target unused;
    bool skip = true;
    if (!load_for_undo(run, &world, &host, &unused, &skip, err))
        return STEP_FAILED;
    for (size_t i = 0; !skip && i < world.volume_count; i++) {
        if (!is_unwanted(input, &world.volumes[i]))
            continue;
        enum step_outcome outcome = volume_remove_act(run, &world.volumes[i], &host, err);
        if (outcome != STEP_DONE)
            return outcome;
    }
    return STEP_DONE;
}

/* Nothing is at the provider any more; the reservation is given back by the undo of place. */
static bool volumes_undo_commit(struct job_run *run, struct error *err)
{
    const struct vm_start_input *input = run->input;
    struct vm_world world = {.vm = NULL};
    struct gurum_host host;
    struct plugin_target unused;
    bool skip = true;
    if (!load_for_undo(run, &world, &host, &unused, &skip, err))
        return false;
    for (size_t i = 0; !skip && i < world.volume_count; i++)
        if (is_unwanted(input, &world.volumes[i]) && !volume_set_allocated(run->db, world.volumes[i].id, err))
            return false;
    return true;
}

static bool volumes_plan(struct job_run *run, struct plan *plan, struct error *err)
{
    (void)err;
    const struct vm_start_input *input = run->input;
    if (!input->is_new)
        return true;
    const struct error_value root[] = {E_INT("bytes", input->root_bytes), {.name = NULL}};
    plan_step(plan, "plan.root_disk", root);
    const struct error_value data[] = {E_INT("bytes", input->data_bytes), {.name = NULL}};
    if (input->data_bytes > 0)
        plan_step(plan, "plan.data_disk", data);
    return true;
}

/* ---- prepare_network ---- */

/* Networks come to life at their provider, then on the chosen host, which then knows the leases of the NICs. */
static enum step_outcome network_act(struct job_run *run, struct error *err)
{
    const struct vm_start_input *input = run->input;
    const struct vm_start_state *state = run->state;
    struct vm_nic *nics = NULL;
    size_t count = 0;
    if (!vm_nics_any(run->db, run->arena, input->vm_id, &nics, &count, err))
        return STEP_FAILED;
    for (size_t i = 0; i < count; i++) {
        enum step_outcome outcome = network_implement_act(run, nics[i].network_id, err);
        if (outcome == STEP_DONE)
            outcome = network_segment_act(run, nics[i].network_id, state->host_id, err);
        if (outcome == STEP_DONE)
            outcome = network_services_act(run, nics[i].network_id, state->host_id, err);
        if (outcome != STEP_DONE)
            return outcome;
    }
    return STEP_DONE;
}

static bool network_commit(struct job_run *run, struct error *err)
{
    const struct vm_start_input *input = run->input;
    struct vm_nic *nics = NULL;
    size_t count = 0;
    if (!vm_nics_any(run->db, run->arena, input->vm_id, &nics, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!network_implement_commit(run, nics[i].network_id, err))
            return false;
    return true;
}

static bool network_plan(struct job_run *run, struct plan *plan, struct error *err)
{
    (void)err;
    const struct vm_start_input *input = run->input;
    for (size_t i = 0; i < input->networks.count; i++) {
        const struct error_value values[] = {E_TEXT("network", input->networks.items[i]), {.name = NULL}};
        plan_step(plan, "plan.network", values);
    }
    return true;
}

/* ---- define_guest, start_guest ---- */

static enum step_outcome with_shape(struct job_run *run, bool start, struct error *err)
{
    struct vm_world world;
    struct gurum_host host;
    struct gurum_guest guest;
    struct plugin_target target;
    if (!load_with_host(run, &world, &host, &target, err) || !vm_guest_shape(run, &world, &host, &guest, err))
        return STEP_FAILED;
    const struct gurum_guest_shape_spec spec = {.size = sizeof(spec), .host = &host, .guest = &guest};
    return start ? hypervisor_guest_start(run, &target, &spec, NULL, err)
                 : hypervisor_guest_ensure(run, &target, &spec, NULL, err);
}

static enum step_outcome define_act(struct job_run *run, struct error *err)
{
    return with_shape(run, false, err);
}

static enum step_outcome define_undo(struct job_run *run, struct error *err)
{
    struct vm_world world = {.vm = NULL};
    struct gurum_host host;
    struct plugin_target target;
    bool skip = true;
    if (!load_for_undo(run, &world, &host, &target, &skip, err))
        return STEP_FAILED;
    if (skip)
        return STEP_DONE;
    const struct gurum_guest_spec spec = {
        .size = sizeof(spec), .host = &host, .guest_uuid = world.vm->uuid, .guest_name = world.vm->instance_name};
    return hypervisor_guest_remove(run, &target, &spec, NULL, err);
}

static enum step_outcome start_act(struct job_run *run, struct error *err)
{
    return with_shape(run, true, err);
}

static enum step_outcome start_undo(struct job_run *run, struct error *err)
{
    struct vm_world world = {.vm = NULL};
    struct gurum_host host;
    struct plugin_target target;
    bool skip = true;
    if (!load_for_undo(run, &world, &host, &target, &skip, err))
        return STEP_FAILED;
    if (skip)
        return STEP_DONE;
    const struct gurum_guest_stop_spec spec = {.size = sizeof(spec),
                                               .flags = GURUM_STOP_FORCE,
                                               .host = &host,
                                               .guest_uuid = world.vm->uuid,
                                               .guest_name = world.vm->instance_name};
    return hypervisor_guest_stop(run, &target, &spec, NULL, err);
}

static bool define_plan(struct job_run *run, struct plan *plan, struct error *err)
{
    (void)err;
    const struct vm_start_input *input = run->input;
    const struct error_value values[] = {E_TEXT("name", input->vm_name),
                                         E_INT("cpu", input->cpu_count),
                                         E_INT("mhz", input->cpu_mhz),
                                         E_INT("memory", input->memory_mib),
                                         {.name = NULL}};
    plan_step(plan, "plan.define_guest", values);
    return true;
}

static bool start_plan(struct job_run *run, struct plan *plan, struct error *err)
{
    (void)run;
    (void)err;
    plan_step(plan, "plan.start_guest", NULL);
    return true;
}

/* ---- publish, settle ---- */

static bool publish_commit(struct job_run *run, struct error *err)
{
    const struct vm_start_input *input = run->input;
    struct vm *vm = NULL;
    if (!vm_find_any(run->db, run->arena, input->vm_id, &vm, err))
        return false;
    if (vm == NULL)
        return error_set(err, ERROR_RESOURCE_UNAVAILABLE, "vm.gone");
    const struct vm_actor actor = {.run = run};
    if (!input->start)
        return true;
    return vm_change_state(run->db, run->arena, vm, VM_STARTED, actor, err) && vm_count_running(run, vm, 1, err);
}

static const char *failure_args(struct job_run *run, const struct error *failure)
{
    struct text args;
    text_init(&args, run->arena, 1000);
    for (size_t i = 0; i < failure->arg_count; i++)
        text_addf(&args, "%s%s=%s", i > 0 ? "\n" : "", failure->args[i].name, failure->args[i].value);
    return text_string(&args);
}

/* Rows of disks that are nowhere. One that could not be taken back stays with the VM until it is expunged. */
static bool forget_unmade_volumes(struct job_run *run, int64_t vm_id, struct error *err)
{
    struct volume *volumes = NULL;
    size_t count = 0;
    if (!volume_of_vm_any(run->db, run->arena, vm_id, &volumes, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (string_equal(volumes[i].state, "Allocated") && !volume_forget(run, &volumes[i], err))
            return false;
    return true;
}

/* A new VM that could not be made stays as a row in state Error with its reason; everything it held is given back. */
static bool deploy_settle(struct job_run *run, bool succeeded, const struct error *failure, struct error *err)
{
    const struct vm_start_input *input = run->input;
    struct vm *vm = NULL;
    const struct vm_actor actor = {.run = run};
    if (!vm_find_any(run->db, run->arena, input->vm_id, &vm, err) ||
        !vm_store_clear_job(run->db, input->vm_id, run->job_uuid, err))
        return false;
    if (succeeded || vm == NULL)
        return true;
    return vm_change_state_if_possible(run->db, run->arena, vm, VM_DEPLOY_FAILED, actor, err) &&
           vm_store_set_failure(run->db, vm->id, error_kind_name(failure->kind), failure->key,
                                failure_args(run, failure), err) &&
           vm_release_nics(run, vm->id, err) && forget_unmade_volumes(run, vm->id, err) &&
           vm_count(run->db, run->arena, vm, -1, err);
}

static bool start_settle(struct job_run *run, bool succeeded, const struct error *failure, struct error *err)
{
    const struct vm_start_input *input = run->input;
    struct vm *vm = NULL;
    const struct vm_actor actor = {.run = run};
    (void)failure;
    if (!vm_find_any(run->db, run->arena, input->vm_id, &vm, err) ||
        !vm_store_clear_job(run->db, input->vm_id, run->job_uuid, err))
        return false;
    return succeeded || vm == NULL || vm_change_state_if_possible(run->db, run->arena, vm, VM_START_FAILED, actor, err);
}

static const struct job_step STEPS[] = {
    {.name = "place",
     .title_key = "step.place",
     .act = place_act,
     .commit = place_commit,
     .undo_commit = place_undo,
     .plan = place_plan,
     .skip = skip_unstarted},
    {.name = "create_volumes",
     .title_key = "step.create_volumes",
     .act = volumes_act,
     .commit = volumes_commit,
     .undo_act = volumes_undo_act,
     .undo_commit = volumes_undo_commit,
     .plan = volumes_plan,
     .skip = skip_unstarted},
    {.name = "prepare_network",
     .title_key = "step.prepare_network",
     .act = network_act,
     .commit = network_commit,
     .plan = network_plan,
     .skip = skip_unstarted},
    {.name = "define_guest",
     .title_key = "step.define_guest",
     .act = define_act,
     .undo_act = define_undo,
     .plan = define_plan,
     .skip = skip_unstarted},
    {.name = "start_guest",
     .title_key = "step.start_guest",
     .act = start_act,
     .undo_act = start_undo,
     .plan = start_plan,
     .skip = skip_unstarted},
    {.name = "publish", .title_key = "step.publish", .commit = publish_commit},
};

const struct job_kind VM_DEPLOY = {
    .name = "vm.deploy",
    .command = "deployVirtualMachine",
    .version = 1,
    .input = &VM_START_INPUT,
    .state = &VM_START_STATE,
    .steps = STEPS,
    .step_count = COUNT_OF(STEPS),
    .event = "VM.CREATE",
    .result_kind = "vm",
    .settle = deploy_settle,
};
const struct job_kind VM_START = {
    .name = "vm.start",
    .command = "startVirtualMachine",
    .version = 1,
    .input = &VM_START_INPUT,
    .state = &VM_START_STATE,
    .steps = STEPS,
    .step_count = COUNT_OF(STEPS),
    .event = "VM.START",
    .result_kind = "vm",
    .settle = start_settle,
};
