/* Keeping and reading the counters of table page_bucket. */
#include "cloud/bucket/bucket.h"

#include "base/text.h"
#include "cloud/identity/identity.h"

struct bucket_row {
    int64_t bucket, live, present;
};
FIELD_TABLE(BUCKET_ROW, struct bucket_row, COLUMN(struct bucket_row, bucket), COLUMN(struct bucket_row, live),
            COLUMN(struct bucket_row, present));

DB_STATEMENT(BUCKET_ADD, .name = "bucket.add",
             .sql = "INSERT INTO page_bucket (kind, scope, scope_id, bucket, live, present) VALUES (?, ?, ?, ?, ?, ?) "
                    "ON DUPLICATE KEY UPDATE live = live + VALUES(live), present = present + VALUES(present)");
DB_STATEMENT(
    BUCKET_READ, .name = "bucket.read",
    .sql =
        "SELECT bucket, live, present FROM page_bucket WHERE kind = ? AND scope = ? AND scope_id = ? AND present > 0 "
        "ORDER BY bucket",
    .row = &BUCKET_ROW);

DB_STATEMENT(BUCKET_CARRY, .name = "bucket.carry",
             .sql = "INSERT INTO page_bucket (kind, scope, scope_id, bucket, live, present) SELECT b.kind, 'd', "
                    "a.ancestor_id, b.bucket, ? * b.live, ? * b.present FROM page_bucket b JOIN domain_ancestor a ON "
                    "a.domain_id = ? WHERE b.scope = 'd' AND b.scope_id = ? LOCK IN SHARE MODE "
                    "ON DUPLICATE KEY UPDATE live = page_bucket.live + VALUES(live), present = page_bucket.present + "
                    "VALUES(present)",
             .scan_reason = "when an operator moves a domain");

enum { BUCKETS_MAX = 100000 };

static bool add(struct db *db, const char *kind, const char *scope, int64_t scope_id, int64_t object_id, int64_t live,
                int64_t present, struct error *err)
{
    return db_execute(db, &BUCKET_ADD, err, db_text(kind), db_text(scope), db_int(scope_id),
                      db_int(object_id / BUCKET_IDS), db_int(live), db_int(present));
}

bool bucket_change(struct db *db, struct arena *arena, const char *kind, int64_t account_id, int64_t domain_id,
                   int64_t object_id, int before, int after, struct error *err)
{
    int64_t live = (after >= 2) - (before >= 2);
    int64_t present = (after >= 1) - (before >= 1);
    if (live == 0 && present == 0)
        return true;
    if (account_id != 0 && !add(db, kind, "a", account_id, object_id, live, present, err))
        return false;
    if (account_is_project(account_id)) /* lists of several owners leave it out */
        return true;
    /* From the object's tenant domain upwards: always the same order of locks, ROOT last because everybody needs it. */
    for (int64_t id = domain_id; id != 0;) {
        struct identity_domain *domain = NULL;
        if (!identity_find_domain_any(db, arena, id, &domain, err))
            return false;
        if (domain == NULL)
            return error_with(err, ERROR_INTERNAL, "bucket.domain_missing", E_INT("domain", id));
        if (!add(db, kind, "d", domain->id, object_id, live, present, err))
            return false;
        id = domain->parent_id;
    }
    return add(db, kind, "g", 0, object_id, live, present, err);
}

bool bucket_carry(struct db *db, int64_t domain_id, int64_t above_id, int64_t sign, struct error *err)
{
    return db_execute(db, &BUCKET_CARRY, err, db_int(sign), db_int(sign), db_int(above_id), db_int(domain_id));
}

static bool scope_key(const struct list_scope *scope, const char **ret_scope, int64_t *ret_id)
{
    switch (scope->form) {
    case SCOPE_ACCOUNT_ONLY:
        *ret_scope = "a";
        *ret_id = scope->account_id;
        return true;
    case SCOPE_DOMAIN_TREE:
        *ret_scope = "d";
        *ret_id = scope->domain_id;
        return scope->domain_id != 0;
    case SCOPE_EVERYTHING:
        *ret_scope = "g";
        *ret_id = 0;
        return true;
    case SCOPE_DOMAIN_ONLY:
        break;
    }
    return false;
}

bool bucket_page(struct db *db, struct arena *arena, const char *kind, const struct list_scope *scope, int least_listed,
                 int64_t offset, struct bucket_page *ret_page, bool *ret_covered, struct error *err)
{
    const char *scope_name = NULL;
    int64_t scope_id = 0;
    *ret_covered = !scope->projects_only && !scope->account_ids && scope_key(scope, &scope_name, &scope_id);
    if (!*ret_covered)
        return true;
    struct db_rows rows;
    if (!db_query(db, &BUCKET_READ, arena, BUCKETS_MAX, &rows, err, db_text(kind), db_text(scope_name),
                  db_int(scope_id)))
        return false;
    const struct bucket_row *buckets = rows.items;
    struct bucket_page page = {.first_id = INT64_MAX};
    for (size_t i = 0; i < rows.count; i++) {
        int64_t shown = least_listed >= 2 ? buckets[i].live : buckets[i].present;
        if (page.first_id == INT64_MAX && offset < page.total + shown) {
            page.first_id = buckets[i].bucket * BUCKET_IDS;
            page.skip = offset - page.total;
        }
        page.total += shown;
        page.last_id = (buckets[i].bucket + 1) * BUCKET_IDS - 1;
    }
    *ret_page = page;
    return true;
}

void scope_bind(struct db_binder *binder, const struct list_scope *scope)
{
    bool of_account = scope->form == SCOPE_ACCOUNT_ONLY;
    db_put(binder, of_account && !scope->account_ids ? db_int(scope->account_id) : db_null(), 2);
    db_put(binder, db_text(of_account ? scope->account_ids : NULL), 2);
    db_put(binder, of_account ? db_null() : db_bool(scope->projects_only), 2);
    db_put(binder, db_ref(scope->form == SCOPE_DOMAIN_ONLY ? scope->domain_id : 0), 2);
    db_put(binder, db_ref(scope->form == SCOPE_DOMAIN_TREE ? scope->domain_id : 0), 2);
}
