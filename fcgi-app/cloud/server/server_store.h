/* The SQL of management servers, for the files of this feature only. */
#ifndef GURUM_CLOUD_SERVER_STORE_H
#define GURUM_CLOUD_SERVER_STORE_H

#include "db/db.h"

struct server {
    int64_t id;
    const char *uuid, *name, *version, *os, *kernel, *address;
    struct opt_time booted, started;
    int64_t processes, jobs; /* that live, and what they carry */
};
enum { SERVERS_MAX = 1000 };
/* By name. */
MUST_CHECK bool server_all(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err);
/* A new row, or what changed of the row of that name. */
MUST_CHECK bool server_store(struct db *db, const struct server *server, struct error *err);
MUST_CHECK bool server_remove(struct db *db, int64_t id, struct error *err);
/* Hosts that answer, people with an open session, whether the database runs on the machine of that name. */
MUST_CHECK bool server_counts(struct db *db, struct arena *arena, const char *machine, int64_t sessions_since_ms,
                              int64_t *ret_hosts, int64_t *ret_sessions, bool *ret_db_is_local, struct error *err);

/* How much there is of everything. */
struct server_sums {
    int64_t zones, pods, clusters, hosts, sockets, pools, stores, servers, alerts;
};
MUST_CHECK bool server_count_all(struct db *db, struct server_sums *ret_sums, struct error *err);

/* What the database says of itself. */
struct server_database {
    const char *host, *version, *comment, *tls_versions, *members; /* members: its cluster's addresses; "": alone */
    int64_t connections, uptime_s, statements;
};
MUST_CHECK bool server_ask_database(struct db *db, struct arena *arena, struct server_database *ret_database,
                                    struct error *err);

#endif
