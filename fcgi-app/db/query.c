/* Running statements: parameters in, rows out, and the one repetition that is safe. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "db/db_private.h"

/* One call of db_execute, db_query or db_query_one, so that it can be repeated whole. */
struct call {
    const struct db_statement *statement;
    const struct db_value *values;
    size_t value_count;
    struct arena *arena;
    size_t max_rows;
    size_t row_count; /* in the connection's scratch */
    bool may_have_run;
};

static bool call_refuse(const struct call *call, const char *why, struct error *err)
{
    error_set(err, ERROR_INTERNAL, "db.internal");
    return error_add_detail(err, "%s: %s", call->statement->name, why);
}

static bool call_fail(struct db *db, const struct call *call, const struct db_prepared *prepared, struct error *err)
{
    return db_fail(db, call->statement->name, mysql_stmt_errno(prepared->handle), mysql_stmt_error(prepared->handle),
                   err);
}

static bool call_bind(struct db *db, const struct call *call, const struct db_prepared *prepared, struct error *err)
{
    if (call->value_count != mysql_stmt_param_count(prepared->handle) || call->value_count > DB_PARAMETERS_MAX) {
        error_set(err, ERROR_INTERNAL, "db.internal");
        return error_add_detail(err, "%s: %zu values for %lu parameters (at most %d)", call->statement->name,
                                call->value_count, mysql_stmt_param_count(prepared->handle), DB_PARAMETERS_MAX);
    }
    for (size_t i = 0; i < call->value_count; i++)
        if (!value_bind(&call->values[i], &db->parameters[i], &db->parameter_times[i])) {
            error_set(err, ERROR_INTERNAL, "db.internal");
            return error_add_detail(err, "%s: parameter %zu is out of range", call->statement->name, i + 1);
        }
    if (call->value_count == 0 || mysql_stmt_bind_param(prepared->handle, db->parameters) == 0)
        return true;
    return call_fail(db, call, prepared, err);
}

/* Room for one more row behind the ones already there; zeroed. */
static void *scratch_row(struct db *db, size_t index, size_t row_bytes)
{
    size_t needed = (index + 1) * row_bytes;
    if (needed > db->scratch_bytes) {
        size_t bytes = needed > 4096 ? 2 * needed : 8192;
        char *grown = realloc(db->scratch, bytes);
        if (grown == NULL)
            abort();
        db->scratch = grown;
        db->scratch_bytes = bytes;
    }
    return memset(db->scratch + index * row_bytes, 0, row_bytes);
}

static bool call_fetch_all(struct db *db, struct call *call, const struct db_prepared *prepared, struct error *err)
{
    size_t row_bytes = call->statement->row->struct_size;
    for (;;) {
        int got = mysql_stmt_fetch(prepared->handle);
        if (got == MYSQL_NO_DATA)
            return true;
        if (got != 0 && got != MYSQL_DATA_TRUNCATED)
            return call_fail(db, call, prepared, err);
        if (call->row_count == call->max_rows)
            return call_refuse(call, "more rows than the caller allows", err);
        if (!row_store(db, prepared, call->arena, scratch_row(db, call->row_count, row_bytes), err))
            return false;
        call->row_count++;
    }
}

static bool call_once(struct db *db, struct call *call, struct error *err)
{
    struct db_prepared *prepared;
    call->row_count = 0;
    if (!db_ensure(db, err) || !statement_get(db, call->statement, &prepared, err) ||
        !call_bind(db, call, prepared, err))
        return false;
    call->may_have_run = true;
    if (mysql_stmt_execute(prepared->handle) != 0)
        return call_fail(db, call, prepared, err);
    if (call->statement->row == NULL) {
        db->affected_rows = mysql_stmt_affected_rows(prepared->handle);
        db->inserted_id = (int64_t)mysql_stmt_insert_id(prepared->handle);
        return true;
    }
    bool fetched = call_fetch_all(db, call, prepared, err);
    if (db->mysql != NULL) /* else the statement is closed */
        mysql_stmt_free_result(prepared->handle);
    return fetched;
}

static bool is_select(const struct db_statement *statement)
{
    const char *sql = statement->sql;
    while (isspace((unsigned char)*sql))
        sql++;
    return strncasecmp(sql, "SELECT", 6) == 0;
}

/* A stale statement never ran. A lost connection outside a transaction: reading again, or what was certainly not sent,
 * is safe. */
enum { CONFLICTS_MAX = 9 };

static bool may_repeat(const struct db *db, const struct call *call)
{
    if (db->failure == DB_FAILURE_STALE)
        return true;
    return db->failure == DB_FAILURE_LOST && !db->in_transaction && (!call->may_have_run || is_select(call->statement));
}

static bool call_run(struct db *db, struct call *call, struct error *err)
{
    if (call->value_count == 1 && call->values[0].type == DB_NO_VALUES.type)
        call->value_count = 0;
    if (db->dry && !db->in_transaction && !is_select(call->statement))
        return call_refuse(call, "a dry connection writes only inside transactions", err);
    bool done = call_once(db, call, err);
    for (unsigned attempt = 0; !done && !db->in_transaction && db->failure == DB_FAILURE_CONFLICT; attempt++) {
        if (attempt == CONFLICTS_MAX) /* each of them left nothing behind */
            return false;
        db_pause(attempt);
        if (err != NULL)
            error_clear(err);
        done = call_once(db, call, err);
    }
    if (done)
        return true;
    if (!may_repeat(db, call))
        return false;
    if (db->mysql != NULL)
        statement_drop(db, call->statement);
    return call_once(db, call, err);
}

bool db_execute_values(struct db *db, const struct db_statement *statement, const struct db_value *values, size_t count,
                       struct error *err)
{
    struct call call = {.statement = statement, .values = values, .value_count = count};
    if (statement->row != NULL)
        return call_refuse(&call, "gives rows: use db_query", err);
    return call_run(db, &call, err);
}

uint64_t db_affected_rows(const struct db *db)
{
    return db->affected_rows;
}

int64_t db_inserted_id(const struct db *db)
{
    return db->inserted_id;
}

static void scratch_trim(struct db *db)
{
    if (db->scratch_bytes <= DB_SCRATCH_KEEP_BYTES)
        return;
    free(db->scratch);
    db->scratch = NULL;
    db->scratch_bytes = 0;
}

bool db_query_values(struct db *db, const struct db_statement *statement, struct arena *arena, size_t max_rows,
                     struct db_rows *ret_rows, const struct db_value *values, size_t count, struct error *err)
{
    struct call call = {
        .statement = statement, .values = values, .value_count = count, .arena = arena, .max_rows = max_rows};
    if (statement->row == NULL)
        return call_refuse(&call, "gives no rows: use db_execute", err);
    bool done = call_run(db, &call, err);
    if (done) {
        *ret_rows = (struct db_rows){.items = arena_array(arena, call.row_count, statement->row->struct_size),
                                     .count = call.row_count};
        if (call.row_count > 0)
            memcpy(ret_rows->items, db->scratch, call.row_count * statement->row->struct_size);
    }
    scratch_trim(db);
    return done;
}

bool db_query_one_values(struct db *db, const struct db_statement *statement, struct arena *arena, void *row,
                         bool *ret_found, const struct db_value *values, size_t count, struct error *err)
{
    struct call call = {.statement = statement, .values = values, .value_count = count, .arena = arena, .max_rows = 1};
    if (statement->row == NULL)
        return call_refuse(&call, "gives no rows: use db_execute", err);
    if (!call_run(db, &call, err))
        return false;
    *ret_found = call.row_count == 1;
    if (*ret_found)
        memcpy(row, db->scratch, statement->row->struct_size);
    return true;
}
