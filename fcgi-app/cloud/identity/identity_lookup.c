/* What other features ask: accounts, domains and users by id or name, and how replies tell them. */
#include "base/uuid.h"
#include "cloud/identity/identity_responses.h"
#include "cloud/identity/identity_service.h"
#include "cloud/project/project.h"

bool identity_find_domain_any(struct db *db, struct arena *arena, int64_t id, struct identity_domain **ret_domain,
                              struct error *err)
{
    const struct domain_row *row = NULL;
    *ret_domain = NULL;
    if (!domain_by_id(db, arena, id, &row, err))
        return false;
    if (!row)
        return true;
    struct identity_domain *domain = ARENA_NEW(arena, struct identity_domain);
    *domain = (struct identity_domain){.id = row->id,
                                       .parent_id = row->parent_id,
                                       .uuid = row->uuid,
                                       .name = row->name,
                                       .path = row->path,
                                       .display_path = access_display_path(arena, row->path),
                                       .state = row->state,
                                       .level = row->level};
    *ret_domain = domain;
    return true;
}

bool identity_find_account_any(struct db *db, struct arena *arena, int64_t id, struct identity_account **ret_account,
                               struct error *err)
{
    const struct account_row *row = NULL;
    const struct domain_row *domain = NULL;
    const struct role_row *role = NULL;
    *ret_account = NULL;
    if (!account_by_id(db, arena, id, &row, err))
        return false;
    if (!row || !domain_by_id(db, arena, row->domain_id, &domain, err) ||
        !role_by_id(db, arena, row->role_id, &role, err))
        return !row;
    if (!domain)
        return true;
    struct identity_account *account = ARENA_NEW(arena, struct identity_account);
    *account = (struct identity_account){.id = row->id,
                                         .domain_id = row->domain_id,
                                         .role_id = row->role_id,
                                         .uuid = row->uuid,
                                         .name = row->name,
                                         .state = row->state,
                                         .domain_uuid = domain->uuid,
                                         .domain_name = domain->name,
                                         .domain_path = domain->path,
                                         .display_path = access_display_path(arena, domain->path),
                                         .role_type = role ? (enum role_type)role->type : ROLE_USER,
                                         .removed = row->removed_id != 0};
    *ret_account = account;
    if (account_is_project(id))
        return project_name_any(db, arena, -id, &account->project_uuid, &account->project_name, err);
    account->shown_name = row->name;
    return true;
}

bool identity_show_owner(struct db *db, struct arena *arena, int64_t account_id, struct shown_owner *ret_owner,
                         struct error *err)
{
    struct identity_account *account = NULL;
    if (account_id != 0 && !identity_find_account_any(db, arena, account_id, &account, err))
        return false;
    *ret_owner = (struct shown_owner){0};
    if (account)
        *ret_owner = (struct shown_owner){.accountid = account->uuid,
                                          .account = account->shown_name,
                                          .projectid = account->project_uuid,
                                          .project = account->project_name,
                                          .domainid = account->domain_uuid,
                                          .domain = account->domain_name,
                                          .domainpath = account->display_path};
    return true;
}

bool identity_show_domain(struct db *db, struct arena *arena, int64_t domain_id, struct shown_owner *ret_owner,
                          struct error *err)
{
    struct identity_domain *domain = NULL;
    if (domain_id != 0 && !identity_find_domain_any(db, arena, domain_id, &domain, err))
        return false;
    *ret_owner = (struct shown_owner){0};
    if (domain)
        *ret_owner =
            (struct shown_owner){.domainid = domain->uuid, .domain = domain->name, .domainpath = domain->display_path};
    return true;
}

bool identity_owner_any(struct db *db, struct arena *arena, int64_t account_id, struct owner *ret_owner,
                        struct error *err)
{
    struct identity_account *account = NULL;
    if (!identity_find_account_any(db, arena, account_id, &account, err))
        return false;
    if (!account)
        return error_with(err, ERROR_INTERNAL, "identity.account_gone", E_INT("id", account_id));
    *ret_owner = (struct owner){account->id,   account->domain_id,   account->uuid,
                                account->name, account->domain_uuid, account->domain_path};
    return true;
}

bool identity_find_user_any(struct db *db, struct arena *arena, int64_t user_id, struct identity_user **ret_user,
                            struct error *err)
{
    const struct user_row *row = NULL;
    *ret_user = NULL;
    return user_by_id(db, arena, user_id, &row, err) && (!row || access_user_of(db, arena, row, ret_user, err));
}

bool access_user_of(struct db *db, struct arena *arena, const struct user_row *row, struct identity_user **ret_user,
                    struct error *err)
{
    const struct account_row *account = NULL;
    const struct role_row *role = NULL;
    if (!account_by_id(db, arena, row->account_id, &account, err))
        return false;
    if (account && !role_by_id(db, arena, account->role_id, &role, err))
        return false;
    struct identity_user *user = ARENA_NEW(arena, struct identity_user);
    *user = (struct identity_user){.id = row->id,
                                   .account_id = row->account_id,
                                   .domain_id = row->domain_id,
                                   .uuid = row->uuid,
                                   .username = row->username,
                                   .first_name = row->first_name,
                                   .last_name = row->last_name,
                                   .email = row->email,
                                   .state = row->state,
                                   .account_uuid = account ? account->uuid : NULL,
                                   .role_name = role ? role->name : "",
                                   .source = row->source,
                                   .has_factor = row->has_factor,
                                   .mandates_factor = row->mandates_factor,
                                   .removed = row->removed_id != 0};
    *ret_user = user;
    return true;
}

bool identity_prefetch_any(struct db *db, struct arena *arena, const int64_t *account_ids, const int64_t *user_ids,
                           size_t count, struct error *err)
{
    return (!account_ids || account_prefetch(db, arena, account_ids, count, err)) &&
           (!user_ids || user_prefetch(db, arena, user_ids, count, err));
}

bool identity_find_self(struct db *db, struct arena *arena, const struct caller *caller,
                        struct identity_user **ret_user, struct error *err)
{
    if (!identity_find_user_any(db, arena, caller->user_id, ret_user, err))
        return false;
    return *ret_user || error_set(err, ERROR_INTERNAL, "identity.user_gone");
}

bool identity_refuse_user(struct api_call *call, const char *user_uuid, struct error *err)
{
    return api_refuse_object(call, "User", user_uuid, err);
}

bool identity_check_above(struct api_call *call, const struct identity_user *user, struct error *err)
{
    const struct account_row *account = NULL;
    const struct role_row *role = NULL;
    if (user->id == call->caller->user_id)
        return true;
    if (call->caller->role_type == ROLE_USER)
        return identity_refuse_user(call, user->uuid, err);
    if (!account_by_id(call->db, call->arena, user->account_id, &account, err))
        return false;
    if (account && !role_by_id(call->db, call->arena, account->role_id, &role, err))
        return false;
    return !role || role_check_covers(call->db, call->arena, call->caller, role, err);
}

bool identity_user_by_uuid_any(struct db *db, struct arena *arena, const char *uuid, struct identity_user **ret_user,
                               struct error *err)
{
    const struct user_row *row = NULL;
    *ret_user = NULL;
    if (!user_by_uuid(db, arena, uuid, &row, err))
        return false;
    return !row || row->removed_id != 0 || identity_find_user_any(db, arena, row->id, ret_user, err);
}

bool identity_account_named_any(struct db *db, struct arena *arena, int64_t domain_id, const char *name,
                                struct identity_account **ret_account, struct error *err)
{
    int64_t id = 0;
    *ret_account = NULL;
    if (!account_id_by_name(db, domain_id, name, &id, err))
        return false;
    return id == 0 || account_is_project(id) || identity_find_account_any(db, arena, id, ret_account, err);
}

bool identity_user_named_any(struct db *db, struct arena *arena, int64_t domain_id, const char *username,
                             struct identity_user **ret_user, struct error *err)
{
    int64_t id = 0;
    *ret_user = NULL;
    if (!user_id_by_name(db, domain_id, username, &id, err))
        return false;
    return id == 0 || identity_find_user_any(db, arena, id, ret_user, err);
}

bool identity_users_named_any(struct db *db, struct arena *arena, const char *username,
                              const struct identity_user **ret_users, size_t *ret_count, struct error *err)
{
    struct db_rows rows = {0};
    if (!users_by_name(db, arena, username, &rows, err))
        return false;
    *ret_users = rows.items;
    *ret_count = rows.count;
    return true;
}

/* The administrator of `gurumd call` and of the integration port: an active root admin with the lowest number. */
bool identity_find_first_admin(struct db *db, struct arena *arena, struct caller **ret_caller, struct error *err)
{
    struct db_rows users = {0};
    *ret_caller = NULL;
    if (!users_of_role_type(db, arena, ROLE_ADMIN, &users, err))
        return false;
    const struct user_row *rows = users.items;
    for (size_t i = 0; i < users.count; i++) {
        struct caller *caller = NULL;
        if (!access_caller_of(db, arena, &rows[i], true, &caller, err))
            return false;
        if (caller && caller_is_root_admin(caller)) {
            *ret_caller = caller;
            return true;
        }
    }
    return error_set(err, ERROR_INTERNAL, "identity.no_admin");
}
