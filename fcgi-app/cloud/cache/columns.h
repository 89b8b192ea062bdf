/* A table's columns named once: from the list come the field table, SELECT, INSERT and UPDATE. The list is an X-macro
 * over every column but `id`, whose names are the members of the row struct:
 *
 *     #define POD_COLUMNS(X) X(uuid) X(name) …
 *     #define AS_FIELD(c) , COLUMN(struct pod, c)
 *     FIELD_TABLE(POD_ROW, struct pod, COLUMN(struct pod, id) POD_COLUMNS(AS_FIELD));
 *     DB_STATEMENT(POD_ADD, .name = "pod.add", .sql = SQL_INSERT("pod", POD_COLUMNS));
 *     row_write(db, &POD_ADD, &POD_ROW, pod, 0, err)   binds the members in that order
 */
#ifndef GURUM_CLOUD_COLUMNS_H
#define GURUM_CLOUD_COLUMNS_H

#include "db/db.h"

#define SQL_NAME(c) ", " #c
#define SQL_MARK(c) ", ?"
#define SQL_SET(c) ", " #c " = ?"
#define SQL_SELECT(table, COLUMNS) "SELECT id" COLUMNS(SQL_NAME) " FROM " table
#define SQL_INSERT(table, COLUMNS) "INSERT INTO " table " (id" COLUMNS(SQL_NAME) ") VALUES (?" COLUMNS(SQL_MARK) ")"
#define SQL_UPDATE(table, COLUMNS) "UPDATE " table " SET id = ?" COLUMNS(SQL_SET) " WHERE id = ?"

/* Runs an INSERT (where_id 0: an id of 0 becomes a new one, see db_inserted_id) or an UPDATE … WHERE id = where_id with
 * the row's members. */
MUST_CHECK bool row_write(struct db *db, const struct db_statement *statement, const struct field_table *table,
                          const void *row, int64_t where_id, struct error *err);

/* Pages through rows that are in memory: counts the rows that match and says which of them are wanted.
 *     struct page_pick pick = {.page = &call->page};
 *     for each row: if (matches(row) && page_pick(&pick)) copy it … ; api_reply_list(call, rows, pick.taken,
 * pick.total) */
struct list_page;
struct page_pick {
    const struct list_page *page;
    int64_t total;
    size_t taken;
};
bool page_pick(struct page_pick *pick);
/* Whether the keyword, if any, is part of the name (ignoring case). */
bool page_keyword_matches(const struct list_page *page, const char *name);
/* Rows that a page can hold at most: the size of the array to fill. */
size_t page_room(const struct list_page *page, size_t available);

#endif
