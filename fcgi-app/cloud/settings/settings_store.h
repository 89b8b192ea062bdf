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
/* The value of one setting at one place, and the nearest of a domain and those above it. */
MUST_CHECK bool setting_find_at(struct db *db, struct arena *arena, const char *name, enum setting_scope scope,
                                int64_t scope_id, struct setting_row *ret_row, bool *ret_found, struct error *err);
MUST_CHECK bool setting_find_above(struct db *db, struct arena *arena, const char *name, int64_t domain_id,
                                   struct setting_row *ret_row, bool *ret_found, struct error *err);
/* The settings that have a value anywhere below global. */
MUST_CHECK bool setting_scoped_names(struct db *db, struct arena *arena, size_t max, struct string_list *ret_names,
                                     struct error *err);
MUST_CHECK bool setting_forget(struct db *db, int64_t scope, int64_t scope_id, const char *name, struct error *err);

#endif
