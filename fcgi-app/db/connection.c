/* One connection: opening with session set-up, closing, and what the client library's errors mean. What is not here:
 * who uses the connection when (pool.c) and prepared statements (statement.c). */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "db/db_private.h"

enum { CONNECT_TIMEOUT_S = 3, ANSWER_TIMEOUT_S = 30, PATIENT_TIMEOUT_S = 24 * 3600, PACKET_BYTES_MAX = 64 << 20 };

/* The lock time-outs stay below the read time-out: waiting ends with an error that db_transaction repeats, not with a
 * lost connection. The isolation level's name differs: MariaDB skips comments marked 80000, MySQL those marked M. Lists
 * name up to 64 keys and their index, so that an estimate by diving for each key would only cost. */
#define SESSION                                                                                                        \
    "SET SESSION autocommit = 1, time_zone = '+00:00', innodb_lock_wait_timeout = 5, lock_wait_timeout = 20, "         \
    "eq_range_index_dive_limit = 4, "                                                                                  \
    "/*M! tx_isolation = 'READ-COMMITTED', */ /*!80000 transaction_isolation = 'READ-COMMITTED', */ "                  \
    "sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
#define SESSION_CLUSTER SESSION ", wsrep_sync_wait = 1"

static const struct failure {
    unsigned code;
    enum db_failure meaning;
    enum error_kind kind;
    const char *key;
} FAILURES[] = {
    {1062, DB_FAILURE_OTHER, ERROR_IN_USE, "db.duplicate"},
    {1586, DB_FAILURE_OTHER, ERROR_IN_USE, "db.duplicate"},
    {1451, DB_FAILURE_OTHER, ERROR_IN_USE, "db.referenced"},
    {1217, DB_FAILURE_OTHER, ERROR_IN_USE, "db.referenced"},
    {1267, DB_FAILURE_OTHER, ERROR_INVALID_VALUE, "db.characters"}, /* compared with a column that holds ASCII only */
    {1366, DB_FAILURE_OTHER, ERROR_INVALID_VALUE, "db.characters"}, /* stored in one */
    {1452, DB_FAILURE_OTHER, ERROR_IN_USE, "db.missing_reference"},
    {1216, DB_FAILURE_OTHER, ERROR_IN_USE, "db.missing_reference"},
    {1213, DB_FAILURE_CONFLICT, ERROR_DATABASE, "db.conflict"}, /* deadlock; Galera certification */
    {1205, DB_FAILURE_CONFLICT, ERROR_DATABASE, "db.conflict"}, /* lock wait time-out */
    {1020, DB_FAILURE_CONFLICT, ERROR_DATABASE, "db.conflict"}, /* record changed since last read */
    {1615, DB_FAILURE_STALE, ERROR_INTERNAL, "db.internal"},    /* needs to be re-prepared */
    {2057, DB_FAILURE_STALE, ERROR_INTERNAL, "db.internal"},    /* other number of columns than when prepared */
    {2002, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"},
    {2003, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"},
    {2006, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"},
    {2013, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"},
    {2014, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"}, /* commands out of sync */
    {2027, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"}, /* malformed packet */
    {2055, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"},
    {1053, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"}, /* shutdown in progress */
    {1152, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"},
    {1156, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"},
    {1158, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"},
    {1159, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"},
    {1160, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"},
    {1161, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"},
    {1184, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"},
    {1927, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"},  /* connection was killed */
    {4031, DB_FAILURE_LOST, ERROR_DATABASE, "db.no_answer"},  /* idle for too long */
    {1021, DB_FAILURE_OTHER, ERROR_DATABASE, "db.no_answer"}, /* disk full */
    {1040, DB_FAILURE_OTHER, ERROR_DATABASE, "db.no_answer"}, /* too many connections */
    {1047, DB_FAILURE_OTHER, ERROR_DATABASE, "db.no_answer"}, /* Galera node not ready */
    {1114, DB_FAILURE_OTHER, ERROR_DATABASE, "db.no_answer"}, /* table full */
    {1203, DB_FAILURE_OTHER, ERROR_DATABASE, "db.no_answer"},
    {1290, DB_FAILURE_OTHER, ERROR_DATABASE, "db.no_answer"}, /* read-only */
    {1317, DB_FAILURE_OTHER, ERROR_DATABASE, "db.no_answer"}, /* interrupted */
    {1836, DB_FAILURE_OTHER, ERROR_DATABASE, "db.no_answer"},
};
static const struct failure FAILURE_UNKNOWN = {0, DB_FAILURE_OTHER, ERROR_INTERNAL, "db.internal"};

bool db_fail(struct db *db, const char *what, unsigned code, const char *message, struct error *err)
{
    const struct failure *failure = &FAILURE_UNKNOWN;
    for (size_t i = 0; i < COUNT_OF(FAILURES); i++)
        if (FAILURES[i].code == code)
            failure = &FAILURES[i];
    error_set(err, failure->kind, failure->key);
    error_add_detail(err, "%s: database error %u: %s", what, code, message);
    db->failure = failure->meaning;
    if (failure->meaning == DB_FAILURE_CONFLICT)
        db->conflict = true;
    if (failure->kind == ERROR_IN_USE)
        db->duplicate = true;
    if (failure->meaning == DB_FAILURE_LOST)
        db_disconnect(db);
    return false;
}

struct db *db_new(struct db_pool *pool)
{
    struct db *db = calloc(1, sizeof(*db));
    if (db == NULL)
        abort();
    db->pool = pool;
    return db;
}

void db_free(struct db *db)
{
    db_disconnect(db);
    free(db->scratch);
    free(db);
}

void db_disconnect(struct db *db)
{
    if (db->mysql == NULL)
        return;
    mysql_close(db->mysql); /* first: closing statements must not send anything on a dead connection */
    db->mysql = NULL;
    statement_drop_all(db);
}

static void connection_set_options(MYSQL *mysql, const struct db_config *config, bool patient)
{
    unsigned connect_s = CONNECT_TIMEOUT_S, write_s = ANSWER_TIMEOUT_S, infile = 0;
    unsigned read_s = patient ? PATIENT_TIMEOUT_S : ANSWER_TIMEOUT_S;
    unsigned long packet_bytes = PACKET_BYTES_MAX;
    mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
    mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &read_s);
    mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &write_s);
    mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &infile); /* a server must not read our files */
    mysql_options(mysql, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet_bytes);
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(mysql, MYSQL_INIT_COMMAND, config->cluster_reads_wait ? SESSION_CLUSTER : SESSION);
}

static bool connection_open(struct db *db, struct error *err)
{
    const struct db_config *config = db_pool_config(db->pool);
    MYSQL *mysql = mysql_init(NULL);
    if (mysql == NULL)
        abort();
    connection_set_options(mysql, config, db->patient);
    const char *host = config->unix_socket != NULL ? "localhost" : config->host;
    if (mysql_real_connect(mysql, host, config->user, config->password.bytes, config->database, config->port,
                           config->unix_socket, CLIENT_FOUND_ROWS) == NULL) {
        error_set(err, ERROR_DATABASE, "db.no_answer");
        error_add_detail(err, "connect: database error %u: %s", mysql_errno(mysql), mysql_error(mysql));
        db->failure = DB_FAILURE_LOST;
        mysql_close(mysql);
        return false;
    }
    db->mysql = mysql;
    return true;
}

bool db_ensure(struct db *db, struct error *err)
{
    db->failure = DB_FAILURE_NONE;
    if (db->mysql != NULL)
        return true;
    if (!db->in_transaction)
        return connection_open(db, err);
    db->failure = DB_FAILURE_OTHER;
    error_set(err, ERROR_DATABASE, "db.no_answer");
    return error_add_detail(err, "the connection was lost earlier in this transaction");
}

bool db_looks_dead(const struct db *db)
{
    struct pollfd socket = {.fd = (int)db->mysql->net.fd, .events = POLLIN};
    return poll(&socket, 1, 0) != 0;
}

bool db_command(struct db *db, const char *sql, struct error *err)
{
    if (mysql_real_query(db->mysql, sql, strlen(sql)) == 0)
        return true;
    return db_fail(db, sql, mysql_errno(db->mysql), mysql_error(db->mysql), err);
}
