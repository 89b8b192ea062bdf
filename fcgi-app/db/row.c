/* Rows: the check of a statement's columns against its field table, and the copy of a fetched row into a struct. */
#include <string.h>

#include "db/db_private.h"

FIELD_TABLE(DB_NUMBER, struct db_number, COLUMN(struct db_number, value));

/* The shapes a column can have on the wire, as far as this room tells them apart. */
enum shape { SHAPE_INTEGER, SHAPE_DECIMAL, SHAPE_NUMBER, SHAPE_TIME, SHAPE_TEXT, SHAPE_NULL, SHAPE_OTHER };

static enum shape column_shape(const MYSQL_FIELD *column)
{
    static const struct {
        enum enum_field_types type;
        enum shape shape;
    } SHAPES[] = {
        {MYSQL_TYPE_TINY, SHAPE_INTEGER},       {MYSQL_TYPE_SHORT, SHAPE_INTEGER},
        {MYSQL_TYPE_INT24, SHAPE_INTEGER},      {MYSQL_TYPE_LONG, SHAPE_INTEGER},
        {MYSQL_TYPE_LONGLONG, SHAPE_INTEGER},   {MYSQL_TYPE_YEAR, SHAPE_INTEGER},
        {MYSQL_TYPE_FLOAT, SHAPE_NUMBER},       {MYSQL_TYPE_DOUBLE, SHAPE_NUMBER},
        {MYSQL_TYPE_NEWDECIMAL, SHAPE_DECIMAL}, {MYSQL_TYPE_DECIMAL, SHAPE_DECIMAL},
        {MYSQL_TYPE_DATETIME, SHAPE_TIME},      {MYSQL_TYPE_TIMESTAMP, SHAPE_TIME},
        {MYSQL_TYPE_VARCHAR, SHAPE_TEXT},       {MYSQL_TYPE_VAR_STRING, SHAPE_TEXT},
        {MYSQL_TYPE_STRING, SHAPE_TEXT},        {MYSQL_TYPE_TINY_BLOB, SHAPE_TEXT},
        {MYSQL_TYPE_MEDIUM_BLOB, SHAPE_TEXT},   {MYSQL_TYPE_LONG_BLOB, SHAPE_TEXT},
        {MYSQL_TYPE_BLOB, SHAPE_TEXT},          {MYSQL_TYPE_ENUM, SHAPE_TEXT},
        {MYSQL_TYPE_SET, SHAPE_TEXT},           {MYSQL_TYPE_JSON, SHAPE_TEXT},
        {MYSQL_TYPE_NULL, SHAPE_NULL},
    };
    for (size_t i = 0; i < COUNT_OF(SHAPES); i++)
        if (SHAPES[i].type == column->type)
            return SHAPES[i].shape;
    return SHAPE_OTHER;
}

enum need { NEED_NOTHING, NEED_INTEGER, NEED_NUMBER, NEED_TIME, NEED_TEXT };

static enum need field_need(const struct field *field)
{
    switch (field->type) {
    case FIELD_INT:
    case FIELD_INT32:
    case FIELD_BOOL:
    case FIELD_OPT_INT:
    case FIELD_OPT_BOOL:
        return NEED_INTEGER;
    case FIELD_OPT_DOUBLE:
        return NEED_NUMBER;
    case FIELD_OPT_TIME:
        return NEED_TIME;
    case FIELD_STRING:
    case FIELD_RAW_JSON:
        return NEED_TEXT;
    case FIELD_REF:
    case FIELD_STRING_LIST:
    case FIELD_REF_LIST:
    case FIELD_MAP:
    case FIELD_PAIRS:
    case FIELD_OBJECTS:
    case FIELD_NESTED:
    case FIELD_SECRET:
        break;
    }
    return NEED_NOTHING;
}

static bool column_fits(const MYSQL_FIELD *column, enum need need)
{
    enum shape shape = column_shape(column);
    switch (need) {
    case NEED_NOTHING:
        return false;
    case NEED_INTEGER: /* SUM() of integers is a decimal without fraction */
        return shape == SHAPE_INTEGER || (shape == SHAPE_DECIMAL && column->decimals == 0) || shape == SHAPE_NULL;
    case NEED_NUMBER:
        return shape == SHAPE_INTEGER || shape == SHAPE_DECIMAL || shape == SHAPE_NUMBER || shape == SHAPE_NULL;
    case NEED_TIME:
        return shape == SHAPE_TIME || shape == SHAPE_NULL;
    case NEED_TEXT:
        return shape == SHAPE_TEXT || shape == SHAPE_DECIMAL || shape == SHAPE_NULL;
    }
    return false;
}

static const char *shape_name(enum shape shape)
{
    static const char *const NAMES[] = {"integer", "decimal", "number", "time", "text", "null", "other"};
    return NAMES[shape];
}

static const char *need_name(enum need need)
{
    static const char *const NAMES[] = {"nothing a column can fill", "integer", "number", "time", "text"};
    return NAMES[need];
}

static bool mismatch(const struct db_statement *statement, size_t number, const MYSQL_FIELD *column,
                     const struct field *field, struct error *err)
{
    error_set(err, ERROR_INTERNAL, "db.internal");
    return error_add_detail(err, "%s: column %zu is \"%s\" (%s), %s has \"%s\" (%s)", statement->name, number,
                            column->name, shape_name(column_shape(column)), statement->row->name, field->name,
                            need_name(field_need(field)));
}

static bool check_columns(const struct db_statement *statement, const MYSQL_RES *columns, struct error *err)
{
    size_t given = columns == NULL ? 0 : mysql_num_fields((MYSQL_RES *)(uintptr_t)columns);
    size_t wanted = statement->row == NULL ? 0 : statement->row->count;
    if (given != wanted || wanted > DB_COLUMNS_MAX) {
        error_set(err, ERROR_INTERNAL, "db.internal");
        return error_add_detail(err, "%s: %zu columns, %s has %zu (at most %d)", statement->name, given,
                                statement->row == NULL ? "a statement without row" : statement->row->name, wanted,
                                DB_COLUMNS_MAX);
    }
    for (size_t i = 0; i < wanted; i++) {
        const MYSQL_FIELD *column = mysql_fetch_field_direct((MYSQL_RES *)(uintptr_t)columns, (unsigned)i);
        const struct field *field = &statement->row->fields[i];
        if (strcmp(column->name, field->name) != 0 || !column_fits(column, field_need(field)))
            return mismatch(statement, i + 1, column, field, err);
    }
    return true;
}

static void bind_cell(struct db *db, size_t index, enum need need, MYSQL_BIND *bind)
{
    static const enum enum_field_types TYPES[] = {MYSQL_TYPE_NULL, MYSQL_TYPE_LONGLONG, MYSQL_TYPE_DOUBLE,
                                                  MYSQL_TYPE_DATETIME, MYSQL_TYPE_STRING};
    memset(bind, 0, sizeof(*bind));
    bind->buffer_type = TYPES[need];
    bind->buffer = &db->cells[index];
    bind->buffer_length = DB_CELL_BYTES;
    bind->length = &db->lengths[index];
    bind->is_null = &db->nulls[index];
    bind->error = &db->truncated[index];
}

bool row_prepare(struct db *db, const struct db_prepared *prepared, struct error *err)
{
    const struct db_statement *statement = prepared->statement;
    MYSQL_RES *columns = mysql_stmt_result_metadata(prepared->handle);
    bool fits = check_columns(statement, columns, err);
    mysql_free_result(columns);
    if (!fits || statement->row == NULL)
        return fits;
    MYSQL_BIND *binds = db->result_binds; /* the library copies them */
    for (size_t i = 0; i < statement->row->count; i++)
        bind_cell(db, i, field_need(&statement->row->fields[i]), &binds[i]);
    if (mysql_stmt_bind_result(prepared->handle, binds) == 0)
        return true;
    return db_fail(db, statement->name, mysql_stmt_errno(prepared->handle), "cannot bind the columns", err);
}

static bool refuse_value(const struct db_prepared *prepared, const struct field *field, const char *why,
                         struct error *err)
{
    error_set(err, ERROR_INTERNAL, "db.internal");
    return error_add_detail(err, "%s: \"%s\" %s", prepared->statement->name, field->name, why);
}

/* Bytes of all texts that fit their cells, with a NUL each. */
static size_t row_text_bytes(const struct db *db, const struct field_table *table)
{
    size_t bytes = 0;
    for (size_t i = 0; i < table->count; i++)
        if (field_need(&table->fields[i]) == NEED_TEXT && !db->nulls[i] && db->lengths[i] <= DB_CELL_BYTES)
            bytes += db->lengths[i] + 1;
    return bytes;
}

/* A text longer than its cell: fetched again, now where it stays. */
static bool fetch_long_text(struct db *db, const struct db_prepared *prepared, size_t index, struct arena *arena,
                            const char **ret_text, struct error *err)
{
    unsigned long length = db->lengths[index], fetched = 0;
    db_flag null = 0, cut = 0;
    char *text = arena_alloc(arena, length + 1);
    MYSQL_BIND bind;
    memset(&bind, 0, sizeof(bind));
    bind.buffer_type = MYSQL_TYPE_STRING;
    bind.buffer = text;
    bind.buffer_length = length;
    bind.length = &fetched;
    bind.is_null = &null;
    bind.error = &cut;
    if (mysql_stmt_fetch_column(prepared->handle, &bind, (unsigned)index, 0) != 0 || fetched != length)
        return refuse_value(prepared, &prepared->statement->row->fields[index], "cannot be fetched in full", err);
    text[length] = '\0';
    *ret_text = text;
    return true;
}

/* The struct is zeroed: absent values already are what they must be. */
static bool store_null(const struct db_prepared *prepared, const struct field *field, struct error *err)
{
    if (field->type == FIELD_INT || field->type == FIELD_INT32 || field->type == FIELD_BOOL)
        return refuse_value(prepared, field, "is NULL but its member is always there", err);
    return true;
}

static bool store_number(struct db *db, const struct db_prepared *prepared, size_t index, void *member,
                         struct error *err)
{
    const struct field *field = &prepared->statement->row->fields[index];
    const union db_cell *cell = &db->cells[index];
    if (db->truncated[index] && field_need(field) == NEED_INTEGER)
        return refuse_value(prepared, field, "is out of range", err);
    switch (field->type) {
    case FIELD_INT:
        *(int64_t *)member = cell->integer;
        return true;
    case FIELD_INT32:
        if (cell->integer < INT32_MIN || cell->integer > INT32_MAX)
            return refuse_value(prepared, field, "does not fit 32 bits", err);
        *(int32_t *)member = (int32_t)cell->integer;
        return true;
    case FIELD_BOOL:
        *(bool *)member = cell->integer != 0;
        return true;
    case FIELD_OPT_INT:
        *(struct opt_int *)member = OPT_INT(cell->integer);
        return true;
    case FIELD_OPT_BOOL:
        *(struct opt_bool *)member = OPT_BOOL(cell->integer != 0);
        return true;
    case FIELD_OPT_DOUBLE:
        *(struct opt_double *)member = OPT_DOUBLE(cell->number);
        return true;
    case FIELD_OPT_TIME:
        *(struct opt_time *)member = OPT_TIME(value_time_from_mysql(&cell->time));
        return true;
    case FIELD_STRING:
    case FIELD_RAW_JSON:
    case FIELD_REF:
    case FIELD_STRING_LIST:
    case FIELD_REF_LIST:
    case FIELD_MAP:
    case FIELD_PAIRS:
    case FIELD_OBJECTS:
    case FIELD_NESTED:
    case FIELD_SECRET:
        break;
    }
    return refuse_value(prepared, field, "is no number", err);
}

bool row_store(struct db *db, const struct db_prepared *prepared, struct arena *arena, void *item, struct error *err)
{
    const struct field_table *table = prepared->statement->row;
    size_t text_bytes = row_text_bytes(db, table);
    char *texts = text_bytes > 0 ? arena_alloc(arena, text_bytes) : NULL; /* one allocation for all short texts */
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        void *member = field_at(field, item);
        unsigned long length = db->lengths[i];
        if (db->nulls[i]) {
            if (!store_null(prepared, field, err))
                return false;
        } else if (field_need(field) != NEED_TEXT) {
            if (!store_number(db, prepared, i, member, err))
                return false;
        } else if (length <= DB_CELL_BYTES) {
            memcpy(texts, db->cells[i].text, length);
            *(const char **)member = texts; /* struct raw_json is one such pointer too */
            texts += length + 1;            /* the arena's memory is zeroed */
        } else if (length > DB_TEXT_BYTES_MAX) {
            return refuse_value(prepared, field, "is too long", err);
        } else if (!fetch_long_text(db, prepared, i, arena, (const char **)member, err)) {
            return false;
        }
    }
    return true;
}
