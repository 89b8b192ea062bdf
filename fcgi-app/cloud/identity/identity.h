/* Who exists: tenant domains, accounts, users, roles, keys and sessions. What other features may ask of it. */
#ifndef GURUM_CLOUD_IDENTITY_H
#define GURUM_CLOUD_IDENTITY_H

#include "api/api.h"

/* An account as other features' replies need it. Held per process: no query when it was asked for lately. */
struct identity_account {
    int64_t id, domain_id, role_id;
    const char *uuid, *name, *state, *domain_uuid, *domain_name;
    const char *domain_path;  /* "/", "/a/b/": a sub-tree is a prefix */
    const char *display_path; /* "ROOT", "ROOT/a/b": the wire's domainpath */
    /* Replies tell either the account or the project that owns something: of these one is NULL, or two are. */
    const char *shown_name, *project_uuid, *project_name;
    enum role_type role_type;
    bool removed;
};
/* NULL in *ret_account: no such account. Removed accounts are found too. Strings live in the arena. */
MUST_CHECK bool identity_find_account_any(struct db *db, struct arena *arena, int64_t account_id,
                                          struct identity_account **ret_account, struct error *err);
/* Whose an object is, as replies tell it: a part of their structs. */
struct shown_owner {
    const char *accountid, *account, *projectid, *project, *domainid, *domain, *domainpath;
};
/* Of an account or a project; without such an account, all NULL. */
MUST_CHECK bool identity_show_owner(struct db *db, struct arena *arena, int64_t account_id,
                                    struct shown_owner *ret_owner, struct error *err);
/* What a tenant domain itself owns. */
MUST_CHECK bool identity_show_domain(struct db *db, struct arena *arena, int64_t domain_id,
                                     struct shown_owner *ret_owner, struct error *err);
/* The rows of a `part` of that type: OWNER_FIELDS(struct key_response, owner, "owns it"). */
#define OWNER_FIELDS(type_name, part, does)                                                                            \
    FIELD_IN(type_name, part, account, .help = "the account that " does),                                              \
        FIELD_IN(type_name, part, projectid, .help = "the project that " does),                                        \
        FIELD_IN(type_name, part, project, .help = "the name of that project"),                                        \
        FIELD_IN(type_name, part, domainid, .help = "the domain of that account or project"),                          \
        FIELD_IN(type_name, part, domain, .help = "the name of that domain")
#define OWNER_PATH_FIELD(type_name, part)                                                                              \
    FIELD_IN(type_name, part, domainpath, .since = "4.19.2.0", .help = "the path of that domain")

/* Before a page asks for accounts and users one by one: reads those that are not held, many at once. Ids of 0 and
 * repeated ones are fine; NULL: none of them. */
MUST_CHECK bool identity_prefetch_any(struct db *db, struct arena *arena, const int64_t *account_ids,
                                      const int64_t *user_ids, size_t count, struct error *err);
/* Fills an owner (for quota and history in jobs) from an account id. Errors: INTERNAL when it does not exist. */
MUST_CHECK bool identity_owner_any(struct db *db, struct arena *arena, int64_t account_id, struct owner *ret_owner,
                                   struct error *err);

/* The account of a name in a domain (NULL: the caller's), access-checked: for commands that name an account in their
 * own way. */
MUST_CHECK bool identity_owner_by_name(struct api_call *call, const char *account, const char *domain_uuid,
                                       struct owner *ret_owner, struct error *err);

struct identity_domain {
    int64_t id, parent_id;
    const char *uuid, *name, *path, *display_path, *state;
    int64_t level;
};
MUST_CHECK bool identity_find_domain_any(struct db *db, struct arena *arena, int64_t domain_id,
                                         struct identity_domain **ret_domain, struct error *err);

struct identity_user {
    int64_t id, account_id, domain_id;
    const char *uuid, *username, *first_name, *last_name, *email, *state, *account_uuid, *role_name;
    const char *source; /* who knows the password: "native", "ldap", "oauth2" */
    bool has_factor, mandates_factor, removed;
};
MUST_CHECK bool identity_find_user_any(struct db *db, struct arena *arena, int64_t user_id,
                                       struct identity_user **ret_user, struct error *err);

/* The caller's own user. Errors: INTERNAL when it went meanwhile. */
MUST_CHECK bool identity_find_self(struct db *db, struct arena *arena, const struct caller *caller,
                                   struct identity_user **ret_user, struct error *err);
/* May the caller act on this user? Oneself always; ordinary users on nobody else, administrators on nobody mightier.
 * Errors: DENIED. That the user is within reach was checked with the reference. */
MUST_CHECK bool identity_check_above(struct api_call *call, const struct identity_user *user, struct error *err);
/* DENIED, in the wire's words. */
bool identity_refuse_user(struct api_call *call, const char *user_uuid, struct error *err);

/* The domain of a path as people write it; NULL or "": ROOT. 0: there is none. */
MUST_CHECK bool identity_domain_id_of_path_any(struct db *db, struct arena *arena, const char *path, int64_t *ret_id,
                                               struct error *err);
/* The path that a login's domain or domainId names. */
MUST_CHECK bool identity_path_of_domain(struct api_call *call, const char *domain, const char *domain_uuid,
                                        const char **ret_path, struct error *err);
/* By the name in a domain (a path as people write it; NULL or "": ROOT); NULL in *ret_user: none. */
MUST_CHECK bool identity_find_user_by_name_any(struct db *db, struct arena *arena, const char *domain_path,
                                               const char *username, struct identity_user **ret_user,
                                               struct error *err);
/* A new password, as its hash: unlocks the user and ends all sessions. In the open transaction or its own. */
MUST_CHECK bool identity_store_password(struct db *db, int64_t user_id, const char *password_hash, struct error *err);

/* What cloud/signin tells of a user's second factor, which all his sessions then wait for, and of a session whose user
 * gave a good code. */
MUST_CHECK bool identity_set_factor(struct db *db, int64_t user_id, bool has_factor, struct error *err);
MUST_CHECK bool identity_pass_factor(struct db *db, int64_t session_id, struct error *err);

/* Who knows the passwords of users whose source is "ldap" (cloud/ldap). Asked outside any transaction; may take
 * seconds, never longer. */
enum identity_verdict { IDENTITY_NO, IDENTITY_YES, IDENTITY_SILENT /* it did not answer: not the person's fault */ };
struct sign_in_place;
struct identity_directory {
    bool (*verify)(struct db *db, struct arena *arena, const struct identity_user *user, struct secret password,
                   enum identity_verdict *ret_verdict, struct error *err);
    /* Nobody here has the name: does a linked directory know it, with this password? Then the user is made.
     * *ret_user_id 0: no, or too many guesses at the name or from the place. */
    bool (*adopt)(struct db *db, struct arena *arena, int64_t domain_id, const char *username, struct secret password,
                  const struct sign_in_place *place, int64_t *ret_user_id, struct error *err);
};
void identity_set_directory(const struct identity_directory *directory);

/* A new user whose password somebody else knows, with an account of his own unless one is named by account_id. Errors:
 * INVALID_VALUE (name taken), DENIED (a role above the caller's, an account that may do more). */
struct identity_newcomer {
    const char *username, *first_name, *last_name, *email, *timezone, *source, *user_uuid;
    const char *account, *account_uuid, *network_domain;
    int64_t domain_id, account_id, role_id;
    struct pair_list details;
};
MUST_CHECK bool identity_add_newcomer(struct db *db, const struct caller *caller,
                                      const struct identity_newcomer *newcomer, int64_t *ret_account_id,
                                      int64_t *ret_user_id, struct error *err);
/* 0: there is none. */
MUST_CHECK bool identity_account_id_of(struct db *db, int64_t domain_id, const char *name, int64_t *ret_id,
                                       struct error *err);
int64_t identity_role_of_type(int64_t wire_type); /* the built-in role of an account type */
extern const struct field_table ACCOUNT_RESPONSE;

/* Where somebody signs in from. */
struct sign_in_place {
    const char *remote_address, *user_agent; /* NULL: not known */
};

/* NULL: none, or removed. */
MUST_CHECK bool identity_user_by_uuid_any(struct db *db, struct arena *arena, const char *uuid,
                                          struct identity_user **ret_user, struct error *err);
/* By name, without an access check; NULL: none, or removed. */
MUST_CHECK bool identity_account_named_any(struct db *db, struct arena *arena, int64_t domain_id, const char *name,
                                           struct identity_account **ret_account, struct error *err);
MUST_CHECK bool identity_user_named_any(struct db *db, struct arena *arena, int64_t domain_id, const char *username,
                                        struct identity_user **ret_user, struct error *err);
/* The users of a name in all domains, at most IDENTITY_NAMED_MAX. */
enum { IDENTITY_NAMED_MAX = 10000 };
MUST_CHECK bool identity_users_named_any(struct db *db, struct arena *arena, const char *username,
                                         const struct identity_user **ret_users, size_t *ret_count, struct error *err);

/* An account of a project, with its counters, in the open transaction. `id` is the project's, negated. */
MUST_CHECK bool identity_add_project_account(struct db *db, int64_t id, const char *name, int64_t domain_id,
                                             struct error *err);
/* Disabled, nothing runs and nothing new comes; what runs is halted by the project's job. */
MUST_CHECK bool identity_set_project_account(struct db *db, int64_t id, bool enabled, struct error *err);
/* Before all that it owns goes: nothing new comes any more, whatever happens. */
MUST_CHECK bool identity_doom_project_account(struct db *db, int64_t id, struct error *err);
/* After that: rows of all features, then its own. */
MUST_CHECK bool identity_remove_project_account(struct db *db, int64_t id, int64_t domain_id, struct error *err);

/* Portal login and logout: the same sessions as the API's. */
struct identity_login {
    const char *session_token; /* what the JSESSIONID cookie holds; stored only as a hash */
    const char *session_key;   /* the wire's sessionkey, derived from the token */
    struct caller *caller;
    const char *first_name, *last_name, *timezone, *issuer;
    bool wants_factor, has_factor; /* a code is wanted; it was set up already */
    int64_t timeout_s;
};
/* Errors: LOGIN_FAILED (same text whether the user exists or not), DATABASE. `domain_path` NULL or "": ROOT; "/a/b",
 * "a/b" alike. */
MUST_CHECK bool identity_log_in(struct db *db, struct arena *arena, const char *username, struct secret password,
                                const char *domain_path, const struct sign_in_place *place,
                                struct identity_login *ret_login, struct error *err);
/* A session for a user whom somebody else vouches for (an identity provider). Errors: LOGIN_FAILED: the user, account
 * or domain may not act. */
MUST_CHECK bool identity_log_in_user(struct db *db, struct arena *arena, int64_t user_id,
                                     const struct sign_in_place *place, struct identity_login *ret_login,
                                     struct error *err);
/* The wire's reply to a login, with the session's cookies; the session that the caller had ends. */
MUST_CHECK bool identity_reply_login(struct api_call *call, const struct identity_login *login, struct error *err);
extern const struct field_table LOGIN_RESPONSE;
MUST_CHECK bool identity_log_out(struct db *db, int64_t session_id, struct error *err);

/* The keys that gurumd bootstrap writes to run/cloud.env. */
struct identity_credentials {
    const char *username;
    struct secret password, api_key, secret_key;
};
/* ROOT, the four built-in roles, account and user "admin" with a random password and keys, unless they exist. *ret_new
 * tells whether credentials were made now; otherwise *ret_credentials has only the keys (the password is stored as a
 * hash). Logs no secret. */
MUST_CHECK bool identity_bootstrap(struct db *db, struct arena *arena, bool *ret_new,
                                   struct identity_credentials *ret_credentials, struct error *err);

/* The administrator that bootstrap made, as a caller with all rights (`gurumd call`). Errors: INTERNAL when there is
 * none yet. */
MUST_CHECK bool identity_find_first_admin(struct db *db, struct arena *arena, struct caller **ret_caller,
                                          struct error *err);

void identity_register(void); /* commands, kinds, hooks */

#endif
