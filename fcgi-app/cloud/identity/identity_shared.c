/* The check of uuids that commands take, and the registration of the feature. */
#include "base/uuid.h"
#include "cloud/identity/identity_responses.h"
#include "cloud/identity/identity_service.h"

bool identity_check_uuid(const char *param, const char *value, struct error *err)
{
    if (!value || uuid_is_valid(value))
        return true;
    return api_refuse_entity(param, value, err);
}

void identity_register(void)
{
    static const struct object_kind *const KINDS[] = {&USER_KIND, &ACCOUNT_KIND, &DOMAIN_KIND, &SESSION_KIND, NULL};
    api_register_kinds(KINDS);
    identity_access_register();
    identity_register_jobs();
    identity_register_login();
    identity_register_sessions();
    identity_register_users();
    identity_register_accounts();
    identity_register_domains();
}
