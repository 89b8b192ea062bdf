/* volume.delete: a disk that no VM has goes, at the provider and here. Not undone: repeated until it succeeds. */
#include "cloud/host/host_jobs.h"
#include "cloud/identity/identity.h"
#include "cloud/quota/quota.h"
#include "cloud/volume/volume_jobs.h"

FIELD_TABLE(VOLUME_DELETE_INPUT, struct volume_delete_input, COLUMN(struct volume_delete_input, volume_id));

bool volume_forget(struct job_run *run, const struct volume *volume, struct error *err)
{
    struct owner owner;
    const struct quota_change changes[] = {{QUOTA_VOLUME, -1}, {QUOTA_PRIMARY_STORAGE_BYTES, -volume->size_bytes}};
    if (volume->pool_id != 0 && !pool_release(run->db, volume->pool_id, volume->size_bytes, err))
        return false;
    return identity_owner_any(run->db, run->arena, volume->account_id, &owner, err) &&
           quota_change(run->db, &owner, changes, COUNT_OF(changes), err) &&
           quota_change_tagged(run->db, &owner, volume->storage_tags, changes, COUNT_OF(changes), err) &&
           volume_set_expunged(run->db, run->arena, volume, run, err);
}

static bool find(struct job_run *run, struct volume **ret_volume, struct error *err)
{
    const struct volume_delete_input *input = run->input;
    return volume_find_any(run->db, run->arena, input->volume_id, ret_volume, err);
}

static bool is_here(const struct volume *volume)
{
    return volume && !volume->removed.set;
}

/* A pool of one host is reached through that host, any other through one that is up. */
static bool reach(struct job_run *run, const struct volume *volume, struct gurum_host *host, struct error *err)
{
    struct storage_pool *pool = NULL;
    struct plugin_target unused;
    if (volume->pool_id == 0 || !storage_pool_find(run->db, run->arena, volume->pool_id, &pool, err))
        return volume->pool_id == 0;
    if (pool && pool->host_id != 0)
        return host_target(run->db, run->arena, pool->host_id, host, &unused, err);
    return host_target_in(run->db, run->arena, volume->zone_id, pool ? pool->cluster_id : 0, host, err);
}

static enum step_outcome remove_act(struct job_run *run, struct error *err)
{
    struct volume *volume = NULL;
    struct gurum_host host = {.uuid = NULL};
    if (!find(run, &volume, err))
        return STEP_FAILED;
    if (!is_here(volume))
        return STEP_DONE;
    if (volume->vm_id != 0) {
        error_with(err, ERROR_IN_USE, "volume.attached", E_TEXT("volume", volume->name));
        return STEP_FAILED;
    }
    if (!reach(run, volume, &host, err))
        return STEP_FAILED;
    return volume_remove_act(run, volume, host.uuid ? &host : NULL, err);
}

static bool remove_commit(struct job_run *run, struct error *err)
{
    struct volume *volume = NULL;
    return find(run, &volume, err) && (!is_here(volume) || volume_forget(run, volume, err));
}

static const struct job_step STEPS[] = {
    {.name = "remove_volume", .title_key = "step.remove_volumes", .act = remove_act, .commit = remove_commit}};
const struct job_kind VOLUME_DELETE = {.name = "volume.delete",
                                       .command = "deleteVolume",
                                       .version = 1,
                                       .input = &VOLUME_DELETE_INPUT,
                                       .steps = STEPS,
                                       .step_count = COUNT_OF(STEPS),
                                       .event = "VOLUME.DELETE"};
