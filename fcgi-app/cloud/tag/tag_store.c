/* SQL of table resource_tag. */
#include "cloud/bucket/bucket.h"
#include "cloud/bucket/run.h"
#include "cloud/tag/tag_store.h"

FIELD_TABLE(TAG_ROW, struct tag_row, COLUMN(struct tag_row, object_kind), COLUMN(struct tag_row, object_uuid),
            COLUMN(struct tag_row, name), COLUMN(struct tag_row, value), COLUMN(struct tag_row, customer),
            COLUMN(struct tag_row, object_id), COLUMN(struct tag_row, account_id), COLUMN(struct tag_row, domain_id));

#define TAG_COLUMNS "object_kind, object_uuid, name, value, customer, object_id, account_id, domain_id"
#define EIGHT "?, ?, ?, ?, ?, ?, ?, ?"
#define SIXTY_FOUR EIGHT ", " EIGHT ", " EIGHT ", " EIGHT ", " EIGHT ", " EIGHT ", " EIGHT ", " EIGHT

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
DB_STATEMENT(TAG_FIND_SCATTERED, .name = "tag.find_scattered", .sql = TAG_FIND "object_id IN (" SIXTY_FOUR ")",
             .row = &TAG_FOUND_ROW);

/* Every filter may be absent; the scope is an account, a tenant domain or everything. */
#define TAG_SCOPE SCOPE_MATCH("account_id", "domain_id")
#define TAG_MATCH                                                                                                      \
    " FROM resource_tag WHERE " TAG_SCOPE                                                                              \
    " AND (? IS NULL OR object_kind = ?) AND (? IS NULL OR object_uuid = ?) AND (? IS NULL OR name = ?)"               \
    " AND (? IS NULL OR value = ?) AND (? IS NULL OR customer = ?)"                                                    \
    " AND (? IS NULL OR " HOLDS("name") " OR " HOLDS("value") ")"
DB_STATEMENT(TAG_COUNT, .name = "tag.count", .sql = "SELECT COUNT(*) AS value" TAG_MATCH, .row = &DB_NUMBER,
             .scan_reason = "filters of listTags that no counter covers");
DB_STATEMENT(TAG_LIST, .name = "tag.list",
             .sql = "SELECT " TAG_COLUMNS TAG_MATCH " ORDER BY object_kind, object_id, name LIMIT ? OFFSET ?",
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
    struct db_value values[1 + TAG_OBJECTS_MAX];
    values[0] = db_text(kind);
    if (run_ranges(ids, count, values + 1))
        return db_query_values(db, &TAG_FIND_FOR, arena, TAGS_PER_PAGE_MAX, ret_rows, values, 1 + 2 * RUN_RANGES_MAX,
                               err);
    for (size_t i = 0; i < TAG_OBJECTS_MAX; i++) /* the last id again and again: the statement's text stays the same */
        values[i + 1] = db_int(ids[i < count ? i : count - 1]);
    return db_query_values(db, &TAG_FIND_SCATTERED, arena, TAGS_PER_PAGE_MAX, ret_rows, values, COUNT_OF(values), err);
}

enum { MATCH_VALUES = 13 + SCOPE_VALUES };

static void bind_match(const struct tag_query *query, struct db_value *values)
{
    const char *pairs[] = {query->kind,  query->object_uuid, query->key,
                           query->value, query->customer,    query->keyword_like};
    size_t n = SCOPE_VALUES;
    scope_bind(query->scope, query->domain_ids, values);
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        values[n++] = db_text(pairs[i]);
        values[n++] = db_text(pairs[i]);
    }
    values[n++] = db_text(query->keyword_like);
}

bool tag_store_list(struct db *db, struct arena *arena, const struct tag_query *query, struct db_rows *ret_rows,
                    int64_t *ret_total, struct error *err)
{
    struct db_value values[MATCH_VALUES + 2];
    bind_match(query, values);
    struct db_number total = {0};
    bool found = false;
    if (!db_query_one_values(db, &TAG_COUNT, arena, &total, &found, values, MATCH_VALUES, err))
        return false;
    values[MATCH_VALUES] = db_int(query->limit);
    values[MATCH_VALUES + 1] = db_int(query->offset);
    if (!db_query_values(db, &TAG_LIST, arena, (size_t)query->limit + 1, ret_rows, values, COUNT_OF(values), err))
        return false;
    *ret_total = total.value;
    return true;
}
