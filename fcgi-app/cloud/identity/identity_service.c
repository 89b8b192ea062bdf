/* Rules of accounts, and of users that are new. Every change raises a shared version in its transaction, so that it
 * holds in all processes within a second: of a domain VERSION_IDENTITY, of an account or user the one of its id. What
 * is new is held nowhere yet. */
#include "cloud/identity/identity_domain_store.h"
#include "cloud/identity/identity_service.h"

#include <strings.h>

#include "base/text.h"
#include "base/uuid.h"
#include "base/clock.h"
#include "cloud/quota/quota.h"
#include "cloud/signin/signin.h"
#include "db/version.h"

/* ---- checks ---- */

bool identity_check_name(const char *name, struct error *err)
{
    if (string_is_empty(name) || strpbrk(name, "/\\%"))
        return error_with(err, ERROR_INVALID_VALUE, "identity.bad_name", E_TEXT("name", name ? name : ""));
    return true;
}

static bool check_account_name(struct db *db, int64_t domain_id, const char *name, int64_t but_not, struct error *err)
{
    int64_t id = 0;
    if (!identity_check_name(name, err) || !account_id_by_name(db, domain_id, name, &id, err))
        return false;
    if (id && id != but_not)
        return error_with(err, ERROR_INVALID_VALUE, "identity.account_exists", E_TEXT("account", name));
    return true;
}

bool identity_check_username(struct db *db, int64_t domain_id, const char *name, int64_t but_not, struct error *err)
{
    int64_t id = 0;
    if (!identity_check_name(name, err) || !user_id_by_name(db, domain_id, name, &id, err))
        return false;
    if (id && id != but_not)
        return error_with(err, ERROR_INVALID_VALUE, "identity.user_exists", E_TEXT("username", name));
    return true;
}

void identity_choose_uuid(char uuid[static UUID_BYTES], const char *wanted)
{
    if (wanted)
        string_copy(uuid, UUID_BYTES, wanted);
    else
        uuid_random(uuid);
}

/* ---- accounts and users ---- */

struct user_creation {
    const struct new_user *user;
    const char *password_hash;
    int64_t account_id, domain_id, *ret_id;
};

static bool add_user(struct db *db, const struct user_creation *to, struct error *err)
{
    char uuid[UUID_BYTES];
    const struct new_user *user = to->user;
    identity_choose_uuid(uuid, user->uuid);
    if (!identity_check_username(db, to->domain_id, user->username, 0, err))
        return false;
    struct user_row row = {.uuid = uuid,
                           .account_id = to->account_id,
                           .domain_id = to->domain_id,
                           .username = user->username,
                           .first_name = user->first_name,
                           .last_name = user->last_name,
                           .email = user->email,
                           .timezone = user->timezone,
                           .source = user->source,
                           .state = "enabled"};
    return user_add(db, &row, to->password_hash, to->ret_id, err);
}

static bool create_user(struct db *db, void *context, struct error *err)
{
    return add_user(db, context, err);
}

bool identity_hash_password(struct db *db, int64_t domain_id, const char *username, struct secret password,
                            char hash[static PASSWORD_HASH_BYTES], struct error *err)
{
    struct arena arena;
    arena_init(&arena);
    bool ok =
        signin_check_password(db, &arena, domain_id, username, password, err) && password_hash(password, hash, err);
    arena_free(&arena);
    return ok;
}

/* "" for users whose password somebody else knows. */
static bool hash_of_new(struct db *db, const struct new_user *user, int64_t domain_id,
                        char hash[static PASSWORD_HASH_BYTES], struct error *err)
{
    hash[0] = '\0';
    return user->source || identity_hash_password(db, domain_id, user->username, user->password, hash, err);
}

/* Hashing takes long: it comes before the transaction. */
bool identity_create_user(struct db *db, const struct new_user *user, int64_t *ret_user_id, struct error *err)
{
    char hash[PASSWORD_HASH_BYTES];
    struct user_creation creation = {user, hash, user->account_id, user->domain_id, ret_user_id};
    return hash_of_new(db, user, user->domain_id, hash, err) && db_transaction(db, create_user, &creation, err);
}

struct account_creation {
    const struct new_account *account;
    const struct role_row *role;
    struct user_creation user;
    int64_t *ret_id;
};

static bool set_details(struct db *db, int64_t account_id, const struct pair_list *details, struct error *err)
{
    for (size_t i = 0; i < details->count; i++)
        if (!account_detail_set(db, account_id, details->items[i].name, details->items[i].value, err))
            return false;
    return true;
}

static bool create_account(struct db *db, void *context, struct error *err)
{
    struct account_creation *to = context;
    const struct new_account *account = to->account;
    char uuid[UUID_BYTES];
    int64_t user_id = 0;
    identity_choose_uuid(uuid, account->uuid);
    if (!domain_enter(db, account->domain_id, err) ||
        !check_account_name(db, account->domain_id, account->name, 0, err))
        return false;
    struct account_row row = {.uuid = uuid,
                              .name = account->name,
                              .domain_id = account->domain_id,
                              .role_id = account->role_id,
                              .state = "enabled",
                              .network_domain = account->network_domain,
                              .created = OPT_TIME(clock_now_ms())};
    if (!account_add(db, &row, to->ret_id, err) || !set_details(db, *to->ret_id, &account->details, err))
        return false;
    to->user.account_id = *to->ret_id;
    to->user.ret_id = &user_id;
    return quota_add_account(db, *to->ret_id, to->role->type == ROLE_ADMIN, err) && add_user(db, &to->user, err);
}

bool identity_create_account(struct db *db, const struct caller *caller, const struct new_account *account,
                             const struct new_user *user, int64_t *ret_account_id, struct error *err)
{
    char hash[PASSWORD_HASH_BYTES];
    struct arena arena;
    const struct role_row *role = NULL;
    arena_init(&arena);
    bool ok = role_by_id(db, &arena, account->role_id, &role, err);
    if (ok && !role)
        ok = error_set(err, ERROR_INVALID_VALUE, "identity.role_wanted");
    ok = ok && role_check_given(db, &arena, caller, role, err) && hash_of_new(db, user, account->domain_id, hash, err);
    struct account_creation creation = {.account = account,
                                        .role = role,
                                        .ret_id = ret_account_id,
                                        .user = {.user = user, .password_hash = hash, .domain_id = account->domain_id}};
    ok = ok && db_transaction(db, create_account, &creation, err);
    arena_free(&arena);
    return ok;
}

struct account_writing {
    struct account_row row;
    const struct account_change *change;
    int64_t old_role_id;
    bool limits_change, is_unlimited;
};

/* The role that was looked at is the one that goes: who changed it meanwhile wins. */
static bool write_role(struct db *db, const struct account_writing *to, struct error *err)
{
    bool changed = false;
    if (to->old_role_id == to->row.role_id)
        return true;
    if (!account_change_role(db, to->row.id, to->old_role_id, to->row.role_id, &changed, err))
        return false;
    if (!changed)
        return error_set(err, ERROR_IN_USE, "identity.role_changed");
    return !to->limits_change || quota_set_unlimited(db, to->row.id, to->is_unlimited, err);
}

static bool write_account(struct db *db, void *context, struct error *err)
{
    const struct account_writing *to = context;
    if (!account_update(db, &to->row, err) || !write_role(db, to, err))
        return false;
    if (!set_details(db, to->row.id, &to->change->details, err))
        return false;
    return version_raise(db, shared_version_of_owner(to->row.id), err);
}

/* Role changes towards or away from root admin move the account between no limits and the default ones. */
static bool apply_role(struct db *db, struct arena *arena, const struct caller *caller, int64_t role_id,
                       struct account_writing *to, struct error *err)
{
    const struct role_row *before = NULL, *after = NULL;
    if (role_id == 0 || role_id == to->row.role_id)
        return true;
    if (to->row.is_default)
        return error_set(err, ERROR_DENIED, "identity.default_account");
    if (!role_by_id(db, arena, to->row.role_id, &before, err) || !role_by_id(db, arena, role_id, &after, err))
        return false;
    if (!after)
        return error_set(err, ERROR_INVALID_VALUE, "identity.role_wanted");
    if (!role_check_given(db, arena, caller, after, err) ||
        (before && !role_check_covers(db, arena, caller, before, err)))
        return false;
    to->row.role_id = role_id;
    to->is_unlimited = after->type == ROLE_ADMIN;
    to->limits_change = to->is_unlimited != (before && before->type == ROLE_ADMIN);
    return true;
}

bool identity_update_account(struct db *db, const struct caller *caller, const struct account_change *change,
                             struct error *err)
{
    struct arena arena;
    const struct account_row *row = NULL;
    arena_init(&arena);
    bool ok = account_by_id(db, &arena, change->id, &row, err) && row;
    struct account_writing to = {.change = change};
    if (ok) {
        to.row = *row;
        to.old_role_id = row->role_id;
        if (change->name)
            to.row.name = change->name;
        if (change->network_domain)
            to.row.network_domain = *change->network_domain ? change->network_domain : NULL;
        if (change->api_key_access)
            to.row.api_key_access = strcasecmp(change->api_key_access, "inherit") == 0 ? NULL : change->api_key_access;
        ok = check_account_name(db, to.row.domain_id, to.row.name, to.row.id, err) &&
             apply_role(db, &arena, caller, change->role_id, &to, err) && db_transaction(db, write_account, &to, err);
    }
    arena_free(&arena);
    return ok;
}

struct account_state_writing {
    int64_t account_id;
    const char *state;
};

static bool write_account_state(struct db *db, void *context, struct error *err)
{
    const struct account_state_writing *to = context;
    bool enabled = string_equal(to->state, "enabled");
    return account_set_state(db, to->account_id, to->state, err) &&
           quota_close_account(db, to->account_id, !enabled, err) &&
           (enabled || session_remove_of_account(db, to->account_id, err)) &&
           version_raise(db, shared_version_of_owner(to->account_id), err);
}

bool identity_set_account_state(struct db *db, int64_t account_id, const char *state, struct error *err)
{
    struct arena arena;
    const struct account_row *row = NULL;
    struct account_state_writing to = {account_id, state};
    arena_init(&arena);
    bool ok = account_by_id(db, &arena, account_id, &row, err) && row;
    if (ok && row->is_default)
        ok = error_set(err, ERROR_DENIED, "identity.default_account");
    ok = ok && db_transaction(db, write_account_state, &to, err);
    arena_free(&arena);
    return ok;
}

/* ---- users whose password somebody else knows ---- */

bool identity_account_id_of(struct db *db, int64_t domain_id, const char *name, int64_t *ret_id, struct error *err)
{
    return account_id_by_name(db, domain_id, name, ret_id, err);
}

static bool check_joined(struct db *db, const struct caller *caller, int64_t account_id, struct error *err)
{
    struct arena arena;
    const struct account_row *account = NULL;
    const struct role_row *role = NULL;
    arena_init(&arena);
    bool ok = account_by_id(db, &arena, account_id, &account, err) &&
              (!account || role_by_id(db, &arena, account->role_id, &role, err)) &&
              (!role || role_check_covers(db, &arena, caller, role, err));
    arena_free(&arena);
    return ok;
}

bool identity_add_newcomer(struct db *db, const struct caller *caller, const struct identity_newcomer *newcomer,
                           int64_t *ret_account_id, int64_t *ret_user_id, struct error *err)
{
    const struct new_account account = {.name = newcomer->account,
                                        .network_domain = newcomer->network_domain,
                                        .uuid = newcomer->account_uuid,
                                        .domain_id = newcomer->domain_id,
                                        .role_id = newcomer->role_id,
                                        .details = newcomer->details};
    const struct new_user user = {.username = newcomer->username,
                                  .first_name = newcomer->first_name,
                                  .last_name = newcomer->last_name,
                                  .email = newcomer->email,
                                  .timezone = newcomer->timezone,
                                  .uuid = newcomer->user_uuid,
                                  .source = newcomer->source,
                                  .account_id = newcomer->account_id,
                                  .domain_id = newcomer->domain_id};
    *ret_account_id = newcomer->account_id;
    if (newcomer->account_id)
        return check_joined(db, caller, newcomer->account_id, err) && identity_create_user(db, &user, ret_user_id, err);
    return identity_create_account(db, caller, &account, &user, ret_account_id, err) &&
           user_id_by_name(db, newcomer->domain_id, newcomer->username, ret_user_id, err);
}
