/* Signatures of requests: HMAC-SHA1 over the sorted, encoded, lower-cased parameters. */
#ifndef GURUM_API_SIGN_H
#define GURUM_API_SIGN_H

#include "api/params.h"

/* Does the signature fit the parameters under this secret? Accepts what existing clients send: names sorted as they are
 * or by their lower-case form; `~` encoded or bare; square brackets of values encoded or bare. All comparisons take
 * constant time. */
bool sign_verify(struct arena *arena, const struct wire_params *params, struct secret key);
/* signatureVersion 3 wants `expires`, a time that has not passed; other versions do not look at it. */
bool sign_is_fresh(const struct wire_params *params, int64_t now_ms);
/* The signature as our own tools and tests make it: bytewise order, `~` encoded. */
void sign_make(struct arena *arena, const struct wire_params *params, struct secret key, char base64[static 29]);

/* The HMAC of any text, in the same form. */
void sign_plain(const char *text, struct secret key, char base64[static 29]);

#endif
