/* Finds the caller of a request. */
#ifndef GURUM_API_ENTER_H
#define GURUM_API_ENTER_H

#include "api/call.h"

/* Fills call->caller, also on failure (nobody). `command` NULL: unknown. *ret_kills_session: the session's cookies are
 * to be taken back. Errors: UNAUTHENTICATED. */
MUST_CHECK bool enter(struct api_call *call, const struct registered_command *command, const struct http_request *http,
                      bool *ret_kills_session, struct error *err);

#endif
