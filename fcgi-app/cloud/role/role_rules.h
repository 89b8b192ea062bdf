/* What a role's rules say about a command. For the files of this feature only. */
#ifndef GURUM_CLOUD_ROLE_RULES_H
#define GURUM_CLOUD_ROLE_RULES_H

#include "cloud/role/role_store.h"

struct role_rules {
    const struct rule_row *items; /* in their order */
    size_t count;
};
/* The rules of a role out of the whole table. */
struct role_rules role_rules_of(struct arena *arena, const struct cache_view *all, int64_t role_id);
/* Whether an enabled role may call the command. *ret_rule (may be NULL): the rule that decided; NULL: none fitted. */
bool role_decides(const struct role_row *role, const struct role_rules *rules, const struct api_command *command,
                  const struct rule_row **ret_rule);
/* The first command that the role, once enabled, may call and the caller may not; NULL: there is none. */
const struct api_command *role_beyond(const struct caller *caller, const struct role_row *role,
                                      const struct role_rules *rules);

#endif
