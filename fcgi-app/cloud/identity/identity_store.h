/* Rows and SQL of identities, for the files of this feature only. Domains are held whole in the process
 * (VERSION_IDENTITY), accounts and users row by row (entries.h); passwords and keys are read only from the
 * database. */
#ifndef GURUM_CLOUD_IDENTITY_STORE_H
#define GURUM_CLOUD_IDENTITY_STORE_H

#include "cloud/cache/cache.h"
#include "cloud/cache/columns.h"
#include "cloud/cache/entries.h"
#include "cloud/identity/identity.h"
#include "cloud/role/role.h"

enum { DOMAINS_MAX = 20000 };
struct domain_row {
    int64_t id;
    const char *uuid;
    int64_t parent_id, level, removed_id;
    const char *name, *path, *state, *network_domain;
    struct opt_time created;
};
struct account_row {
    int64_t id;
    const char *uuid, *name;
    int64_t domain_id, role_id, removed_id;
    const char *state, *network_domain, *api_key_access;
    bool is_default, cleanup_needed; /* deleted, but still owns something */
    struct opt_time created;
};
struct user_row {
    int64_t id;
    const char *uuid;
    int64_t account_id, domain_id, removed_id;
    const char *username, *first_name, *last_name, *email, *timezone, *state, *api_key_access;
    const char *source; /* who knows the password: "native", "ldap", "oauth2" */
    bool is_default, has_factor, mandates_factor;
    struct opt_time created;
    const char *api_key_sealed; /* lists tell the key to those who may see it */
};
#define ACCOUNT_COLUMNS(X)                                                                                             \
    X(uuid)                                                                                                            \
    X(name)                                                                                                            \
    X(domain_id)                                                                                                       \
    X(role_id) X(removed_id) X(state) X(network_domain) X(api_key_access) X(is_default) X(created) X(cleanup_needed)
#define USER_COLUMNS(X)                                                                                                \
    X(uuid)                                                                                                            \
    X(account_id)                                                                                                      \
    X(domain_id)                                                                                                       \
    X(removed_id)                                                                                                      \
    X(username)                                                                                                        \
    X(first_name) X(last_name) X(email) X(timezone) X(state) X(api_key_access) X(source) X(is_default)                \
        X(has_factor) X(mandates_factor) X(created) X(api_key_sealed)

extern const struct field_table IDENTITY_ACCOUNT_ROW, IDENTITY_USER_ROW;
/* Never cached as a table. */
struct user_secrets {
    int64_t id;
    const char *uuid, *password_hash, *api_key_hash, *api_key_sealed, *secret_key_sealed;
    int64_t failures;
    struct opt_time locked_until;
};
struct account_detail_row {
    int64_t account_id;
    const char *name, *value;
};
struct session_row {
    int64_t id, user_id;
    bool awaits_factor; /* no code was given in it */
    struct opt_time created, last_used;
};
/* As lists show it. */
struct session_view {
    int64_t id, user_id;
    const char *uuid, *remote_address, *user_agent;
    bool awaits_factor;
    struct opt_time created, last_used;
};

/* NULL in *ret_row: there is none. Removed rows are found; callers look at removed_id. */
MUST_CHECK bool domain_by_id(struct db *db, struct arena *arena, int64_t id, const struct domain_row **ret_row,
                             struct error *err);
MUST_CHECK bool domain_by_uuid(struct db *db, struct arena *arena, const char *uuid, const struct domain_row **ret_row,
                               struct error *err);
MUST_CHECK bool domain_by_path(struct db *db, struct arena *arena, const char *path, const struct domain_row **ret_row,
                               struct error *err);
MUST_CHECK bool account_by_id(struct db *db, struct arena *arena, int64_t id, const struct account_row **ret_row,
                              struct error *err);
MUST_CHECK bool account_by_uuid(struct db *db, struct arena *arena, const char *uuid,
                                const struct account_row **ret_row, struct error *err);
MUST_CHECK bool account_by_name(struct db *db, struct arena *arena, int64_t domain_id, const char *name,
                                const struct account_row **ret_row, struct error *err);
MUST_CHECK bool user_by_id(struct db *db, struct arena *arena, int64_t id, const struct user_row **ret_row,
                           struct error *err);
MUST_CHECK bool user_by_uuid(struct db *db, struct arena *arena, const char *uuid, const struct user_row **ret_row,
                             struct error *err);
/* Whole tables, removed rows too, by ascending id. */
MUST_CHECK bool domain_all(struct db *db, struct arena *arena, struct cache_view *ret_view, struct error *err);

/* Holds rows that a page is going to ask for one by one. */
MUST_CHECK bool account_prefetch(struct db *db, struct arena *arena, const int64_t *ids, size_t count,
                                 struct error *err);
MUST_CHECK bool user_prefetch(struct db *db, struct arena *arena, const int64_t *ids, size_t count, struct error *err);

/* ---- identity_list.c: pages straight from the database ---- */

/* What is NULL or 0 narrows nothing. */
struct owner_query {
    const struct list_scope *scope;
    const char *role_ids; /* "3,7": roles of the account type that is wanted */
    const char *name, *state, *api_key_access, *keyword_like, *source /* of users */;
    struct opt_bool cleanup_needed; /* of accounts */
    int64_t id, offset, limit;
};
/* Rows of struct account_row, by id, and how many there are over all pages. */
MUST_CHECK bool account_page(struct db *db, struct arena *arena, const struct owner_query *query,
                             struct db_rows *ret_rows, int64_t *ret_total, struct error *err);
/* Rows of struct user_row. */
MUST_CHECK bool user_page(struct db *db, struct arena *arena, const struct owner_query *query, struct db_rows *ret_rows,
                          int64_t *ret_total, struct error *err);
/* The users of some accounts, by account and id. */
MUST_CHECK bool users_of_accounts(struct db *db, struct arena *arena, const int64_t *account_ids, size_t count,
                                  struct db_rows *ret_rows, struct error *err);
/* An account or user begins (was_listed false) or ceases to be listed: raises or lowers the counters of its pages. */
MUST_CHECK bool account_list_change(struct db *db, int64_t account_id, int64_t domain_id, bool was_listed,
                                    bool is_listed, struct error *err);
MUST_CHECK bool user_list_change(struct db *db, int64_t user_id, int64_t domain_id, bool was_listed, bool is_listed,
                                 struct error *err);
/* The first users by id whose account has a role of that type. */
MUST_CHECK bool users_of_role_type(struct db *db, struct arena *arena, int64_t role_type, struct db_rows *ret_rows,
                                   struct error *err);

/* Straight from the database. */
MUST_CHECK bool user_id_by_name(struct db *db, int64_t domain_id, const char *username, int64_t *ret_id,
                                struct error *err); /* 0: none */
/* Rows of struct identity_user. */
MUST_CHECK bool users_by_name(struct db *db, struct arena *arena, const char *username, struct db_rows *ret_rows,
                              struct error *err);
MUST_CHECK bool user_id_by_key_hash(struct db *db, const char *hash, int64_t *ret_id, struct error *err);
MUST_CHECK bool user_secrets_of(struct db *db, struct arena *arena, int64_t user_id, struct user_secrets *ret_row,
                                bool *ret_found, struct error *err);
MUST_CHECK bool domain_id_by_name(struct db *db, int64_t parent_id, const char *name, int64_t *ret_id,
                                  struct error *err);
MUST_CHECK bool account_id_by_name(struct db *db, int64_t domain_id, const char *name, int64_t *ret_id,
                                   struct error *err);

/* Writes; callers raise the version: of domains VERSION_IDENTITY, of a changed account or user
 * shared_version_of_owner(id). Adding returns the new id; adding and removing accounts and users count for their lists.
 */
MUST_CHECK bool domain_add(struct db *db, const struct domain_row *row, int64_t *ret_id, struct error *err);
MUST_CHECK bool account_add(struct db *db, const struct account_row *row, int64_t *ret_id, struct error *err);
MUST_CHECK bool account_update(struct db *db, const struct account_row *row, struct error *err); /* not its role */
/* false in *ret_changed: it has another role than `from` now. */
MUST_CHECK bool account_change_role(struct db *db, int64_t account_id, int64_t from, int64_t to, bool *ret_changed,
                                    struct error *err);
/* Errors: IN_USE "identity.account_going". */
MUST_CHECK bool account_set_state(struct db *db, int64_t account_id, const char *state, struct error *err);
/* Disabled and marked for cleanup; *ret_doomed false: it is removed already. */
MUST_CHECK bool account_doom(struct db *db, int64_t account_id, bool *ret_doomed, struct error *err);
/* With its users, their keys and sessions, and its details. */
MUST_CHECK bool account_remove(struct db *db, int64_t account_id, int64_t domain_id, struct error *err);
MUST_CHECK bool account_detail_set(struct db *db, int64_t account_id, const char *name, const char *value,
                                   struct error *err);
/* Of at most ENTRY_BATCH accounts, rows of struct account_detail_row by account and name. */
MUST_CHECK bool account_details(struct db *db, struct arena *arena, const int64_t *account_ids, size_t count,
                                struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool user_add(struct db *db, const struct user_row *row, const char *password_hash, int64_t *ret_id,
                         struct error *err);
MUST_CHECK bool user_update(struct db *db, const struct user_row *row, struct error *err);
MUST_CHECK bool user_set_password(struct db *db, int64_t user_id, const char *password_hash, struct error *err);
MUST_CHECK bool user_set_keys(struct db *db, int64_t user_id, const char *hash, const char *key_sealed,
                              const char *secret_sealed, struct error *err);
MUST_CHECK bool user_set_account(struct db *db, int64_t user_id, int64_t account_id, struct error *err);
MUST_CHECK bool user_set_state(struct db *db, int64_t user_id, const char *state, struct error *err);
MUST_CHECK bool user_remove(struct db *db, int64_t user_id, int64_t domain_id, struct error *err);
/* One more failure; the `most`th (0: none) locks the user until then and counts anew. */
MUST_CHECK bool user_note_failure(struct db *db, int64_t user_id, int64_t most, int64_t locked_until_ms,
                                  struct error *err);
MUST_CHECK bool user_unlock(struct db *db, int64_t user_id, struct error *err);
MUST_CHECK bool user_set_factor(struct db *db, int64_t user_id, bool has_factor, struct error *err);

MUST_CHECK bool session_add(struct db *db, const char *token_hash, int64_t user_id, const struct sign_in_place *place,
                            struct error *err);
MUST_CHECK bool session_find(struct db *db, const char *token_hash, struct session_row *ret_row, bool *ret_found,
                             struct error *err);
MUST_CHECK bool session_touch(struct db *db, int64_t id, struct error *err);
MUST_CHECK bool session_remove(struct db *db, int64_t id, struct error *err);
MUST_CHECK bool session_remove_of_account(struct db *db, int64_t account_id, struct error *err);
/* Those of a user but one (but_not 0: all). */
MUST_CHECK bool session_remove_of_user(struct db *db, int64_t user_id, int64_t but_not, struct error *err);
/* A code was given in it; a factor of the user is another one from now on. */
MUST_CHECK bool session_pass_factor(struct db *db, int64_t id, struct error *err);
MUST_CHECK bool session_await_factor(struct db *db, int64_t user_id, struct error *err);
MUST_CHECK bool session_by_uuid(struct db *db, struct arena *arena, const char *uuid, struct session_view *ret_row,
                                bool *ret_found, struct error *err);
/* Sessions used since then and begun since then, newest first: of a user (0: any), an account (0: any), of a tenant
 * domain, alone or with those below it (0: any), or of users with a name like that (NULL: any). */
struct session_query {
    int64_t user_id, account_id, domain_id, below_id;
    const char *keyword_like;
    int64_t used_since_ms, begun_since_ms, offset, limit;
};
MUST_CHECK bool session_list(struct db *db, struct arena *arena, const struct session_query *query,
                             struct db_rows *ret_rows, int64_t *ret_total, struct error *err);
MUST_CHECK bool session_remove_old(struct db *db, int64_t before_ms, struct error *err);

#endif
