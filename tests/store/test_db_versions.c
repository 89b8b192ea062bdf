/* Version rows: raised with the transaction, seen by the watching thread, through an outage too. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "db/version.h"
#include "store.h"
#include "unit.h"

static struct db_pool *pool;
static struct db *db;
static struct error err;
static char run_folder[64];

static void setup(void)
{
    pool = store_fresh_pool(2);
    db = store_acquire(pool);
    store_sql(db, "CREATE TABLE cache_version (name VARCHAR(32) NOT NULL PRIMARY KEY, version BIGINT NOT NULL)");
    string_copy(run_folder, sizeof(run_folder), "/tmp/gurum-versions-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(run_folder));
    ck_assert(shared_versions_open(run_folder, &err));
}

static void teardown(void)
{
    char path[96];
    snprintf(path, sizeof(path), "%s/versions", run_folder);
    unlink(path);
    rmdir(run_folder);
    db_release(db);
    db_pool_free(pool);
}

static int64_t row_of(enum shared_version version)
{
    char sql[128];
    snprintf(sql, sizeof(sql), "SELECT version FROM cache_version WHERE name = '%s'", shared_version_name(version));
    return store_number(db, sql);
}

static bool body_raise(struct db *connection, void *context, struct error *error)
{
    bool fail = *(bool *)context;
    return version_raise(connection, VERSION_SETTINGS, error) && version_raise(connection, VERSION_SETTINGS, error) &&
           (!fail || error_set(error, ERROR_DENIED, "test.denied"));
}

START_TEST(test_raise_holds_with_the_commit_only)
{
    uint64_t before = shared_version_read(VERSION_SETTINGS), other = shared_version_read(VERSION_IDENTITY);
    bool fail = true;
    ck_assert(!db_transaction(db, body_raise, &fail, &err));
    ck_assert_uint_eq(shared_version_read(VERSION_SETTINGS), before);
    ck_assert_int_eq(row_of(VERSION_SETTINGS), -1);
    fail = false;
    ck_assert(db_transaction(db, body_raise, &fail, &err));
    ck_assert_uint_eq(shared_version_read(VERSION_SETTINGS), before + 1); /* once a transaction */
    ck_assert_int_eq(row_of(VERSION_SETTINGS), 2);
    ck_assert_uint_eq(shared_version_read(VERSION_IDENTITY), other);
}
END_TEST

static void wait_above(enum shared_version version, uint64_t value)
{
    while (shared_version_read(version) <= value)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

START_TEST(test_watch_sees_what_other_machines_change)
{
    store_sql(db, "INSERT INTO cache_version VALUES ('unknown to this release', 5)");
    ck_assert(version_watch_start(pool, &err));
    uint64_t before = shared_version_read(VERSION_IDENTITY), other = shared_version_read(VERSION_BRANDS);
    char sql[128];
    snprintf(sql, sizeof(sql),
             "INSERT INTO cache_version VALUES ('%s', 1) ON DUPLICATE KEY UPDATE version = version + 1",
             shared_version_name(VERSION_IDENTITY));
    store_sql(db, sql);
    wait_above(VERSION_IDENTITY, before);
    before = shared_version_read(VERSION_IDENTITY);
    store_sql(db, sql);
    wait_above(VERSION_IDENTITY, before);
    ck_assert_uint_eq(shared_version_read(VERSION_BRANDS), other);
    version_watch_stop();
    version_watch_stop();
}
END_TEST

START_TEST(test_watch_goes_on_after_an_outage)
{
    ck_assert(version_watch_start(pool, &err));
    store_sql(db, "RENAME TABLE cache_version TO away");
    nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
    uint64_t before = shared_version_read(VERSION_PLUGINS);
    store_sql(db, "RENAME TABLE away TO cache_version");
    ck_assert(version_raise(db, VERSION_PLUGINS, &err));
    wait_above(VERSION_PLUGINS, before + 1); /* by the hook and by the watch */
    version_watch_stop();
}
END_TEST

static Suite *db_versions_suite(void)
{
    store_fixture_start();
    Suite *suite = suite_create("db versions");
    TCase *tests = tcase_create("versions");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, test_raise_holds_with_the_commit_only);
    tcase_add_test(tests, test_watch_sees_what_other_machines_change);
    tcase_add_test(tests, test_watch_goes_on_after_an_outage);
    suite_add_tcase(suite, tests);
    return suite;
}

UNIT_MAIN(db_versions_suite)
