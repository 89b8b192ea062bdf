/* The web role's listening socket: inherited from the supervisor or systemd (LISTEN_FDS), or made here. */
#ifndef GURUM_SUPERVISE_LISTEN_H
#define GURUM_SUPERVISE_LISTEN_H

#include "base/config.h"

/* The inherited socket, else a new one. Errors: INTERNAL "listen.failed". */
MUST_CHECK bool listen_inherited_or_new(const struct config *config, int *ret_socket, struct error *err);
/* Makes the unix socket web.listen: mode 0660, group web.group; a file left by an ended process is replaced. */
MUST_CHECK bool listen_new(const struct config *config, int *ret_socket, struct error *err);

#endif
