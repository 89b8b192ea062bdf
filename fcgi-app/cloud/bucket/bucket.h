/* Exact counts and page anchors for lists of owned objects: how many rows are shown per owner and range of ids. */
#ifndef GURUM_CLOUD_BUCKET_H
#define GURUM_CLOUD_BUCKET_H

#include "api/api.h"

enum { BUCKET_IDS = 512 };

/* One object's row began or ceased to be shown. `listed` as in the tables: 2 shown to everybody, 1 to those who may see
 * destroyed and hidden objects, 0 to nobody. A new row has `before` 0. account_id 0: accounts have no pages of this
 * kind. Locks the scope's rows until COMMIT: call it late in the transaction. */
MUST_CHECK bool bucket_change(struct db *db, struct arena *arena, const char *kind, int64_t account_id,
                              int64_t domain_id, int64_t object_id, int before, int after, struct error *err);

/* A tenant domain moves: what its sub-tree shows is added to (sign 1) or taken off (sign -1) the domains at and above
 * `above_id`. Waits for rows that others are writing. */
MUST_CHECK bool bucket_carry(struct db *db, int64_t domain_id, int64_t above_id, int64_t sign, struct error *err);

struct bucket_page {
    int64_t total;    /* rows of the scope, over all pages */
    int64_t first_id; /* start reading here … */
    int64_t last_id;  /* … and at the latest end here: nothing of the scope is behind */
    int64_t skip;     /* … and leave out so many shown rows: fewer than BUCKET_IDS */
};
/* Where the page at `offset` begins. False in *ret_covered: no counter covers the scope (a single tenant domain without
 * its sub-tree, several projects), scan instead. Only rows with listed >= least_listed count. */
MUST_CHECK bool bucket_page(struct db *db, struct arena *arena, const char *kind, const struct list_scope *scope,
                            int least_listed, int64_t offset, struct bucket_page *ret_page, bool *ret_covered,
                            struct error *err);

/* The rows of a scope in a search: SCOPE_MATCH in the WHERE clause, with the parameters of scope_bind.
 * Projects' accounts have negative ids (api/caller.h). */
#define SCOPE_MATCH(account, domain)                                                                                   \
    "(? IS NULL OR " account " = ?) AND (? IS NULL OR FIND_IN_SET(" account ", ?))"                                    \
    " AND (? IS NULL OR (" account " < 0) = ?) AND (? IS NULL OR " domain " = ?)"                                      \
    " AND (? IS NULL OR " SCOPE_BELOW(domain) ")"
/* In that tenant domain or below it. `domain` names its table: the column of the sub-query would hide it. */
#define SCOPE_BELOW(domain)                                                                                            \
    "EXISTS (SELECT 1 FROM domain_ancestor t WHERE t.domain_id = " domain " AND t.ancestor_id = ?)"
enum { SCOPE_OF_PROJECTS = 4 /* and 5: null for what projects own and the rest */ };
void scope_bind(struct db_binder *binder, const struct list_scope *scope);

/* A column that holds a keyword, whatever its case: names of owned objects differ by it, searches do not. */
#define HOLDS(column) column " LIKE ? COLLATE utf8mb4_unicode_ci"

#endif
