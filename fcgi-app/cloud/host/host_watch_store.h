/* Rows of tables host_watch and host_guest. */
#ifndef GURUM_CLOUD_HOST_WATCH_STORE_H
#define GURUM_CLOUD_HOST_WATCH_STORE_H

#include "cloud/host/host_watch.h"

struct host_watch_row {
    int64_t silent;
    bool returned;
    struct opt_time silent_since;
};
/* All zero when the host is not watched. */
MUST_CHECK bool host_watch_store_find(struct db *db, struct arena *arena, int64_t host_id,
                                      struct host_watch_row *ret_row, struct error *err);
MUST_CHECK bool host_watch_store_add(struct db *db, int64_t host_id, int64_t due_ms, struct error *err);
MUST_CHECK bool host_watch_store_soon(struct db *db, int64_t host_id, bool returned, int64_t now_ms, int64_t rest_ms,
                                      struct error *err);
MUST_CHECK bool host_watch_store_take(struct db *db, int64_t host_id, int64_t now_ms, int64_t at_latest_ms,
                                      bool *ret_taken, struct error *err);
/* `row` as it is after the look; what was told meanwhile stands. */
MUST_CHECK bool host_watch_store_end(struct db *db, int64_t host_id, const struct host_watch_row *row, int64_t due_ms,
                                     int64_t due_if_wanted_ms, struct error *err);
MUST_CHECK bool host_watch_store_pinged(struct db *db, int64_t host_id, int64_t now_ms, struct error *err);

#endif
