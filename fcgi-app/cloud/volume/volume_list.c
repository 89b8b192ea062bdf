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
    " AND (? = 0 OR v.vm_id IN (SELECT m.id FROM vm m JOIN host h ON h.id = m.host_id WHERE h.cluster_id = "           \
    "?))" TAG_MATCH("volume", "v.id")
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

static void bind(struct db_binder *b, const struct volume_query *q)
{
    db_put(b, db_int(q->least_listed), 1);
    scope_bind(b, q->scope);
    db_put(b, db_text(q->ids), 2);
    db_put(b, db_text(q->name), 2);
    db_put(b, db_text(q->keyword_like), 2);
    db_put(b, db_text(q->state), 2);
    db_put(b, db_text(q->type), 2);
    db_put(b, db_int(q->vm_id), 2);
    db_put(b, db_int(q->zone_id), 2);
    db_put(b, db_int(q->disk_offering_id), 2);
    db_put(b, db_int(q->service_offering_id), 2);
    db_put(b, db_int(q->pool_id), 2);
    db_put(b, db_opt_bool(q->shown), 2);
    db_put(b, db_int(q->host_id), 2);
    db_put(b, db_int(q->pod_id), 2);
    db_put(b, db_int(q->cluster_id), 2);
    tag_filter_bind(b, &q->tags);
}

static bool search(struct db *db, struct arena *arena, const struct volume_query *query, struct db_rows *ret_rows,
                   int64_t *ret_total, struct error *err)
{
    struct db_binder b = {.count = 0};
    bind(&b, query);
    return db_query_page(db, &VOLUME_COUNT, &VOLUME_SEARCH, arena, &b, query->limit, query->offset, ret_rows, ret_total,
                         err);
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
