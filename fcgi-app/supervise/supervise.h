/* The supervisor: keeps this machine's web, jobs and stream processes running. It opens no database and no plugin; what
 * needs them (a jobs process died) it leaves to a short-lived `gurumd jobs-died`. */
#ifndef GURUM_SUPERVISE_SUPERVISE_H
#define GURUM_SUPERVISE_SUPERVISE_H

#include "base/config.h"

/* Exit status of `gurumd jobs-died` when a quarantine process should run. */
enum { EXIT_WANTS_QUARANTINE = 3 };

struct supervise_options {
    const char *config_path;
    bool web, jobs, stream; /* which roles */
};
/* Runs until SIGTERM or SIGINT; then every child ends its work and stops, after STOP_DEADLINE_MS by force. SIGHUP reads
 * the configuration again (process counts) and goes on to the children. Errors: cannot listen; a child cannot be
 * started at all. */
MUST_CHECK bool supervise_run(const struct supervise_options *options, const struct config *config, struct error *err);

#endif
