/* Rows of identity providers, for the files of this feature only. */
#ifndef GURUM_CLOUD_OAUTH_STORE_H
#define GURUM_CLOUD_OAUTH_STORE_H

#include "db/db.h"

enum { OAUTH_PROVIDERS_MAX = 100 };
struct oauth_provider {
    int64_t id;
    const char *uuid, *provider, *description, *client_id, *secret_sealed, *redirect_uri, *authorize_url, *token_url,
        *user_url, *issuer /* "": the answers name none */;
    bool wants_verified; /* only addresses that it calls verified are believed */
    bool is_enabled;
};
MUST_CHECK bool oauth_providers(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool oauth_provider_add(struct db *db, const struct oauth_provider *row, struct error *err);
MUST_CHECK bool oauth_provider_update(struct db *db, const struct oauth_provider *row, struct error *err);
MUST_CHECK bool oauth_provider_remove(struct db *db, int64_t id, struct error *err);
const char *oauth_bound_to(struct arena *arena, const char *uuid); /* what a sealed secret is bound to */

/* Whom a provider vouches for. The subject is the same for ever, the address may become somebody else's. */
struct oauth_person {
    const char *subject, *email;
};
/* What a code was answered with, for two minutes. */
MUST_CHECK bool oauth_grant_add(struct db *db, const char *code_hash, int64_t provider_id,
                                const struct oauth_person *person, struct error *err);
/* Takes it; *ret_found false: there is none, or somebody did before. */
MUST_CHECK bool oauth_grant_take(struct db *db, struct arena *arena, const char *code_hash, int64_t provider_id,
                                 struct oauth_person *ret_person, bool *ret_found, struct error *err);

/* The user of a domain that a person is linked to; at first the one with his mail address, who is linked from then on.
 * 0: none, more than one, or one that is linked to somebody else. */
MUST_CHECK bool oauth_user_of(struct db *db, struct arena *arena, int64_t provider_id, int64_t domain_id,
                              const struct oauth_person *person, int64_t *ret_user_id, struct error *err);

#endif
