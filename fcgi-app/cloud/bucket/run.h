/* Ids that keep an owner's rows together. Tables clustered by an object's id (its own, its NICs, its tags) hold a page
 * of one owner in a few places instead of one for each object, and a list reads it as a few ranges. */
#ifndef GURUM_CLOUD_RUN_H
#define GURUM_CLOUD_RUN_H

#include "db/db.h"

enum { RUN_IDS = 32, RUN_RANGES_MAX = 6, RUN_STRANGERS_MAX = 64 };

/* The next id of the account's run, a new run when it is used up. An owner's ids ascend; between owners they tell
 * nothing about time. Locks the account's row until COMMIT. Errors: DATABASE. */
MUST_CHECK bool run_take_id(struct db *db, const char *kind, int64_t account_id, int64_t *ret_id, struct error *err);

/* For the WHERE clause of a statement that reads what hangs on a page of objects: 2 * RUN_RANGES_MAX parameters. */
#define RUN_BETWEEN(column) "(" column " BETWEEN ? AND ?"
#define RUN_OR(column) " OR " column " BETWEEN ? AND ?"
#define RUN_RANGES(column)                                                                                             \
    RUN_BETWEEN(column) RUN_OR(column) RUN_OR(column) RUN_OR(column) RUN_OR(column) RUN_OR(column) ")"
/* The ranges that ascending ids lie in, with at most RUN_STRANGERS_MAX others between them, which the reader must leave
 * out. False: they are too scattered (or not ascending), name them one by one. */
bool run_ranges(const int64_t *ids, size_t count, struct db_value ret_bounds[2 * RUN_RANGES_MAX]);

#endif
