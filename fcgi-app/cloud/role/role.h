/* Roles: which commands their accounts may call. What other features may ask of them. */
#ifndef GURUM_CLOUD_ROLE_H
#define GURUM_CLOUD_ROLE_H

#include "api/api.h"
#include "cloud/cache/cache.h"

/* What every cloud begins with; other built-in roles have numbers of their own. */
enum { ROLE_ID_ROOT_ADMIN = 1, ROLE_ID_RESOURCE_ADMIN, ROLE_ID_DOMAIN_ADMIN, ROLE_ID_USER };

struct role_row {
    int64_t id;
    const char *uuid, *name, *description;
    int64_t type; /* enum role_type */
    bool is_default, is_public;
    const char *state; /* "enabled", "disabled" */
};

/* The whole table by ascending id; and one row, NULL in *ret_row: there is none. Cached; strings live in the arena. */
MUST_CHECK bool role_all(struct db *db, struct arena *arena, struct cache_view *ret_view, struct error *err);
MUST_CHECK bool role_by_id(struct db *db, struct arena *arena, int64_t id, const struct role_row **ret_row,
                           struct error *err);
MUST_CHECK bool role_by_uuid(struct db *db, struct arena *arena, const char *uuid, const struct role_row **ret_row,
                             struct error *err);

/* Fills role_id, role_type and the commands that the role allows. */
MUST_CHECK bool role_fill_caller(struct db *db, struct arena *arena, const struct role_row *role, struct caller *caller,
                                 struct error *err);
/* The identity hook of the api room. */
bool role_allows(const struct caller *caller, const struct api_command *command);
/* May the caller give this role, or act on an account that has it? Errors: DENIED when it may do more than his own,
 * INVALID_VALUE when it is to be given and is disabled. */
MUST_CHECK bool role_check_covers(struct db *db, struct arena *arena, const struct caller *caller,
                                  const struct role_row *role, struct error *err);
MUST_CHECK bool role_check_given(struct db *db, struct arena *arena, const struct caller *caller,
                                 const struct role_row *role, struct error *err);

int64_t role_wire_type(int64_t role_type);     /* an account's type: 0 user, 1 root, 2 domain, 3 resource admin */
const char *role_type_name(int64_t role_type); /* "Admin", "ResourceAdmin", "DomainAdmin", "User" */
bool role_type_of_name(const char *name, int64_t *ret_type);

/* The built-in roles with their rules, unless they exist. In the open transaction. */
MUST_CHECK bool role_make_built_in(struct db *db, struct error *err);

void role_register(void);
void role_register_pages(void);

#endif
