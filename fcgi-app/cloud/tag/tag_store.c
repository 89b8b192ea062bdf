/* SQL of table resource_tag. */
#include "cloud/bucket/bucket.h"
#include "cloud/bucket/run.h"
#include "cloud/tag/tag_store.h"

FIELD_TABLE(TAG_ROW, struct tag_row, COLUMN(struct tag_row, object_kind), COLUMN(struct tag_row, object_uuid),
            COLUMN(struct tag_row, name), COLUMN(struct tag_row, value), COLUMN(struct tag_row, customer),
            COLUMN(struct tag_row, object_id), COLUMN(struct tag_row, account_id), COLUMN(struct tag_row, domain_id));

#define TAG_COLUMNS "object_kind, object_uuid, name, value, customer, object_id, account_id, domain_id"

DB_STATEMENT(TAG_SET, .name = "tag.set",
             .sql = "INSERT INTO resource_tag (object_kind, object_id, name, value, uuid, object_uuid, account_id, "
                    "domain_id, customer, created) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NOW(3)) ON DUPLICATE KEY UPDATE value = VALUES(value), "
                    "customer = VALUES(customer)");
DB_STATEMENT(TAG_REMOVE, .name = "tag.remove",
             .sql = "DELETE FROM resource_tag WHERE object_kind = ? AND object_id = ? AND (? IS NULL OR name = ?) AND "
                    "(? IS NULL OR value = ?)");
DB_STATEMENT(TAG_COUNT_OF, .name = "tag.count_of",
             .sql = "SELECT COUNT(*) AS value FROM resource_tag WHERE object_kind = ? AND object_id = ?",
             .row = &DB_NUMBER);
FIELD_TABLE(TAG_FOUND_ROW, struct tag_row, COLUMN(struct tag_row, object_id), COLUMN(struct tag_row, account_id),
            COLUMN(struct tag_row, object_uuid), COLUMN(struct tag_row, name), COLUMN(struct tag_row, value),
            COLUMN(struct tag_row, customer));
#define TAG_FIND                                                                                                       \
    "SELECT object_id, account_id, object_uuid, name, value, customer FROM resource_tag FORCE INDEX (PRIMARY) WHERE "  \
    "object_kind = ? AND "
DB_STATEMENT(TAG_FIND_FOR, .name = "tag.find_for", .sql = TAG_FIND RUN_RANGES("object_id"), .row = &TAG_FOUND_ROW);
DB_STATEMENT(TAG_FIND_SCATTERED, .name = "tag.find_scattered", .sql = TAG_FIND "object_id IN (" DB_MARKS_64 ")",
             .row = &TAG_FOUND_ROW);

/* Every filter may be absent; the scope is an account, a tenant domain or everything. */
#define TAG_SCOPE SCOPE_MATCH("account_id", "resource_tag.domain_id")
#define LIST_MATCH                                                                                                     \
    " FROM resource_tag WHERE " TAG_SCOPE                                                                              \
    " AND (? IS NULL OR object_kind = ?) AND (? IS NULL OR object_uuid = ?) AND (? IS NULL OR name = ?)"               \
    " AND (? IS NULL OR value = ?) AND (? IS NULL OR customer = ?)"                                                    \
    " AND (? IS NULL OR " HOLDS("name") " OR " HOLDS("value") ")"
DB_STATEMENT(TAG_COUNT, .name = "tag.count", .sql = "SELECT COUNT(*) AS value" LIST_MATCH, .row = &DB_NUMBER,
             .scan_reason = "filters of listTags that no counter covers");
DB_STATEMENT(TAG_LIST, .name = "tag.list",
             .sql = "SELECT " TAG_COLUMNS LIST_MATCH " ORDER BY object_kind, object_id, name LIMIT ? OFFSET ?",
             .row = &TAG_ROW, .scan_reason = "filters of listTags that no counter covers");

DB_STATEMENT(TAG_FORGET_ACCOUNT, .name = "tag.forget_account", .sql = "DELETE FROM resource_tag WHERE account_id = ?");

bool tag_store_forget_account(struct db *db, int64_t account_id, struct error *err)
{
    return db_execute(db, &TAG_FORGET_ACCOUNT, err, db_int(account_id));
}

bool tag_store_set(struct db *db, const struct tag_entry *entry, const char *uuid, struct error *err)
{
    return db_execute(db, &TAG_SET, err, db_text(entry->kind), db_int(entry->object_id), db_text(entry->key),
                      db_text(entry->value), db_text(uuid), db_text(entry->object_uuid), db_int(entry->account_id),
                      db_int(entry->domain_id), db_text(entry->customer));
}

bool tag_store_remove(struct db *db, const char *kind, int64_t object_id, const char *key, const char *value,
                      struct error *err)
{
    return db_execute(db, &TAG_REMOVE, err, db_text(kind), db_int(object_id), db_text(key), db_text(key),
                      db_text(value), db_text(value));
}

bool tag_store_count_of(struct db *db, const char *kind, int64_t object_id, int64_t *ret_count, struct error *err)
{
    struct db_number number = {0};
    bool found = false;
    struct arena arena;
    arena_init(&arena);
    bool ok = db_query_one(db, &TAG_COUNT_OF, &arena, &number, &found, err, db_text(kind), db_int(object_id));
    arena_free(&arena);
    if (ok)
        *ret_count = number.value;
    return ok;
}

enum { TAGS_PER_PAGE_MAX = (TAG_OBJECTS_MAX + RUN_STRANGERS_MAX) * TAGS_PER_OBJECT_MAX };

bool tag_store_find_for(struct db *db, struct arena *arena, const char *kind, const int64_t *ids, size_t count,
                        struct db_rows *ret_rows, struct error *err)
{
    struct db_value values[1 + 2 * RUN_RANGES_MAX];
    values[0] = db_text(kind);
    if (run_ranges(ids, count, values + 1))
        return db_query_values(db, &TAG_FIND_FOR, arena, TAGS_PER_PAGE_MAX, ret_rows, values, COUNT_OF(values), err);
    struct db_binder b = {.count = 0};
    db_put(&b, db_text(kind), 1);
    db_put_ids(&b, ids, count, TAG_OBJECTS_MAX);
    return db_query_values(db, &TAG_FIND_SCATTERED, arena, TAGS_PER_PAGE_MAX, ret_rows, b.values, b.count, err);
}

void tag_filter_bind(struct db_binder *binder, const struct tag_filter *filter)
{
    db_put(binder, db_int((int64_t)filter->count), 1);
    for (size_t i = 0; i < TAG_FILTER_MAX; i++) {
        db_put(binder, db_text(filter->key[i]), 1);
        db_put(binder, db_text(filter->value[i]), 1);
    }
}

bool tag_store_list(struct db *db, struct arena *arena, const struct tag_query *query, struct db_rows *ret_rows,
                    int64_t *ret_total, struct error *err)
{
    const char *const texts[] = {query->kind, query->object_uuid, query->key, query->value, query->customer};
    struct db_binder b = {.count = 0};
    scope_bind(&b, query->scope);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        db_put(&b, db_text(texts[i]), 2);
    db_put(&b, db_text(query->keyword_like), 3);
    return db_query_page(db, &TAG_COUNT, &TAG_LIST, arena, &b, query->limit, query->offset, ret_rows, ret_total, err);
}
