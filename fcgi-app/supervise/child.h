/* Starting one process of the supervisor, and telling systemd. */
#ifndef GURUM_SUPERVISE_CHILD_H
#define GURUM_SUPERVISE_CHILD_H

#include <sys/types.h>

#include "base/attributes.h"

struct child_command {
    const char *config_path;
    const char *role;
    bool quarantine;
    const char *arguments[3]; /* after the role; ends with NULL */
    int listen_socket;        /* handed over as descriptor 3; -1: none */
};
/* The new process gets SIGTERM when the supervisor dies. -1: cannot fork. */
pid_t child_start(const struct child_command *command);
/* Sends a line such as "READY=1" to $NOTIFY_SOCKET (sd_notify(3)); nothing without one. */
void notify_manager(const char *state);

#endif
