/* The SQL of management servers. */
#include "cloud/server/server_store.h"

#include "base/clock.h"
#include "base/text.h"

FIELD_TABLE(SERVER_ROW, struct server, COLUMN(struct server, id), COLUMN(struct server, uuid),
            COLUMN(struct server, name), COLUMN(struct server, version), COLUMN(struct server, os),
            COLUMN(struct server, kernel), COLUMN(struct server, address), COLUMN(struct server, booted),
            COLUMN(struct server, started), COLUMN(struct server, processes), COLUMN(struct server, jobs));
DB_STATEMENT(SERVER_ALL, .name = "server.all", .row = &SERVER_ROW, .scan_reason = "a row a machine",
             .sql = "SELECT id, uuid, name, version, os, kernel, address, booted, started, "
                    "COALESCE((SELECT COUNT(*) FROM job_process p WHERE p.machine = s.name AND p.alive_until > ?), 0) "
                    "AS processes, "
                    "COALESCE((SELECT COUNT(*) FROM job_process q JOIN job j ON j.process_id = q.id WHERE q.machine = "
                    "s.name), 0) AS jobs "
                    "FROM management_server s ORDER BY name LIMIT 1000");
DB_STATEMENT(SERVER_STORE, .name = "server.store",
             .sql = "INSERT INTO management_server (uuid, name, version, os, kernel, address, booted, started) VALUES "
                    "(?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE version = VALUES(version), os = VALUES(os), "
                    "kernel = VALUES(kernel), address = VALUES(address), booted = VALUES(booted), "
                    "started = VALUES(started)");
DB_STATEMENT(SERVER_REMOVE, .name = "server.remove", .sql = "DELETE FROM management_server WHERE id = ?");

struct counts {
    int64_t hosts, sessions;
    const char *db_machine;
};
FIELD_TABLE(SERVER_COUNTS, struct counts, COLUMN(struct counts, hosts), COLUMN(struct counts, sessions),
            COLUMN(struct counts, db_machine));
DB_STATEMENT(
    SERVER_COUNT, .name = "server.counts", .row = &SERVER_COUNTS, .scan_reason = "a row a host",
    .sql = "SELECT COALESCE((SELECT COUNT(*) FROM host WHERE removed IS NULL AND state = 'Up'), 0) AS hosts, "
           "COALESCE((SELECT COUNT(*) FROM session WHERE last_used > ?), 0) AS sessions, @@hostname AS db_machine");

bool server_all(struct db *db, struct arena *arena, struct db_rows *ret_rows, struct error *err)
{
    return db_query(db, &SERVER_ALL, arena, SERVERS_MAX, ret_rows, err, db_time(clock_now_ms()));
}

bool server_store(struct db *db, const struct server *s, struct error *err)
{
    return db_execute(db, &SERVER_STORE, err, db_text(s->uuid), db_text(s->name), db_text(s->version), db_text(s->os),
                      db_text(s->kernel), db_text(s->address), db_opt_time(s->booted), db_opt_time(s->started));
}

bool server_remove(struct db *db, int64_t id, struct error *err)
{
    return db_execute(db, &SERVER_REMOVE, err, db_int(id));
}

bool server_counts(struct db *db, struct arena *arena, const char *machine, int64_t sessions_since_ms,
                   int64_t *ret_hosts, int64_t *ret_sessions, bool *ret_db_is_local, struct error *err)
{
    struct counts counts = {0};
    bool found = false;
    if (!db_query_one(db, &SERVER_COUNT, arena, &counts, &found, err, db_time(sessions_since_ms)))
        return false;
    *ret_hosts = counts.hosts;
    *ret_sessions = counts.sessions;
    *ret_db_is_local = string_equal(counts.db_machine, machine);
    return true;
}

/* ---- overviews ---- */

#define SUM(member) COLUMN(struct server_sums, member)
FIELD_TABLE(SERVER_SUMS, struct server_sums, SUM(zones), SUM(pods), SUM(clusters), SUM(hosts), SUM(pools), SUM(stores),
            SUM(sockets), SUM(servers), SUM(alerts));
#define ALIVE(table, as) "COALESCE((SELECT COUNT(*) FROM " table " WHERE removed IS NULL), 0) AS " as ", "
#define PLACES ALIVE("zone", "zones") ALIVE("pod", "pods") ALIVE("cluster", "clusters") ALIVE("host", "hosts")
#define STORES ALIVE("storage_pool", "pools") ALIVE("image_store", "stores")
DB_STATEMENT(SERVER_COUNT_ALL, .name = "server.count_all", .row = &SERVER_SUMS,
             .scan_reason = "few of each, and an operator looks",
             .sql =
                 "SELECT " PLACES STORES
                 "CAST(COALESCE((SELECT SUM(cpu_sockets) FROM host WHERE removed IS NULL), 0) AS SIGNED) AS sockets, "
                 "COALESCE((SELECT COUNT(*) FROM management_server), 0) AS servers, "
                 "COALESCE((SELECT COUNT(*) FROM alert WHERE archived = 0), 0) AS alerts");

#define TOLD(member) COLUMN(struct server_database, member)
FIELD_TABLE(SERVER_DATABASE, struct server_database, TOLD(host), TOLD(version), TOLD(comment), TOLD(tls_versions),
            TOLD(connections), TOLD(uptime_s), TOLD(statements), TOLD(members));
#define FIGURE(name) "MAX(IF(variable_name = '" name "', variable_value, NULL))"
#define NUMBER(name, as) ", CAST(COALESCE(" FIGURE(name) ", 0) AS SIGNED) AS " as
#define NUMBERS NUMBER("THREADS_CONNECTED", "connections") NUMBER("UPTIME", "uptime_s") NUMBER("QUERIES", "statements")
#define CLUSTER ", COALESCE(" FIGURE("WSREP_INCOMING_ADDRESSES") ", '') AS members"
DB_STATEMENT(SERVER_ASK_DATABASE, .name = "server.ask_database", .row = &SERVER_DATABASE,
             .scan_reason = "the server's own table of figures",
             .sql = "SELECT @@hostname AS host, @@version AS version, @@version_comment AS comment, @@tls_version AS "
                    "tls_versions" NUMBERS CLUSTER " FROM information_schema.global_status WHERE variable_name IN "
                    "('WSREP_INCOMING_ADDRESSES', 'THREADS_CONNECTED', 'UPTIME', 'QUERIES')");

bool server_count_all(struct db *db, struct server_sums *ret_sums, struct error *err)
{
    bool found = false;
    return db_query_one(db, &SERVER_COUNT_ALL, NULL, ret_sums, &found, err, DB_NO_VALUES);
}

bool server_ask_database(struct db *db, struct arena *arena, struct server_database *ret_database, struct error *err)
{
    bool found = false;
    return db_query_one(db, &SERVER_ASK_DATABASE, arena, ret_database, &found, err, DB_NO_VALUES);
}
