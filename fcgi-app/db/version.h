/* Version rows (table cache_version): how a change of cached data reaches every process on every machine. */
#ifndef GURUM_DB_VERSION_H
#define GURUM_DB_VERSION_H

#include "base/shared_versions.h"
#include "db/db.h"

/* Raises the version in the current transaction and, after COMMIT, this machine's shared counter. */
MUST_CHECK bool version_raise(struct db *db, enum shared_version version, struct error *err);
/* The version row itself, as this connection sees it now: 0 when it was never raised. What was read from the database
 * after *ret_row holds at least the changes that *ret_row counts. */
MUST_CHECK bool version_read_row(struct db *db, enum shared_version version, int64_t *ret_row, struct error *err);
/* Starts the thread that reads all version rows every 200 ms and raises the shared counters that are behind. */
MUST_CHECK bool version_watch_start(struct db_pool *pool, struct error *err);
void version_watch_stop(void);

#endif
