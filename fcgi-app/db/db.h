/* The database: a connection, statements, rows, transactions. The only room that includes mysql.h (in its .c files). A
 * struct db belongs to one thread at a time. What is not here: any SQL of a feature (see cloud/<f>/<f>_store.c). */
#ifndef GURUM_DB_DB_H
#define GURUM_DB_DB_H

#include "base/arena.h"
#include "base/error.h"
#include "base/field.h"

struct db;
struct db_pool;

struct db_config {
    const char *host, *unix_socket, *user, *database; /* the socket wins over the host */
    struct secret password;
    unsigned port;
    bool cluster_reads_wait; /* Galera: SET SESSION wsrep_sync_wait = 1 */
};

/* Reads a configuration file's [database] values (see main.c). A pool opens connections when they are first needed, at
 * most `max_connections`. Thread-safe. */
struct db_pool *db_pool_new(const struct db_config *config, size_t max_connections);
void db_pool_free(struct db_pool *pool);
/* A connection for the calling thread; waits up to 5 s for a free one. Session set-up: READ COMMITTED, UTC, utf8mb4,
 * strict mode. Errors: DATABASE. A connection that died is replaced at the next acquire or, outside a transaction, at
 * the next statement. */
MUST_CHECK bool db_acquire(struct db_pool *pool, struct db **ret_db, struct error *err);
void db_release(struct db *db);       /* rolls back what is open; NULL allowed */
void db_release_auto(struct db **db); /* for AUTO() */

/* A statement: a constant, prepared on first use (at most 64 a connection, least recently used closed), registered in a
 * linker section so that a test can prepare them all. `row` describes the columns of a SELECT, in order; names must
 * match. */
struct db_statement {
    const char *name; /* "vm.find_by_uuid" */
    const char *sql;
    const struct field_table *row; /* NULL: no result set */
    const char *scan_reason;       /* why a hot statement may filesort or scan; NULL: the EXPLAIN test fails it */
};
#define DB_STATEMENT(ident, ...)                                                                                       \
    static const struct db_statement ident = {__VA_ARGS__};                                                            \
    static const struct db_statement *const ident##_entry __attribute__((used, section("gurum_statements"))) = &ident
const struct db_statement *const *db_statement_all(size_t *ret_count);

enum db_value_type { DB_NULL, DB_INT, DB_TEXT, DB_DOUBLE, DB_TIME };
struct db_value {
    enum db_value_type type;
    int64_t integer; /* or milliseconds since 1970 for DB_TIME */
    double number;
    const char *text;
    size_t length;
};
struct db_value db_int(int64_t value);
struct db_value db_bool(bool value);
struct db_value db_text(const char *value); /* NULL: SQL NULL */
struct db_value db_time(int64_t ms);        /* DATETIME(3), UTC */
struct db_value db_ref(int64_t id);         /* 0: SQL NULL */
struct db_value db_opt_int(struct opt_int value);
struct db_value db_opt_bool(struct opt_bool value);
struct db_value db_opt_double(struct opt_double value);
struct db_value db_opt_time(struct opt_time value);
struct db_value db_null(void);

/* db_execute(db, &VM_SET_STATE, err, db_text(state), db_int(id)). Errors: DATABASE (no answer; outside a transaction a
 * SELECT is repeated once on a new connection, and anything after a conflict), IN_USE "db.duplicate" (unique key),
 * IN_USE "db.referenced" (foreign key), INTERNAL. */
#define db_execute(db, statement, err, ...)                                                                            \
    db_execute_values((db), (statement), (const struct db_value[]){__VA_ARGS__},                                       \
                      sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value), (err))
MUST_CHECK bool db_execute_values(struct db *db, const struct db_statement *statement, const struct db_value *values,
                                  size_t count, struct error *err);
uint64_t
db_affected_rows(const struct db *db); /* rows MATCHED by the last UPDATE (CLIENT_FOUND_ROWS), deleted or inserted */
int64_t db_inserted_id(const struct db *db);

/* All rows at once, as an array of the statement's row struct; strings live in the arena. More than `max_rows` rows:
 * INTERNAL. */
struct db_rows {
    void *items;
    size_t count;
};
#define db_query(db, statement, arena, max_rows, ret_rows, err, ...)                                                   \
    db_query_values((db), (statement), (arena), (max_rows), (ret_rows), (const struct db_value[]){__VA_ARGS__},        \
                    sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value), (err))
MUST_CHECK bool db_query_values(struct db *db, const struct db_statement *statement, struct arena *arena,
                                size_t max_rows, struct db_rows *ret_rows, const struct db_value *values, size_t count,
                                struct error *err);
/* `arena` may be NULL when the row has no texts. At most one row into `row` (a struct of the statement's table);
 * *ret_found tells. Two rows: INTERNAL. */
#define db_query_one(db, statement, arena, row, ret_found, err, ...)                                                   \
    db_query_one_values((db), (statement), (arena), (row), (ret_found), (const struct db_value[]){__VA_ARGS__},        \
                        sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value), (err))
MUST_CHECK bool db_query_one_values(struct db *db, const struct db_statement *statement, struct arena *arena, void *row,
                                    bool *ret_found, const struct db_value *values, size_t count, struct error *err);
/* Statements without parameters pass DB_NO_VALUES as their only value. */
#define DB_NO_VALUES ((struct db_value){.type = (enum db_value_type) - 1})
/* One integer column, for counts and ids. */
struct db_number {
    int64_t value;
};
extern const struct field_table DB_NUMBER; /* column "value" */

#define DB_MARKS_8 "?, ?, ?, ?, ?, ?, ?, ?"
#define DB_MARKS_32 DB_MARKS_8 ", " DB_MARKS_8 ", " DB_MARKS_8 ", " DB_MARKS_8
#define DB_MARKS_64 DB_MARKS_32 ", " DB_MARKS_32

/* Values collected one by one, for statements with many; {.count = 0} is empty. More than the most are left out, and
 * the statement is refused. */
enum { DB_PARAMETERS_MAX = 128 };
struct db_binder {
    struct db_value values[DB_PARAMETERS_MAX];
    size_t count;
};
/* `times` is 2 for "(? IS NULL OR column = ?)". */
void db_put(struct db_binder *binder, struct db_value value, int times);
/* For "IN (" DB_MARKS_64 ")", with 64 places: the last id again and again, so that the statement's text stays the same.
 */
void db_put_ids(struct db_binder *binder, const int64_t *ids, size_t count, size_t places);
/* The rows of a statement whose only parameters are those places. No ids: no rows. */
MUST_CHECK bool db_query_ids(struct db *db, const struct db_statement *statement, struct arena *arena, size_t max_rows,
                             size_t places, const int64_t *ids, size_t count, struct db_rows *ret_rows,
                             struct error *err);
/* A page of a search, and how many rows all its pages have. `count` (a DB_NUMBER) takes the binder's values, `page` the
 * same with LIMIT and OFFSET behind. limit 0: only the number is wanted. */
MUST_CHECK bool db_query_page(struct db *db, const struct db_statement *count, const struct db_statement *page,
                              struct arena *arena, struct db_binder *binder, int64_t limit, int64_t offset,
                              struct db_rows *ret_rows, int64_t *ret_total, struct error *err);

/* Runs `body` in a transaction and commits. On a deadlock, lock time-out or Galera conflict (also at COMMIT) everything
 * is rolled back and `body` runs again, up to 10 times with growing pauses: it must not have effects outside the
 * database and its own outputs. A body that returns false rolls back and passes its error on. Nested calls join the
 * outer transaction. Errors besides the body's: DATABASE, UNCERTAIN (connection lost during COMMIT: re-read before
 * repeating). */
typedef bool db_transaction_body(struct db *db, void *context, struct error *err);
MUST_CHECK bool db_transaction(struct db *db, db_transaction_body *body, void *context, struct error *err);
bool db_in_transaction(const struct db *db);
/* For bodies: what was read in this transaction does not fit together, because others committed or rolled back
 * meanwhile. Always false, so that the body can end with it: everything is rolled back and runs again. */
bool db_conflict(struct db *db, struct error *err);
/* While dry, db_transaction rolls back where it would commit and answers true: how plan=true runs a service without a
 * trace. */
void db_set_dry(struct db *db, bool dry);
bool db_is_dry(const struct db *db);

/* `hook(argument)` runs after the outermost COMMIT succeeded, never after a rollback or when dry. At most 16 a
 * transaction; the same pair is kept once. */
void db_on_commit(struct db *db, void (*hook)(void *argument), void *argument);

/* `hook(db, context)` runs once inside the next outermost transaction that would commit, right before its COMMIT (again
 * when that is repeated); its false answer rolls back. db_ride_ended takes it back and tells whether it was
 * committed. For what must stand or fall with a change that is made elsewhere (the audit trail). */
void db_ride_along(struct db *db, db_transaction_body *hook, void *context);
bool db_ride_ended(struct db *db);

/* Migrations: sql/migrations/NNNN_what.sql, forward only, one schema change a file, re-runnable, under a lock row with
 * a lease. Errors: unreadable folder, a statement that fails (file and line in the detail), a newer schema than this
 * release knows. */
MUST_CHECK bool db_migrate(struct db *db, const char *folder, struct error *err);
/* Runs a file of several statements outside the statement cache (migrations, seeds, checks). `report` gets each result
 * row as text. */
MUST_CHECK bool db_run_file(struct db *db, const char *path, void (*report)(void *context, const char *row),
                            void *context, struct error *err);

#endif
