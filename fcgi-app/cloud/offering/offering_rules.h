/* Checks that service and disk offerings share. */
#ifndef GURUM_CLOUD_OFFERING_RULES_H
#define GURUM_CLOUD_OFFERING_RULES_H

#include "cloud/offering/offering.h"

MUST_CHECK bool offering_check_disk_words(const char *storage_type, const char *provisioning_type,
                                          const char *cache_mode, struct error *err);
MUST_CHECK bool offering_check_iops(bool customized, int64_t least, int64_t most, struct error *err);
MUST_CHECK bool offering_check_rates(const struct offering_disk_rates *rates, struct error *err);
/* What a creator may ask for: a domain admin who names no tenant domain means his own. */
MUST_CHECK bool offering_places_of_creator(struct db *db, struct arena *arena, const struct caller *caller,
                                           struct offering_places wanted, struct offering_places *ret_places,
                                           struct error *err);
/* May callers of that account give their offerings host and storage tags? Root admins always, others as the setting of
 * the account says. */
MUST_CHECK bool offering_may_have_tags(struct db *db, struct arena *arena, int64_t account_id, bool *ret_may,
                                       struct error *err);
/* Errors: DENIED. NULL tags: none. */
MUST_CHECK bool offering_check_tags(struct db *db, struct arena *arena, const struct caller *caller,
                                    const char *host_tags, const char *storage_tags, struct error *err);

#endif
