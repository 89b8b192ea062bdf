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
             .sql = NETWORK_SELECT " WHERE n.id >= ? AND n.account_id > 0 AND n.removed IS NULL AND "
                                   "FIND_IN_SET(n.domain_id, ?) ORDER BY n.id LIMIT ? OFFSET ?",
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
    " AND (? = 0 OR EXISTS (SELECT 1 FROM resource_tag t WHERE t.object_kind = 'network' AND t.object_id = n.id AND "  \
    "((t.name = ? AND t.value = ?)"                                                                                    \
    " OR (t.name = ? AND t.value = ?) OR (t.name = ? AND t.value = ?) OR (t.name = ? AND t.value = ?))))"
DB_STATEMENT(NETWORK_COUNT, .name = "network.count", .sql = "SELECT COUNT(*) AS value FROM network n" NETWORK_MATCH,
             .row = &DB_NUMBER, .scan_reason = "filters of listNetworks that no counter covers");
DB_STATEMENT(NETWORK_SEARCH, .name = "network.search",
             .sql = NETWORK_SELECT NETWORK_MATCH " ORDER BY n.id LIMIT ? OFFSET ?", .row = &NETWORK_ROW,
             .scan_reason = "filters of listNetworks that no counter covers");

enum { VALUES_MAX = 64 };
struct binder {
    struct db_value values[VALUES_MAX];
    size_t count;
};

static void put(struct binder *b, struct db_value value, int times)
{
    for (int i = 0; i < times && b->count < VALUES_MAX; i++)
        b->values[b->count++] = value;
}

static void bind_scope(struct binder *b, const struct network_query *q)
{
    put(b, db_bool(q->everything), 1);
    put(b, db_bool(q->owned), 1);
    scope_bind(q->scope, q->domain_ids, b->values + b->count);
    b->count += SCOPE_VALUES;
    put(b, db_text(q->shared_ids ? q->shared_ids : ""), 1);
    put(b, db_bool(q->is_system.set && q->is_system.value), 1);
}

static void bind(struct binder *b, const struct network_query *q)
{
    bind_scope(b, q);
    put(b, db_int(q->id), 2);
    put(b, db_text(q->name), 2);
    put(b, db_text(q->keyword_like), 3);
    const char *const texts[] = {q->traffic_type, q->guest_type, q->acl_type, q->offering_ids, q->segment};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        put(b, db_text(texts[i]), 2);
    const int64_t numbers[] = {q->zone_id, q->physical_network_id, q->offering_id};
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        put(b, db_int(numbers[i]), 2);
    put(b, db_opt_bool(q->restart_required), 2);
    put(b, db_opt_bool(q->display), 2);
    put(b, db_opt_bool(q->is_system), 2);
    put(b, db_int((int64_t)q->tags.count), 1);
    for (size_t i = 0; i < TAG_FILTER_MAX; i++) {
        put(b, db_text(q->tags.key[i]), 1);
        put(b, db_text(q->tags.value[i]), 1);
    }
}

bool network_store_search(struct db *db, struct arena *arena, const struct network_query *query,
                          struct db_rows *ret_rows, int64_t *ret_total, struct error *err)
{
    struct binder b = {.count = 0};
    struct db_number total = {0};
    bool found = false;
    bind(&b, query);
    *ret_rows = (struct db_rows){.items = NULL, .count = 0};
    if (!db_query_one_values(db, &NETWORK_COUNT, arena, &total, &found, b.values, b.count, err))
        return false;
    *ret_total = total.value;
    if (query->limit == 0)
        return true;
    put(&b, db_int(query->limit), 1);
    put(&b, db_int(query->offset), 1);
    return db_query_values(db, &NETWORK_SEARCH, arena, (size_t)query->limit, ret_rows, b.values, b.count, err);
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
                        db_text(query->domain_ids), db_int(limit), db_int(skip));
    return db_query(db, &NETWORK_PAGE_ALL, arena, most, ret_rows, err, db_int(first_id), db_int(limit), db_int(skip));
}
