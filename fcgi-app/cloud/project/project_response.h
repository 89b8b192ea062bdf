/* Projects as replies tell them. */
#ifndef GURUM_CLOUD_PROJECT_RESPONSE_H
#define GURUM_CLOUD_PROJECT_RESPONSE_H

#include "cloud/identity/identity_responses.h"
#include "cloud/project/project_service.h"

struct project_owner {
    const char *account, *userid, *user;
};
struct project_response {
    const char *id, *name, *displaytext, *domainid, *domain, *projectaccountname, *state;
    struct object_list owner, tags, taggedresources;
    struct resource_members resources;
    struct opt_int vmstopped, vmrunning;
    struct opt_time created;
    struct nested icon;
};
extern const struct field_table PROJECT_RESPONSE;

/* Projects with their admins and tags; `counters`: with limits and what is in use, too. */
MUST_CHECK bool project_fill(struct api_call *call, const struct project *const *rows, size_t count, bool counters,
                             struct project_response *to, struct error *err);
MUST_CHECK bool project_describe(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects,
                                 size_t *ret_count, struct error *err);

#endif
