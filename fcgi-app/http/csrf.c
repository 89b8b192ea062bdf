/* CSRF tokens. What is not here: where the form field is read (portal/) and how sessions are kept (cloud/identity). */
#include "http/csrf.h"

#include "base/text.h"

#include <string.h>

void csrf_make_token(struct secret key, const char *session_token, char token[static CSRF_TOKEN_BYTES])
{
    char data[512] = "csrf:"; /* keeps these MACs apart from any other use of the key */
    string_copy(data + 5, sizeof data - 5, session_token);
    hmac_sha256_base64(key, data, strlen(data), token);
}

bool csrf_token_is_valid(struct secret key, const char *session_token, const char *sent_token)
{
    if (sent_token == NULL)
        return false;
    char token[CSRF_TOKEN_BYTES];
    csrf_make_token(key, session_token, token);
    return string_equal_secret(token, strlen(token), sent_token, strlen(sent_token));
}
