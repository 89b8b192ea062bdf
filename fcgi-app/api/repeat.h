/* The header Idempotency-Key: the same write sent again, with the same key by the same user, gets the first answer. */
#ifndef GURUM_API_REPEAT_H
#define GURUM_API_REPEAT_H

#include "api/api.h"

enum { REPEAT_KEY_MAX_BYTES = 255, REPEAT_REPLY_MAX_BYTES = 1024 * 1024 };

struct repeat_key {
    int64_t user_id;
    char hash[65]; /* of the header's text */
};
struct repeat_answer {
    const char *request_hash; /* of command and parameters */
    const char *reply;        /* as it was written; "" when a job's end is the answer */
    struct job_ref job;       /* id 0: none */
};

/* What cloud/repeat provides. */
struct repeat_hooks {
    bool (*find)(struct db *db, struct arena *arena, const struct repeat_key *key, struct repeat_answer *ret_answer,
                 bool *ret_found, struct error *err);
    /* Inside the transaction of the write: takes the key, waiting for a first call under way; and keeps the answer. */
    bool (*claim)(struct db *db, const struct repeat_key *key, bool *ret_is_new, struct error *err);
    bool (*keep)(struct db *db, struct arena *arena, const struct repeat_key *key, const struct repeat_answer *answer,
                 struct error *err);
};
void repeat_set_hooks(const struct repeat_hooks *hooks);

/* Takes the header's text for a call. Errors: PARAMETER (empty, too long, other than printable ASCII). */
MUST_CHECK bool repeat_take_key(struct api_call *call, const char *text, struct error *err);
/* Fills call->reply when call->repeat_key was answered before. Asked before parameters are looked up: what a repeated
 * write names may be gone by now. Errors: PARAMETER (the key was used for another request). */
MUST_CHECK bool repeat_look(struct api_call *call, bool *ret_was_answered, struct error *err);
/* Runs the handler once for call->repeat_key, in one transaction with its answer; or fills call->reply with the answer
 * of a first call that ended meanwhile (*ret_was_answered). Errors: those of repeat_look, the handler's. */
MUST_CHECK bool repeat_run(struct api_call *call,
                           bool (*run)(struct api_call *call, const void *args, struct error *err), const void *args,
                           bool *ret_was_answered, struct error *err);

#endif
