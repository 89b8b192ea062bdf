/* The SQL of counters by tag, for the files of this feature only. */
#ifndef GURUM_CLOUD_QUOTA_TAG_STORE_H
#define GURUM_CLOUD_QUOTA_TAG_STORE_H

#include "cloud/quota/quota.h"

enum { TAG_ROWS_MAX = 20000 };
/* One counter changes, in the account and in every domain above; rows come with the first use. With `is_limited` a
 * raise is checked against stored limits. *ret_fits false: the transaction must end. */
struct tag_change {
    int64_t kind, delta;
    const char *tag;
    bool is_limited;
};
MUST_CHECK bool tag_counter_change(struct db *db, const struct owner *owner, const struct tag_change *change,
                                   bool *ret_fits, struct error *err);

struct tag_counter_row {
    int64_t holder_id, kind, used;
    const char *tag;
    struct opt_int limit_value;
};
/* Of at most QUOTA_HOLDERS_MAX accounts or tenant domains. */
MUST_CHECK bool tag_counter_list(struct db *db, struct arena *arena, bool of_domains, const int64_t *ids, size_t count,
                                 struct db_rows *ret_rows, struct error *err);
MUST_CHECK bool tag_counter_limit(struct db *db, bool of_domain, int64_t holder_id, int64_t kind, const char *tag,
                                  int64_t limit, struct error *err);
/* Like counter_carry. */
MUST_CHECK bool tag_counter_carry(struct db *db, int64_t domain_id, int64_t above_id, int64_t sign, struct error *err);
/* A row, used 0, for every account of the sub-tree (or the one) that has none of that kind and tag. */
MUST_CHECK bool tag_counter_prepare(struct db *db, int64_t domain_id, int64_t account_id, int64_t kind, const char *tag,
                                    struct error *err);
/* Domains of a sub-tree from their accounts. */
MUST_CHECK bool tag_counter_sum_domains(struct db *db, int64_t domain_id, int64_t kind, const char *tag,
                                        struct error *err);
/* What the accounts of the sub-tree (or the one) use together. */
MUST_CHECK bool tag_counter_sum(struct db *db, int64_t domain_id, int64_t account_id, int64_t kind, const char *tag,
                                int64_t *ret_sum, struct error *err);
/* Adds to the domain (`itself`) and every domain above. */
MUST_CHECK bool tag_counter_add_above(struct db *db, int64_t domain_id, bool itself, int64_t kind, const char *tag,
                                      int64_t delta, struct error *err);

#endif
