/* Pages of listVirtualMachines. Without filters a page starts at an anchor (cloud/bucket) and reads no more than it
 * shows; with filters it is a search. */
#include "base/text.h"
#include "cloud/bucket/bucket.h"
#include "cloud/vm/vm_columns.h"

#define X(column) COLUMN(struct vm, column),
FIELD_TABLE(VM_LISTED_ROW, struct vm, VM_LISTED_COLUMNS(X) COLUMN(struct vm, updated));
#undef X

DB_STATEMENT(VM_PAGE_ACCOUNT, .name = "vm.page_account",
             .sql = VM_LIST_SELECT
             " FORCE INDEX (vm_account) WHERE v.account_id = ? AND v.id >= ? AND v.listed >= ? ORDER "
             "BY v.account_id, v.id LIMIT ? OFFSET ?",
             .row = &VM_LISTED_ROW);
DB_STATEMENT(VM_PAGE_ALL, .name = "vm.page_all",
             .sql = VM_LIST_SELECT
             " WHERE v.id >= ? AND v.account_id > 0 AND v.listed >= ? ORDER BY v.id LIMIT ? OFFSET ?",
             .row = &VM_LISTED_ROW);
DB_STATEMENT(VM_PAGE_TREE, .name = "vm.page_tree",
             .sql = VM_LIST_SELECT
             " FORCE INDEX (PRIMARY) WHERE v.id >= ? AND v.account_id > 0 AND v.listed >= ? AND " SCOPE_BELOW(
                 "v.domain_id") " ORDER BY v.id LIMIT ? OFFSET ?",
             .row = &VM_LISTED_ROW, .scan_reason = "walks vm from the anchor on and leaves out other trees");

#define VM_SCOPE SCOPE_MATCH("v.account_id", "v.domain_id")
#define VM_MATCH                                                                                                       \
    " WHERE v.id BETWEEN ? AND ? AND v.listed >= ? AND " VM_SCOPE                                                      \
    " AND (? IS NULL OR LOCATE(CONCAT(',', v.id, ','), ?) > 0) AND (? IS NULL OR v.name = ? OR v.display_name = ?)"    \
    " AND (? IS NULL OR " HOLDS("v.name") " OR " HOLDS("v.display_name") " OR " HOLDS("v.instance_name")               \
    " OR " HOLDS("v.state") ")"                                                                                        \
    " AND (? IS NULL OR v.state = ? OR (? = 'present' AND v.state NOT IN ('Destroyed', 'Expunging')))"                 \
    " AND (? IS NULL OR v.hypervisor = ?) AND (? IS NULL OR v.image_id IN (SELECT i.id FROM image i WHERE i.arch = "   \
    "?))"                                                                                                              \
    " AND (? = 0 OR v.zone_id = ?) AND (? = 0 OR v.host_id = ?) AND (? = 0 OR v.image_id = ?) AND (? = 0 OR "          \
    "v.offering_id = ?)"                                                                                               \
    " AND (? = 0 OR v.group_id = ?) AND (? = 0 OR v.user_id = ?) AND (? IS NULL OR v.is_shown = ?) AND (? IS NULL OR " \
    "v.ha_enabled = ?)"                                                                                                \
    " AND (? = 0 OR v.host_id IN (SELECT h.id FROM host h WHERE h.pod_id = ?))"                                        \
    " AND (? = 0 OR v.host_id IN (SELECT h.id FROM host h WHERE h.cluster_id = ?))"                                    \
    " AND (? = 0 OR EXISTS (SELECT 1 FROM vm_nic n WHERE n.vm_id = v.id AND n.network_id = ?))"                        \
    " AND (? IS NULL OR EXISTS (SELECT 1 FROM vm_ssh_key k WHERE k.vm_id = v.id AND k.name = ?))"                      \
    " AND (? = 0 OR EXISTS (SELECT 1 FROM vm_user_data u WHERE u.vm_id = v.id AND u.user_data_id = ?))"                \
    " AND (? = 0 OR EXISTS (SELECT 1 FROM volume d WHERE d.vm_id = v.id AND d.pool_id = ?))" TAG_MATCH("vm", "v.id")
DB_STATEMENT(VM_COUNT, .name = "vm.count", .sql = "SELECT COUNT(*) AS value FROM vm v" VM_MATCH, .row = &DB_NUMBER,
             .scan_reason = "filters of listVirtualMachines that no counter covers");
DB_STATEMENT(VM_SEARCH, .name = "vm.search", .sql = VM_LIST_SELECT VM_MATCH " ORDER BY v.id LIMIT ? OFFSET ?",
             .row = &VM_LISTED_ROW, .scan_reason = "filters of listVirtualMachines that no counter covers");

static bool is_plain(const struct vm_query *q)
{
    return q->ids == NULL && q->name == NULL && q->keyword_like == NULL && q->state == NULL && q->hypervisor == NULL &&
           q->arch == NULL && q->key_pair == NULL && !q->shown.set && !q->ha_enabled.set && q->tags.count == 0 &&
           (q->zone_id | q->pod_id | q->cluster_id | q->host_id | q->image_id | q->offering_id | q->network_id |
            q->group_id | q->user_id | q->pool_id | q->user_data_id) == 0;
}

static void bind(struct db_binder *b, const struct vm_query *q)
{
    db_put(b, db_int(q->first_id), 1);
    db_put(b, db_int(q->last_id != 0 ? q->last_id : INT64_MAX), 1);
    db_put(b, db_int(q->least_listed), 1);
    scope_bind(b, q->scope);
    db_put(b, db_text(q->ids), 2);
    db_put(b, db_text(q->name), 3);
    db_put(b, db_text(q->keyword_like), 5);
    db_put(b, db_text(q->state), 3);
    db_put(b, db_text(q->hypervisor), 2);
    db_put(b, db_text(q->arch), 2);
    const int64_t numbers[] = {q->zone_id, q->host_id, q->image_id, q->offering_id, q->group_id, q->user_id};
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        db_put(b, db_int(numbers[i]), 2);
    db_put(b, db_opt_bool(q->shown), 2);
    db_put(b, db_opt_bool(q->ha_enabled), 2);
    const int64_t places[] = {q->pod_id, q->cluster_id, q->network_id};
    for (size_t i = 0; i < COUNT_OF(places); i++)
        db_put(b, db_int(places[i]), 2);
    db_put(b, db_text(q->key_pair), 2);
    db_put(b, db_int(q->user_data_id), 2);
    db_put(b, db_int(q->pool_id), 2);
    tag_filter_bind(b, &q->tags);
}

static bool search(struct db *db, struct arena *arena, const struct vm_query *query, struct db_rows *ret_rows,
                   int64_t *ret_total, struct error *err)
{
    struct db_binder b = {.count = 0};
    bind(&b, query);
    return db_query_page(db, &VM_COUNT, &VM_SEARCH, arena, &b, query->limit, query->offset, ret_rows, ret_total, err);
}

static bool read_page(struct db *db, struct arena *arena, const struct vm_query *query, const struct bucket_page *page,
                      struct db_rows *ret_rows, struct error *err)
{
    const struct list_scope *scope = query->scope;
    struct db_value first = db_int(page->first_id), least = db_int(query->least_listed), limit = db_int(query->limit),
                    skip = db_int(page->skip);
    if (scope->form == SCOPE_ACCOUNT_ONLY)
        return db_query(db, &VM_PAGE_ACCOUNT, arena, (size_t)query->limit, ret_rows, err, db_int(scope->account_id),
                        first, least, limit, skip);
    if (scope->form == SCOPE_DOMAIN_TREE)
        return db_query(db, &VM_PAGE_TREE, arena, (size_t)query->limit, ret_rows, err, first, least,
                        db_int(scope->domain_id), limit, skip);
    return db_query(db, &VM_PAGE_ALL, arena, (size_t)query->limit, ret_rows, err, first, least, limit, skip);
}

bool vm_store_list(struct db *db, struct arena *arena, const struct vm_query *query, struct db_rows *ret_rows,
                   int64_t *ret_total, struct error *err)
{
    struct bucket_page page = {.total = 0};
    bool covered = false;
    *ret_rows = (struct db_rows){.items = NULL, .count = 0};
    if (is_plain(query) &&
        !bucket_page(db, arena, "vm", query->scope, query->least_listed, query->offset, &page, &covered, err))
        return false;
    if (!covered)
        return search(db, arena, query, ret_rows, ret_total, err);
    *ret_total = page.total;
    return page.first_id == INT64_MAX || query->limit == 0 || read_page(db, arena, query, &page, ret_rows, err);
}
