/* Rules of identity providers, for the files of this feature only. */
#ifndef GURUM_CLOUD_OAUTH_SERVICE_H
#define GURUM_CLOUD_OAUTH_SERVICE_H

#include "cloud/oauth/oauth.h"
#include "cloud/oauth/oauth_store.h"

/* By name; NULL: none, or not enabled. */
MUST_CHECK bool oauth_find_enabled(struct db *db, struct arena *arena, const char *provider,
                                   const struct oauth_provider **ret_provider, struct error *err);
/* Fills in what is known of google and github; of others what their discovery document says where nothing is given.
 * Errors: INVALID_VALUE (an address is missing or none of http or https). */
MUST_CHECK bool oauth_complete(struct arena *arena, struct oauth_provider *provider, struct error *err);

/* What the browser was sent with; NULL members: it was sent by somebody else's page. */
struct oauth_flow {
    const char *verifier, *nonce;
};
/* Gives the code back to the provider and asks whose it is. Errors: LOGIN_FAILED (the provider vouches for nobody),
 * RESOURCE_UNAVAILABLE, RATE_LIMITED (too many went wrong from this address; the provider is not asked). */
MUST_CHECK bool oauth_exchange(struct db *db, struct arena *arena, const struct oauth_provider *provider,
                               const char *code, const struct oauth_flow *flow, const char *remote_address,
                               struct oauth_person *ret_person, struct error *err);
/* A session for the user that a person is. Errors: LOGIN_FAILED. */
MUST_CHECK bool oauth_log_in(struct db *db, struct arena *arena, int64_t provider_id, const char *domain_path,
                             const struct oauth_person *person, const struct sign_in_place *place,
                             struct identity_login *ret_login, struct error *err);
/* The address that a browser is sent to. */
const char *oauth_authorize_url(struct arena *arena, const struct oauth_provider *provider, const char *state,
                                const char *nonce, const char *challenge);

#endif
