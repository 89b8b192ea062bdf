/* Small things that accounts own by name (keys, user data, groups): their lists, and whose they are. Tables that grow
 * with machines have counters instead (bucket.h). */
#ifndef GURUM_CLOUD_NAMED_H
#define GURUM_CLOUD_NAMED_H

#include "api/api.h"
#include "cloud/bucket/bucket.h"

/* Columns every such table has; a member `named` of its row struct. */
struct named {
    int64_t id, account_id, domain_id;
    const char *uuid, *name;
};
#define NAMED_FIELD(type_name, column) FIELD_IN(type_name, named, column, .flags = 0)
#define NAMED_COLUMNS(type_name)                                                                                       \
    NAMED_FIELD(type_name, id), NAMED_FIELD(type_name, account_id), NAMED_FIELD(type_name, domain_id),                 \
        NAMED_FIELD(type_name, uuid), NAMED_FIELD(type_name, name)
#define NAMED_NAMES "id, account_id, domain_id, uuid, name"

struct named_lists {
    const struct db_statement *count_of, *page_of, *count, *page;
    bool has_more;
};
struct named_filter {
    int64_t id;
    const char *name, *more; /* 0, NULL: any */
};

/* NAMED_LISTS(KEY_LISTS, "ssh_key", KEY_COLUMNS, KEY_ROW, NAMED_MORE("fingerprint"), true): the statements of a list.
 * The table has an index <table>_account (account_id, id). The last two arguments are one further condition on a text,
 * or "" and false. */
#define NAMED_MORE(column) " AND (? IS NULL OR " column " = ?)"
#define NAMED_MATCH " AND (? = 0 OR id = ?) AND (? IS NULL OR name = ?) AND (? IS NULL OR " HOLDS("name") ")"
#define NAMED_OF(table) " FROM " table " FORCE INDEX (" table "_account) WHERE account_id = ?" NAMED_MATCH
#define NAMED_SCOPE SCOPE_MATCH("account_id", "domain_id")
#define NAMED_IN(table) " FROM " table " WHERE " NAMED_SCOPE NAMED_MATCH
#define NAMED_SCANS "a list over several accounts, which administrators and members of several projects ask for"
#define NAMED_LISTS(ident, table, columns, row_table, more, takes_more)                                                \
    DB_STATEMENT(ident##_COUNT_OF, .name = table ".count_of", .sql = "SELECT COUNT(*) AS value" NAMED_OF(table) more,  \
                 .row = &DB_NUMBER);                                                                                   \
    DB_STATEMENT(ident##_PAGE_OF, .name = table ".page_of",                                                            \
                 .sql = "SELECT " columns NAMED_OF(table) more " ORDER BY id LIMIT ? OFFSET ?", .row = &(row_table));  \
    DB_STATEMENT(ident##_COUNT, .name = table ".count", .sql = "SELECT COUNT(*) AS value" NAMED_IN(table) more,        \
                 .row = &DB_NUMBER, .scan_reason = NAMED_SCANS);                                                       \
    DB_STATEMENT(ident##_PAGE, .name = table ".page",                                                                  \
                 .sql = "SELECT " columns NAMED_IN(table) more " ORDER BY id LIMIT ? OFFSET ?", .row = &(row_table),   \
                 .scan_reason = NAMED_SCANS);                                                                          \
    static const struct named_lists ident = {&ident##_COUNT_OF, &ident##_PAGE_OF, &ident##_COUNT, &ident##_PAGE,       \
                                             takes_more}

/* The rows of the call's scope and page, oldest first; *ret_total counts all pages. */
MUST_CHECK bool named_list(struct api_call *call, const struct named_lists *lists, const struct named_filter *filter,
                           struct db_rows *ret_rows, int64_t *ret_total, struct error *err);
/* What an object kind's find answers about such a row. */
MUST_CHECK bool named_found(struct db *db, struct arena *arena, const struct named *row, struct object_found *ret_found,
                            struct error *err);

#endif
