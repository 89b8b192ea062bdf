/* A database for tests: the server named by GURUM_TEST_DB_SOCKET (an account root without password), else a private one
 * for the program that asks, started once and stopped at its end. Every failure here ends the test with the reason. */
#ifndef GURUM_TESTS_SUPPORT_STORE_H
#define GURUM_TESTS_SUPPORT_STORE_H

#include <sys/types.h>

#include "db/db.h"

/* Finds or starts the server. Call it in the function that makes the suite: the tests run in forked children. */
void store_fixture_start(void);
const char *store_fixture_socket(void);

/* A new, empty database and a pool on it; the database is dropped at the end of the program. */
struct db_pool *store_fresh_pool(size_t max_connections);
/* The schema of sql/migrations, applied once by this call in the function that makes the suite … */
void store_schema_start(void);
/* … and a pool on it, with every table emptied that the migrations left empty. */
struct db_pool *store_schema_pool(size_t max_connections);
const char *store_database(void); /* the one of the last pool */

struct db *store_acquire(struct db_pool *pool);
/* Runs statements separated by semicolons. */
void store_sql(struct db *db, const char *sql);
/* The first column of the first row of a query, -1 when there is none. */
int64_t store_number(struct db *db, const char *sql);
const char *store_source_path(const char *path); /* below the source tree; static buffer */

/* A server of one's own, for tests that stop it. */
struct store_server {
    pid_t pid;
    char folder[64], socket[96];
};
void store_server_create(struct store_server *server);
void store_server_start(struct store_server *server);
void store_server_stop(struct store_server *server); /* in order */
void store_server_kill(struct store_server *server); /* at once */
void store_server_remove(struct store_server *server);

#endif
