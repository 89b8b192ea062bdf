/* The SQL of setting values, for the files of this feature only. */
#ifndef GURUM_CLOUD_SETTINGS_STORE_H
#define GURUM_CLOUD_SETTINGS_STORE_H

#include "cloud/settings/settings.h"

struct setting_row {
    const char *name, *value;
};
/* All values of one place: scope is one bit of enum setting_scope, id 0 for global. */
MUST_CHECK bool setting_values(struct db *db, struct arena *arena, int64_t scope, int64_t scope_id,
                               struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool setting_store(struct db *db, int64_t scope, int64_t scope_id, const char *name, const char *value,
                              struct error *err);

#endif
