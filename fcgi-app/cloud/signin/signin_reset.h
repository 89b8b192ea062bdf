/* Forgotten passwords, for the files of this feature. */
#ifndef GURUM_CLOUD_SIGNIN_RESET_H
#define GURUM_CLOUD_SIGNIN_RESET_H

#include "cloud/mail/mail.h"
#include "cloud/signin/signin.h"

/* ---- signin_reset_store.c ---- */
MUST_CHECK bool reset_add(struct db *db, const char *remote_address, int64_t *ret_id, struct error *err);
MUST_CHECK bool reset_count_of_address(struct db *db, const char *remote_address, int64_t since_ms, int64_t *ret_count,
                                       struct error *err);
MUST_CHECK bool reset_count_of_user(struct db *db, int64_t user_id, int64_t since_ms, int64_t *ret_count,
                                    struct error *err);
MUST_CHECK bool reset_set_token(struct db *db, int64_t id, int64_t user_id, const char *token_hash, int64_t expires_ms,
                                struct error *err);
/* The user of a token that is still good; 0: there is none. */
MUST_CHECK bool reset_find_user(struct db *db, const char *token_hash, int64_t *ret_user_id, struct error *err);
/* Takes the token; *ret_taken false: somebody did before. All of the user's other tokens go with it. */
MUST_CHECK bool reset_take(struct db *db, const char *token_hash, int64_t user_id, bool *ret_taken, struct error *err);
MUST_CHECK bool reset_remove_old(struct db *db, int64_t before_ms, struct error *err);

/* ---- signin_reset_service.c, signin_reset_jobs.c ---- */
/* Is it offered at all: by the setting, and because mail can be sent? */
bool reset_is_offered(void);
struct reset_input {
    int64_t request_id;
    const char *username, *domain;
};
extern const struct job_kind PASSWORD_RESET;
/* Takes a request down; its job looks whether there is such a user, so that nobody can tell from the answer or its
 * time. Errors: RATE_LIMITED (by address), DENIED (not offered). */
MUST_CHECK bool reset_request(struct db *db, const struct job_stamp *stamp, const char *username, const char *domain,
                              struct error *err);
/* In the open transaction: a token and a letter for the user, if there is one who may have it. */
MUST_CHECK bool reset_answer(struct db *db, struct arena *arena, const struct reset_input *input,
                             const struct job_stamp *stamp, struct error *err);
/* Sets a new password by a token from a letter. Errors: INVALID_VALUE: a bad token, whatever is bad about it; the rules
 * for passwords. */
MUST_CHECK bool reset_password(struct db *db, struct arena *arena, const char *username, const char *domain,
                               const char *token, struct secret password, struct error *err);

void signin_register_reset(void);
void signin_register_reset_job(void);

#endif
