/* What signing in asks for beyond a name and a password, for other features: which passwords are good enough, and who
 * owes a second factor. */
#ifndef GURUM_CLOUD_SIGNIN_H
#define GURUM_CLOUD_SIGNIN_H

#include "cloud/identity/identity.h"

/* Is the password good enough for a user of this name in this domain? Errors: INVALID_VALUE, naming the rule. */
MUST_CHECK bool signin_check_password(struct db *db, struct arena *arena, int64_t domain_id, const char *username,
                                      struct secret password, struct error *err);

/* Must this user give a code to sign in, because one was set up or because somebody demands it? */
MUST_CHECK bool signin_wants_factor(struct db *db, struct arena *arena, const struct identity_user *user,
                                    bool *ret_wants, struct error *err);
/* Of whom of a tenant domain a second factor is demanded; {.domain_id = 0} before it was asked. */
struct factor_rule {
    int64_t domain_id;
    bool of_all;
    const char *roles;
};
/* Does an administrator demand one: of the user, his domain or his role? `rule` is kept for the next user, who is
 * mostly of the same domain. */
MUST_CHECK bool signin_mandates_by_rule(struct db *db, struct arena *arena, const struct identity_user *user,
                                        struct factor_rule *rule, bool *ret_is, struct error *err);
MUST_CHECK bool signin_mandates_factor(struct db *db, struct arena *arena, const struct identity_user *user,
                                       bool *ret_mandates, struct error *err);
/* Whose name authenticator programs show. */
MUST_CHECK bool signin_issuer(struct db *db, struct arena *arena, int64_t domain_id, const char **ret_issuer,
                              struct error *err);

/* Guesses that no user's row could count (signin_guess.c). */
struct signin_guess {
    const char *guesser; /* who guesses, or at whom */
    int64_t most;        /* that may be wrong within login.lock.minutes; 0: any number */
    int64_t id;          /* set by signin_note_guess */
};
struct signin_guess signin_guess_from(struct arena *arena, const char *remote_address);
/* Before it is judged. *ret_may false: too many were wrong. Errors: INVALID_VALUE in a transaction, which would roll
 * the note back. */
MUST_CHECK bool signin_note_guess(struct db *db, struct signin_guess *guess, bool *ret_may, struct error *err);
/* It was right, or could not be judged. */
MUST_CHECK bool signin_forget_guess(struct db *db, const struct signin_guess *guess, struct error *err);

void signin_register(void);       /* commands, job kinds */
void signin_register_pages(void); /* pages and their menu entries */

#endif
