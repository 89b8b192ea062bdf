/* Who asks. Filled by the identity feature (through api/identity_hooks) and read everywhere. */
#ifndef GURUM_API_CALLER_H
#define GURUM_API_CALLER_H

#include "base/attributes.h"

/* Bits, so that a command declares its default roles as a set. */
enum role_type { ROLE_ADMIN = 1, ROLE_RESOURCE_ADMIN = 2, ROLE_DOMAIN_ADMIN = 4, ROLE_USER = 8 };
#define ROLES_ALL (ROLE_ADMIN | ROLE_RESOURCE_ADMIN | ROLE_DOMAIN_ADMIN | ROLE_USER)
#define ROLES_ADMINS (ROLE_ADMIN | ROLE_RESOURCE_ADMIN | ROLE_DOMAIN_ADMIN)

/* What a session's user still has to do before it may be used: give a code, or set a second factor up. */
enum factor_owed { FACTOR_NONE, FACTOR_CODE, FACTOR_SETUP };

/* An account with a negative id belongs to a project and owns what the project owns; the id is the project's, negated.
 * So one comparison leaves what projects own out of a list. */
static inline bool account_is_project(int64_t account_id)
{
    return account_id < 0;
}

/* What a caller is in one project. */
struct project_rule {
    const char *wildcard; /* of command names */
    bool is_allowed;
};
struct project_membership {
    int64_t account_id; /* the project's */
    bool is_admin;
    /* Of a regular member's project role, in their order; the first that fits decides. */
    const struct project_rule *rules;
    size_t rule_count;
};

struct caller {
    int64_t user_id, account_id, domain_id, role_id; /* user_id 0: the system itself */
    const char *user_uuid, *username, *account_uuid, *account_name, *domain_uuid;
    const char *domain_path; /* "/" for ROOT, "/a/b/" below: a tenant domain's sub-tree is a prefix */
    enum role_type role_type;
    const char *api_key;       /* NULL with a session */
    const char *session_token; /* NULL with a key; the CSRF token is derived from it */
    int64_t session_id;
    enum factor_owed factor_owed; /* FACTOR_NONE with a key */
    const char *remote_address, *user_agent, *request_id;
    const char *language;   /* negotiated: "en", "ko" */
    const uint8_t *allowed; /* a bit per command (api_command_index) when role rules are stored; NULL: the commands'
                               default roles */
    size_t allowed_bytes;
    const struct project_membership *projects; /* those that the caller is a member of */
    size_t project_count;
};

/* The account a command acts for: the caller's own, or the one that account/domainid or projectid name. */
struct owner {
    int64_t account_id, domain_id;
    const char *account_uuid, *account_name, *domain_uuid, *domain_path;
};

static inline bool caller_is_root_admin(const struct caller *caller)
{
    return caller->role_type == ROLE_ADMIN;
}

#endif
