/* The accounts that projects own things by: nobody signs in to them, and lists of accounts leave them out. */
#include "base/clock.h"
#include "base/uuid.h"
#include "cloud/identity/identity_jobs.h"
#include "cloud/identity/identity_service.h"
#include "cloud/quota/quota.h"
#include "cloud/role/role.h"
#include "db/version.h"

bool identity_add_project_account(struct db *db, int64_t id, const char *name, int64_t domain_id, struct error *err)
{
    char uuid[UUID_BYTES];
    int64_t added = 0;
    uuid_random(uuid);
    struct account_row account = {.id = id,
                                  .uuid = uuid,
                                  .name = name,
                                  .domain_id = domain_id,
                                  .role_id = ROLE_ID_USER,
                                  .state = "enabled",
                                  .created = OPT_TIME(clock_now_ms())};
    return account_add(db, &account, &added, err) && quota_add_account(db, added, false, err);
}

bool identity_set_project_account(struct db *db, int64_t id, bool enabled, struct error *err)
{
    return identity_set_account_state(db, id, enabled ? "enabled" : "disabled", err);
}

bool identity_doom_project_account(struct db *db, int64_t id, struct error *err)
{
    bool doomed = false;
    return account_doom(db, id, &doomed, err) && quota_close_account(db, id, true, err) &&
           version_raise(db, shared_version_of_owner(id), err);
}

bool identity_remove_project_account(struct db *db, int64_t id, int64_t domain_id, struct error *err)
{
    return owned_forget_account(db, id, err) && account_remove(db, id, domain_id, err) &&
           version_raise(db, shared_version_of_owner(id), err);
}
