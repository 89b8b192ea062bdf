/* What every cloud begins with: ROOT, the administrator, and (from cloud/role) the built-in roles. */
#include "base/clock.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/identity/identity_service.h"
#include "cloud/quota/quota.h"
#include "db/version.h"

enum { ROOT_ID = 1 };

struct bootstrap {
    struct arena *arena;
    const char *password_hash;
    int64_t user_id;
    const char *user_uuid;
    bool is_new;
};

static bool add_root(struct db *db, struct error *err)
{
    int64_t id = 0, taken = 0;
    char uuid[UUID_BYTES];
    if (!domain_id_by_name(db, 0, "ROOT", &taken, err) || taken)
        return taken != 0;
    uuid_random(uuid);
    struct domain_row root = {.id = ROOT_ID,
                              .uuid = uuid,
                              .name = "ROOT",
                              .path = "/",
                              .state = "Active",
                              .created = OPT_TIME(clock_now_ms())};
    return domain_add(db, &root, &id, err) && quota_add_domain(db, id, true, err);
}

static bool add_admin(struct db *db, struct bootstrap *boot, struct error *err)
{
    int64_t account_id = 0;
    char uuid[UUID_BYTES], user_uuid[UUID_BYTES];
    uuid_random(uuid);
    uuid_random(user_uuid);
    struct account_row account = {.uuid = uuid,
                                  .name = "admin",
                                  .domain_id = ROOT_ID,
                                  .role_id = ROLE_ID_ROOT_ADMIN,
                                  .state = "enabled",
                                  .is_default = true,
                                  .created = OPT_TIME(clock_now_ms())};
    struct user_row user = {.uuid = user_uuid,
                            .domain_id = ROOT_ID,
                            .username = "admin",
                            .first_name = "admin",
                            .last_name = "cloud",
                            .email = "admin@localhost",
                            .state = "enabled",
                            .is_default = true};
    if (!account_add(db, &account, &account_id, err) || !quota_add_account(db, account_id, true, err))
        return false;
    user.account_id = account_id;
    boot->is_new = true;
    boot->user_uuid = arena_strdup(boot->arena, user_uuid);
    return user_add(db, &user, boot->password_hash, &boot->user_id, err);
}

static bool bootstrap(struct db *db, void *context, struct error *err)
{
    struct bootstrap *boot = context;
    int64_t user_id = 0;
    boot->is_new = false;
    if (!add_root(db, err) || !role_make_built_in(db, err) || !user_id_by_name(db, ROOT_ID, "admin", &user_id, err))
        return false;
    boot->user_id = user_id;
    if (user_id == 0 && !add_admin(db, boot, err))
        return false;
    return quota_bootstrap(db, err) && version_raise(db, VERSION_IDENTITY, err);
}

bool identity_bootstrap(struct db *db, struct arena *arena, bool *ret_new, struct identity_credentials *ret_credentials,
                        struct error *err)
{
    char password[PASSWORD_BYTES * 2], hash[PASSWORD_HASH_BYTES];
    const char *key = NULL, *secret = NULL;
    struct bootstrap boot = {.arena = arena, .password_hash = hash};
    random_token(password, sizeof(password), PASSWORD_BYTES);
    struct secret new_password = secret_from(arena, password);
    if (!password_hash(new_password, hash, err) || !db_transaction(db, bootstrap, &boot, err))
        return false;
    if (!identity_keys(db, arena, boot.user_id, &key, &secret, err))
        return false;
    if (boot.is_new && !identity_new_keys(db, arena, boot.user_id, boot.user_uuid, &key, &secret, err))
        return false;
    *ret_new = boot.is_new;
    *ret_credentials = (struct identity_credentials){.username = "admin"};
    if (boot.is_new)
        ret_credentials->password = new_password;
    if (key)
        ret_credentials->api_key = secret_from(arena, key);
    if (secret)
        ret_credentials->secret_key = secret_from(arena, secret);
    return true;
}
