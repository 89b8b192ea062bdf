/* The step create_volumes of vm.deploy and vm.start. */
#include "base/text.h"
#include "cloud/vm/vm_jobs_start.h"

bool vm_start_load(struct job_run *run, struct vm_world *world, struct gurum_host *host, struct plugin_target *target,
                   struct error *err)
{
    const struct vm_start_input *input = run->input;
    if (!vm_world_load(run, input->vm_id, world, err))
        return false;
    if (world->host == NULL)
        return error_set(err, ERROR_RESOURCE_UNAVAILABLE, "vm.host_gone");
    return vm_host_target(run, world->host, host, target, err);
}

enum step_outcome vm_volumes_act(struct job_run *run, struct error *err)
{
    struct vm_start_state *state = run->state;
    struct vm_world world;
    struct gurum_host host;
    struct plugin_target unused;
    struct text made;
    text_init(&made, run->arena, 64 * 1024);
    if (!vm_start_load(run, &world, &host, &unused, err))
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
bool vm_volumes_commit(struct job_run *run, struct error *err)
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

bool vm_start_load_for_undo(struct job_run *run, struct vm_world *world, struct gurum_host *host,
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

enum step_outcome vm_volumes_undo_act(struct job_run *run, struct error *err)
{
    const struct vm_start_input *input = run->input;
    struct vm_world world = {.vm = NULL};
    struct gurum_host host;
    struct plugin_target unused;
    bool skip = true;
    if (!vm_start_load_for_undo(run, &world, &host, &unused, &skip, err))
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
bool vm_volumes_undo_commit(struct job_run *run, struct error *err)
{
    const struct vm_start_input *input = run->input;
    struct vm_world world = {.vm = NULL};
    struct gurum_host host;
    struct plugin_target unused;
    bool skip = true;
    if (!vm_start_load_for_undo(run, &world, &host, &unused, &skip, err))
        return false;
    for (size_t i = 0; !skip && i < world.volume_count; i++)
        if (is_unwanted(input, &world.volumes[i]) && !volume_set_allocated(run->db, world.volumes[i].id, err))
            return false;
    return true;
}

bool vm_volumes_plan(struct job_run *run, struct plan *plan, struct error *err)
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
