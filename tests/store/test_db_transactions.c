/* Transactions: commit and rollback, joining, repeating after conflicts, dry mode, hooks. */
#include <stdatomic.h>
#include <string.h>

#include "base/thread.h"
#include "db/db.h"
#include "store.h"
#include "unit.h"

DB_STATEMENT(ADD, .name = "test.add", .sql = "INSERT INTO item (id, value) VALUES (?, ?)");
DB_STATEMENT(RAISE, .name = "test.raise", .sql = "UPDATE item SET value = value + 1 WHERE id = ?");
DB_STATEMENT(COUNT, .name = "test.count", .sql = "SELECT COUNT(*) AS value FROM item", .row = &DB_NUMBER);

static struct db_pool *pool;
static struct db *db;
static struct error err;

static void setup(void)
{
    pool = store_fresh_pool(4);
    db = store_acquire(pool);
    store_sql(
        db, "CREATE TABLE item (id BIGINT PRIMARY KEY, value BIGINT NOT NULL); INSERT INTO item VALUES (1, 0), (2, 0)");
}

static void teardown(void)
{
    db_release(db);
    db_pool_free(pool);
}

static int64_t count_items(struct db *connection)
{
    struct arena arena;
    struct db_number number = {.value = -1};
    bool found;
    arena_init(&arena);
    ck_assert_msg(db_query_one(connection, &COUNT, &arena, &number, &found, &err, DB_NO_VALUES), "%s", err.detail);
    arena_free(&arena);
    return number.value;
}

static bool body_add(struct db *connection, void *context, struct error *error)
{
    const int64_t *id = context;
    ck_assert(db_in_transaction(connection));
    return db_execute(connection, &ADD, error, db_int(*id), db_int(0));
}

static bool body_add_and_fail(struct db *connection, void *context, struct error *error)
{
    return body_add(connection, context, error) && error_set(error, ERROR_DENIED, "test.denied");
}

START_TEST(test_body_that_succeeds_is_committed)
{
    int64_t id = 10;
    ck_assert(db_transaction(db, body_add, &id, &err));
    ck_assert(!db_in_transaction(db));
    struct db *other = store_acquire(pool);
    ck_assert_int_eq(count_items(other), 3);
    db_release(other);
}
END_TEST

START_TEST(test_body_that_fails_is_rolled_back_and_its_error_passed_on)
{
    int64_t id = 10;
    ck_assert(!db_transaction(db, body_add_and_fail, &id, &err));
    ck_assert_str_eq(err.key, "test.denied");
    ck_assert_int_eq(count_items(db), 2);
}
END_TEST

static bool body_join(struct db *connection, void *context, struct error *error)
{
    int64_t outer = 10, inner = 11;
    db_transaction_body *body = (db_transaction_body *)context;
    bool done = db_transaction(connection, body, &inner, error);
    ck_assert(db_in_transaction(connection));
    return body_add(connection, &outer, error) || !done; /* passes over the inner failure */
}

START_TEST(test_joined_transaction_commits_with_the_outer_one)
{
    ck_assert(db_transaction(db, body_join, (void *)body_add, &err));
    ck_assert_int_eq(count_items(db), 4);
}
END_TEST

START_TEST(test_joined_transaction_that_fails_dooms_the_outer_one)
{
    ck_assert(!db_transaction(db, body_join, (void *)body_add_and_fail, &err));
    ck_assert_str_eq(err.key, "test.denied");
    ck_assert_int_eq(count_items(db), 2);
    ck_assert(!db_transaction(db, body_join, (void *)body_add_and_fail, NULL));
    int64_t id = 10;
    ck_assert(db_transaction(db, body_add, &id, &err)); /* the next one is free of it */
}
END_TEST

START_TEST(test_failed_statement_may_be_handled_by_the_body)
{
    int64_t id = 10;
    ck_assert(db_transaction(db, body_add, &id, &err));
    ck_assert(!db_transaction(db, body_add, &id, &err));
    ck_assert_str_eq(err.key, "db.duplicate");
    ck_assert_int_eq(count_items(db), 3);
}
END_TEST

START_TEST(test_release_rolls_back_what_is_open)
{
    struct db *other = store_acquire(pool);
    store_sql(other, "START TRANSACTION; INSERT INTO item VALUES (20, 0)");
    db_set_dry(other, true);
    db_release(other);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM item"), 2);
    other = store_acquire(pool);
    ck_assert(!db_is_dry(other));
    ck_assert_int_eq(store_number(other, "SELECT COUNT(*) FROM item"), 2);
    db_release(other);
}
END_TEST

/* Two threads that lock two rows in opposite order. `meet` makes sure that both hold their first lock. */
struct rival {
    struct db *db;
    int64_t first, second;
    atomic_int *holding;
    int runs;
    bool swallow, done;
};

static bool body_cross(struct db *connection, void *context, struct error *error)
{
    struct rival *rival = context;
    rival->runs++;
    if (!db_execute(connection, &RAISE, error, db_int(rival->first)))
        return false;
    atomic_fetch_add(rival->holding, 1);
    while (atomic_load(rival->holding) < 2)
        continue;
    struct error ignored;
    return db_execute(connection, &RAISE, rival->swallow ? &ignored : error, db_int(rival->second)) || rival->swallow;
}

static void *rival_run(void *argument)
{
    struct rival *rival = argument;
    struct error error;
    rival->done = db_transaction(rival->db, body_cross, rival, &error);
    return NULL;
}

static void deadlock(bool swallow)
{
    atomic_int holding = 0;
    struct rival rivals[2] = {{.first = 1, .second = 2, .holding = &holding, .swallow = swallow},
                              {.first = 2, .second = 1, .holding = &holding, .swallow = swallow}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        rivals[i].db = store_acquire(pool);
        ck_assert(thread_start(&threads[i], "rival", rival_run, &rivals[i], &err));
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        ck_assert(rivals[i].done);
        db_release(rivals[i].db);
    }
    ck_assert_int_eq(rivals[0].runs + rivals[1].runs, 3);
    ck_assert_int_eq(store_number(db, "SELECT value FROM item WHERE id = 1"), 2);
    ck_assert_int_eq(store_number(db, "SELECT value FROM item WHERE id = 2"), 2);
}

START_TEST(test_deadlock_is_repeated_until_both_are_done)
{
    deadlock(false);
}
END_TEST

START_TEST(test_deadlock_that_the_body_passed_over_is_repeated_all_the_same)
{
    deadlock(true);
}
END_TEST

static bool body_conflict(struct db *connection, void *context, struct error *error)
{
    int *runs = context;
    ++*runs;
    struct db *other = store_acquire(pool);
    if (*runs < 3) { /* the other one holds the row, this one does not wait for it */
        store_sql(other, "START TRANSACTION; UPDATE item SET value = 7 WHERE id = 1");
        store_sql(connection, "SET SESSION innodb_lock_wait_timeout = 0");
    }
    bool done = db_execute(connection, &RAISE, error, db_int(1));
    store_sql(other, "ROLLBACK");
    db_release(other);
    return done;
}

START_TEST(test_lock_time_out_is_repeated)
{
    int runs = 0;
    ck_assert(db_transaction(db, body_conflict, &runs, &err));
    ck_assert_int_eq(runs, 3);
    ck_assert_int_eq(store_number(db, "SELECT value FROM item WHERE id = 1"), 1);
}
END_TEST

static bool body_always_conflict(struct db *connection, void *context, struct error *error)
{
    ++*(int *)context;
    store_sql(connection, "SET SESSION innodb_lock_wait_timeout = 0");
    return db_execute(connection, &RAISE, error, db_int(1));
}

START_TEST(test_endless_conflict_gives_up_after_ten_attempts)
{
    int runs = 0;
    struct db *other = store_acquire(pool);
    store_sql(other, "START TRANSACTION; UPDATE item SET value = 7 WHERE id = 1");
    ck_assert(!db_transaction(db, body_always_conflict, &runs, &err));
    ck_assert_int_eq(runs, 10);
    ck_assert_int_eq(err.kind, ERROR_DATABASE);
    ck_assert_str_eq(err.key, "db.conflict");
    store_sql(other, "ROLLBACK");
    db_release(other);
}
END_TEST

static int hook_runs;
static bool hook_saw_transaction;
static void hook(void *argument)
{
    hook_runs += *(int *)argument;
    hook_saw_transaction = hook_saw_transaction || db_in_transaction(db);
}

static int one = 1, ten = 10;
static bool body_hooks(struct db *connection, void *context, struct error *error)
{
    db_on_commit(connection, hook, &one);
    db_on_commit(connection, hook, &ten);
    db_on_commit(connection, hook, &one);
    ck_assert_int_eq(hook_runs, 0);
    return body_add(connection, context, error);
}

START_TEST(test_hooks_run_once_after_commit)
{
    int64_t id = 10;
    ck_assert(db_transaction(db, body_hooks, &id, &err));
    ck_assert_int_eq(hook_runs, 11);
    ck_assert(!hook_saw_transaction);
    hook_runs = 0;
    ck_assert(!db_transaction(db, body_hooks, &id, &err)); /* duplicate */
    ck_assert_int_eq(hook_runs, 0);
    id = 11;
    db_set_dry(db, true);
    ck_assert(db_transaction(db, body_hooks, &id, &err));
    db_on_commit(db, hook, &one);
    ck_assert_int_eq(hook_runs, 0);
    db_set_dry(db, false);
    db_on_commit(db, hook, &one); /* outside a transaction everything is committed already */
    ck_assert_int_eq(hook_runs, 1);
}
END_TEST

static int many_arguments[17];
static bool body_many_hooks(struct db *connection, void *context, struct error *error)
{
    for (size_t i = 0; i < COUNT_OF(many_arguments); i++)
        db_on_commit(connection, hook, &many_arguments[i]);
    return body_add(connection, context, error);
}

START_TEST(test_too_many_hooks_refuse_the_commit)
{
    int64_t id = 10;
    ck_assert(!db_transaction(db, body_many_hooks, &id, &err));
    ck_assert_int_eq(err.kind, ERROR_INTERNAL);
    ck_assert_int_eq(count_items(db), 2);
}
END_TEST

static bool body_dry(struct db *connection, void *context, struct error *error)
{
    if (!body_add(connection, context, error))
        return false;
    *(int64_t *)context = count_items(connection); /* it sees its own work */
    return true;
}

START_TEST(test_dry_transaction_leaves_no_trace)
{
    int64_t id = 10;
    db_set_dry(db, true);
    ck_assert(db_transaction(db, body_dry, &id, &err));
    ck_assert_int_eq(id, 3);
    ck_assert_int_eq(count_items(db), 2);
    ck_assert(!db_execute(db, &ADD, &err, db_int(12), db_int(0)));
    ck_assert_int_eq(err.kind, ERROR_INTERNAL);
    db_set_dry(db, false);
    ck_assert(db_execute(db, &ADD, &err, db_int(12), db_int(0)));
}
END_TEST

static Suite *db_transactions_suite(void)
{
    store_fixture_start();
    Suite *suite = suite_create("db transactions");
    TCase *tests = tcase_create("transactions");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_body_that_succeeds_is_committed);
    tcase_add_test(tests, test_body_that_fails_is_rolled_back_and_its_error_passed_on);
    tcase_add_test(tests, test_joined_transaction_commits_with_the_outer_one);
    tcase_add_test(tests, test_joined_transaction_that_fails_dooms_the_outer_one);
    tcase_add_test(tests, test_failed_statement_may_be_handled_by_the_body);
    tcase_add_test(tests, test_release_rolls_back_what_is_open);
    tcase_add_test(tests, test_deadlock_is_repeated_until_both_are_done);
    tcase_add_test(tests, test_deadlock_that_the_body_passed_over_is_repeated_all_the_same);
    tcase_add_test(tests, test_lock_time_out_is_repeated);
    tcase_add_test(tests, test_endless_conflict_gives_up_after_ten_attempts);
    tcase_add_test(tests, test_hooks_run_once_after_commit);
    tcase_add_test(tests, test_too_many_hooks_refuse_the_commit);
    tcase_add_test(tests, test_dry_transaction_leaves_no_trace);
    suite_add_tcase(suite, tests);
    return suite;
}

UNIT_MAIN(db_transactions_suite)
