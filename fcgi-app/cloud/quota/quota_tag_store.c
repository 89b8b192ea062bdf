/* The SQL of counters by tag. */
#include "cloud/quota/quota_tag_store.h"

FIELD_TABLE(TAG_COUNTER_ROW, struct tag_counter_row, COLUMN(struct tag_counter_row, holder_id),
            COLUMN(struct tag_counter_row, kind), COLUMN(struct tag_counter_row, used),
            COLUMN(struct tag_counter_row, tag), COLUMN(struct tag_counter_row, limit_value));

#define FITS                                                                                                           \
    "c.used + ? >= 0 AND (? <= 0 OR NOT ? OR c.limit_value IS NULL OR c.limit_value < 0 OR c.used + ? <= "             \
    "c.limit_value)"
DB_STATEMENT(ENSURE_ACCOUNT, .name = "quota_tag.ensure_account",
             .sql = "INSERT IGNORE INTO account_tag_counter (account_id, kind, tag) VALUES (?, ?, ?)");
DB_STATEMENT(ENSURE_DOMAINS, .name = "quota_tag.ensure_domains",
             .sql = "INSERT IGNORE INTO domain_tag_counter (domain_id, kind, tag) SELECT ancestor_id, ?, ? FROM "
                    "domain_ancestor WHERE domain_id = ? ORDER BY ancestor_id DESC");
DB_STATEMENT(CHANGE_ACCOUNT, .name = "quota_tag.change_account",
             .sql = "UPDATE account_tag_counter c SET c.used = c.used + ? WHERE c.account_id = ? AND c.kind = ? AND "
                    "c.tag = ? AND " FITS);
DB_STATEMENT(CHANGE_DOMAINS, .name = "quota_tag.change_domains",
             .sql = "UPDATE domain_tag_counter c JOIN domain_ancestor a ON a.ancestor_id = c.domain_id SET c.used = "
                    "c.used + ? WHERE a.domain_id = ? AND c.kind = ? AND c.tag = ? AND " FITS);
DB_STATEMENT(COUNT_ABOVE, .name = "quota_tag.count_above", .row = &DB_NUMBER,
             .sql = "SELECT COUNT(*) AS value FROM domain_ancestor WHERE domain_id = ?");
#define HOLDERS "(" DB_MARKS_32 ")"
DB_STATEMENT(LIST_ACCOUNTS, .name = "quota_tag.list_accounts", .row = &TAG_COUNTER_ROW,
             .sql = "SELECT account_id AS holder_id, kind, used, tag, limit_value FROM account_tag_counter WHERE "
                    "account_id IN " HOLDERS " ORDER BY account_id, kind, tag");
DB_STATEMENT(LIST_DOMAINS, .name = "quota_tag.list_domains", .row = &TAG_COUNTER_ROW,
             .sql = "SELECT domain_id AS holder_id, kind, used, tag, limit_value FROM domain_tag_counter WHERE "
                    "domain_id IN " HOLDERS " ORDER BY domain_id, kind, tag");
DB_STATEMENT(LIMIT_ACCOUNT, .name = "quota_tag.limit_account",
             .sql = "INSERT INTO account_tag_counter (account_id, kind, tag, limit_value) VALUES (?, ?, ?, ?) ON "
                    "DUPLICATE KEY UPDATE limit_value = VALUES(limit_value)");
DB_STATEMENT(LIMIT_DOMAIN, .name = "quota_tag.limit_domain",
             .sql = "INSERT INTO domain_tag_counter (domain_id, kind, tag, limit_value) VALUES (?, ?, ?, ?) ON "
                    "DUPLICATE KEY UPDATE limit_value = VALUES(limit_value)");
DB_STATEMENT(CARRY, .name = "quota_tag.carry",
             .sql = "UPDATE domain_tag_counter c JOIN domain_ancestor a ON a.ancestor_id = c.domain_id JOIN "
                    "domain_tag_counter own ON own.kind = c.kind AND own.tag = c.tag SET c.used = c.used + ? * "
                    "own.used WHERE a.domain_id = ? AND own.domain_id = ?");
DB_STATEMENT(CARRY_ENSURE, .name = "quota_tag.carry_ensure",
             .sql = "INSERT IGNORE INTO domain_tag_counter (domain_id, kind, tag) SELECT a.ancestor_id, own.kind, "
                    "own.tag FROM domain_tag_counter own JOIN domain_ancestor a ON a.domain_id = ? WHERE own.domain_id "
                    "= ?");
#define OF_SUBTREE "account o JOIN domain_ancestor t ON t.domain_id = o.domain_id"
#define IN_SUBTREE "t.ancestor_id = ? AND (? = 0 OR o.id = ?)"
DB_STATEMENT(PREPARE, .name = "quota_tag.prepare", .scan_reason = "when an operator counts anew",
             .sql = "INSERT IGNORE INTO account_tag_counter (account_id, kind, tag) SELECT o.id, ?, ? FROM " OF_SUBTREE
                    " WHERE " IN_SUBTREE);
DB_STATEMENT(PREPARE_DOMAINS, .name = "quota_tag.prepare_domains", .scan_reason = "when an operator counts anew",
             .sql = "INSERT IGNORE INTO domain_tag_counter (domain_id, kind, tag) SELECT t.domain_id, ?, ? FROM "
                    "domain_ancestor t WHERE t.ancestor_id = ?");
DB_STATEMENT(SUM_DOMAINS, .name = "quota_tag.sum_domains", .scan_reason = "when an operator counts anew",
             .sql = "UPDATE domain_tag_counter c JOIN domain_ancestor t ON t.domain_id = c.domain_id SET c.used = "
                    "(SELECT COALESCE(SUM(x.used), 0) FROM domain_ancestor b JOIN account o ON o.domain_id = "
                    "b.domain_id JOIN account_tag_counter x ON x.account_id = o.id WHERE b.ancestor_id = c.domain_id "
                    "AND x.kind = c.kind AND x.tag = c.tag) WHERE t.ancestor_id = ? AND c.kind = ? AND c.tag = ?");
DB_STATEMENT(SUM, .name = "quota_tag.sum", .row = &DB_NUMBER, .scan_reason = "when an operator counts anew",
             .sql = "SELECT CAST(COALESCE(SUM(c.used), 0) AS SIGNED) AS value FROM account_tag_counter c JOIN account "
                    "o ON o.id = c.account_id JOIN domain_ancestor t ON t.domain_id = o.domain_id WHERE " IN_SUBTREE
                    " AND c.kind = ? AND c.tag = ?");
DB_STATEMENT(ADD_ABOVE, .name = "quota_tag.add_above",
             .sql = "UPDATE domain_tag_counter c JOIN domain_ancestor a ON a.ancestor_id = c.domain_id SET c.used = "
                    "GREATEST(CAST(c.used AS SIGNED) + ?, 0) WHERE a.domain_id = ? AND (? OR a.ancestor_id <> "
                    "a.domain_id) AND c.kind = ? AND c.tag = ?");

bool tag_counter_change(struct db *db, const struct owner *owner, const struct tag_change *change, bool *ret_fits,
                        struct error *err)
{
    struct db_number above = {0};
    bool found = false;
    struct db_value kind = db_int(change->kind), tag = db_text(change->tag), delta = db_int(change->delta),
                    limited = db_bool(change->is_limited);
    if (!db_execute(db, &ENSURE_ACCOUNT, err, db_int(owner->account_id), kind, tag) ||
        !db_execute(db, &ENSURE_DOMAINS, err, kind, tag, db_int(owner->domain_id)) ||
        !db_execute(db, &CHANGE_ACCOUNT, err, delta, db_int(owner->account_id), kind, tag, delta, delta, limited,
                    delta))
        return false;
    *ret_fits = db_affected_rows(db) == 1;
    if (!*ret_fits)
        return true;
    if (!db_query_one(db, &COUNT_ABOVE, NULL, &above, &found, err, db_int(owner->domain_id)) ||
        !db_execute(db, &CHANGE_DOMAINS, err, delta, db_int(owner->domain_id), kind, tag, delta, delta, limited, delta))
        return false;
    *ret_fits = (int64_t)db_affected_rows(db) == above.value;
    return true;
}

bool tag_counter_list(struct db *db, struct arena *arena, bool of_domains, const int64_t *ids, size_t count,
                      struct db_rows *ret_rows, struct error *err)
{
    return db_query_ids(db, of_domains ? &LIST_DOMAINS : &LIST_ACCOUNTS, arena, TAG_ROWS_MAX, QUOTA_HOLDERS_MAX, ids,
                        count, ret_rows, err);
}

bool tag_counter_limit(struct db *db, bool of_domain, int64_t holder_id, int64_t kind, const char *tag, int64_t limit,
                       struct error *err)
{
    return db_execute(db, of_domain ? &LIMIT_DOMAIN : &LIMIT_ACCOUNT, err, db_int(holder_id), db_int(kind),
                      db_text(tag), db_int(limit));
}

bool tag_counter_carry(struct db *db, int64_t domain_id, int64_t above_id, int64_t sign, struct error *err)
{
    return db_execute(db, &CARRY_ENSURE, err, db_int(above_id), db_int(domain_id)) &&
           db_execute(db, &CARRY, err, db_int(sign), db_int(above_id), db_int(domain_id));
}

bool tag_counter_prepare(struct db *db, int64_t domain_id, int64_t account_id, int64_t kind, const char *tag,
                         struct error *err)
{
    return db_execute(db, &PREPARE, err, db_int(kind), db_text(tag), db_int(domain_id), db_int(account_id),
                      db_int(account_id)) &&
           db_execute(db, &PREPARE_DOMAINS, err, db_int(kind), db_text(tag), db_int(domain_id)) &&
           db_execute(db, &ENSURE_DOMAINS, err, db_int(kind), db_text(tag), db_int(domain_id));
}

bool tag_counter_sum_domains(struct db *db, int64_t domain_id, int64_t kind, const char *tag, struct error *err)
{
    return db_execute(db, &SUM_DOMAINS, err, db_int(domain_id), db_int(kind), db_text(tag));
}

bool tag_counter_sum(struct db *db, int64_t domain_id, int64_t account_id, int64_t kind, const char *tag,
                     int64_t *ret_sum, struct error *err)
{
    struct db_number row = {0};
    bool found = false;
    if (!db_query_one(db, &SUM, NULL, &row, &found, err, db_int(domain_id), db_int(account_id), db_int(account_id),
                      db_int(kind), db_text(tag)))
        return false;
    *ret_sum = row.value;
    return true;
}

bool tag_counter_add_above(struct db *db, int64_t domain_id, bool itself, int64_t kind, const char *tag, int64_t delta,
                           struct error *err)
{
    return db_execute(db, &ADD_ABOVE, err, db_int(delta), db_int(domain_id), db_bool(itself), db_int(kind),
                      db_text(tag));
}
