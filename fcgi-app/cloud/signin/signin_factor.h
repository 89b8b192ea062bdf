/* Rules and rows of second factors, for the files of this feature. */
#ifndef GURUM_CLOUD_SIGNIN_FACTOR_H
#define GURUM_CLOUD_SIGNIN_FACTOR_H

#include "cloud/signin/signin.h"

#define FACTOR_PROVIDER "totp"

struct factor_row {
    int64_t user_id;
    const char *uuid, *secret_sealed, *pending_sealed;
    int64_t last_counter, failures;
    struct opt_time locked_until;
};

/* ---- signin_factor_store.c ---- */
MUST_CHECK bool factor_find(struct db *db, struct arena *arena, int64_t user_id, struct factor_row *ret_row,
                            bool *ret_found, struct error *err);
MUST_CHECK bool factor_set_pending(struct db *db, int64_t user_id, const char *uuid, const char *sealed,
                                   struct error *err);
MUST_CHECK bool factor_remove(struct db *db, int64_t user_id, struct error *err);
/* A code of this time step was good; *ret_first false: it, or a later one, was used before. With `confirms` the
 * pending secret becomes the one in force. */
MUST_CHECK bool factor_use(struct db *db, int64_t user_id, int64_t counter, bool confirms, bool *ret_first,
                           struct error *err);
MUST_CHECK bool factor_note_failure(struct db *db, int64_t user_id, int64_t most, int64_t locked_until_ms,
                                    struct error *err);

/* ---- signin_factor_service.c ---- */
/* A new secret that waits for its first code; an earlier one stays in force until then. Base32, in the arena. */
MUST_CHECK bool factor_set_up(struct db *db, struct arena *arena, const struct caller *caller, const char **ret_secret,
                              struct error *err);
/* Takes a user's factor away, pending one too. Errors: DENIED when the user himself must have one; TWO_FACTOR when he
 * owes a code, or has but an API key. */
MUST_CHECK bool factor_take_away(struct db *db, struct arena *arena, const struct caller *caller,
                                 const struct identity_user *user, struct error *err);
/* Judges a code of the caller, and lets his session go on. Errors: TWO_FACTOR (wrong, used before, too many),
 * INVALID_VALUE (in a transaction, which would roll the count of failures back: plan, Idempotency-Key). */
MUST_CHECK bool factor_validate(struct db *db, struct arena *arena, const struct caller *caller, const char *code,
                                struct error *err);
/* The secret that waits for its first code, as a URL for authenticator programs; NULL: none waits. */
MUST_CHECK bool factor_pending_url(struct db *db, struct arena *arena, const struct caller *caller,
                                   const char **ret_url, const char **ret_secret, struct error *err);

void signin_register_factor(void);

#endif
