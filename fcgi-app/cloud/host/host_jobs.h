/* Hosts as plugins see them. */
#ifndef GURUM_CLOUD_HOST_JOBS_H
#define GURUM_CLOUD_HOST_JOBS_H

#include "cloud/host/host_service.h"
#include "plugin_host/plugin_host.h"

/* Fills both for calls about a host; all in the arena. The password stays sealed. */
MUST_CHECK bool host_target(struct db *db, struct arena *arena, int64_t host_id, struct gurum_host *ret_host,
                            struct plugin_target *ret_target, struct error *err);
/* A host that is up and can reach a place, for storage plugins that work through one; NULL uuid in *ret_host: there is
 * none. */
MUST_CHECK bool host_target_in(struct db *db, struct arena *arena, int64_t zone_id, int64_t cluster_id,
                               struct gurum_host *ret_host, struct error *err);
/* Pairs as the SDK takes them. */
struct gurum_array host_details_array(struct arena *arena, struct pair_list pairs);
/* What a slot reported as DETAIL, as text for a provider_details column; NULL: nothing. */
const char *host_reported_details(struct arena *arena, const struct plugin_reports *reports);
/* The first required check that failed, as an error of kind INVALID_VALUE with `key`; false when all are passed is not
 * possible: true means fit. */
MUST_CHECK bool host_checks_passed(struct arena *arena, const struct plugin_reports *reports, const char *key,
                                   struct error *err);

#endif
