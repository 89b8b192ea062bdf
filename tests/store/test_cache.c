/* Cached tables: what is missed is looked for again when something changed, and only then. A row added without raising
 * the version tells whether a table was loaded again. */
#include "base/text.h"
#include "cloud/cache/cache.h"
#include "db/version.h"
#include "store.h"
#include "unit.h"

struct thing {
    int64_t id;
    const char *uuid;
};
FIELD_TABLE(THING_ROW, struct thing, COLUMN(struct thing, id), COLUMN(struct thing, uuid));
DB_STATEMENT(THING_ALL, .name = "thing.all", .sql = "SELECT id, uuid FROM thing ORDER BY id", .row = &THING_ROW);
DB_STATEMENT(THING_ADD, .name = "thing.add", .sql = "INSERT INTO thing VALUES (?, ?)");
CACHE_TABLE(things, THING_ALL, VERSION_TOPOLOGY, 100);

#define FIRST "00000000-0000-4000-8000-000000000001"
#define SECOND "00000000-0000-4000-8000-000000000002"

static struct db_pool *pool;
static struct db *db;
static struct arena arena;
static struct error err;

static void setup(void)
{
    arena_init(&arena);
    pool = store_fresh_pool(2);
    db = store_acquire(pool);
    store_sql(db, "CREATE TABLE cache_version (name VARCHAR(32) NOT NULL PRIMARY KEY, version BIGINT NOT NULL)");
    store_sql(db, "CREATE TABLE thing (id BIGINT NOT NULL PRIMARY KEY, uuid CHAR(36) NOT NULL)");
    store_sql(db, "INSERT INTO thing VALUES (1, '" FIRST "')");
    shared_version_raise(VERSION_TOPOLOGY); /* an earlier test's rows are none of this one's */
}

static void teardown(void)
{
    db_release(db);
    db_pool_free(pool);
    arena_free(&arena);
}

static const struct thing *find(const char *uuid)
{
    const void *row = NULL;
    ck_assert_msg(cache_find_uuid(&things, db, &arena, uuid, &row, &err), "%s %s", err.key, err.detail);
    return row;
}

static const struct thing *find_by_id(int64_t id)
{
    const void *row = NULL;
    ck_assert_msg(cache_find(&things, db, &arena, id, &row, &err), "%s %s", err.key, err.detail);
    return row;
}

static void raise_on_another_machine(void)
{
    store_sql(db, "INSERT INTO cache_version VALUES ('topology', 1) ON DUPLICATE KEY UPDATE version = version + 1");
}

START_TEST(test_an_unknown_uuid_loads_nothing_while_nothing_changes)
{
    ck_assert_ptr_nonnull(find(FIRST));
    store_sql(db, "INSERT INTO thing VALUES (2, '" SECOND "')");
    ck_assert_ptr_null(find(SECOND));
    ck_assert_ptr_null(find_by_id(2));
    raise_on_another_machine();
    ck_assert_ptr_nonnull(find(SECOND));
    store_sql(db, "DELETE FROM thing WHERE id = 2");
    ck_assert_ptr_null(find("00000000-0000-4000-8000-000000000009"));
    ck_assert_ptr_nonnull(find(SECOND));
}
END_TEST

START_TEST(test_a_row_that_another_machine_added_is_found_before_the_watch_tells)
{
    raise_on_another_machine();
    ck_assert_ptr_null(find(SECOND));
    store_sql(db, "INSERT INTO thing VALUES (2, '" SECOND "')");
    raise_on_another_machine();
    ck_assert_ptr_nonnull(find(SECOND));
    ck_assert_int_eq(find_by_id(2)->id, 2);
}
END_TEST

static bool add_and_look(struct db *connection, void *context, struct error *failure)
{
    const void *row = NULL;
    bool *keep = context;
    if (!db_execute(connection, &THING_ADD, failure, db_int(2), db_text(SECOND)) ||
        !version_raise(connection, VERSION_TOPOLOGY, failure) ||
        !cache_find_uuid(&things, connection, &arena, SECOND, &row, failure))
        return false;
    ck_assert_ptr_nonnull(row);
    return *keep || error_set(failure, ERROR_DENIED, "db.internal");
}

START_TEST(test_a_transaction_finds_what_it_added_and_leaves_nothing_behind_when_it_fails)
{
    bool keep = false;
    ck_assert_ptr_null(find(SECOND));
    ck_assert(!db_transaction(db, add_and_look, &keep, &err));
    ck_assert_ptr_null(find(SECOND));
    keep = true;
    ck_assert_msg(db_transaction(db, add_and_look, &keep, &err), "%s %s", err.key, err.detail);
    ck_assert_ptr_nonnull(find(SECOND));
}
END_TEST

static Suite *cache_suite(void)
{
    Suite *suite = suite_create("cache");
    TCase *group = tcase_create("cache");
    store_fixture_start();
    tcase_set_timeout(group, 120);
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, test_an_unknown_uuid_loads_nothing_while_nothing_changes);
    tcase_add_test(group, test_a_row_that_another_machine_added_is_found_before_the_watch_tells);
    tcase_add_test(group, test_a_transaction_finds_what_it_added_and_leaves_nothing_behind_when_it_fails);
    suite_add_tcase(suite, group);
    return suite;
}
UNIT_MAIN(cache_suite)
