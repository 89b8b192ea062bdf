/* Which passwords are good enough. Pure: the rules are given. */
#ifndef GURUM_CLOUD_SIGNIN_POLICY_H
#define GURUM_CLOUD_SIGNIN_POLICY_H

#include "base/error.h"
#include "base/secret.h"

struct password_policy {
    int64_t min_length, min_digits, min_lowercase, min_uppercase, min_special; /* in characters; 0: any number */
    bool allows_username;
    const char *pattern; /* the whole password must match; NULL or "": anything */
};
/* Errors: INVALID_VALUE, naming the first rule that is not kept; INTERNAL: the pattern is broken. */
MUST_CHECK bool password_policy_check(const struct password_policy *policy, const char *username,
                                      struct secret password, struct error *err);

#endif
