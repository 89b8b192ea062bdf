/* Rules of users that exist: changes, keys, states, another account. Versions are raised as in identity_service.c. */
#include "cloud/identity/identity_service.h"

#include <strings.h>

#include "base/text.h"
#include "base/uuid.h"
#include "cloud/project/project.h"
#include "db/version.h"

static bool seal_keys(struct db *db, struct arena *arena, int64_t user_id, const char *uuid, const char *key,
                      const char *secret, struct error *err)
{
    char hash[65];
    token_hash(key, hash);
    const char *key_sealed =
        secret_seal(arena, secret_from(arena, key), arena_printf(arena, "login_user.api_key:%s", uuid));
    const char *secret_sealed =
        secret_seal(arena, secret_from(arena, secret), arena_printf(arena, "login_user.secret_key:%s", uuid));
    return user_set_keys(db, user_id, hash, key_sealed, secret_sealed, err);
}

struct keys_writing {
    struct arena *arena;
    int64_t user_id;
    const char *uuid, *key, *secret;
};

static bool write_keys(struct db *db, void *context, struct error *err)
{
    const struct keys_writing *to = context;
    return seal_keys(db, to->arena, to->user_id, to->uuid, to->key, to->secret, err) &&
           version_raise(db, shared_version_of_owner(to->user_id), err);
}

bool identity_new_keys(struct db *db, struct arena *arena, int64_t user_id, const char *user_uuid, const char **ret_key,
                       const char **ret_secret, struct error *err)
{
    char key[API_KEY_BYTES * 2], secret[API_KEY_BYTES * 2];
    random_token(key, sizeof(key), API_KEY_BYTES);
    random_token(secret, sizeof(secret), API_KEY_BYTES);
    struct keys_writing to = {arena, user_id, user_uuid, arena_strdup(arena, key), arena_strdup(arena, secret)};
    if (!db_transaction(db, write_keys, &to, err))
        return false;
    *ret_key = to.key;
    *ret_secret = to.secret;
    return true;
}

bool identity_open_api_key(struct arena *arena, const char *user_uuid, const char *sealed, struct secret *ret_key,
                           struct error *err)
{
    return secret_open(arena, sealed, arena_printf(arena, "login_user.api_key:%s", user_uuid), ret_key, err);
}

bool identity_keys(struct db *db, struct arena *arena, int64_t user_id, const char **ret_key, const char **ret_secret,
                   struct error *err)
{
    struct user_secrets secrets = {0};
    struct secret key = {0}, secret = {0};
    bool found = false;
    *ret_key = *ret_secret = NULL;
    if (!user_secrets_of(db, arena, user_id, &secrets, &found, err))
        return false;
    if (!found || !secrets.api_key_sealed || !secrets.secret_key_sealed)
        return true;
    if (!identity_open_api_key(arena, secrets.uuid, secrets.api_key_sealed, &key, err))
        return false;
    if (!secret_open(arena, secrets.secret_key_sealed, arena_printf(arena, "login_user.secret_key:%s", secrets.uuid),
                     &secret, err))
        return false;
    *ret_key = arena_strndup(arena, key.bytes, key.length);
    *ret_secret = arena_strndup(arena, secret.bytes, secret.length);
    return true;
}

struct user_writing {
    struct arena *arena;
    struct user_row row;
    const struct user_change *change;
    const char *password_hash; /* NULL: stays */
};

static bool write_user(struct db *db, void *context, struct error *err)
{
    const struct user_writing *to = context;
    if (!user_update(db, &to->row, err))
        return false;
    if (to->password_hash &&
        (!user_set_password(db, to->row.id, to->password_hash, err) || !session_remove_of_user(db, to->row.id, 0, err)))
        return false;
    if (to->change->api_key &&
        !seal_keys(db, to->arena, to->row.id, to->row.uuid, to->change->api_key, to->change->secret_key.bytes, err))
        return false;
    return version_raise(db, shared_version_of_owner(to->row.id), err);
}

/* People who change their own password, or the address that a new one is asked for by mail, prove that they know the
 * old one. */
static bool check_current_password(struct db *db, struct arena *arena, const struct caller *caller,
                                   const struct user_change *change, const struct user_row *row, struct error *err)
{
    bool is_own = caller->user_id == change->id || caller->role_type == ROLE_USER;
    bool is_other_address = change->email && !string_equal(change->email, row->email);
    bool is_judged = change->password.bytes || (is_other_address && string_equal(row->source, "native"));
    if (!is_own || !is_judged)
        return true;
    if (!change->current_password.bytes)
        return error_set(err, ERROR_INVALID_VALUE,
                         change->password.bytes ? "identity.current_password_wanted"
                                                : "identity.current_password_for_email");
    return identity_prove_password(db, arena, caller, change->id, change->current_password, err);
}

static bool fill_user(struct db *db, const struct user_change *change, struct user_row *row, struct error *err)
{
    if (change->username)
        row->username = change->username;
    if (change->first_name)
        row->first_name = change->first_name;
    if (change->last_name)
        row->last_name = change->last_name;
    if (change->email)
        row->email = change->email;
    if (change->timezone)
        row->timezone = change->timezone;
    if (change->mandates_factor.set)
        row->mandates_factor = change->mandates_factor.value;
    if (change->api_key_access)
        row->api_key_access = strcasecmp(change->api_key_access, "inherit") == 0 ? NULL : change->api_key_access;
    if ((change->api_key != NULL) != (change->secret_key.bytes != NULL))
        return error_set(err, ERROR_INVALID_VALUE, "identity.keys_together");
    return identity_check_username(db, row->domain_id, row->username, row->id, err);
}

/* A user of a mightier account is out of reach. */
static bool check_reach(struct db *db, struct arena *arena, const struct caller *caller, const struct user_row *user,
                        struct error *err)
{
    const struct account_row *account = NULL;
    const struct role_row *role = NULL;
    if (!account_by_id(db, arena, user->account_id, &account, err))
        return false;
    if (account && !role_by_id(db, arena, account->role_id, &role, err))
        return false;
    return !role || caller->user_id == user->id || role_check_covers(db, arena, caller, role, err);
}

bool identity_update_user(struct db *db, const struct caller *caller, const struct user_change *change,
                          struct error *err)
{
    struct arena arena;
    const struct user_row *row = NULL;
    char hash[PASSWORD_HASH_BYTES];
    arena_init(&arena);
    bool ok = user_by_id(db, &arena, change->id, &row, err) && row && check_reach(db, &arena, caller, row, err);
    struct user_writing to = {.arena = &arena, .change = change};
    if (ok && change->password.bytes && !string_equal(row->source, "native"))
        ok = error_set(err, ERROR_INVALID_VALUE, "identity.password_elsewhere");
    ok = ok && check_current_password(db, &arena, caller, change, row, err);
    if (ok && change->password.bytes) {
        ok = identity_hash_password(db, row->domain_id, change->username ? change->username : row->username,
                                    change->password, hash, err);
        to.password_hash = hash;
    }
    if (ok) {
        to.row = *row;
        ok = fill_user(db, change, &to.row, err) && db_transaction(db, write_user, &to, err);
    }
    arena_free(&arena);
    return ok;
}

struct user_state_writing {
    int64_t user_id, account_id, domain_id;
    const char *state; /* NULL: removed */
};

static bool write_user_state(struct db *db, void *context, struct error *err)
{
    const struct user_state_writing *to = context;
    if (to->state ? !user_set_state(db, to->user_id, to->state, err)
                  : !project_part_user(db, to->account_id, to->user_id, err) ||
                        !user_remove(db, to->user_id, to->domain_id, err))
        return false;
    if (string_equal(to->state, "enabled") && !user_unlock(db, to->user_id, err))
        return false;
    return session_remove_of_user(db, to->user_id, 0, err) &&
           version_raise(db, shared_version_of_owner(to->user_id), err);
}

static bool change_user_state(struct db *db, const struct caller *caller, int64_t user_id, const char *state,
                              struct error *err)
{
    struct arena arena;
    const struct user_row *row = NULL;
    struct user_state_writing to = {.user_id = user_id, .state = state};
    arena_init(&arena);
    bool ok = user_by_id(db, &arena, user_id, &row, err) && row && check_reach(db, &arena, caller, row, err);
    if (ok) {
        to.domain_id = row->domain_id;
        to.account_id = row->account_id;
    }
    if (ok && row->is_default)
        ok = error_set(err, ERROR_DENIED, "identity.default_user");
    ok = ok && db_transaction(db, write_user_state, &to, err);
    arena_free(&arena);
    return ok;
}

bool identity_set_user_state(struct db *db, const struct caller *caller, int64_t user_id, const char *state,
                             struct error *err)
{
    return change_user_state(db, caller, user_id, state, err);
}

bool identity_delete_user(struct db *db, const struct caller *caller, int64_t user_id, struct error *err)
{
    return change_user_state(db, caller, user_id, NULL, err);
}

struct factor_writing {
    int64_t user_id;
    bool has_factor;
};

static bool write_factor(struct db *db, void *context, struct error *err)
{
    const struct factor_writing *to = context;
    return user_set_factor(db, to->user_id, to->has_factor, err) && session_await_factor(db, to->user_id, err) &&
           version_raise(db, shared_version_of_owner(to->user_id), err);
}

bool identity_set_factor(struct db *db, int64_t user_id, bool has_factor, struct error *err)
{
    struct factor_writing to = {user_id, has_factor};
    return db_transaction(db, write_factor, &to, err);
}

bool identity_pass_factor(struct db *db, int64_t session_id, struct error *err)
{
    return session_pass_factor(db, session_id, err);
}

/* ---- another account ---- */

struct user_moving {
    int64_t user_id, account_id;
};

static bool move_user(struct db *db, void *context, struct error *err)
{
    const struct user_moving *to = context;
    return user_set_account(db, to->user_id, to->account_id, err) && session_remove_of_user(db, to->user_id, 0, err) &&
           version_raise(db, shared_version_of_owner(to->user_id), err);
}

bool identity_move_user(struct db *db, const struct caller *caller, int64_t user_id, int64_t account_id,
                        struct error *err)
{
    struct arena arena;
    const struct user_row *row = NULL;
    const struct account_row *account = NULL;
    const struct role_row *role = NULL;
    struct user_moving to = {user_id, account_id};
    arena_init(&arena);
    bool ok = user_by_id(db, &arena, user_id, &row, err) && row && check_reach(db, &arena, caller, row, err) &&
              account_by_id(db, &arena, account_id, &account, err) && account &&
              role_by_id(db, &arena, account->role_id, &role, err);
    if (ok && row->is_default)
        ok = error_set(err, ERROR_DENIED, "identity.default_user");
    if (ok && account->domain_id != row->domain_id)
        ok = error_set(err, ERROR_INVALID_VALUE, "identity.other_domain");
    ok = ok && (!role || role_check_covers(db, &arena, caller, role, err)) && db_transaction(db, move_user, &to, err);
    arena_free(&arena);
    return ok;
}
