/* Pages of listVolumes: from an anchor when nothing is filtered, else a search. */
#include "base/text.h"
#include "cloud/bucket/bucket.h"
#include "cloud/volume/volume_columns.h"

/* Pages without a filter start at an anchor (cloud/bucket). */
DB_STATEMENT(VOLUME_PAGE_ACCOUNT, .name = "volume.page_account",
             .sql = VOLUME_SELECT
             " WHERE v.account_id = ? AND v.id >= ? AND v.listed >= ? ORDER BY v.account_id, v.id LIMIT ? OFFSET ?",
             .row = &VOLUME_ROW);
DB_STATEMENT(VOLUME_PAGE_ALL, .name = "volume.page_all",
             .sql = VOLUME_SELECT
             " WHERE v.id >= ? AND v.account_id > 0 AND v.listed >= ? ORDER BY v.id LIMIT ? OFFSET ?",
             .row = &VOLUME_ROW);

#define VOLUME_SCOPE SCOPE_MATCH("v.account_id", "v.domain_id")
#define VOLUME_MATCH                                                                                                   \
    " WHERE v.listed >= ? AND " VOLUME_SCOPE                                                                           \
    " AND (? IS NULL OR LOCATE(CONCAT(',', v.id, ','), ?) > 0) AND (? IS NULL OR v.name = ?)"                          \
    " AND (? IS NULL OR " HOLDS("v.name") ")"                                                                          \
    " AND (? IS NULL OR v.state = ?) AND (? IS NULL OR v.volume_type = ?) AND (? = 0 OR v.vm_id = ?) AND (? = 0 OR "   \
    "v.zone_id = ?)"                                                                                                   \
    " AND (? = 0 OR v.disk_offering_id = ?) AND (? = 0 OR v.service_offering_id = ?) AND (? = 0 OR v.pool_id = ?)"     \
    " AND (? IS NULL OR v.is_shown = ?)"                                                                               \
    " AND (? = 0 OR v.vm_id IN (SELECT m.id FROM vm m WHERE m.host_id = ?))"                                           \
    " AND (? = 0 OR v.vm_id IN (SELECT m.id FROM vm m JOIN host h ON h.id = m.host_id WHERE h.pod_id = ?))"            \
    " AND (? = 0 OR v.vm_id IN (SELECT m.id FROM vm m JOIN host h ON h.id = m.host_id WHERE h.cluster_id = ?))"        \
    " AND (? = 0 OR EXISTS (SELECT 1 FROM resource_tag t WHERE t.object_kind = 'volume' AND t.object_id = v.id AND "   \
    "((t.name = ? AND t.value = ?)"                                                                                    \
    "      OR (t.name = ? AND t.value = ?) OR (t.name = ? AND t.value = ?) OR (t.name = ? AND t.value = ?))))"
DB_STATEMENT(VOLUME_COUNT, .name = "volume.count", .sql = "SELECT COUNT(*) AS value FROM volume v" VOLUME_MATCH,
             .row = &DB_NUMBER, .scan_reason = "filters of listVolumes that no counter covers");
DB_STATEMENT(VOLUME_SEARCH, .name = "volume.search",
             .sql = VOLUME_SELECT VOLUME_MATCH " ORDER BY v.id LIMIT ? OFFSET ?", .row = &VOLUME_ROW,
             .scan_reason = "filters of listVolumes that no counter covers");

bool volume_query_is_plain(const struct volume_query *q)
{
    return q->ids == NULL && q->name == NULL && q->keyword_like == NULL && q->state == NULL && q->type == NULL &&
           !q->shown.set && q->tags.count == 0 &&
           (q->vm_id | q->zone_id | q->pod_id | q->cluster_id | q->host_id | q->disk_offering_id |
            q->service_offering_id | q->pool_id) == 0;
}

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

static void bind(struct binder *b, const struct volume_query *q)
{
    put(b, db_int(q->least_listed));
    scope_bind(q->scope, q->domain_ids, b->values + b->count);
    b->count += SCOPE_VALUES;
    put_twice(b, db_text(q->ids));
    put_twice(b, db_text(q->name));
    put_twice(b, db_text(q->keyword_like));
    put_twice(b, db_text(q->state));
    put_twice(b, db_text(q->type));
    put_twice(b, db_int(q->vm_id));
    put_twice(b, db_int(q->zone_id));
    put_twice(b, db_int(q->disk_offering_id));
    put_twice(b, db_int(q->service_offering_id));
    put_twice(b, db_int(q->pool_id));
    put_twice(b, db_opt_bool(q->shown));
    put_twice(b, db_int(q->host_id));
    put_twice(b, db_int(q->pod_id));
    put_twice(b, db_int(q->cluster_id));
    put(b, db_int((int64_t)q->tags.count));
    for (size_t i = 0; i < TAG_FILTER_MAX; i++) {
        put(b, db_text(q->tags.key[i]));
        put(b, db_text(q->tags.value[i]));
    }
}

static bool search(struct db *db, struct arena *arena, const struct volume_query *query, struct db_rows *ret_rows,
                   int64_t *ret_total, struct error *err)
{
    struct binder b = {.count = 0};
    bind(&b, query);
    struct db_number total = {0};
    bool found = false;
    if (!db_query_one_values(db, &VOLUME_COUNT, arena, &total, &found, b.values, b.count, err))
        return false;
    put(&b, db_int(query->limit));
    put(&b, db_int(query->offset));
    *ret_total = total.value;
    return db_query_values(db, &VOLUME_SEARCH, arena, (size_t)query->limit + 1, ret_rows, b.values, b.count, err);
}

bool volume_store_list(struct db *db, struct arena *arena, const struct volume_query *query, struct db_rows *ret_rows,
                       int64_t *ret_total, struct error *err)
{
    struct bucket_page page;
    bool covered = false;
    bool plain = volume_query_is_plain(query) && query->scope->form != SCOPE_DOMAIN_TREE;
    if (plain &&
        !bucket_page(db, arena, "volume", query->scope, query->least_listed, query->offset, &page, &covered, err))
        return false;
    if (!covered)
        return search(db, arena, query, ret_rows, ret_total, err);
    *ret_total = page.total;
    *ret_rows = (struct db_rows){.items = NULL, .count = 0};
    if (page.first_id == INT64_MAX)
        return true;
    size_t most = (size_t)query->limit + 1;
    if (query->scope->form == SCOPE_ACCOUNT_ONLY)
        return db_query(db, &VOLUME_PAGE_ACCOUNT, arena, most, ret_rows, err, db_int(query->scope->account_id),
                        db_int(page.first_id), db_int(query->least_listed), db_int(query->limit), db_int(page.skip));
    return db_query(db, &VOLUME_PAGE_ALL, arena, most, ret_rows, err, db_int(page.first_id),
                    db_int(query->least_listed), db_int(query->limit), db_int(page.skip));
}
