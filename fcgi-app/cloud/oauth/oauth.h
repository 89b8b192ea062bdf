/* Identity providers: signing in with an account of somebody else, by the code flow of OAuth 2 and OpenID Connect. */
#ifndef GURUM_CLOUD_OAUTH_H
#define GURUM_CLOUD_OAUTH_H

#include "cloud/identity/identity.h"

/* What the login page shows. */
struct oauth_choice {
    const char *provider, *description;
};
MUST_CHECK bool oauth_choices(struct db *db, struct arena *arena, struct oauth_choice **ret_choices, size_t *ret_count,
                              struct error *err);

void oauth_register(void);
void oauth_register_pages(void);

#endif
