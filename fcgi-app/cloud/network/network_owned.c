/* Networks of an account that goes, shared ones of a tenant domain that goes, and ranges that were theirs. */
#include "cloud/identity/owned.h"
#include "cloud/network/network_jobs.h"
#include "cloud/quota/quota.h"

DB_STATEMENT(OWNED_NETWORKS_OF, .name = "network.owned", .row = &OWNED_OBJECT,
             .sql = "SELECT id, uuid, name FROM network WHERE account_id = ? AND removed IS NULL ORDER BY id LIMIT ?",
             .scan_reason = "an account's own networks, when it goes");
DB_STATEMENT(OWNED_NETWORKS_OF_DOMAIN, .name = "network.owned_by_domain", .row = &OWNED_OBJECT,
             .sql = "SELECT id, uuid, name FROM network FORCE INDEX (network_account) WHERE account_id = 0 AND removed "
                    "IS NULL AND domain_id = ? AND acl_type = 'Domain' AND is_system = 0 ORDER BY id LIMIT ?",
             .scan_reason = "shared networks are few; when a domain goes");
DB_STATEMENT(OWNED_RANGES_FREE, .name = "network.owned_ranges_free",
             .sql = "UPDATE ip_range SET account_id = 0, domain_id = 0 WHERE account_id = ?",
             .scan_reason = "ranges are few; when an account goes");
DB_STATEMENT(OWNED_RANGES_FREE_DOMAIN, .name = "network.owned_ranges_free_domain",
             .sql = "UPDATE ip_range SET domain_id = 0 WHERE domain_id = ? AND account_id = 0",
             .scan_reason = "ranges are few; when a domain goes");
DB_STATEMENT(OWNED_PATHS_FOLLOW, .name = "network.owned_paths_follow",
             .sql = "UPDATE network n JOIN domain_ancestor a ON a.domain_id = n.domain_id JOIN tenant_domain d ON d.id "
                    "= n.domain_id SET n.domain_path = d.path WHERE a.ancestor_id = ? AND n.removed IS NULL",
             .scan_reason = "when a domain gets another name or place");

DB_STATEMENT(
    RECOUNT, .name = "network.recount", .scan_reason = QUOTA_RECOUNT_REASON,
    .sql = QUOTA_RECOUNT("SELECT COUNT(*) FROM network n WHERE n.account_id = c.account_id AND n.removed IS NULL"));

static bool list(struct db *db, struct arena *arena, const struct owned_holder *holder, size_t most,
                 struct db_rows *ret_objects, struct error *err)
{
    if (holder->account_id == 0)
        return db_query(db, &OWNED_NETWORKS_OF_DOMAIN, arena, most, ret_objects, err, db_int(holder->domain_id),
                        db_int((int64_t)most));
    return db_query(db, &OWNED_NETWORKS_OF, arena, most, ret_objects, err, db_int(holder->account_id),
                    db_int((int64_t)most));
}

static bool begin(struct db *db, struct arena *arena, const struct owned_object *object, const struct job_stamp *stamp,
                  struct job_ref *ret_job, bool *ret_begun, struct error *err)
{
    const struct network_job_input input = {.network_id = object->id};
    const struct job_target target = {.object_kind = "network", .object_id = object->id, .object_uuid = object->uuid};
    (void)arena;
    *ret_begun = true;
    return job_create(db, &NETWORK_DELETE, &input, &target, stamp, ret_job, err);
}

static bool forget_account(struct db *db, int64_t account_id, struct error *err)
{
    return db_execute(db, &OWNED_RANGES_FREE, err, db_int(account_id));
}

static bool forget_domain(struct db *db, int64_t domain_id, struct error *err)
{
    return db_execute(db, &OWNED_RANGES_FREE_DOMAIN, err, db_int(domain_id));
}

static bool follow_domain(struct db *db, int64_t domain_id, struct error *err)
{
    return db_execute(db, &OWNED_PATHS_FOLLOW, err, db_int(domain_id));
}

void network_register_owned(void)
{
    static const struct owned_kind networks = {.name = "network",
                                               .title_key = "owned.network",
                                               .order = OWNED_NETWORKS,
                                               .remove = {.list = list, .begin = begin},
                                               .forget_account = forget_account,
                                               .forget_domain = forget_domain,
                                               .follow_domain = follow_domain};
    static const struct quota_source source = {QUOTA_NETWORK, &RECOUNT, NULL};
    owned_register(&networks);
    quota_register_source(&source);
}
