/* Rules of volumes: every change of their life with its history row and counters. */
#include "base/uuid.h"
#include "cloud/mark/mark.h"
#include "cloud/bucket/bucket.h"
#include "cloud/history/history.h"
#include "cloud/tag/tag.h"
#include "cloud/volume/volume_store.h"

static struct history_entry entry_for(const struct volume *v, const char *change, const char *before, const char *after)
{
    return (struct history_entry){.object_kind = "volume",
                                  .object_id = v->id,
                                  .object_uuid = v->uuid,
                                  .object_name = v->name,
                                  .change = change,
                                  .before = before,
                                  .after = after,
                                  .account_id = v->account_id,
                                  .domain_id = v->domain_id,
                                  .zone_id = v->zone_id,
                                  .pool_id = v->pool_id,
                                  .offering_id =
                                      v->disk_offering_id != 0 ? v->disk_offering_id : v->service_offering_id,
                                  .image_id = v->image_id,
                                  .size_bytes = v->size_bytes};
}

bool volume_add(struct db *db, struct arena *arena, struct volume *volume, const struct caller *caller,
                struct error *err)
{
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    volume->uuid = arena_strdup(arena, uuid);
    if (!volume_store_insert(db, volume, err))
        return false;
    struct history_entry entry = entry_for(volume, "create", NULL, volume->state);
    history_set_caller(&entry, caller);
    return history_add(db, &entry, err) &&
           bucket_change(db, arena, "volume", volume->account_id, volume->domain_id, volume->id, 0,
                         volume_listed(volume->is_shown), err);
}

bool volume_set_ready(struct db *db, const struct volume *volume, const char *location, int64_t size_bytes,
                      const struct job_run *run, struct error *err)
{
    struct history_entry entry = entry_for(volume, "ready", volume->state, "Ready");
    entry.size_bytes = size_bytes;
    history_set_stamp(&entry, &run->stamp, run->job_uuid);
    return volume_store_set_ready(db, volume->id, location, size_bytes, err) && history_add(db, &entry, err);
}

bool volume_show_all(struct db *db, struct arena *arena, int64_t vm_id, bool shown, struct error *err)
{
    struct volume *volumes = NULL;
    size_t count = 0;
    if (!volume_of_vm_any(db, arena, vm_id, &volumes, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!volume_store_set_shown(db, volumes[i].id, shown, err) ||
            !bucket_change(db, arena, "volume", volumes[i].account_id, volumes[i].domain_id, volumes[i].id,
                           (int)volumes[i].listed, volume_listed(shown), err))
            return false;
    return true;
}

bool volume_set_expunged(struct db *db, struct arena *arena, const struct volume *volume, const struct job_run *run,
                         struct error *err)
{
    struct history_entry entry = entry_for(volume, "expunge", volume->state, "Expunged");
    history_set_stamp(&entry, &run->stamp, run->job_uuid);
    return volume_store_set_expunged(db, volume->id, err) && mark_forget(db, "volume", volume->id, err) &&
           history_add(db, &entry, err) &&
           bucket_change(db, arena, "volume", volume->account_id, volume->domain_id, volume->id, (int)volume->listed, 0,
                         err);
}
