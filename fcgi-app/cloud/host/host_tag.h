/* What listHostTags reads and registers. */
#ifndef GURUM_CLOUD_HOST_TAG_H
#define GURUM_CLOUD_HOST_TAG_H

#include "api/api.h"

/* Every host that has tags: rows of struct tagged. */
MUST_CHECK bool host_store_tagged(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err);
extern const struct api_command HOST_TAG_COMMANDS[];

#endif
