/* Projects: what several people own together. What other features may ask of them. */
#ifndef GURUM_CLOUD_PROJECT_H
#define GURUM_CLOUD_PROJECT_H

#include "api/api.h"

/* Fills caller->projects, from the process's cache. */
MUST_CHECK bool project_memberships_of(struct db *db, struct arena *arena, struct caller *caller, struct error *err);
/* The project's account as the owner of what a command makes or lists. Errors: INVALID_VALUE (no such project), DENIED
 * (not a member, or the command would add to a project that is not active). */
MUST_CHECK bool project_find_owner(struct api_call *call, const char *project_uuid, struct owner *ret_owner,
                                   struct error *err);
/* Removed projects are found, too; NULL: none. Cached. */
MUST_CHECK bool project_name_any(struct db *db, struct arena *arena, int64_t project_id, const char **ret_uuid,
                                 const char **ret_name, struct error *err);

/* A user goes, in the open transaction: his own memberships and invitations. Errors: INVALID_VALUE (a project would be
 * without an admin). */
MUST_CHECK bool project_part_user(struct db *db, int64_t account_id, int64_t user_id, struct error *err);

void project_register(void); /* commands, kinds, jobs, settings */

#endif
