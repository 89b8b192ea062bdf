/* Rules of settings, for the commands of this feature. */
#ifndef GURUM_CLOUD_SETTINGS_SERVICE_H
#define GURUM_CLOUD_SETTINGS_SERVICE_H

#include "cloud/settings/settings_store.h"

/* Checks type, range and choices and stores; secrets are sealed. NULL: forgets the place's value, so that the next
 * wider one counts. Errors: INVALID_VALUE. */
MUST_CHECK bool settings_change(struct db *db, struct arena *arena, const struct setting *setting, int64_t scope,
                                int64_t scope_id, const char *value, struct error *err);
/* The global value as text; NULL for secrets, which are never shown. */
const char *settings_shown(struct arena *arena, const struct setting *setting);

/* Where user interfaces show a setting; names of English, as the wire has them. */
struct setting_subgroup {
    const char *name;
    int64_t precedence;
};
struct setting_group {
    const char *name, *description;
    int64_t precedence;
    const struct setting_subgroup *subgroups; /* ends with a NULL name */
};
const struct setting_group *settings_groups(size_t *ret_count);
void settings_group_of(const struct setting *setting, const char **ret_group, const char **ret_subgroup);

#endif
