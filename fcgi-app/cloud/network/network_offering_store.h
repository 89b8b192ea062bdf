/* Rows of network offerings and their rules, for this feature's own files. */
#ifndef GURUM_CLOUD_NETWORK_OFFERING_STORE_H
#define GURUM_CLOUD_NETWORK_OFFERING_STORE_H

#include "cloud/network/network.h"
#include "cloud/offering/offering.h"

/* From the cache, removed ones too; by uuid when it is not NULL. */
MUST_CHECK bool network_offering_store_find(struct db *db, struct arena *arena, int64_t id, const char *uuid,
                                            const struct network_offering **ret_offering, struct error *err);
MUST_CHECK bool network_offering_store_all(struct db *db, struct arena *arena,
                                           const struct network_offering **ret_offerings, size_t *ret_count,
                                           struct error *err);
/* Columns, services ("Dhcp=VirtualRouter,…"), places, details and capabilities as the row says. */
MUST_CHECK bool network_offering_store_add(struct db *db, struct arena *arena, const struct network_offering *offering,
                                           int64_t *ret_id, struct error *err);
/* Columns and places only. */
MUST_CHECK bool network_offering_store_update(struct db *db, struct arena *arena,
                                              const struct network_offering *offering, struct error *err);

/* ---- network_offering_service.c ---- */

/* Errors: INVALID_VALUE. */
MUST_CHECK bool network_offering_create(struct db *db, struct arena *arena, const struct network_offering *wish,
                                        int64_t *ret_id, struct error *err);
MUST_CHECK bool network_offering_update(struct db *db, struct arena *arena, const struct network_offering *changed,
                                        struct error *err);
MUST_CHECK bool network_offering_remove(struct db *db, struct arena *arena, int64_t id, struct error *err);
/* May an account below the path use it in the zone (0: in some)? */
MUST_CHECK bool network_offering_is_offered(struct db *db, struct arena *arena, const struct network_offering *offering,
                                            const char *domain_path, int64_t zone_id, bool *ret_offered,
                                            struct error *err);
/* The services of an offering: names and comma lists of providers, in the order of NETWORK_SERVICES. */
struct offered_service {
    const char *name, *providers;
};
const struct offered_service *network_offering_services(struct arena *arena, const struct network_offering *offering,
                                                        size_t *ret_count);

#endif
