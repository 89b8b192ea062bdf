/* Rules of identities, for the files of this feature only. Public parts are in identity.h. */
#ifndef GURUM_CLOUD_IDENTITY_SERVICE_H
#define GURUM_CLOUD_IDENTITY_SERVICE_H

#include "cloud/identity/identity_store.h"

enum { API_KEY_BYTES = 64 };  /* random bytes of a key or secret: 86 characters */
enum { PASSWORD_BYTES = 18 }; /* random bytes of the first password */

/* ---- identity_access.c ---- */
void identity_access_register(void);
/* The caller that a user is; NULL when user, account or domain may not act. `wants_active` false: whatever their state.
 */
MUST_CHECK bool access_caller_of(struct db *db, struct arena *arena, const struct user_row *user, bool wants_active,
                                 struct caller **ret_caller, struct error *err);
/* The same as identity_find_user_any gives, of a row. */
MUST_CHECK bool access_user_of(struct db *db, struct arena *arena, const struct user_row *row,
                               struct identity_user **ret_user, struct error *err);
const char *access_display_path(struct arena *arena, const char *path);

/* ---- identity_session.c ---- */
/* When a session ends that was begun and used last at these times. */
int64_t identity_session_end(int64_t created_ms, int64_t last_used_ms);
/* Sessions that are alive were used and begun since then. */
void identity_session_limits(int64_t *ret_used_since_ms, int64_t *ret_begun_since_ms);

/* ---- identity_domain_service.c ---- */
MUST_CHECK bool identity_create_domain(struct db *db, const char *name, int64_t parent_id, const char *network_domain,
                                       const char *uuid, int64_t *ret_id, struct error *err);
/* name NULL: stays; network_domain NULL: stays, "": none. A new name moves the paths of the whole sub-tree. Errors:
 * DENIED (ROOT), INVALID_VALUE (taken, too long). */
MUST_CHECK bool identity_update_domain(struct db *db, int64_t id, const char *name, const char *network_domain,
                                       struct error *err);
/* With its sub-tree, its counters and paths. Errors: INVALID_VALUE (ROOT, below itself, name taken),
 * RESOURCE_ALLOCATION (a limit above the new place). */
MUST_CHECK bool identity_move_domain(struct db *db, int64_t id, int64_t parent_id, struct error *err);
/* In the open transaction: nothing can be put into the sub-tree any more, and the job begins. Errors: IN_USE when it is
 * not empty and `cleanup` is not said; DENIED when an account in it has a role above the caller's. */
struct domain_deletion {
    const struct caller *caller;
    int64_t id;
    bool cleanup;
};
MUST_CHECK bool identity_begin_domain_removal(struct db *db, struct arena *arena,
                                              const struct domain_deletion *deletion, const struct job_stamp *stamp,
                                              struct job_ref *ret_job, struct error *err);

/* ---- identity_service.c ---- */
/* No wildcard or separator of paths in names of domains, accounts and users. */
MUST_CHECK bool identity_check_name(const char *name, struct error *err);
/* The same, and nobody else (`but_not`) has it in the domain. */
MUST_CHECK bool identity_check_username(struct db *db, int64_t domain_id, const char *name, int64_t but_not,
                                        struct error *err);
/* The hash of a password that keeps the rules. */
MUST_CHECK bool identity_hash_password(struct db *db, int64_t domain_id, const char *username, struct secret password,
                                       char hash[static PASSWORD_HASH_BYTES], struct error *err);
void identity_choose_uuid(char uuid[static 37], const char *wanted); /* NULL: random */
struct new_account {
    const char *name, *network_domain, *uuid /* NULL: random */;
    int64_t domain_id, role_id;
    struct pair_list details;
};
struct new_user {
    const char *username, *first_name, *last_name, *email, *timezone, *uuid /* NULL: random */;
    const char *source;     /* NULL: native */
    struct secret password; /* of native users */
    int64_t account_id, domain_id;
};
/* An account with its first user. Errors: INVALID_VALUE (name taken, unknown role), DENIED (a role above the caller's).
 */
MUST_CHECK bool identity_create_account(struct db *db, const struct caller *caller, const struct new_account *account,
                                        const struct new_user *user, int64_t *ret_account_id, struct error *err);
MUST_CHECK bool identity_create_user(struct db *db, const struct new_user *user, int64_t *ret_user_id,
                                     struct error *err);
struct account_change {
    int64_t id, role_id; /* role_id 0: stays */
    const char *name, *network_domain, *api_key_access;
    struct pair_list details;
};
MUST_CHECK bool identity_update_account(struct db *db, const struct caller *caller, const struct account_change *change,
                                        struct error *err);
MUST_CHECK bool identity_set_account_state(struct db *db, int64_t account_id, const char *state, struct error *err);

/* ---- identity_user_service.c ---- */
/* Fresh keys for a user; the old ones stop working everywhere within a second. Texts live in the arena. */
MUST_CHECK bool identity_new_keys(struct db *db, struct arena *arena, int64_t user_id, const char *user_uuid,
                                  const char **ret_key, const char **ret_secret, struct error *err);
/* The stored keys, opened; NULL when the user has none. */
MUST_CHECK bool identity_keys(struct db *db, struct arena *arena, int64_t user_id, const char **ret_key,
                              const char **ret_secret, struct error *err);
MUST_CHECK bool identity_open_api_key(struct arena *arena, const char *user_uuid, const char *sealed,
                                      struct secret *ret_key, struct error *err);

/* The user's password once more, from somebody who is signed in; wrong ones count as at signing in. Errors:
 * INVALID_VALUE (wrong, locked, or in a transaction, which would roll the count back: plan, Idempotency-Key). */
MUST_CHECK bool identity_prove_password(struct db *db, struct arena *arena, const struct caller *caller,
                                        int64_t user_id, struct secret password, struct error *err);

struct user_change {
    int64_t id;
    const char *username, *first_name, *last_name, *email, *timezone, *api_key, *api_key_access; /* NULL: stays */
    struct secret password, current_password, secret_key;
    struct opt_bool mandates_factor;
};
MUST_CHECK bool identity_update_user(struct db *db, const struct caller *caller, const struct user_change *change,
                                     struct error *err);
MUST_CHECK bool identity_set_user_state(struct db *db, const struct caller *caller, int64_t user_id, const char *state,
                                        struct error *err);
/* To another account of the same domain; ends the user's sessions. Errors: INVALID_VALUE (another domain), DENIED. */
MUST_CHECK bool identity_move_user(struct db *db, const struct caller *caller, int64_t user_id, int64_t account_id,
                                   struct error *err);
MUST_CHECK bool identity_delete_user(struct db *db, const struct caller *caller, int64_t user_id, struct error *err);

/* ---- the command files ---- */
extern const struct object_kind USER_KIND, ACCOUNT_KIND, DOMAIN_KIND, SESSION_KIND;
void identity_register_login(void);
void identity_register_sessions(void);
void identity_register_users(void);
void identity_register_accounts(void);
void identity_register_domains(void);

#endif
