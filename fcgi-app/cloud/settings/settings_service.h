/* Rules of settings, for the commands of this feature. */
#ifndef GURUM_CLOUD_SETTINGS_SERVICE_H
#define GURUM_CLOUD_SETTINGS_SERVICE_H

#include "cloud/settings/settings_store.h"

/* Checks type and range and stores; secrets are sealed. Errors: INVALID_VALUE. */
MUST_CHECK bool settings_change(struct db *db, struct arena *arena, const struct setting *setting, int64_t scope,
                                int64_t scope_id, const char *value, struct error *err);
/* The global value as text; NULL for secrets, which are never shown. */
const char *settings_shown(struct arena *arena, const struct setting *setting);

#endif
