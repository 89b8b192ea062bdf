/* Statements: the list of all that are linked in, and each connection's prepared ones. What is not here: running them
 * (query.c). */
#include <stdlib.h>
#include <string.h>

#include "db/db_private.h"

/* The linker's bounds of the section; weak, because a program without statements has none. */
extern const struct db_statement *const __start_gurum_statements[] __attribute__((weak, visibility("hidden")));
extern const struct db_statement *const __stop_gurum_statements[] __attribute__((weak, visibility("hidden")));

const struct db_statement *const *db_statement_all(size_t *ret_count)
{
    uintptr_t start = (uintptr_t)__start_gurum_statements, stop = (uintptr_t)__stop_gurum_statements;
    *ret_count = (stop - start) / sizeof(const struct db_statement *);
    return __start_gurum_statements;
}

static void prepared_close(struct db *db, size_t index)
{
    mysql_stmt_close(db->statements[index].handle);
    db->statements[index] = db->statements[--db->statement_count];
}

void statement_drop(struct db *db, const struct db_statement *statement)
{
    for (size_t i = 0; i < db->statement_count; i++)
        if (db->statements[i].statement == statement) {
            prepared_close(db, i);
            return;
        }
}

void statement_drop_all(struct db *db)
{
    while (db->statement_count > 0)
        prepared_close(db, db->statement_count - 1);
}

static void drop_least_recent(struct db *db)
{
    size_t oldest = 0;
    for (size_t i = 1; i < db->statement_count; i++)
        if (db->statements[i].last_used < db->statements[oldest].last_used)
            oldest = i;
    prepared_close(db, oldest);
}

static bool prepare(struct db *db, const struct db_statement *statement, MYSQL_STMT *handle, struct error *err)
{
    struct db_prepared prepared = {.statement = statement, .handle = handle};
    if (mysql_stmt_prepare(handle, statement->sql, strlen(statement->sql)) == 0)
        return row_prepare(db, &prepared, err);
    return db_fail(db, statement->name, mysql_stmt_errno(handle), mysql_stmt_error(handle), err);
}

bool statement_get(struct db *db, const struct db_statement *statement, struct db_prepared **ret_prepared,
                   struct error *err)
{
    for (size_t i = 0; i < db->statement_count; i++)
        if (db->statements[i].statement == statement) {
            db->statements[i].last_used = ++db->uses;
            *ret_prepared = &db->statements[i];
            return true;
        }
    if (db->statement_count == DB_STATEMENTS_MAX)
        drop_least_recent(db);
    MYSQL_STMT *handle = mysql_stmt_init(db->mysql);
    if (handle == NULL)
        abort();
    if (!prepare(db, statement, handle, err)) {
        mysql_stmt_close(handle);
        return false;
    }
    *ret_prepared = &db->statements[db->statement_count++];
    **ret_prepared = (struct db_prepared){.statement = statement, .handle = handle, .last_used = ++db->uses};
    return true;
}
