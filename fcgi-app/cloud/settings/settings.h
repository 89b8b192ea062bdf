/* Settings in the database: values that differ from the declared default, global or of one zone, cluster, pool, domain
 * or account. */
#ifndef GURUM_CLOUD_SETTINGS_H
#define GURUM_CLOUD_SETTINGS_H

#include "base/setting.h"
#include "db/db.h"

/* Loads all global values into base/setting when VERSION_SETTINGS moved since the last call (cheap otherwise). Called
 * at start, and by each role before it begins a request or a job. Thread-safe. */
MUST_CHECK bool settings_refresh(struct db *db, struct error *err);
/* A scoped value: that scope's own, else the global one. The text lives in the arena. `scope` is one bit of enum
 * setting_scope. */
MUST_CHECK bool settings_scoped_text(struct db *db, struct arena *arena, const struct setting *setting,
                                     enum setting_scope scope, int64_t scope_id, const char **ret_value,
                                     struct error *err);

void settings_register(void);

#endif
