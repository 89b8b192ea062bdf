/* What the api room asks: who is behind a key, a session or a name. Keys are held per process:
 * an entry is good as long as VERSION_IDENTITY and its user's version stand where they stood before it was read. */
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/thread.h"
#include "base/uuid.h"
#include "cloud/identity/identity_responses.h"
#include "cloud/identity/identity_service.h"
#include "cloud/project/project.h"
#include "cloud/signin/signin.h"

enum { TOUCH_AFTER_MS = 60000, SHARDS = 16, SLOTS = 64, SECRET_MAX = 200 };

/* ---- the cache of keys ---- */

struct key_entry {
    char hash[65]; /* of the API key; "" when free */
    struct key_stamp {
        uint64_t identity, user;
    } stamp;
    int64_t user_id;
    char secret[SECRET_MAX];
};
static struct key_shard {
    struct mutex lock; /* guards the entries */
    struct key_entry entries[SLOTS];
} shards[SHARDS];

static void make_shards(void)
{
    for (size_t i = 0; i < SHARDS; i++)
        mutex_init(&shards[i].lock);
}

static unsigned hex_value(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static struct key_shard *shard_of(const char *hash, size_t *ret_slot)
{
    *ret_slot = (hex_value(hash[1]) << 4 | hex_value(hash[2])) % SLOTS;
    return &shards[hex_value(hash[0])];
}

static struct key_stamp stamp_of(int64_t user_id)
{
    return (struct key_stamp){shared_version_read(VERSION_IDENTITY),
                              shared_version_read(shared_version_of_owner(user_id))};
}

static bool key_lookup(struct arena *arena, const char *hash, int64_t *ret_user_id, struct secret *ret_secret)
{
    size_t slot;
    struct key_shard *shard = shard_of(hash, &slot);
    mutex_lock(&shard->lock);
    const struct key_entry *entry = &shard->entries[slot];
    struct key_stamp now = stamp_of(entry->user_id);
    bool found =
        entry->stamp.identity == now.identity && entry->stamp.user == now.user && string_equal(entry->hash, hash);
    if (found) {
        *ret_user_id = entry->user_id;
        *ret_secret = secret_from(arena, entry->secret);
    }
    mutex_unlock(&shard->lock);
    return found;
}

static void key_store(const char *hash, struct key_stamp stamp, int64_t user_id, struct secret secret)
{
    size_t slot;
    struct key_shard *shard = shard_of(hash, &slot);
    if (secret.length >= SECRET_MAX)
        return;
    mutex_lock(&shard->lock);
    struct key_entry *entry = &shard->entries[slot];
    explicit_bzero(entry, sizeof(*entry));
    string_copy(entry->hash, sizeof(entry->hash), hash);
    entry->stamp = stamp;
    entry->user_id = user_id;
    memcpy(entry->secret, secret.bytes, secret.length);
    mutex_unlock(&shard->lock);
}

/* ---- callers ---- */

const char *access_display_path(struct arena *arena, const char *path)
{
    size_t length = strlen(path);
    return length < 2 ? "ROOT" : arena_printf(arena, "ROOT%.*s", (int)(length - 1), path);
}

static bool is_active(const struct user_row *user, const struct account_row *account, const struct domain_row *domain)
{
    return user->removed_id == 0 && account->removed_id == 0 && domain->removed_id == 0 &&
           string_equal(user->state, "enabled") && string_equal(account->state, "enabled") &&
           string_equal(domain->state, "Active");
}

bool access_caller_of(struct db *db, struct arena *arena, const struct user_row *user, bool wants_active,
                      struct caller **ret_caller, struct error *err)
{
    const struct account_row *account = NULL;
    const struct domain_row *domain = NULL;
    const struct role_row *role = NULL;
    *ret_caller = NULL;
    if (!account_by_id(db, arena, user->account_id, &account, err))
        return false;
    if (account && !domain_by_id(db, arena, account->domain_id, &domain, err))
        return false;
    if (account && !role_by_id(db, arena, account->role_id, &role, err))
        return false;
    if (!account || !domain || !role || (wants_active && !is_active(user, account, domain)))
        return true;
    struct caller *caller = ARENA_NEW(arena, struct caller);
    *caller = (struct caller){.user_id = user->id,
                              .account_id = account->id,
                              .domain_id = domain->id,
                              .user_uuid = user->uuid,
                              .username = user->username,
                              .account_uuid = account->uuid,
                              .account_name = account->name,
                              .domain_uuid = domain->uuid,
                              .domain_path = domain->path};
    if (!role_fill_caller(db, arena, role, caller, err))
        return false;
    if (!project_memberships_of(db, arena, caller, err))
        return false;
    *ret_caller = caller;
    return true;
}

static bool may_use_keys(struct db *db, struct arena *arena, const struct user_row *user, bool *ret_may,
                         struct error *err)
{
    const struct account_row *account = NULL;
    if (!account_by_id(db, arena, user->account_id, &account, err))
        return false;
    const char *access = user->api_key_access ? user->api_key_access : account ? account->api_key_access : NULL;
    *ret_may = !access || strcasecmp(access, "disabled") != 0;
    return true;
}

/* From the database, into the cache. The stamp is taken before the secrets are read, which must still be this key's: a
 * change meanwhile makes the entry stale. */
static bool load_key(struct db *db, struct arena *arena, const char *hash, int64_t *ret_user_id,
                     struct secret *ret_secret, struct error *err)
{
    struct user_secrets secrets = {0};
    bool found = false;
    if (!user_id_by_key_hash(db, hash, ret_user_id, err))
        return false;
    if (*ret_user_id == 0)
        return true;
    struct key_stamp stamp = stamp_of(*ret_user_id);
    if (!user_secrets_of(db, arena, *ret_user_id, &secrets, &found, err))
        return false;
    if (!found || !secrets.secret_key_sealed || !string_equal(secrets.api_key_hash, hash)) {
        *ret_user_id = 0;
        return true;
    }
    const char *associated = arena_printf(arena, "login_user.secret_key:%s", secrets.uuid);
    if (!secret_open(arena, secrets.secret_key_sealed, associated, ret_secret, err))
        return false;
    key_store(hash, stamp, *ret_user_id, *ret_secret);
    return true;
}

static bool find_by_api_key(struct db *db, struct arena *arena, const char *api_key, struct caller **ret_caller,
                            struct secret *ret_secret, struct error *err)
{
    char hash[65];
    int64_t user_id = 0;
    const struct user_row *user = NULL;
    bool may = true;
    *ret_caller = NULL;
    token_hash(api_key, hash);
    if (!key_lookup(arena, hash, &user_id, ret_secret) && !load_key(db, arena, hash, &user_id, ret_secret, err))
        return false;
    if (user_id == 0)
        return true;
    if (!user_by_id(db, arena, user_id, &user, err))
        return false;
    if (!user)
        return true;
    if (!may_use_keys(db, arena, user, &may, err))
        return false;
    if (!may)
        return true;
    if (!access_caller_of(db, arena, user, true, ret_caller, err))
        return false;
    if (*ret_caller)
        (*ret_caller)->api_key = arena_strdup(arena, api_key);
    return true;
}

/* Asked at each request: somebody may demand a factor, or the user set one up, while a session goes on. */
static bool owe_factor(struct db *db, struct arena *arena, const struct user_row *row, struct caller *caller,
                       struct error *err)
{
    struct identity_user *user = NULL;
    bool wants = false;
    if (!identity_find_user_any(db, arena, row->id, &user, err) ||
        (user && !signin_wants_factor(db, arena, user, &wants, err)))
        return false;
    if (wants)
        caller->factor_owed = user->has_factor ? FACTOR_CODE : FACTOR_SETUP;
    return true;
}

static bool find_by_session(struct db *db, struct arena *arena, const char *token, struct caller **ret_caller,
                            struct error *err)
{
    char hash[65];
    struct session_row session = {0};
    const struct user_row *user = NULL;
    bool found = false;
    int64_t now = clock_now_ms();
    *ret_caller = NULL;
    token_hash(token, hash);
    if (!session_find(db, hash, &session, &found, err))
        return false;
    if (!found)
        return true;
    if (identity_session_end(session.created.ms, session.last_used.ms) < now)
        return session_remove(db, session.id, err);
    if (session.last_used.ms + TOUCH_AFTER_MS < now && !session_touch(db, session.id, err))
        return false;
    if (!user_by_id(db, arena, session.user_id, &user, err))
        return false;
    if (!user)
        return true;
    if (!access_caller_of(db, arena, user, true, ret_caller, err))
        return false;
    if (!*ret_caller)
        return true;
    (*ret_caller)->session_token = arena_strdup(arena, token);
    (*ret_caller)->session_id = session.id;
    return !session.awaits_factor || owe_factor(db, arena, user, *ret_caller, err);
}

static bool find_by_user_id(struct db *db, struct arena *arena, int64_t user_id, struct caller **ret_caller,
                            struct error *err)
{
    const struct user_row *user = NULL;
    *ret_caller = NULL;
    if (user_id == 0) {
        struct caller *system_caller = ARENA_NEW(arena, struct caller);
        *system_caller = (struct caller){
            .role_type = ROLE_ADMIN, .domain_path = "/", .username = "system", .account_name = "system"};
        *ret_caller = system_caller;
        return true;
    }
    if (!user_by_id(db, arena, user_id, &user, err))
        return false;
    return !user || access_caller_of(db, arena, user, false, ret_caller, err);
}

/* ---- domains and owners that a request names ---- */

static bool find_domain_row(struct api_call *call, const char *uuid, const struct domain_row **ret_domain,
                            struct error *err)
{
    const struct caller *caller = call->caller;
    if (!uuid_is_valid(uuid))
        return api_refuse_entity("domainid", uuid, err);
    if (!domain_by_uuid(call->db, call->arena, uuid, ret_domain, err))
        return false;
    if (!*ret_domain || (*ret_domain)->removed_id != 0)
        return api_refuse_entity("domainid", uuid, err);
    bool may = (*ret_domain)->id == caller->domain_id || caller_may_reach(caller, 0, (*ret_domain)->path);
    if (!may)
        return api_refuse_object(call, "Domain", uuid, err);
    return true;
}

static bool find_domain(struct api_call *call, const char *uuid, int64_t *ret_id, const char **ret_path,
                        struct error *err)
{
    const struct domain_row *domain = NULL;
    if (!find_domain_row(call, uuid, &domain, err))
        return false;
    *ret_id = domain->id;
    *ret_path = domain->path;
    return true;
}

static bool find_owner(struct api_call *call, const char *name, const char *domain_uuid, const char *project_uuid,
                       struct owner *ret_owner, struct error *err)
{
    const struct domain_row *domain = NULL;
    const struct account_row *account = NULL;
    if (project_uuid)
        return project_find_owner(call, project_uuid, ret_owner, err);
    if (domain_uuid ? !find_domain_row(call, domain_uuid, &domain, err)
                    : !domain_by_id(call->db, call->arena, call->caller->domain_id, &domain, err))
        return false;
    if (!domain || !account_by_name(call->db, call->arena, domain->id, name, &account, err))
        return false;
    if (!account || account_is_project(account->id))
        return error_with(err, ERROR_INVALID_VALUE, "identity.no_account", E_TEXT("account", name),
                          E_TEXT("domain", domain->uuid));
    if (!caller_may_reach(call->caller, account->id, domain->path))
        return api_refuse_object(call, "Account", account->uuid, err);
    *ret_owner = (struct owner){account->id, domain->id, account->uuid, account->name, domain->uuid, domain->path};
    return true;
}

bool identity_owner_by_name(struct api_call *call, const char *account, const char *domain_uuid,
                            struct owner *ret_owner, struct error *err)
{
    return find_owner(call, account, domain_uuid, NULL, ret_owner, err);
}

static bool prefetch_users(struct db *db, struct arena *arena, const int64_t *user_ids, size_t count, struct error *err)
{
    int64_t *account_ids = arena_array(arena, count + 1, sizeof(*account_ids));
    const struct user_row *row = NULL;
    if (!user_prefetch(db, arena, user_ids, count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (user_ids[i] != 0 && !user_by_id(db, arena, user_ids[i], &row, err))
            return false;
        account_ids[i] = user_ids[i] != 0 && row ? row->account_id : 0;
    }
    return account_prefetch(db, arena, account_ids, count, err);
}

static const struct identity_hooks HOOKS = {.find_by_api_key = find_by_api_key,
                                            .find_by_session = find_by_session,
                                            .end_session = identity_log_out,
                                            .role_allows = role_allows,
                                            .find_owner = find_owner,
                                            .find_domain = find_domain,
                                            .find_first_admin = identity_find_first_admin,
                                            .prefetch_users = prefetch_users,
                                            .find_by_user_id = find_by_user_id};

void identity_access_register(void)
{
    make_shards();
    api_set_identity_hooks(&HOOKS);
}
