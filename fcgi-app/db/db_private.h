/* What the files of this room share: the connection's inside. Nobody outside fcgi-app/db includes this. */
#ifndef GURUM_DB_DB_PRIVATE_H
#define GURUM_DB_DB_PRIVATE_H

#include <mysql.h>

#include "db/db.h"

enum {
    DB_STATEMENTS_MAX = 64,
    DB_COLUMNS_MAX = 128,
    DB_HOOKS_MAX = 16,
    DB_CELL_BYTES = 256,            /* longer texts are fetched a second time, straight into the arena */
    DB_TEXT_BYTES_MAX = 16 << 20,   /* a longer value in a row is refused */
    DB_SCRATCH_KEEP_BYTES = 1 << 18 /* a larger row buffer is given back after use */
};

/* my_bool in MariaDB's client, bool in MySQL's. */
typedef __typeof__(*((MYSQL_BIND *)0)->is_null) db_flag;

/* What the last failure means for the connection and the transaction. */
enum db_failure {
    DB_FAILURE_NONE,
    DB_FAILURE_LOST,     /* the connection is gone */
    DB_FAILURE_CONFLICT, /* deadlock, lock time-out, Galera conflict: repeat the whole transaction */
    DB_FAILURE_STALE,    /* the prepared statement no longer fits the schema; nothing was executed */
    DB_FAILURE_OTHER
};

struct db_prepared {
    const struct db_statement *statement;
    MYSQL_STMT *handle;
    uint64_t last_used;
};

/* Where one column of the current row lands. */
union db_cell {
    long long integer;
    double number;
    MYSQL_TIME time;
    char text[DB_CELL_BYTES];
};

struct db_hook {
    void (*run)(void *argument);
    void *argument;
};

struct db {
    struct db_pool *pool;
    MYSQL *mysql; /* NULL: not connected; inside a transaction: lost, and everything fails until it ends */
    bool patient; /* connect without a read time-out, for migrations */
    enum db_failure failure;

    struct db_prepared statements[DB_STATEMENTS_MAX];
    size_t statement_count;
    uint64_t uses;
    uint64_t affected_rows;
    int64_t inserted_id;

    bool in_transaction, dry;
    bool conflict; /* seen since the transaction began, even if the body swallowed it */
    bool duplicate; /* likewise: a unique key was taken */
    bool doomed;   /* a joined transaction failed: `doom` tells, and the outer one must not commit */
    struct error doom;
    struct db_hook hooks[DB_HOOKS_MAX];
    size_t hook_count;
    db_transaction_body *rider; /* see db_ride_along */
    void *rider_context;
    bool rider_committed;

    /* One statement runs at a time, so that all statements of a connection share these. */
    MYSQL_BIND parameters[DB_PARAMETERS_MAX];
    MYSQL_TIME parameter_times[DB_PARAMETERS_MAX];
    MYSQL_BIND result_binds[DB_COLUMNS_MAX]; /* only while preparing */
    union db_cell cells[DB_COLUMNS_MAX];
    unsigned long lengths[DB_COLUMNS_MAX];
    db_flag nulls[DB_COLUMNS_MAX], truncated[DB_COLUMNS_MAX];
    char *scratch; /* rows, until their number is known */
    size_t scratch_bytes;
};

/* connection.c */
struct db *db_new(struct db_pool *pool);
void db_free(struct db *db);
/* Connects when not connected. Inside a transaction a lost connection stays lost: DATABASE. */
MUST_CHECK bool db_ensure(struct db *db, struct error *err);
void db_disconnect(struct db *db);
/* The server closed the idle connection, or sent something nobody asked for. */
bool db_looks_dead(const struct db *db);
/* A text statement without parameters and result; for session and transaction control. */
/* Before a repetition: doubling from 4 ms to 400 ms, and a random share of it, so that two rivals do not meet again. */
void db_pause(unsigned attempt);
MUST_CHECK bool db_command(struct db *db, const char *sql, struct error *err);
/* Turns the client library's error into ours and notes what it means; returns false. A lost connection is closed:
 * prepared statements are gone when this returns. */
bool db_fail(struct db *db, const char *what, unsigned code, const char *message, struct error *err);

/* pool.c */
const struct db_config *db_pool_config(const struct db_pool *pool);

/* statement.c */
/* The prepared statement, from the cache or new. The pointer holds until the next call. */
MUST_CHECK bool statement_get(struct db *db, const struct db_statement *statement, struct db_prepared **ret_prepared,
                              struct error *err);
void statement_drop(struct db *db, const struct db_statement *statement);
void statement_drop_all(struct db *db);

/* value.c */
MUST_CHECK bool value_bind(const struct db_value *value, MYSQL_BIND *bind, MYSQL_TIME *time);
void value_time_to_mysql(int64_t ms, MYSQL_TIME *ret_time);
int64_t value_time_from_mysql(const MYSQL_TIME *time);

/* row.c */
/* Checks the columns against the statement's table and binds them to the connection's cells. */
MUST_CHECK bool row_prepare(struct db *db, const struct db_prepared *prepared, struct error *err);
/* Copies the fetched row into `item`, a struct of the statement's table. */
MUST_CHECK bool row_store(struct db *db, const struct db_prepared *prepared, struct arena *arena, void *item,
                          struct error *err);

/* script.c */
/* A file's statements one after another: `cursor` and `line` move on, false at the end. */
struct script {
    const char *cursor;
    int line; /* of the statement last returned, counted from 1 */
    int next_line;
};
bool script_next(struct script *script, const char **ret_sql, size_t *ret_length);
MUST_CHECK bool script_read_file(struct arena *arena, const char *path, const char **ret_content, struct error *err);
/* `keep_going` is asked before each statement; NULL: always. */
struct script_run {
    const char *path, *content;
    void (*report)(void *context, const char *row);
    bool (*keep_going)(void *context, struct error *err);
    void *context;
};
MUST_CHECK bool script_run(struct db *db, const struct script_run *run, struct error *err);

#endif
