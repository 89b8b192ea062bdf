/* Tokens that prove a form was drawn for this session: HMAC-SHA256 of the session token under a key of the
 * installation. */
#ifndef GURUM_HTTP_CSRF_H
#define GURUM_HTTP_CSRF_H

#include "base/secret.h"

enum { CSRF_TOKEN_BYTES = 45 }; /* with the NUL */

/* The token of a session; the same for its whole life. `key` must not be empty. */
void csrf_make_token(struct secret key, const char *session_token, char token[static CSRF_TOKEN_BYTES]);
/* In constant time. A NULL or foreign token: false. */
bool csrf_token_is_valid(struct secret key, const char *session_token, const char *sent_token);

#endif
