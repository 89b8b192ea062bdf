/* Long-lived connections: the stream process behind nginx's /stream/. */
#ifndef GURUM_STREAM_STREAM_H
#define GURUM_STREAM_STREAM_H

#include "base/config.h"

/* Serves on the unix socket stream.listen until stream_stop. GET /stream/health answers 200 "ok". Errors: INTERNAL
 * "listen.failed". */
MUST_CHECK bool stream_run(const struct config *config, struct error *err);
void stream_stop(void); /* async-signal-safe */

#endif
