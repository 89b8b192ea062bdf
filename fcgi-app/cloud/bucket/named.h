/* Small things that accounts own by name (keys, user data, groups): how they are found, listed and told. Tables that
 * grow with machines have counters instead (bucket.h). */
#ifndef GURUM_CLOUD_NAMED_H
#define GURUM_CLOUD_NAMED_H

#include "api/api.h"
#include "cloud/bucket/bucket.h"
#include "cloud/identity/identity.h"

/* Columns every such table has; the first member, `named`, of its row struct. */
struct named {
    int64_t id, account_id, domain_id;
    const char *uuid, *name;
};
#define NAMED_FIELD(type_name, column) FIELD_IN(type_name, named, column, .flags = 0)
#define NAMED_COLUMNS(type_name)                                                                                       \
    NAMED_FIELD(type_name, id), NAMED_FIELD(type_name, account_id), NAMED_FIELD(type_name, domain_id),                 \
        NAMED_FIELD(type_name, uuid), NAMED_FIELD(type_name, name)
#define NAMED_NAMES "id, account_id, domain_id, uuid, name"

struct named_table {
    const struct db_statement *by_id, *by_uuid, *count_of, *page_of, *count, *page;
    bool has_more;
};
struct named_filter {
    int64_t id;
    const char *name, *more; /* 0, NULL: any */
};

/* NAMED_TABLE(SSH_KEYS, "ssh_key", KEY_COLUMNS, KEY_ROW, NAMED_MORE("fingerprint"), true): its statements. The table
 * has an index <table>_account (account_id, id). The last two arguments are one further condition on a text, or "" and
 * false. */
#define NAMED_MORE(column) " AND (? IS NULL OR " column " = ?)"
#define NAMED_MATCH " AND (? = 0 OR id = ?) AND (? IS NULL OR name = ?) AND (? IS NULL OR " HOLDS("name") ")"
#define NAMED_OF(table) " FROM " table " FORCE INDEX (" table "_account) WHERE account_id = ?" NAMED_MATCH
#define NAMED_IN(table) " FROM " table " WHERE " SCOPE_MATCH("account_id", table ".domain_id") NAMED_MATCH
#define NAMED_SCANS "a list over several accounts, which administrators and members of several projects ask for"
#define NAMED_TABLE(ident, table, columns, row_table, more, takes_more)                                                \
    DB_STATEMENT(ident##_BY_ID, .name = table ".by_id", .sql = "SELECT " columns " FROM " table " WHERE id = ?",       \
                 .row = &(row_table));                                                                                 \
    DB_STATEMENT(ident##_BY_UUID, .name = table ".by_uuid", .sql = "SELECT " columns " FROM " table " WHERE uuid = ?", \
                 .row = &(row_table));                                                                                 \
    DB_STATEMENT(ident##_COUNT_OF, .name = table ".count_of", .sql = "SELECT COUNT(*) AS value" NAMED_OF(table) more,  \
                 .row = &DB_NUMBER);                                                                                   \
    DB_STATEMENT(ident##_PAGE_OF, .name = table ".page_of",                                                            \
                 .sql = "SELECT " columns NAMED_OF(table) more " ORDER BY id LIMIT ? OFFSET ?", .row = &(row_table));  \
    DB_STATEMENT(ident##_COUNT, .name = table ".count", .sql = "SELECT COUNT(*) AS value" NAMED_IN(table) more,        \
                 .row = &DB_NUMBER, .scan_reason = NAMED_SCANS);                                                       \
    DB_STATEMENT(ident##_PAGE, .name = table ".page",                                                                  \
                 .sql = "SELECT " columns NAMED_IN(table) more " ORDER BY id LIMIT ? OFFSET ?", .row = &(row_table),   \
                 .scan_reason = NAMED_SCANS);                                                                          \
    const struct named_table ident = {&ident##_BY_ID, &ident##_BY_UUID, &ident##_COUNT_OF, &ident##_PAGE_OF,           \
                                      &ident##_COUNT, &ident##_PAGE,    takes_more}

/* NULL: none. The row begins with it. */
MUST_CHECK bool named_by_id(struct db *db, struct arena *arena, const struct named_table *table, int64_t id,
                            const struct named **ret_row, struct error *err);
/* What an object kind's find answers. */
MUST_CHECK bool named_find(struct db *db, struct arena *arena, const struct named_table *table, const char *uuid,
                           struct object_found *ret_found, bool *ret_exists, struct error *err);

/* ---- in replies ---- */

/* What their response structs begin with, and its fields. `changed` says why no job is ever pending. */
struct named_response {
    const char *id, *name, *jobid;
    struct shown_owner owner;
    bool hasannotations;
    struct opt_int jobstatus;
};
#define NAMED_RESPONSE_FIELDS(type_name, part, changed)                                                                \
    FIELD_IN(type_name, part, id, .help = "the id"), FIELD_IN(type_name, part, name, .help = "the name"),              \
        OWNER_FIELDS(type_name, part.owner, "owns it"),                                                                \
        FIELD_IN(type_name, part, hasannotations, .help = "whether it has comments"),                                  \
        FIELD_IN(type_name, part, jobid, .help = "the pending job", .no_effect = changed),                             \
        FIELD_IN(type_name, part, jobstatus, .help = "the status of that job", .no_effect = changed)
MUST_CHECK bool named_tell(struct api_call *call, const struct named *row, struct named_response *ret_told,
                           struct error *err);

struct named_kind {
    const struct named_table *table;
    const struct field_table *response;
    bool (*fill)(struct api_call *call, const void *row, void *ret_object, struct error *err);
};
/* What an object kind's describe answers. */
MUST_CHECK bool named_describe(struct api_call *call, const struct named_kind *kind, const int64_t *ids, size_t count,
                               void *ret_objects, size_t *ret_count, struct error *err);
/* Answers with the objects of the call's scope and page, oldest first. */
MUST_CHECK bool named_reply_list(struct api_call *call, const struct named_kind *kind,
                                 const struct named_filter *filter, struct error *err);

#endif
