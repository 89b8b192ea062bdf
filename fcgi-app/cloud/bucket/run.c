/* Giving ids from table id_run, and finding the ranges that ids lie in. */
#include "cloud/bucket/run.h"

DB_STATEMENT(RUN_TAKE, .name = "run.take",
             .sql = "UPDATE id_run SET next_id = LAST_INSERT_ID(next_id) + 1 WHERE kind = ? AND account_id = ? AND "
                    "next_id < end_id");
DB_STATEMENT(RUN_RESERVE, .name = "run.reserve",
             .sql = "UPDATE id_run SET next_id = LAST_INSERT_ID(next_id) + ? WHERE kind = ? AND account_id = 0");
DB_STATEMENT(RUN_BEGIN, .name = "run.begin",
             .sql = "INSERT INTO id_run (kind, account_id, next_id, end_id) VALUES (?, ?, ?, ?) "
                    "ON DUPLICATE KEY UPDATE next_id = VALUES(next_id), end_id = VALUES(end_id)");

bool run_take_id(struct db *db, const char *kind, int64_t account_id, int64_t *ret_id, struct error *err)
{
    if (!db_execute(db, &RUN_TAKE, err, db_text(kind), db_int(account_id)))
        return false;
    if (db_affected_rows(db) == 1) {
        *ret_id = db_inserted_id(db);
        return true;
    }
    if (!db_execute(db, &RUN_RESERVE, err, db_int(RUN_IDS), db_text(kind)))
        return false;
    if (db_affected_rows(db) != 1)
        return error_with(err, ERROR_INTERNAL, "bucket.no_ids", E_TEXT("kind", kind));
    int64_t first = db_inserted_id(db);
    if (!db_execute(db, &RUN_BEGIN, err, db_text(kind), db_int(account_id), db_int(first + 1), db_int(first + RUN_IDS)))
        return false;
    *ret_id = first;
    return true;
}

enum { GAP_MOST = 16 }; /* reading past so many rows of others costs less than another range */

bool run_ranges(const int64_t *ids, size_t count, struct db_value ret_bounds[2 * RUN_RANGES_MAX])
{
    size_t ranges = 0;
    int64_t last = 0, strangers = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t between = ids[i] - last - 1;
        if (ranges > 0 && between < 0)
            return false;
        if (ranges > 0 && between <= GAP_MOST && strangers + between <= RUN_STRANGERS_MAX) {
            strangers += between;
        } else {
            if (ranges == RUN_RANGES_MAX)
                return false;
            ret_bounds[2 * ranges++] = db_int(ids[i]);
        }
        last = ids[i];
        ret_bounds[2 * ranges - 1] = db_int(last);
    }
    for (size_t i = 2 * ranges; i < 2 * (size_t)RUN_RANGES_MAX; i++)
        ret_bounds[i] = db_int(i % 2 == 0 ? 1 : 0); /* from 1 to 0: empty */
    return ranges > 0;
}
