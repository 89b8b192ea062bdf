/* Rows and SQL of projects, for the files of this feature only. Projects, members, roles and rules are read from the
 * process's cache (VERSION_PROJECTS), invitations from the database. */
#ifndef GURUM_CLOUD_PROJECT_STORE_H
#define GURUM_CLOUD_PROJECT_STORE_H

#include "cloud/cache/cache.h"
#include "cloud/project/project.h"

struct project {
    int64_t id;
    const char *uuid, *name, *display_text, *state; /* "Active", "Suspended", "Disabled" while it is deleted */
    int64_t domain_id, removed_id;
    struct opt_time created;
};
/* `key` is what the cached table is ordered by: the account, or the project. */
struct project_member {
    int64_t key;
    const char *uuid;
    int64_t id, project_id, account_id, user_id /* 0: all users of the account */, project_role_id;
    bool is_admin;
};
struct project_role {
    int64_t id;
    const char *uuid;
    int64_t project_id;
    const char *name, *description;
};
struct project_role_rule {
    int64_t project_role_id; /* the cached table is ordered by it, then by position */
    const char *uuid;
    int64_t id, position;
    const char *rule, *description;
    bool is_allowed;
};
struct project_invitation {
    int64_t id;
    const char *uuid;
    int64_t project_id, account_id /* 0: known by mail only */, user_id /* 0: the whole account */, project_role_id;
    const char *email, *token_hash, *state; /* "Pending", "Completed", "Declined", "Expired" */
    bool is_admin;
    struct opt_time created;
};

/* NULL in *ret_row: there is none. Removed projects are found; callers look at removed_id. */
MUST_CHECK bool project_by_id(struct db *db, struct arena *arena, int64_t id, const struct project **ret_row,
                              struct error *err);
MUST_CHECK bool project_by_uuid(struct db *db, struct arena *arena, const char *uuid, const struct project **ret_row,
                                struct error *err);
MUST_CHECK bool project_all(struct db *db, struct arena *arena, struct cache_view *ret_view, struct error *err);
MUST_CHECK bool project_role_by_id(struct db *db, struct arena *arena, int64_t id, const struct project_role **ret_row,
                                   struct error *err);
MUST_CHECK bool project_role_by_uuid(struct db *db, struct arena *arena, const char *uuid,
                                     const struct project_role **ret_row, struct error *err);
MUST_CHECK bool project_role_all(struct db *db, struct arena *arena, struct cache_view *ret_view, struct error *err);
/* Neighbours in the cached table, in its order. */
struct project_members {
    const struct project_member *items;
    size_t count;
};
MUST_CHECK bool project_members_of_account(struct db *db, struct arena *arena, int64_t account_id,
                                           struct project_members *ret_members, struct error *err);
MUST_CHECK bool project_members_of_project(struct db *db, struct arena *arena, int64_t project_id,
                                           struct project_members *ret_members, struct error *err);
/* The same from the database: for a transaction that holds the project's lock. */
MUST_CHECK bool project_members_read(struct db *db, struct arena *arena, int64_t project_id,
                                     struct project_members *ret_members, struct error *err);
struct project_rules {
    const struct project_role_rule *items;
    size_t count;
};
MUST_CHECK bool project_rules_of(struct db *db, struct arena *arena, int64_t project_role_id,
                                 struct project_rules *ret_rules, struct error *err);

MUST_CHECK bool project_rule_by_uuid(struct db *db, struct arena *arena, const char *uuid,
                                     const struct project_role_rule **ret_row, struct error *err);
MUST_CHECK bool project_rule_all(struct db *db, struct arena *arena, struct cache_view *ret_view, struct error *err);

/* Writes; callers raise VERSION_PROJECTS. Adding sets the row's id. */
MUST_CHECK bool project_add(struct db *db, struct project *row, struct error *err);
/* NULL: stays. */
MUST_CHECK bool project_set_texts(struct db *db, int64_t id, const char *name, const char *display_text,
                                  struct error *err);
/* false in *ret_changed: it is in another state than `from` now. */
MUST_CHECK bool project_change_state(struct db *db, int64_t id, const char *from, const char *to, bool *ret_changed,
                                     struct error *err);
MUST_CHECK bool project_remove(struct db *db, int64_t id, struct error *err); /* with members, roles, invitations */
MUST_CHECK bool project_id_by_name(struct db *db, int64_t domain_id, const char *name, int64_t *ret_id,
                                   struct error *err); /* 0: none */
/* Projects whose admins are all of this account: rows of struct owned_object. */
MUST_CHECK bool project_list_orphans(struct db *db, struct arena *arena, int64_t account_id, size_t most,
                                     struct db_rows *ret_objects, struct error *err);
MUST_CHECK bool project_members_read_account(struct db *db, struct arena *arena, int64_t account_id,
                                             struct project_members *ret_members, struct error *err);
MUST_CHECK bool project_forget_user(struct db *db, int64_t account_id, int64_t user_id,
                                    struct error *err); /* his invitations */
/* The account goes: its memberships and invitations. */
MUST_CHECK bool project_forget_account(struct db *db, int64_t account_id, struct error *err);
/* Locks the row until the transaction ends: changes of members come one after the other. False in *ret_exists: it is
 * gone. */
MUST_CHECK bool project_lock(struct db *db, int64_t id, bool *ret_exists, struct error *err);
MUST_CHECK bool project_member_add(struct db *db, const struct project_member *row, struct error *err);
MUST_CHECK bool project_member_set(struct db *db, int64_t id, bool is_admin, int64_t project_role_id,
                                   struct error *err);
MUST_CHECK bool project_member_remove(struct db *db, int64_t id, struct error *err);
MUST_CHECK bool project_count_admins(struct db *db, int64_t project_id, int64_t *ret_count, struct error *err);
MUST_CHECK bool project_role_add(struct db *db, struct project_role *row, struct error *err);
MUST_CHECK bool project_role_update(struct db *db, const struct project_role *row, struct error *err);
/* *ret_used: members or invitations have it, and it stays. */
MUST_CHECK bool project_role_remove(struct db *db, int64_t id, bool *ret_used, struct error *err);
MUST_CHECK bool project_rule_add(struct db *db, const struct project_role_rule *row, struct error *err);
MUST_CHECK bool project_rule_set_allowed(struct db *db, int64_t id, bool is_allowed, struct error *err);
MUST_CHECK bool project_rule_set_position(struct db *db, int64_t id, int64_t position, struct error *err);
MUST_CHECK bool project_rule_remove(struct db *db, int64_t id, struct error *err);

MUST_CHECK bool project_invitation_add(struct db *db, struct project_invitation *row, struct error *err);
MUST_CHECK bool project_invitation_set_state(struct db *db, int64_t id, const char *from, const char *to,
                                             bool *ret_changed, struct error *err);
/* One by mail of the last hour stays as a declined one: letters are counted by them. */
MUST_CHECK bool project_invitation_remove(struct db *db, int64_t id, struct error *err);
/* By mail, of the last hour. */
MUST_CHECK bool project_invitation_count_mails(struct db *db, int64_t project_id, int64_t *ret_count,
                                               struct error *err);
MUST_CHECK bool project_invitation_find(struct db *db, struct arena *arena, const char *uuid,
                                        struct project_invitation *ret_row, bool *ret_found, struct error *err);
/* Absent conditions (0, NULL, not set) do not narrow. */
struct project_invitation_filter {
    const struct list_scope *scope;
    int64_t project_id, account_id, user_id;
    const char *uuid, *token_hash, *state, *email, *keyword_like;
    struct opt_time created_after, created_until;
};
MUST_CHECK bool project_invitation_page(struct db *db, struct arena *arena,
                                        const struct project_invitation_filter *filter, int64_t offset, int64_t limit,
                                        struct db_rows *ret_rows, int64_t *ret_total, struct error *err);

#endif
