/* SQL files: splitting into statements, running them outside the statement cache, result rows as text. No compound
 * statements (stored programs): a semicolon outside strings and comments always ends a statement. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "db/db_private.h"

enum { FILE_BYTES_MAX = 4 << 20, ROW_TEXT_BYTES_MAX = 4096 };

/* Behind a quoted string or name; quotes may be doubled, and escaped with a backslash except in names. */
static const char *skip_quoted(const char *at)
{
    char quote = *at++;
    while (*at != '\0' && *at != quote)
        at += *at == '\\' && quote != '`' && at[1] != '\0' ? 2 : 1;
    return *at == '\0' ? at : at + 1;
}

static const char *skip_line(const char *at)
{
    return at + strcspn(at, "\n");
}

static bool starts_line_comment(const char *at)
{
    return *at == '#' || (at[0] == '-' && at[1] == '-' &&
                          (at[2] == '\0' || isspace((unsigned char)at[2]) || iscntrl((unsigned char)at[2])));
}

/* A comment that the server executes counts as a statement's text. */
static bool starts_block_comment(const char *at)
{
    return at[0] == '/' && at[1] == '*' && at[2] != '!' && !(at[2] == 'M' && at[3] == '!');
}

static const char *skip_block_comment(const char *at)
{
    const char *end = strstr(at + 2, "*/");
    return end == NULL ? at + strlen(at) : end + 2;
}

/* The next lexical element: a string, a comment or one character. *ret_code: not a comment and not blank. */
static const char *skip_element(const char *at, bool *ret_code)
{
    *ret_code = false;
    if (starts_line_comment(at))
        return skip_line(at);
    if (starts_block_comment(at))
        return skip_block_comment(at);
    *ret_code = !isspace((unsigned char)*at);
    return *at == '\'' || *at == '"' || *at == '`' ? skip_quoted(at) : at + 1;
}

static int count_lines(const char *from, const char *to)
{
    int lines = 0;
    for (; from < to; from++)
        lines += *from == '\n';
    return lines;
}

bool script_next(struct script *script, const char **ret_sql, size_t *ret_length)
{
    const char *sql = NULL, *at = script->cursor;
    for (;;) {
        bool code = false;
        const char *next = *at == '\0' || *at == ';' ? at : skip_element(at, &code);
        if (code && sql == NULL) {
            sql = at;
            script->line = script->next_line;
        }
        script->next_line += count_lines(at, next);
        at = next;
        if (*at == '\0' || *at == ';') {
            if (sql != NULL) {
                script->cursor = *at == ';' ? at + 1 : at;
                *ret_sql = sql;
                *ret_length = (size_t)(at - sql);
                return true;
            }
            if (*at == '\0')
                return false;
            at++;
        }
    }
}

static bool read_fail(const char *path, const char *why, struct error *err)
{
    error_set(err, ERROR_INTERNAL, "db.file");
    return error_add_detail(err, "%s: %s", path, why);
}

bool script_read_file(struct arena *arena, const char *path, const char **ret_content, struct error *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return read_fail(path, strerror(errno), err);
    char *content = NULL;
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    if (size >= 0 && size <= FILE_BYTES_MAX) {
        content = arena_alloc(arena, (size_t)size + 1);
        rewind(file);
        if (fread(content, 1, (size_t)size, file) != (size_t)size)
            content = NULL;
    }
    fclose(file);
    if (content == NULL)
        return read_fail(path, "unreadable, or longer than 4 MiB", err);
    if (strlen(content) != (size_t)size)
        return read_fail(path, "holds a NUL byte", err);
    *ret_content = content;
    return true;
}

static void report_row(const struct script_run *run, MYSQL_RES *result, MYSQL_ROW row)
{
    struct text line;
    text_init(&line, NULL, ROW_TEXT_BYTES_MAX);
    const MYSQL_FIELD *columns = mysql_fetch_fields(result);
    for (unsigned i = 0; i < mysql_num_fields(result); i++)
        text_addf(&line, "%s%s=%s", i == 0 ? "" : " ", columns[i].name, row[i] == NULL ? "NULL" : row[i]);
    run->report(run->context, text_string(&line));
    text_free(&line);
}

/* Rows are read one by one, so that a result may be of any size. */
static bool run_statement(struct db *db, const struct script_run *run, const char *sql, size_t length,
                          struct error *err)
{
    if (mysql_real_query(db->mysql, sql, length) != 0)
        return db_fail(db, run->path, mysql_errno(db->mysql), mysql_error(db->mysql), err);
    MYSQL_RES *result = mysql_use_result(db->mysql);
    MYSQL_ROW row;
    while (result != NULL && (row = mysql_fetch_row(result)) != NULL)
        if (run->report != NULL)
            report_row(run, result, row);
    unsigned code = mysql_errno(db->mysql);
    if (result != NULL)
        mysql_free_result(result);
    return code == 0 || db_fail(db, run->path, code, mysql_error(db->mysql), err);
}

bool script_run(struct db *db, const struct script_run *run, struct error *err)
{
    struct script script = {.cursor = run->content, .next_line = 1};
    const char *sql;
    size_t length;
    while (script_next(&script, &sql, &length)) {
        if (run->keep_going != NULL && !run->keep_going(run->context, err))
            return false;
        if (!db_ensure(db, err) || !run_statement(db, run, sql, length, err))
            return error_add_detail(err, "%s:%d", run->path, script.line);
    }
    return true;
}

bool db_run_file(struct db *db, const char *path, void (*report)(void *context, const char *row), void *context,
                 struct error *err)
{
    struct arena arena;
    arena_init(&arena);
    struct script_run run = {.path = path, .report = report, .context = context};
    bool done = script_read_file(&arena, path, &run.content, err) && script_run(db, &run, err);
    arena_free(&arena);
    return done;
}
