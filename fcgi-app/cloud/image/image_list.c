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
             " AND (? = 0 OR z.id IS NULL OR z.id = (SELECT MIN(z2.id) FROM image_zone z2 WHERE z2.image_id = "        \
             "i.id))" TAG_MATCH("image", "i.id")
DB_STATEMENT(IMAGE_COUNT, .name = "image.count", .sql = "SELECT COUNT(*) AS value" IMAGE_MATCH, .row = &DB_NUMBER,
             .scan_reason = "filters of listTemplates that no counter covers");
DB_STATEMENT(IMAGE_LIST, .name = "image.list",
             .sql = "SELECT i.id AS image_id, COALESCE(z.id, 0) AS place_id" IMAGE_MATCH
                    " ORDER BY i.sort_key, i.id, z.id LIMIT ? OFFSET ?",
             .row = &IMAGE_LINE_ROW, .scan_reason = "filters of listTemplates that no counter covers");

static void bind_visibility(struct db_binder *b, const struct image_query *q)
{
    bool public_only = q->filter == IMAGES_FEATURED || q->filter == IMAGES_COMMUNITY;
    bool owned = q->filter == IMAGES_SELF || q->filter == IMAGES_SELF_EXECUTABLE || q->filter == IMAGES_EXECUTABLE;
    const struct list_scope *scope = q->scope;
    db_put(b, db_bool(q->show_removed), 1);
    db_put(b, public_only ? db_int(q->filter == IMAGES_FEATURED) : db_null(), 1);
    db_put(b, db_bool(q->filter == IMAGES_FEATURED), 1);
    db_put(b, db_bool(owned), 1);
    db_put(b, db_bool(q->filter == IMAGES_EXECUTABLE), 1);
    scope_bind(b, scope);
    db_put(b, db_bool(q->caller_is_root), 1);
    db_put(b, db_int(account_is_project(scope->account_id) ? scope->account_id : scope->caller_account_id), 1);
    bool executable = q->filter == IMAGES_SELF_EXECUTABLE || q->filter == IMAGES_EXECUTABLE;
    struct opt_bool ready = executable ? OPT_BOOL(true) : q->ready;
    db_put(b, db_opt_bool(ready), 2);
}

static void bind_filters(struct db_binder *b, const struct image_query *q)
{
    db_put(b, db_text(q->ids), 2);
    db_put(b, db_text(q->name), 2);
    db_put(b, db_text(q->keyword_like), 3);
    db_put(b, db_text(q->hypervisor), 2);
    db_put(b, db_text(q->arch), 2);
    db_put(b, db_text(q->image_type), 2);
    db_put(b, db_int(q->zone_id), 2);
    db_put(b, db_int(q->store_id), 2);
    db_put(b, db_opt_bool(q->for_cks), 2);
    db_put(b, db_opt_bool(q->vnf), 2);
    db_put(b, db_int(q->os_category_id), 2);
    db_put(b, db_bool(q->unique), 1);
    tag_filter_bind(b, &q->tags);
}

bool image_store_list(struct db *db, struct arena *arena, const struct image_query *query,
                      const struct image_line **ret_lines, size_t *ret_count, int64_t *ret_total, struct error *err)
{
    struct db_binder b = {.count = 0};
    bind_visibility(&b, query);
    bind_filters(&b, query);
    struct db_rows rows;
    if (!db_query_page(db, &IMAGE_COUNT, &IMAGE_LIST, arena, &b, query->limit, query->offset, &rows, ret_total, err))
        return false;
    *ret_lines = rows.items;
    *ret_count = rows.count;
    return true;
}
