/* Changes of roles and their rules. For the files of this feature only. */
#ifndef GURUM_CLOUD_ROLE_SERVICE_H
#define GURUM_CLOUD_ROLE_SERVICE_H

#include "cloud/role/role_store.h"

/* Every change is one transaction that raises VERSION_ROLES. Errors of all: DENIED (a built-in role, a role in use, a
 * role above the caller's before or after the change), INVALID_VALUE. Strings are copied by the database only. */

struct new_role {
    const char *name, *description;
    int64_t type, copied_id; /* copied_id: its type and rules are taken; 0: none */
    bool is_public;
    const struct rule_row *rules; /* rule, is_allowed and description, in their order */
    size_t rule_count;
    bool replaces; /* a role of that name is overwritten */
};
MUST_CHECK bool role_create(struct db *db, const struct caller *caller, const struct new_role *role, int64_t *ret_id,
                            struct error *err);
struct role_change {
    int64_t id, type;                       /* type 0: stays */
    const char *name, *description, *state; /* NULL: stays */
    struct opt_bool is_public;
};
MUST_CHECK bool role_change(struct db *db, const struct caller *caller, const struct role_change *change,
                            struct error *err);
MUST_CHECK bool role_delete(struct db *db, const struct caller *caller, int64_t id, struct error *err);

/* At the end of its role's rules. */
MUST_CHECK bool rule_create(struct db *db, const struct caller *caller, const struct rule_row *rule, int64_t *ret_id,
                            struct error *err);
MUST_CHECK bool rule_allow(struct db *db, const struct caller *caller, int64_t role_id, int64_t rule_id,
                           bool is_allowed, struct error *err);
/* `ids` are all rules of the role in their new order. */
MUST_CHECK bool rule_order(struct db *db, const struct caller *caller, int64_t role_id, const struct ref_list *ids,
                           struct error *err);
MUST_CHECK bool rule_delete(struct db *db, const struct caller *caller, int64_t rule_id, struct error *err);
MUST_CHECK bool rule_check_text(const char *rule, struct error *err);

#endif
