/* Rules of storage, for this feature's commands and jobs. */
#ifndef GURUM_CLOUD_STORAGE_SERVICE_H
#define GURUM_CLOUD_STORAGE_SERVICE_H

#include "cloud/storage/storage_store.h"

/* The row of createStoragePool in state Creating, with its driver's settings, in the open transaction. `provider` NULL
 * or "DefaultPrimary": the plugin that serves the hypervisor's name, else the url's scheme. Errors: INVALID_VALUE,
 * RESOURCE_UNAVAILABLE "plugin.absent". */
MUST_CHECK bool pool_add(struct db *db, struct arena *arena, const struct pool_row *wish,
                         const struct pair_list *details, struct pool_row **ret_row, struct error *err);
MUST_CHECK bool image_store_add(struct db *db, struct arena *arena, const struct image_store *wish,
                                const struct pair_list *details, struct image_store **ret_store, struct error *err);
/* What the plugin found; sets the state Up. In the open transaction. */
struct storage_facts {
    const char *type, *path, *details;
    int64_t total_bytes, used_bytes;
    bool read_only;
};
MUST_CHECK bool pool_take_up(struct db *db, struct arena *arena, int64_t pool_id, const struct storage_facts *facts,
                             struct error *err);
MUST_CHECK bool image_store_take_up(struct db *db, struct arena *arena, int64_t store_id,
                                    const struct storage_facts *facts, struct error *err);

/* Jobs, in storage_jobs.c. */
struct storage_job_input {
    int64_t id;
    bool forced;
    const char *was; /* the pool's state before; NULL: Up */
};
extern const struct job_kind POOL_ADD_JOB, POOL_REMOVE_JOB, IMAGE_STORE_ADD_JOB, IMAGE_STORE_REMOVE_JOB;
extern const struct job_kind POOL_MAINTAIN_JOB, POOL_RESUME_JOB, POOL_OBSERVE_JOB, IMAGE_STORE_OBSERVE_JOB;
extern const struct job_schedule STORAGE_OBSERVE_SCHEDULE;
/* storage.overprovisioning.factor as it holds for a pool. */
MUST_CHECK bool pool_factor(struct db *db, struct arena *arena, int64_t pool_id, double *ret_factor, struct error *err);

#endif
