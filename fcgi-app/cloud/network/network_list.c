/* Pages of listNetworks: from an anchor when nothing is filtered, else a search. */
#include "cloud/bucket/bucket.h"
#include "cloud/network/network_columns.h"
#include "cloud/network/network_store.h"

DB_STATEMENT(NETWORK_PAGE_ACCOUNT, .name = "network.page_account", .row = &NETWORK_ROW,
             .sql = NETWORK_SELECT
             " FORCE INDEX (network_account) WHERE n.account_id = ? AND n.removed IS NULL AND n.id >= ?"
             " ORDER BY n.id LIMIT ? OFFSET ?");
DB_STATEMENT(NETWORK_PAGE_ALL, .name = "network.page_all", .row = &NETWORK_ROW,
             .sql = NETWORK_SELECT
             " WHERE n.id >= ? AND n.account_id > 0 AND n.removed IS NULL ORDER BY n.id LIMIT ? OFFSET ?",
             .scan_reason = "walks network from the anchor on");
DB_STATEMENT(NETWORK_PAGE_TREE, .name = "network.page_tree", .row = &NETWORK_ROW,
             .sql = NETWORK_SELECT
             " FORCE INDEX (PRIMARY) WHERE n.id >= ? AND n.account_id > 0 AND n.removed IS NULL AND "
             SCOPE_BELOW("n.domain_id") " ORDER BY n.id LIMIT ? OFFSET ?",
             .scan_reason = "walks network from the anchor on and leaves out other trees");

#define NETWORK_SCOPE SCOPE_MATCH("n.account_id", "n.domain_id")
#define NETWORK_MATCH                                                                                                  \
    " WHERE n.removed IS NULL AND (? = 1 OR (? = 1 AND n.account_id <> 0 AND " NETWORK_SCOPE ")"                       \
    " OR (n.account_id = 0 AND LOCATE(CONCAT(',', n.id, ','), ?) > 0) OR (n.is_system = 1 AND ? = 1))"                 \
    " AND (? = 0 OR n.id = ?) AND (? IS NULL OR n.name = ?) AND (? IS NULL OR n.name LIKE ? OR n.display_text LIKE ?)" \
    " AND (? IS NULL OR n.traffic_type = ?) AND (? IS NULL OR n.guest_type = ?) AND (? IS NULL OR n.acl_type = ?)"     \
    " AND (? IS NULL OR FIND_IN_SET(n.offering_id, ?))"                                                                \
    " AND (? IS NULL OR SUBSTRING_INDEX(n.broadcast_uri, '/', -1) = ?)"                                                \
    " AND (? = 0 OR n.zone_id = ?) AND (? = 0 OR n.physical_network_id = ?) AND (? = 0 OR n.offering_id = ?)"          \
    " AND (? IS NULL OR n.restart_required = ?) AND (? IS NULL OR n.display = ?) AND (? IS NULL OR n.is_system = ?)"   \
    TAG_MATCH("network", "n.id")
DB_STATEMENT(NETWORK_COUNT, .name = "network.count", .sql = "SELECT COUNT(*) AS value FROM network n" NETWORK_MATCH,
             .row = &DB_NUMBER, .scan_reason = "filters of listNetworks that no counter covers");
DB_STATEMENT(NETWORK_SEARCH, .name = "network.search",
             .sql = NETWORK_SELECT NETWORK_MATCH " ORDER BY n.id LIMIT ? OFFSET ?", .row = &NETWORK_ROW,
             .scan_reason = "filters of listNetworks that no counter covers");

static void bind_scope(struct db_binder *b, const struct network_query *q)
{
    db_put(b, db_bool(q->everything), 1);
    db_put(b, db_bool(q->owned), 1);
    scope_bind(b, q->scope);
    db_put(b, db_text(q->shared_ids ? q->shared_ids : ""), 1);
    db_put(b, db_bool(q->is_system.set && q->is_system.value), 1);
}

static void bind(struct db_binder *b, const struct network_query *q)
{
    bind_scope(b, q);
    db_put(b, db_int(q->id), 2);
    db_put(b, db_text(q->name), 2);
    db_put(b, db_text(q->keyword_like), 3);
    const char *const texts[] = {q->traffic_type, q->guest_type, q->acl_type, q->offering_ids, q->segment};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        db_put(b, db_text(texts[i]), 2);
    const int64_t numbers[] = {q->zone_id, q->physical_network_id, q->offering_id};
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        db_put(b, db_int(numbers[i]), 2);
    db_put(b, db_opt_bool(q->restart_required), 2);
    db_put(b, db_opt_bool(q->display), 2);
    db_put(b, db_opt_bool(q->is_system), 2);
    tag_filter_bind(b, &q->tags);
}

bool network_store_search(struct db *db, struct arena *arena, const struct network_query *query,
                          struct db_rows *ret_rows, int64_t *ret_total, struct error *err)
{
    struct db_binder b = {.count = 0};
    bind(&b, query);
    return db_query_page(db, &NETWORK_COUNT, &NETWORK_SEARCH, arena, &b, query->limit, query->offset, ret_rows,
                         ret_total, err);
}

bool network_store_page(struct db *db, struct arena *arena, const struct network_query *query, int64_t first_id,
                        int64_t skip, int64_t limit, struct db_rows *ret_rows, struct error *err)
{
    size_t most = (size_t)limit;
    if (query->scope->form == SCOPE_ACCOUNT_ONLY)
        return db_query(db, &NETWORK_PAGE_ACCOUNT, arena, most, ret_rows, err, db_int(query->scope->account_id),
                        db_int(first_id), db_int(limit), db_int(skip));
    if (query->scope->form == SCOPE_DOMAIN_TREE)
        return db_query(db, &NETWORK_PAGE_TREE, arena, most, ret_rows, err, db_int(first_id),
                        db_int(query->scope->domain_id), db_int(limit), db_int(skip));
    return db_query(db, &NETWORK_PAGE_ALL, arena, most, ret_rows, err, db_int(first_id), db_int(limit), db_int(skip));
}
