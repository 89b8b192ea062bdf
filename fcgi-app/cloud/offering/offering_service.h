/* Rules of offerings, for this feature's commands. */
#ifndef GURUM_CLOUD_OFFERING_SERVICE_H
#define GURUM_CLOUD_OFFERING_SERVICE_H

#include "cloud/offering/offering_store.h"

/* What a create command asks for: the row without id, uuid and dates. A domain admin who names no tenant domain offers
 * it below his own. Errors: INVALID_VALUE (sizes, unknown words), DENIED. */
struct service_offering_wish {
    struct service_offering row;
    struct pair_list details;
};
MUST_CHECK bool service_offering_create(struct db *db, struct arena *arena, const struct caller *caller,
                                        const struct service_offering_wish *wish, int64_t *ret_id, struct error *err);
struct disk_offering_wish {
    struct disk_offering row;
    struct pair_list details;
};
MUST_CHECK bool disk_offering_create(struct db *db, struct arena *arena, const struct caller *caller,
                                     const struct disk_offering_wish *wish, int64_t *ret_id, struct error *err);
/* The row as it should be; its places replace the old ones. */
MUST_CHECK bool service_offering_update(struct db *db, struct arena *arena, const struct caller *caller,
                                        const struct service_offering *changed, struct error *err);
MUST_CHECK bool disk_offering_update(struct db *db, struct arena *arena, const struct caller *caller,
                                     const struct disk_offering *changed, struct error *err);
/* Takes it out of sale; whoever has it keeps it. */
MUST_CHECK bool service_offering_remove(struct db *db, struct arena *arena, const struct caller *caller, int64_t id,
                                        struct error *err);
MUST_CHECK bool disk_offering_remove(struct db *db, struct arena *arena, const struct caller *caller, int64_t id,
                                     struct error *err);

#endif
