/* SQL of repeated calls. */
#ifndef GURUM_CLOUD_REPEAT_STORE_H
#define GURUM_CLOUD_REPEAT_STORE_H

#include "db/db.h"

struct repeat_row {
    int64_t job_id;
    const char *job_uuid, *sealed_answer;
};
/* *ret_is_new false: the user has a row with this key already. Waits while another transaction is about to insert it.
 */
MUST_CHECK bool repeat_insert(struct db *db, int64_t user_id, const char *key_hash, bool *ret_is_new,
                              struct error *err);
/* Not if it is older. */
MUST_CHECK bool repeat_find(struct db *db, struct arena *arena, int64_t user_id, const char *key_hash,
                            int64_t before_ms, struct repeat_row *ret_row, bool *ret_found, struct error *err);
MUST_CHECK bool repeat_fill(struct db *db, int64_t user_id, const char *key_hash, const struct repeat_row *row,
                            struct error *err);
/* The row of this key, if it is older. */
MUST_CHECK bool repeat_forget_one(struct db *db, int64_t user_id, const char *key_hash, int64_t before_ms,
                                  struct error *err);
/* At most REPEAT_FORGET_ROWS older ones of anybody. */
enum { REPEAT_FORGET_ROWS = 1000 };
MUST_CHECK bool repeat_forget(struct db *db, int64_t before_ms, uint64_t *ret_count, struct error *err);

#endif
