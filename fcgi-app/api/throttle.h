/* Rate limits: how many requests an account may send in an interval. One table a machine, shared by its web processes
 * through a mapped file; several machines count apart. */
#ifndef GURUM_API_THROTTLE_H
#define GURUM_API_THROTTLE_H

#include "api/caller.h"
#include "base/error.h"

/* Where the table lies: <run folder>/rates. Before the first request. */
void throttle_set_folder(const char *run_folder);
/* Counts a request. Root admins and whoever is not signed in are not limited. Errors: RATE_LIMITED with the wire's
 * text. */
MUST_CHECK bool throttle_admit(const struct caller *caller, struct error *err);

struct throttle_state {
    int64_t issued, allowed, expires_ms; /* requests of this interval, at most so many, and when the next begins */
};
struct throttle_state throttle_look(int64_t account_id);
void throttle_reset(int64_t account_id); /* 0: all accounts */
/* Seconds, at least 1, that a RATE_LIMITED error tells to wait. */
int64_t throttle_wait_s(const struct error *err);
bool throttle_is_on(void);

#endif
