/* SQL of listTemplates: a small table with many filters, so it may scan. */
#include "base/text.h"
#include "cloud/bucket/bucket.h"
#include "cloud/image/image_store.h"

FIELD_TABLE(IMAGE_LINE_ROW, struct image_line, COLUMN(struct image_line, image_id),
            COLUMN(struct image_line, place_id));

#define IMAGE_SCOPE SCOPE_MATCH("i.account_id", "i.domain_id")
/* Who may see what comes first: public ones of the asked kind, or own ones of the scope. Images that are not ready, or
 * removed, are shown to their owners only. */
#define IMAGE_MATCH                                                                                                    \
    " FROM image i LEFT JOIN image_zone z ON z.image_id = i.id"                                                        \
    " WHERE (i.removed IS NULL OR ?)"                                                                                  \
    " AND (? IS NULL OR (i.is_public AND i.is_featured = ?))"                                                          \
    " AND (? = 0 OR (? AND i.is_public AND z.state = 'Ready') OR (" IMAGE_SCOPE "))"                                   \
    " AND (z.state = 'Ready' OR ? OR i.account_id = ?)"                                                                \
    " AND (? IS NULL OR COALESCE(z.state = 'Ready', FALSE) = ?)"                                                       \
    " AND (? IS NULL OR LOCATE(CONCAT(',', i.id, ','), ?) > 0) AND (? IS NULL OR i.name = ?)"                          \
    " AND (? IS NULL OR " HOLDS("i.name") " OR " HOLDS("i.display_text") ")"                                           \
    " AND (? IS NULL OR i.hypervisor = ?) AND (? IS NULL OR i.arch = ?)"                                               \
    " AND (? IS NULL OR " IMAGE_TYPE_TOLD(                                                                             \
        "i") " = ?) AND (? = 0 OR z.zone_id = ?) AND (? = 0 OR z.store_id = ?)"                                        \
             " AND (? IS NULL OR i.for_cks = ?) AND (? IS NULL OR (i.image_type = 'VNF') = ?)"                         \
             " AND (? = 0 OR i.os_type_id IN (SELECT o.id FROM os_type o WHERE o.category_id = ?))"                    \
             " AND (? = 0 OR z.id IS NULL OR z.id = (SELECT MIN(z2.id) FROM image_zone z2 WHERE z2.image_id = i.id))"  \
             " AND (? = 0 OR EXISTS (SELECT 1 FROM resource_tag t WHERE t.object_kind = 'image' AND t.object_id = "    \
             "i.id AND "                                                                                               \
             "((t.name = ? AND t.value = ?)"                                                                           \
             "      OR (t.name = ? AND t.value = ?) OR (t.name = ? AND t.value = ?) OR (t.name = ? AND t.value = "     \
             "?))))"
DB_STATEMENT(IMAGE_COUNT, .name = "image.count", .sql = "SELECT COUNT(*) AS value" IMAGE_MATCH, .row = &DB_NUMBER,
             .scan_reason = "filters of listTemplates that no counter covers");
DB_STATEMENT(IMAGE_LIST, .name = "image.list",
             .sql = "SELECT i.id AS image_id, COALESCE(z.id, 0) AS place_id" IMAGE_MATCH
                    " ORDER BY i.sort_key, i.id, z.id LIMIT ? OFFSET ?",
             .row = &IMAGE_LINE_ROW, .scan_reason = "filters of listTemplates that no counter covers");

enum { VALUES_MAX = 64 };
struct binder {
    struct db_value values[VALUES_MAX];
    size_t count;
};

static void put(struct binder *b, struct db_value value)
{
    if (b->count < VALUES_MAX)
        b->values[b->count++] = value;
}

static void put_twice(struct binder *b, struct db_value value)
{
    put(b, value);
    put(b, value);
}

static void bind_visibility(struct binder *b, const struct image_query *q)
{
    bool public_only = q->filter == IMAGES_FEATURED || q->filter == IMAGES_COMMUNITY;
    bool owned = q->filter == IMAGES_SELF || q->filter == IMAGES_SELF_EXECUTABLE || q->filter == IMAGES_EXECUTABLE;
    const struct list_scope *scope = q->scope;
    put(b, db_bool(q->show_removed));
    put(b, public_only ? db_int(q->filter == IMAGES_FEATURED) : db_null());
    put(b, db_bool(q->filter == IMAGES_FEATURED));
    put(b, db_bool(owned));
    put(b, db_bool(q->filter == IMAGES_EXECUTABLE));
    scope_bind(scope, q->domain_ids, b->values + b->count);
    b->count += SCOPE_VALUES;
    put(b, db_bool(q->caller_is_root));
    put(b, db_int(account_is_project(scope->account_id) ? scope->account_id : scope->caller_account_id));
    bool executable = q->filter == IMAGES_SELF_EXECUTABLE || q->filter == IMAGES_EXECUTABLE;
    struct opt_bool ready = executable ? OPT_BOOL(true) : q->ready;
    put_twice(b, db_opt_bool(ready));
}

static void bind_filters(struct binder *b, const struct image_query *q)
{
    put_twice(b, db_text(q->ids));
    put_twice(b, db_text(q->name));
    put_twice(b, db_text(q->keyword_like));
    put(b, db_text(q->keyword_like));
    put_twice(b, db_text(q->hypervisor));
    put_twice(b, db_text(q->arch));
    put_twice(b, db_text(q->image_type));
    put_twice(b, db_int(q->zone_id));
    put_twice(b, db_int(q->store_id));
    put_twice(b, db_opt_bool(q->for_cks));
    put_twice(b, db_opt_bool(q->vnf));
    put_twice(b, db_int(q->os_category_id));
    put(b, db_bool(q->unique));
    put(b, db_int((int64_t)q->tags.count));
    for (size_t i = 0; i < TAG_FILTER_MAX; i++) {
        put(b, db_text(q->tags.key[i]));
        put(b, db_text(q->tags.value[i]));
    }
}

bool image_store_list(struct db *db, struct arena *arena, const struct image_query *query,
                      const struct image_line **ret_lines, size_t *ret_count, int64_t *ret_total, struct error *err)
{
    struct binder b = {.count = 0};
    bind_visibility(&b, query);
    bind_filters(&b, query);
    struct db_number total = {0};
    bool found = false;
    struct db_rows rows;
    if (!db_query_one_values(db, &IMAGE_COUNT, arena, &total, &found, b.values, b.count, err))
        return false;
    put(&b, db_int(query->limit));
    put(&b, db_int(query->offset));
    if (!db_query_values(db, &IMAGE_LIST, arena, (size_t)query->limit + 1, &rows, b.values, b.count, err))
        return false;
    *ret_lines = rows.items;
    *ret_count = rows.count;
    *ret_total = total.value;
    return true;
}
