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

/* What a code was answered with, for two minutes. */
MUST_CHECK bool oauth_grant_add(struct db *db, const char *code_hash, int64_t provider_id, const char *email,
                                struct error *err);
/* Takes it; NULL in *ret_email: there is none, or somebody did before. */
MUST_CHECK bool oauth_grant_take(struct db *db, struct arena *arena, const char *code_hash, int64_t provider_id,
                                 const char **ret_email, struct error *err);

/* The user of a mail address in a domain who may sign in by a provider; 0: none, or more than one. */
MUST_CHECK bool oauth_user_of_email(struct db *db, struct arena *arena, int64_t domain_id, const char *email,
                                    int64_t *ret_user_id, struct error *err);

#endif
