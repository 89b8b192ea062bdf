/* What listHostTags reads and registers. */
#ifndef GURUM_CLOUD_HOST_TAG_H
#define GURUM_CLOUD_HOST_TAG_H

#include "api/api.h"

struct host_tagged {
    int64_t id;
    const char *tags; /* "a,b" */
};
/* Every host that has tags. */
MUST_CHECK bool host_store_tagged(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err);
extern const struct api_command HOST_TAG_COMMANDS[];

#endif
