/* The SQL of counters, for the files of this feature only. */
#ifndef GURUM_CLOUD_QUOTA_STORE_H
#define GURUM_CLOUD_QUOTA_STORE_H

#include "cloud/quota/quota.h"

struct counter_row {
    int64_t holder_id, kind, used;
    struct opt_int limit_value;
    bool is_closed; /* of an account: nothing may be added */
};
/* A change with the limit that holds where none is stored. Unused places have kind -1. */
struct counter_change {
    int64_t kind, delta, default_limit;
};

MUST_CHECK bool counter_change_account(struct db *db, int64_t account_id,
                                       const struct counter_change changes[static QUOTA_CHANGES_MAX],
                                       uint64_t *ret_rows, struct error *err);
MUST_CHECK bool counter_change_domains(struct db *db, int64_t domain_id,
                                       const struct counter_change changes[static QUOTA_CHANGES_MAX],
                                       uint64_t *ret_rows, struct error *err);
/* The counters of at most QUOTA_HOLDERS_MAX accounts or tenant domains, by holder and kind. */
MUST_CHECK bool counter_list_accounts(struct db *db, struct arena *arena, const int64_t *ids, size_t count,
                                      struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool counter_list_domains(struct db *db, struct arena *arena, const int64_t *ids, size_t count,
                                     struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool counter_of_account(struct db *db, int64_t account_id, int64_t kind, int64_t *ret_used,
                                   struct error *err);
MUST_CHECK bool counter_of_domain(struct db *db, int64_t domain_id, int64_t kind, int64_t *ret_used, struct error *err);
MUST_CHECK bool counter_of_root(struct db *db, int64_t kind, int64_t *ret_used, struct error *err);
MUST_CHECK bool counter_of_domain_accounts(struct db *db, int64_t domain_id, int64_t kind, int64_t *ret_used,
                                           struct error *err);
MUST_CHECK bool counter_count_domains_above(struct db *db, int64_t domain_id, int64_t *ret_count,
                                            struct error *err); /* itself included */
MUST_CHECK bool counter_add_account(struct db *db, int64_t account_id, int64_t kind, struct opt_int limit,
                                    struct error *err);
MUST_CHECK bool counter_add_domain(struct db *db, int64_t domain_id, int64_t kind, struct opt_int limit,
                                   struct error *err);
MUST_CHECK bool counter_add_everywhere(struct db *db, int64_t kind, struct error *err);
MUST_CHECK bool counter_limit_account(struct db *db, int64_t account_id, int64_t kind, struct opt_int limit,
                                      struct error *err);
MUST_CHECK bool counter_close_account(struct db *db, int64_t account_id, bool is_closed, struct error *err);
/* Nobody changes counters of the sub-tree's accounts until COMMIT. */
MUST_CHECK bool counter_hold_subtree(struct db *db, int64_t domain_id, struct error *err);
MUST_CHECK bool counter_hold_account(struct db *db, int64_t account_id, struct error *err);
/* What the accounts of the sub-tree (or the one) use together; domains of a sub-tree from their accounts; adding to the
 * domain (`itself`) and every domain above. */
MUST_CHECK bool counter_sum(struct db *db, int64_t domain_id, int64_t account_id, int64_t kind, int64_t *ret_sum,
                            struct error *err);
MUST_CHECK bool counter_sum_domains(struct db *db, int64_t domain_id, int64_t kind, struct error *err);
MUST_CHECK bool counter_add_above(struct db *db, int64_t domain_id, bool itself, int64_t kind, int64_t delta,
                                  struct error *err);
/* Adds (sign 1) or takes off (sign -1) what a domain uses at `above_id` and everything above that. */
MUST_CHECK bool counter_carry(struct db *db, int64_t domain_id, int64_t above_id, int64_t sign, struct error *err);
MUST_CHECK bool counter_domains_above(struct db *db, struct arena *arena, int64_t domain_id, struct db_rows *ret_ids,
                                      struct error *err); /* rows of struct db_number, itself included */
MUST_CHECK bool counter_limit_domain(struct db *db, int64_t domain_id, int64_t kind, struct opt_int limit,
                                     struct error *err);

#endif
