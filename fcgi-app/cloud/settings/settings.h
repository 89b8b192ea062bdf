/* Settings in the database: values that differ from the declared default, global or of one zone, cluster, pool, domain
 * or account. */
#ifndef GURUM_CLOUD_SETTINGS_H
#define GURUM_CLOUD_SETTINGS_H

#include "base/setting.h"
#include "db/db.h"

/* Loads all global values into base/setting when VERSION_SETTINGS moved since the last call (cheap otherwise). Called
 * at start, and by each role before it begins a request or a job. Thread-safe. */
MUST_CHECK bool settings_refresh(struct db *db, struct error *err);
/* Where a value is looked for; ids that are 0 are passed over. Only the scopes that the setting declares count, the
 * narrowest that has a value wins: account, then its domain (and the domains above) where the settings
 * enable.account.settings.for.domain and enable.domain.settings.for.child.domain say so; pool or image store, cluster,
 * zone; at last the global value. Costs no query while the setting has no value below global. */
struct setting_place {
    int64_t account_id, domain_id, pool_id, image_store_id, cluster_id, zone_id;
};
MUST_CHECK bool settings_text_at(struct db *db, struct arena *arena, const struct setting *setting,
                                 const struct setting_place *place, const char **ret_value, struct error *err);
/* The same as a number or a truth; a stored text that does not parse counts as the global value. */
MUST_CHECK bool settings_int_at(struct db *db, struct arena *arena, const struct setting *setting,
                                const struct setting_place *place, int64_t *ret_value, struct error *err);
MUST_CHECK bool settings_bool_at(struct db *db, struct arena *arena, const struct setting *setting,
                                 const struct setting_place *place, bool *ret_value, struct error *err);
MUST_CHECK bool settings_double_at(struct db *db, struct arena *arena, const struct setting *setting,
                                   const struct setting_place *place, double *ret_value, struct error *err);

void settings_register(void);
void settings_register_pages(void);

#endif
