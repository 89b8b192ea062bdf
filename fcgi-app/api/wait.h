/* Parked requests: exchanges whose answer needs a job to end first. */
#ifndef GURUM_API_WAIT_H
#define GURUM_API_WAIT_H

#include "api/call.h"

/* Hands the exchange over; the waiter answers it when the job of call->reply ends, or at the deadline. The call lives
 * in the exchange's arena. False: the caller still owns the exchange. Errors: UNAVAILABLE (too many parked, or
 * stopping). */
MUST_CHECK bool wait_park(struct http_exchange *exchange, struct api_call *call,
                          const struct registered_command *command, struct error *err);
/* Where this process takes connections from; set by api_waiters_start. */
struct db_pool *wait_pool(void);

/* handler.c: writes the reply or the error into the exchange. */
void handler_answer(struct http_exchange *exchange, struct api_call *call, const struct registered_command *command,
                    const struct error *failure);

#endif
