/* Statements with many parameters: values collected one by one, ids at fixed places, pages with their totals. */
#include "db/db.h"

void db_put(struct db_binder *binder, struct db_value value, int times)
{
    for (int i = 0; i < times && binder->count < DB_PARAMETERS_MAX; i++)
        binder->values[binder->count++] = value;
}

void db_put_ids(struct db_binder *binder, const int64_t *ids, size_t count, size_t places)
{
    for (size_t i = 0; i < places; i++)
        db_put(binder, db_int(i < count ? ids[i] : count > 0 ? ids[count - 1] : 0), 1);
}

bool db_query_ids(struct db *db, const struct db_statement *statement, struct arena *arena, size_t max_rows,
                  size_t places, const int64_t *ids, size_t count, struct db_rows *ret_rows, struct error *err)
{
    struct db_binder b = {.count = 0};
    *ret_rows = (struct db_rows){.items = NULL, .count = 0};
    if (count == 0)
        return true;
    db_put_ids(&b, ids, count, places);
    return db_query_values(db, statement, arena, max_rows, ret_rows, b.values, b.count, err);
}

bool db_query_page(struct db *db, const struct db_statement *count, const struct db_statement *page,
                   struct arena *arena, struct db_binder *binder, int64_t limit, int64_t offset,
                   struct db_rows *ret_rows, int64_t *ret_total, struct error *err)
{
    struct db_number total = {0};
    bool found = false;
    *ret_rows = (struct db_rows){.items = NULL, .count = 0};
    if (!db_query_one_values(db, count, arena, &total, &found, binder->values, binder->count, err))
        return false;
    *ret_total = total.value;
    if (limit == 0 || total.value == 0)
        return true;
    db_put(binder, db_int(limit), 1);
    db_put(binder, db_int(offset), 1);
    return db_query_values(db, page, arena, (size_t)limit, ret_rows, binder->values, binder->count, err);
}
