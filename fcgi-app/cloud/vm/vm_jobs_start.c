/* vm.deploy and vm.start: place → create_volumes → prepare_network → define_guest → start_guest → publish. */
#include "base/text.h"
#include "cloud/network/network.h"
#include "cloud/vm/vm_jobs_start.h"

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
    if (!vm_start_load(run, &world, &host, &target, err) || !vm_guest_shape(run, &world, &host, &guest, err))
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
    if (!vm_start_load_for_undo(run, &world, &host, &target, &skip, err))
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
    if (!vm_start_load_for_undo(run, &world, &host, &target, &skip, err))
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
     .act = vm_volumes_act,
     .commit = vm_volumes_commit,
     .undo_act = vm_volumes_undo_act,
     .undo_commit = vm_volumes_undo_commit,
     .plan = vm_volumes_plan,
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
