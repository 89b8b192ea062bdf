/* What listStorageTags reads and registers. */
#ifndef GURUM_CLOUD_STORAGE_TAG_H
#define GURUM_CLOUD_STORAGE_TAG_H

#include "api/api.h"

/* Every pool that has tags: rows of struct tagged. */
MUST_CHECK bool storage_store_tagged(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err);
extern const struct api_command STORAGE_TAG_COMMANDS[];

#endif
