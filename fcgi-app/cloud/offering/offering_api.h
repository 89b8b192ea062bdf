/* What the command files of this feature share. */
#ifndef GURUM_CLOUD_OFFERING_API_H
#define GURUM_CLOUD_OFFERING_API_H

#include "cloud/offering/offering.h"

extern const struct api_command SERVICE_OFFERING_COMMANDS[], DISK_OFFERING_COMMANDS[];
extern const struct object_kind SERVICE_OFFERING_KIND, DISK_OFFERING_KIND;

/* The path of a tenant domain that a parameter named. */
MUST_CHECK bool offering_domain_path(struct api_call *call, int64_t domain_id, const char **ret_path,
                                     struct error *err);
/* "Active" or "Inactive" in any case; NULL: *ret_state stays. Errors: INVALID_VALUE. */
MUST_CHECK bool offering_read_state(const char *text, const char **ret_state, struct error *err);

#endif
