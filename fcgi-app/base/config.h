/* The configuration file gurum.conf: lines `section.key = value`, `#` comments. Read once at start; what can change
 * while running is a setting in the database instead (setting.h). */
#ifndef GURUM_BASE_CONFIG_H
#define GURUM_BASE_CONFIG_H

#include "base/arena.h"
#include "base/error.h"

struct config {
    /* database */
    const char *database_socket; /* wins over the host */
    const char *database_host, *database_name, *database_user;
    const char *database_password_file; /* one line, mode 0600; "": no password */
    int64_t database_port;
    bool database_cluster_reads_wait; /* Galera */
    /* site */
    const char *site_url; /* "http://127.0.0.1:8080", how people and clients reach it */
    /* processes */
    const char *run_folder; /* sockets, wake-ups, status; writable by all roles */
    const char *web_listen; /* unix socket path, used when no socket was inherited */
    const char *web_group;  /* group that may connect to it (nginx's); "": leave */
    int64_t web_threads, web_processes, jobs_threads, jobs_processes, stream_processes;
    const char *stream_listen; /* unix socket path */
    /* files */
    const char *keys_file, *templates_folder, *static_folder, *plugins_folder, *sql_folder;
    const char *log_level; /* debug, info, warning, error */
};

/* Defaults, then the file. Strings live in the arena. Errors: INTERNAL "config.invalid" with file, line and reason:
 * unreadable, unknown or repeated key, a value out of range, a missing required key. */
MUST_CHECK bool config_load(struct arena *arena, const char *path, struct config *ret_config, struct error *err);
/* The text of one `key` ("web.threads") as it is in force; NULL: no such key. For documents and tests. */
const char *config_text(struct arena *arena, const struct config *config, const char *key);

#endif
