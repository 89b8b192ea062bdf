/* The SQL of counters. */
#include "cloud/quota/quota_store.h"

enum { KINDS_MAX = 200 };

FIELD_TABLE(COUNTER_ROW, struct counter_row, COLUMN(struct counter_row, holder_id), COLUMN(struct counter_row, kind),
            COLUMN(struct counter_row, used), COLUMN(struct counter_row, limit_value),
            COLUMN(struct counter_row, is_closed));

/* Ten places of (kind, delta, limit where none is stored); the join takes the rows of the kinds that are wanted. */
#define ONE "SELECT CAST(? AS SIGNED) AS kind, CAST(? AS SIGNED) AS delta, CAST(? AS SIGNED) AS default_limit"
#define MORE " UNION ALL SELECT CAST(? AS SIGNED), CAST(? AS SIGNED), CAST(? AS SIGNED)"
#define CHANGES "(" ONE MORE MORE MORE MORE MORE MORE MORE MORE MORE ") w"
#define FITS                                                                                                           \
    "(w.delta <= 0 OR COALESCE(c.limit_value, w.default_limit) < 0 OR "                                                \
    "c.used + w.delta <= COALESCE(c.limit_value, w.default_limit)) AND c.used + w.delta >= 0"
#define OPEN " AND (w.delta <= 0 OR c.is_closed = FALSE)"
enum { UNLIMITED_KINDS_FROM = 100 }; /* counters of lists: what runs already goes on being counted */

DB_STATEMENT(CHANGE_ACCOUNT, .name = "quota.change_account",
             .sql = "UPDATE account_counter c JOIN " CHANGES " ON c.kind = w.kind SET c.used = c.used + w.delta "
                    "WHERE c.account_id = ? AND " FITS OPEN);
DB_STATEMENT(CHANGE_DOMAINS, .name = "quota.change_domains",
             .sql = "UPDATE domain_counter c JOIN domain_ancestor a ON a.ancestor_id = c.domain_id JOIN " CHANGES
                    " ON c.kind = w.kind SET c.used = c.used + w.delta WHERE a.domain_id = ? AND " FITS);
#define HOLDERS "(" DB_MARKS_32 ")"
DB_STATEMENT(
    LIST_ACCOUNTS, .name = "quota.list_accounts", .row = &COUNTER_ROW,
    .sql = "SELECT account_id AS holder_id, kind, used, limit_value, is_closed FROM account_counter WHERE account_id "
           "IN " HOLDERS " ORDER BY account_id, kind");
DB_STATEMENT(LIST_DOMAINS, .name = "quota.list_domains", .row = &COUNTER_ROW,
             .sql = "SELECT domain_id AS holder_id, kind, used, limit_value, FALSE AS is_closed FROM domain_counter "
                    "WHERE domain_id "
                    "IN " HOLDERS " ORDER BY domain_id, kind");
DB_STATEMENT(OF_ACCOUNT, .name = "quota.of_account", .row = &DB_NUMBER,
             .sql = "SELECT used AS value FROM account_counter WHERE account_id = ? AND kind = ?");
DB_STATEMENT(OF_DOMAIN, .name = "quota.of_domain", .row = &DB_NUMBER,
             .sql = "SELECT used AS value FROM domain_counter WHERE domain_id = ? AND kind = ?");
DB_STATEMENT(OF_ROOT, .name = "quota.of_root", .row = &DB_NUMBER,
             .sql = "SELECT c.used AS value FROM tenant_domain d JOIN domain_counter c ON c.domain_id = d.id "
                    "WHERE d.parent_id = 0 AND d.name = 'ROOT' AND d.removed_id = 0 AND c.kind = ?");
DB_STATEMENT(OF_DOMAIN_ACCOUNTS, .name = "quota.of_domain_accounts", .row = &DB_NUMBER,
             .sql = "SELECT CAST(COALESCE(SUM(c.used), 0) AS SIGNED) AS value FROM account a JOIN account_counter c ON "
                    "c.account_id = a.id "
                    "WHERE a.domain_id = ? AND c.kind = ?");
DB_STATEMENT(COUNT_ABOVE, .name = "quota.count_above", .row = &DB_NUMBER,
             .sql = "SELECT COUNT(*) AS value FROM domain_ancestor WHERE domain_id = ?");
DB_STATEMENT(ADD_ACCOUNT, .name = "quota.add_account",
             .sql = "INSERT IGNORE INTO account_counter (account_id, kind, used, limit_value) VALUES (?, ?, 0, ?)");
DB_STATEMENT(ADD_DOMAIN, .name = "quota.add_domain",
             .sql = "INSERT IGNORE INTO domain_counter (domain_id, kind, used, limit_value) VALUES (?, ?, 0, ?)");
DB_STATEMENT(ADD_ACCOUNTS, .name = "quota.add_accounts", .scan_reason = "once, when a release brings a new kind",
             .sql = "INSERT IGNORE INTO account_counter (account_id, kind, used) SELECT id, ?, 0 FROM account");
DB_STATEMENT(ADD_DOMAINS, .name = "quota.add_domains", .scan_reason = "once, when a release brings a new kind",
             .sql = "INSERT IGNORE INTO domain_counter (domain_id, kind, used) SELECT id, ?, 0 FROM tenant_domain");
DB_STATEMENT(LIMIT_ACCOUNT, .name = "quota.limit_account",
             .sql = "UPDATE account_counter SET limit_value = ? WHERE account_id = ? AND kind = ?");
DB_STATEMENT(CLOSE_ACCOUNT, .name = "quota.close_account",
             .sql = "UPDATE account_counter SET is_closed = ? WHERE account_id = ? AND kind < ?");
DB_STATEMENT(HOLD_SUBTREE, .name = "quota.hold_subtree",
             .sql = "UPDATE account_counter c JOIN account o ON o.id = c.account_id JOIN domain_ancestor a ON "
                    "a.domain_id = o.domain_id SET c.used = c.used WHERE a.ancestor_id = ?");
DB_STATEMENT(HOLD_ACCOUNT, .name = "quota.hold_account",
             .sql = "UPDATE account_counter SET used = used WHERE account_id = ?");
DB_STATEMENT(SUM, .name = "quota.sum", .row = &DB_NUMBER, .scan_reason = QUOTA_RECOUNT_REASON,
             .sql = "SELECT CAST(COALESCE(SUM(c.used), 0) AS SIGNED) AS value FROM account_counter c JOIN account o ON "
                    "o.id = c.account_id JOIN domain_ancestor t ON t.domain_id = o.domain_id WHERE t.ancestor_id = ? "
                    "AND (? = 0 OR o.id = ?) AND c.kind = ?");
DB_STATEMENT(SUM_DOMAINS, .name = "quota.sum_domains", .scan_reason = QUOTA_RECOUNT_REASON,
             .sql = "UPDATE domain_counter c JOIN domain_ancestor t ON t.domain_id = c.domain_id SET c.used = (SELECT "
                    "COALESCE(SUM(x.used), 0) FROM domain_ancestor b JOIN account o ON o.domain_id = b.domain_id JOIN "
                    "account_counter x ON x.account_id = o.id WHERE b.ancestor_id = c.domain_id AND x.kind = c.kind) "
                    "WHERE t.ancestor_id = ? AND c.kind = ?");
/* Domains that had drifted, too, may not have had what is taken off. */
DB_STATEMENT(ADD_ABOVE, .name = "quota.add_above",
             .sql = "UPDATE domain_counter c JOIN domain_ancestor a ON a.ancestor_id = c.domain_id SET c.used = "
                    "GREATEST(CAST(c.used AS SIGNED) + ?, 0) WHERE a.domain_id = ? AND (? OR a.ancestor_id <> "
                    "a.domain_id) AND c.kind = ?");
DB_STATEMENT(CARRY, .name = "quota.carry",
             .sql = "UPDATE domain_counter c JOIN domain_ancestor a ON a.ancestor_id = c.domain_id JOIN domain_counter "
                    "own ON own.kind = c.kind SET c.used = c.used + ? * own.used WHERE a.domain_id = ? AND "
                    "own.domain_id = ?");
DB_STATEMENT(ABOVE, .name = "quota.above", .row = &DB_NUMBER,
             .sql = "SELECT ancestor_id AS value FROM domain_ancestor WHERE domain_id = ?");
DB_STATEMENT(LIMIT_DOMAIN, .name = "quota.limit_domain",
             .sql = "UPDATE domain_counter SET limit_value = ? WHERE domain_id = ? AND kind = ?");

static bool change(struct db *db, const struct db_statement *statement, int64_t holder_id,
                   const struct counter_change changes[static QUOTA_CHANGES_MAX], uint64_t *ret_rows, struct error *err)
{
    struct db_value values[QUOTA_CHANGES_MAX * 3 + 1];
    for (size_t i = 0; i < QUOTA_CHANGES_MAX; i++) {
        values[i * 3] = db_int(changes[i].kind);
        values[i * 3 + 1] = db_int(changes[i].delta);
        values[i * 3 + 2] = db_int(changes[i].default_limit);
    }
    values[QUOTA_CHANGES_MAX * 3] = db_int(holder_id);
    if (!db_execute_values(db, statement, values, COUNT_OF(values), err))
        return false;
    *ret_rows = db_affected_rows(db);
    return true;
}

bool counter_change_account(struct db *db, int64_t account_id,
                            const struct counter_change changes[static QUOTA_CHANGES_MAX], uint64_t *ret_rows,
                            struct error *err)
{
    return change(db, &CHANGE_ACCOUNT, account_id, changes, ret_rows, err);
}

bool counter_change_domains(struct db *db, int64_t domain_id,
                            const struct counter_change changes[static QUOTA_CHANGES_MAX], uint64_t *ret_rows,
                            struct error *err)
{
    return change(db, &CHANGE_DOMAINS, domain_id, changes, ret_rows, err);
}

bool counter_list_accounts(struct db *db, struct arena *arena, const int64_t *ids, size_t count,
                           struct db_rows *ret_rows, struct error *err)
{
    return db_query_ids(db, &LIST_ACCOUNTS, arena, QUOTA_HOLDERS_MAX * KINDS_MAX, QUOTA_HOLDERS_MAX, ids, count,
                        ret_rows, err);
}

bool counter_list_domains(struct db *db, struct arena *arena, const int64_t *ids, size_t count,
                          struct db_rows *ret_rows, struct error *err)
{
    return db_query_ids(db, &LIST_DOMAINS, arena, QUOTA_HOLDERS_MAX * KINDS_MAX, QUOTA_HOLDERS_MAX, ids, count,
                        ret_rows, err);
}

static bool number(struct db *db, const struct db_statement *statement, const struct db_value *values, size_t count,
                   int64_t *ret_number, struct error *err)
{
    struct db_number row = {0};
    bool found = false;
    if (!db_query_one_values(db, statement, NULL, &row, &found, values, count, err))
        return false;
    *ret_number = row.value;
    return true;
}

bool counter_of_account(struct db *db, int64_t account_id, int64_t kind, int64_t *ret_used, struct error *err)
{
    return number(db, &OF_ACCOUNT, (struct db_value[]){db_int(account_id), db_int(kind)}, 2, ret_used, err);
}

bool counter_of_domain(struct db *db, int64_t domain_id, int64_t kind, int64_t *ret_used, struct error *err)
{
    return number(db, &OF_DOMAIN, (struct db_value[]){db_int(domain_id), db_int(kind)}, 2, ret_used, err);
}

bool counter_of_root(struct db *db, int64_t kind, int64_t *ret_used, struct error *err)
{
    return number(db, &OF_ROOT, (struct db_value[]){db_int(kind)}, 1, ret_used, err);
}

bool counter_of_domain_accounts(struct db *db, int64_t domain_id, int64_t kind, int64_t *ret_used, struct error *err)
{
    return number(db, &OF_DOMAIN_ACCOUNTS, (struct db_value[]){db_int(domain_id), db_int(kind)}, 2, ret_used, err);
}

bool counter_count_domains_above(struct db *db, int64_t domain_id, int64_t *ret_count, struct error *err)
{
    return number(db, &COUNT_ABOVE, (struct db_value[]){db_int(domain_id)}, 1, ret_count, err);
}

bool counter_add_account(struct db *db, int64_t account_id, int64_t kind, struct opt_int limit, struct error *err)
{
    return db_execute(db, &ADD_ACCOUNT, err, db_int(account_id), db_int(kind), db_opt_int(limit));
}

bool counter_add_domain(struct db *db, int64_t domain_id, int64_t kind, struct opt_int limit, struct error *err)
{
    return db_execute(db, &ADD_DOMAIN, err, db_int(domain_id), db_int(kind), db_opt_int(limit));
}

bool counter_add_everywhere(struct db *db, int64_t kind, struct error *err)
{
    return db_execute(db, &ADD_ACCOUNTS, err, db_int(kind)) && db_execute(db, &ADD_DOMAINS, err, db_int(kind));
}

bool counter_limit_account(struct db *db, int64_t account_id, int64_t kind, struct opt_int limit, struct error *err)
{
    return db_execute(db, &LIMIT_ACCOUNT, err, db_opt_int(limit), db_int(account_id), db_int(kind));
}

bool counter_close_account(struct db *db, int64_t account_id, bool is_closed, struct error *err)
{
    return db_execute(db, &CLOSE_ACCOUNT, err, db_bool(is_closed), db_int(account_id), db_int(UNLIMITED_KINDS_FROM));
}

bool counter_hold_subtree(struct db *db, int64_t domain_id, struct error *err)
{
    return db_execute(db, &HOLD_SUBTREE, err, db_int(domain_id));
}

bool counter_hold_account(struct db *db, int64_t account_id, struct error *err)
{
    return db_execute(db, &HOLD_ACCOUNT, err, db_int(account_id));
}

bool counter_sum(struct db *db, int64_t domain_id, int64_t account_id, int64_t kind, int64_t *ret_sum,
                 struct error *err)
{
    return number(db, &SUM,
                  (struct db_value[]){db_int(domain_id), db_int(account_id), db_int(account_id), db_int(kind)}, 4,
                  ret_sum, err);
}

bool counter_sum_domains(struct db *db, int64_t domain_id, int64_t kind, struct error *err)
{
    return db_execute(db, &SUM_DOMAINS, err, db_int(domain_id), db_int(kind));
}

bool counter_add_above(struct db *db, int64_t domain_id, bool itself, int64_t kind, int64_t delta, struct error *err)
{
    return db_execute(db, &ADD_ABOVE, err, db_int(delta), db_int(domain_id), db_bool(itself), db_int(kind));
}

bool counter_carry(struct db *db, int64_t domain_id, int64_t above_id, int64_t sign, struct error *err)
{
    return db_execute(db, &CARRY, err, db_int(sign), db_int(above_id), db_int(domain_id));
}

bool counter_domains_above(struct db *db, struct arena *arena, int64_t domain_id, struct db_rows *ret_ids,
                           struct error *err)
{
    return db_query(db, &ABOVE, arena, 1000, ret_ids, err, db_int(domain_id));
}

bool counter_limit_domain(struct db *db, int64_t domain_id, int64_t kind, struct opt_int limit, struct error *err)
{
    return db_execute(db, &LIMIT_DOMAIN, err, db_opt_int(limit), db_int(domain_id), db_int(kind));
}
