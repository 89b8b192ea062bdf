/* Rules of stored user data; each function is one transaction. */
#ifndef GURUM_CLOUD_USERDATA_SERVICE_H
#define GURUM_CLOUD_USERDATA_SERVICE_H

#include "cloud/userdata/userdata_store.h"

/* `content` as user_data_read gives it, `params` "a,b" or NULL. Errors: INVALID_VALUE (the account has one of that
 * name, a variable's name that is none). */
MUST_CHECK bool user_data_add(struct db *db, struct arena *arena, const struct owner *owner, const char *name,
                              const char *content, const char *params, int64_t *ret_id, struct error *err);
/* Errors: INVALID_VALUE (an image or a machine has it). */
MUST_CHECK bool user_data_remove(struct db *db, int64_t id, struct error *err);

#endif
