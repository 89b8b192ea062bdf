/* Volumes: root and data disks. What other features may ask of them; plugin calls are in volume_jobs.h. */
#ifndef GURUM_CLOUD_VOLUME_H
#define GURUM_CLOUD_VOLUME_H

#include "api/api.h"

/* state: "Allocated" (nothing at a provider; pool_id tells whether its place is reserved), "Creating" (something may be
 * there), "Ready", "Expunged". */
struct volume {
    int64_t id, account_id, domain_id, zone_id, pool_id, vm_id, device_number, image_id, disk_offering_id,
        service_offering_id, listed, size_bytes;
    const char *uuid, *name, *volume_type, *state, *hypervisor, *provisioning_type, *storage_tags, *location;
    struct opt_int min_iops, max_iops;
    bool is_shown, is_custom;
    struct opt_time created, attached, removed;
};
extern const struct field_table VOLUME_ROW;

enum { VOLUMES_PER_VM_MAX = 64 };
MUST_CHECK bool volume_find_any(struct db *db, struct arena *arena, int64_t id, struct volume **ret_volume,
                                struct error *err);
/* The volumes of a VM by device number, removed ones left out. */
MUST_CHECK bool volume_of_vm_any(struct db *db, struct arena *arena, int64_t vm_id, struct volume **ret_volumes,
                                 size_t *ret_count, struct error *err);

/* Whom lists show a volume that is there: 2 everybody, 1 those who see hidden ones. */
static inline int volume_listed(bool shown)
{
    return shown ? 2 : 1;
}

/* All in the caller's open transaction, each with its history row. The caller changes quota. */
MUST_CHECK bool volume_add(struct db *db, struct arena *arena, struct volume *volume, const struct caller *caller,
                           struct error *err); /* sets id and uuid */
/* Its bytes on the pool were reserved by the caller; 0: they were released. */
MUST_CHECK bool volume_set_pool(struct db *db, int64_t id, int64_t pool_id, struct error *err);
/* Allocated → Creating before the first call of the provider; any → Allocated after the provider has nothing of it any
 * more. */
MUST_CHECK bool volume_set_creating(struct db *db, int64_t id, struct error *err);
MUST_CHECK bool volume_set_allocated(struct db *db, int64_t id, struct error *err);
MUST_CHECK bool volume_set_ready(struct db *db, const struct volume *volume, const char *location, int64_t size_bytes,
                                 const struct job_run *run, struct error *err);
/* The row ceases to be listed: the disk is gone at the provider and its bytes are released. */
MUST_CHECK bool volume_set_expunged(struct db *db, struct arena *arena, const struct volume *volume,
                                    const struct job_run *run, struct error *err);
/* Shows the volumes of a VM to their owner, or hides them; a matter of lists, without a history row. */
MUST_CHECK bool volume_show_all(struct db *db, struct arena *arena, int64_t vm_id, bool shown, struct error *err);
MUST_CHECK bool volume_detach_row(struct db *db, int64_t id, struct error *err);

void volume_register(void); /* listVolumes, kind volume */

#endif
