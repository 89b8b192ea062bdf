/* What the command files of this feature share. */
#ifndef GURUM_CLOUD_OFFERING_API_H
#define GURUM_CLOUD_OFFERING_API_H

#include "cloud/offering/offering_rates.h"

extern const struct api_command SERVICE_OFFERING_COMMANDS[], DISK_OFFERING_COMMANDS[];
extern const struct object_kind SERVICE_OFFERING_KIND, DISK_OFFERING_KIND;

/* The path of a tenant domain that a parameter named. */
MUST_CHECK bool offering_domain_path(struct api_call *call, int64_t domain_id, const char **ret_path,
                                     struct error *err);
/* "Active" or "Inactive" in any case; NULL: *ret_state stays. Errors: INVALID_VALUE. */
MUST_CHECK bool offering_read_state(const char *text, const char **ret_state, struct error *err);

/* ---- offering_list.c ---- */

/* What list commands of both kinds ask for; NULL and 0: anything. `state` NULL: Active. */
struct offering_filter {
    const char *name, *state, *storage_type;
    int64_t id, domain_id, zone_id;
};
struct offering_listed {
    const void *row;
    int64_t id, sort_key;
    const char *name, *state, *storage_type;
    struct offering_places places;
    bool is_shown; /* to tenants */
};
/* Keeps those that fit and that the caller may see, in the order of lists. */
MUST_CHECK bool offering_list(struct api_call *call, const struct offering_filter *filter,
                              struct offering_listed *offerings, size_t *count, struct error *err);

#endif
