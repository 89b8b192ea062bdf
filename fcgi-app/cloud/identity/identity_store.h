/* Rows and SQL of identities, for the files of this feature only. Domains, roles, rules, accounts and users are read
 * from the process's cache (VERSION_IDENTITY); passwords and keys only from the database. */
#ifndef GURUM_CLOUD_IDENTITY_STORE_H
#define GURUM_CLOUD_IDENTITY_STORE_H

#include "cloud/cache/cache.h"
#include "cloud/identity/identity.h"

struct domain_row {
    int64_t id;
    const char *uuid;
    int64_t parent_id, level, removed_id;
    const char *name, *path, *state, *network_domain;
    struct opt_time created;
};
struct role_row {
    int64_t id;
    const char *uuid, *name, *description;
    int64_t type;
    bool is_default, is_public;
    const char *state;
};
struct rule_row {
    int64_t id;
    const char *uuid;
    int64_t role_id, position;
    const char *rule, *description;
    bool is_allowed;
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
    bool is_default;
    struct opt_time created;
};
/* Never cached as a table. */
struct user_secrets {
    int64_t id;
    const char *uuid, *password_hash, *api_key_sealed, *secret_key_sealed;
    int64_t failures;
    struct opt_time locked_until;
};
struct session_row {
    int64_t id, user_id;
    struct opt_time created, last_used;
};

/* NULL in *ret_row: there is none. Removed rows are found; callers look at removed_id. */
MUST_CHECK bool domain_by_id(struct db *db, struct arena *arena, int64_t id, const struct domain_row **ret_row,
                             struct error *err);
MUST_CHECK bool domain_by_uuid(struct db *db, struct arena *arena, const char *uuid, const struct domain_row **ret_row,
                               struct error *err);
MUST_CHECK bool domain_by_path(struct db *db, struct arena *arena, const char *path, const struct domain_row **ret_row,
                               struct error *err);
MUST_CHECK bool role_by_id(struct db *db, struct arena *arena, int64_t id, const struct role_row **ret_row,
                           struct error *err);
MUST_CHECK bool role_by_uuid(struct db *db, struct arena *arena, const char *uuid, const struct role_row **ret_row,
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
MUST_CHECK bool role_all(struct db *db, struct arena *arena, struct cache_view *ret_view, struct error *err);
MUST_CHECK bool rule_all(struct db *db, struct arena *arena, struct cache_view *ret_view, struct error *err);
MUST_CHECK bool account_all(struct db *db, struct arena *arena, struct cache_view *ret_view, struct error *err);
MUST_CHECK bool user_all(struct db *db, struct arena *arena, struct cache_view *ret_view, struct error *err);

/* Straight from the database. */
MUST_CHECK bool user_id_by_name(struct db *db, int64_t domain_id, const char *username, int64_t *ret_id,
                                struct error *err); /* 0: none */
MUST_CHECK bool user_id_by_key_hash(struct db *db, const char *hash, int64_t *ret_id, struct error *err);
MUST_CHECK bool user_secrets_of(struct db *db, struct arena *arena, int64_t user_id, struct user_secrets *ret_row,
                                bool *ret_found, struct error *err);
MUST_CHECK bool domain_id_by_name(struct db *db, int64_t parent_id, const char *name, int64_t *ret_id,
                                  struct error *err);
MUST_CHECK bool account_id_by_name(struct db *db, int64_t domain_id, const char *name, int64_t *ret_id,
                                   struct error *err);

/* Writes; callers raise VERSION_IDENTITY. Adding returns the new id. */
MUST_CHECK bool domain_add(struct db *db, const struct domain_row *row, int64_t *ret_id, struct error *err);
MUST_CHECK bool role_add(struct db *db, const struct role_row *row, struct error *err);
MUST_CHECK bool account_add(struct db *db, const struct account_row *row, int64_t *ret_id, struct error *err);
MUST_CHECK bool account_update(struct db *db, const struct account_row *row, struct error *err);
/* Errors: IN_USE "identity.account_going". */
MUST_CHECK bool account_set_state(struct db *db, int64_t account_id, const char *state, struct error *err);
/* Disabled and marked for cleanup; *ret_doomed false: it is removed already. */
MUST_CHECK bool account_doom(struct db *db, int64_t account_id, bool *ret_doomed, struct error *err);
/* With its users, their keys and sessions, and its details. */
MUST_CHECK bool account_remove(struct db *db, int64_t account_id, struct error *err);
MUST_CHECK bool account_detail_set(struct db *db, int64_t account_id, const char *name, const char *value,
                                   struct error *err);
MUST_CHECK bool account_details(struct db *db, struct arena *arena, int64_t account_id, struct db_rows *ret_pairs,
                                struct error *err);
MUST_CHECK bool user_add(struct db *db, const struct user_row *row, const char *password_hash, int64_t *ret_id,
                         struct error *err);
MUST_CHECK bool user_update(struct db *db, const struct user_row *row, struct error *err);
MUST_CHECK bool user_set_password(struct db *db, int64_t user_id, const char *password_hash, struct error *err);
MUST_CHECK bool user_set_keys(struct db *db, int64_t user_id, const char *hash, const char *key_sealed,
                              const char *secret_sealed, struct error *err);
MUST_CHECK bool user_set_state(struct db *db, int64_t user_id, const char *state, struct error *err);
MUST_CHECK bool user_remove(struct db *db, int64_t user_id, struct error *err);
MUST_CHECK bool user_note_failure(struct db *db, int64_t user_id, int64_t failures, struct opt_time locked_until,
                                  struct error *err);

MUST_CHECK bool session_add(struct db *db, const char *token_hash, int64_t user_id, const char *remote_address,
                            struct error *err);
MUST_CHECK bool session_find(struct db *db, const char *token_hash, struct session_row *ret_row, bool *ret_found,
                             struct error *err);
MUST_CHECK bool session_touch(struct db *db, int64_t id, struct error *err);
MUST_CHECK bool session_remove(struct db *db, int64_t id, struct error *err);
MUST_CHECK bool session_remove_of_user(struct db *db, int64_t user_id, struct error *err);
MUST_CHECK bool session_remove_of_account(struct db *db, int64_t account_id, struct error *err);
MUST_CHECK bool session_remove_old(struct db *db, int64_t before_ms, struct error *err);

#endif
