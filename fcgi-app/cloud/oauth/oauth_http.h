/* Asking a provider: bounded in time, size and threads; only where nobody can use us to look into our own network.
 * Knows no database. */
#ifndef GURUM_CLOUD_OAUTH_HTTP_H
#define GURUM_CLOUD_OAUTH_HTTP_H

#include "base/error.h"
#include "base/field.h"

/* POSTs the form (pairs), or GETs when there is none, with "Authorization: Bearer" when a token is given. The answer is
 * JSON of at most 256 KiB. `allowed`: addresses ("127.0.0.1,10.0.0.0/8") that may be reached though they are not
 * public, there also without TLS. Errors: UNAVAILABLE (too many at once), RESOURCE_UNAVAILABLE (no or a bad answer). */
struct json_object;
MUST_CHECK bool oauth_fetch(struct arena *arena, const char *url, const char *allowed, const struct pair_list *form,
                            const char *bearer, struct json_object **ret_json, struct error *err);
/* Pure: is this IPv4 or IPv6 address (text) one that `allowed` lists, or a public one? */
bool oauth_address_is_allowed(const char *address, const char *allowed);

#endif
