/* Binding row structs to statements, and paging through rows in memory. */
#include "cloud/cache/columns.h"

#include <string.h>

#include "api/api.h"

static struct db_value value_of(const struct field *field, const void *row)
{
    const void *at = field_at_const(field, row);
    switch (field->type) {
    case FIELD_STRING:
        return db_text(*(const char *const *)at);
    case FIELD_INT:
        return db_int(*(const int64_t *)at);
    case FIELD_INT32:
        return db_int(*(const int32_t *)at);
    case FIELD_BOOL:
        return db_bool(*(const bool *)at);
    case FIELD_OPT_INT:
        return db_opt_int(*(const struct opt_int *)at);
    case FIELD_OPT_BOOL:
        return db_opt_bool(*(const struct opt_bool *)at);
    case FIELD_OPT_DOUBLE:
        return db_opt_double(*(const struct opt_double *)at);
    case FIELD_OPT_TIME:
        return db_opt_time(*(const struct opt_time *)at);
    case FIELD_REF:
    case FIELD_STRING_LIST:
    case FIELD_REF_LIST:
    case FIELD_MAP:
    case FIELD_PAIRS:
    case FIELD_OBJECTS:
    case FIELD_NESTED:
    case FIELD_RAW_JSON:
    case FIELD_SECRET:
    default:
        abort(); /* no column has such a type */
    }
}

bool row_write(struct db *db, const struct db_statement *statement, const struct field_table *table, const void *row,
               int64_t where_id, struct error *err)
{
    struct db_value values[96];
    size_t count = 0;
    if (table->count >= COUNT_OF(values))
        abort();
    for (; count < table->count; count++)
        values[count] = value_of(&table->fields[count], row);
    if (where_id != 0)
        values[count++] = db_int(where_id);
    return db_execute_values(db, statement, values, count, err);
}

bool page_pick(struct page_pick *pick)
{
    int64_t position = pick->total++;
    if (pick->page->counted_only || position < pick->page->offset || (int64_t)pick->taken >= pick->page->limit)
        return false;
    pick->taken++;
    return true;
}

bool page_keyword_matches(const struct list_page *page, const char *name)
{
    return !page->keyword || (name && strcasestr(name, page->keyword));
}

size_t page_room(const struct list_page *page, size_t available)
{
    return page->limit >= 0 && (size_t)page->limit < available ? (size_t)page->limit : available;
}
