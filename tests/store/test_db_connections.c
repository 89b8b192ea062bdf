/* Lost connections: killed ones inside and outside transactions, the pool's ceiling, and a server that restarts under
 * use. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/thread.h"
#include "db/db_private.h"
#include "store.h"
#include "unit.h"

DB_STATEMENT(ADD, .name = "test.add", .sql = "INSERT INTO item (id) VALUES (?)");
DB_STATEMENT(COUNT, .name = "test.count", .sql = "SELECT COUNT(*) AS value FROM item", .row = &DB_NUMBER);

static struct db_pool *pool;
static struct db *db;
static struct error err;

static void setup(void)
{
    pool = store_fresh_pool(3);
    db = store_acquire(pool);
    store_sql(db, "CREATE TABLE item (id BIGINT PRIMARY KEY)");
}

static void teardown(void)
{
    db_release(db);
    db_pool_free(pool);
}

static bool count_items(struct db *connection, int64_t *ret_count, struct error *error)
{
    struct arena arena;
    struct db_number number = {.value = -1};
    bool found;
    arena_init(&arena);
    bool done = db_query_one(connection, &COUNT, &arena, &number, &found, error, DB_NO_VALUES);
    arena_free(&arena);
    *ret_count = number.value;
    return done;
}

static int64_t count_now(void)
{
    int64_t count;
    ck_assert_msg(count_items(db, &count, &err), "%s", err.detail);
    return count;
}

static void kill_connection(struct db *victim)
{
    char sql[128];
    struct db *other = store_acquire(pool);
    snprintf(sql, sizeof(sql), "KILL CONNECTION %lu", mysql_thread_id(victim->mysql));
    store_sql(other, sql);
    snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM information_schema.processlist WHERE id = %lu",
             mysql_thread_id(victim->mysql));
    while (store_number(other, sql) != 0)
        continue;
    db_release(other);
}

START_TEST(test_reading_is_repeated_on_a_new_connection)
{
    ck_assert_int_eq(count_now(), 0);
    kill_connection(db);
    ck_assert_int_eq(count_now(), 0);
}
END_TEST

START_TEST(test_writing_outside_a_transaction_is_not_repeated_but_the_next_works)
{
    ck_assert(db_execute(db, &ADD, &err, db_int(1)));
    kill_connection(db);
    ck_assert(!db_execute(db, &ADD, &err, db_int(2)));
    ck_assert_int_eq(err.kind, ERROR_DATABASE);
    ck_assert_str_eq(err.key, "db.no_answer");
    ck_assert(db_execute(db, &ADD, &err, db_int(2)));
    ck_assert_int_eq(count_now(), 2);
}
END_TEST

START_TEST(test_write_that_was_never_sent_is_repeated)
{
    ck_assert_int_eq(count_now(), 0);
    kill_connection(db);
    ck_assert(db_execute(db, &ADD, &err, db_int(1))); /* preparing it met the dead connection */
}
END_TEST

static bool body_killed(struct db *connection, void *context, struct error *error)
{
    ++*(int *)context;
    struct error ignored;
    if (!db_execute(connection, &ADD, error, db_int(1)))
        return false;
    kill_connection(connection);
    ck_assert(!db_execute(connection, &ADD, &ignored, db_int(2)));
    return db_execute(connection, &ADD, error, db_int(3)); /* must not run outside the transaction */
}

START_TEST(test_connection_lost_in_a_transaction_fails_all_of_it)
{
    int runs = 0;
    ck_assert(!db_transaction(db, body_killed, &runs, &err));
    ck_assert_int_eq(err.kind, ERROR_DATABASE);
    ck_assert_int_eq(runs, 1);
    ck_assert_int_eq(count_now(), 0);
}
END_TEST

static bool body_killed_and_passed_over(struct db *connection, void *context, struct error *error)
{
    (void)body_killed(connection, context, error);
    return true;
}

START_TEST(test_lost_connection_that_the_body_passed_over_is_no_success)
{
    int runs = 0;
    ck_assert(!db_transaction(db, body_killed_and_passed_over, &runs, &err));
    ck_assert_int_eq(err.kind, ERROR_DATABASE);
    ck_assert_int_eq(count_now(), 0);
}
END_TEST

static bool body_killed_at_the_end(struct db *connection, void *context, struct error *error)
{
    bool done = db_execute(connection, &ADD, error, db_int(*(int *)context));
    kill_connection(connection);
    return done;
}

START_TEST(test_connection_lost_at_commit_is_uncertain)
{
    int id = 5;
    ck_assert(!db_transaction(db, body_killed_at_the_end, &id, &err));
    ck_assert_int_eq(err.kind, ERROR_UNCERTAIN);
    ck_assert_int_eq(count_now(), 0);
}
END_TEST

static bool body_add(struct db *connection, void *context, struct error *error)
{
    return db_execute(connection, &ADD, error, db_int(*(int *)context));
}

START_TEST(test_transaction_begins_on_a_new_connection)
{
    int id = 5;
    ck_assert_int_eq(count_now(), 0);
    kill_connection(db);
    ck_assert(db_transaction(db, body_add, &id, &err));
    ck_assert_int_eq(count_now(), 1);
}
END_TEST

START_TEST(test_dead_connection_is_replaced_when_acquired)
{
    struct db *other = store_acquire(pool);
    int64_t count;
    ck_assert(count_items(other, &count, &err));
    kill_connection(other);
    db_release(other);
    other = store_acquire(pool);
    ck_assert(db_execute(other, &ADD, &err, db_int(1)));
    db_release(other);
}
END_TEST

static void *release_later(void *argument)
{
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    db_release(argument);
    return NULL;
}

START_TEST(test_acquire_waits_for_a_free_connection)
{
    struct db *second = store_acquire(pool), *third = store_acquire(pool), *fourth;
    pthread_t thread;
    ck_assert(thread_start(&thread, "release", release_later, third, &err));
    ck_assert(db_acquire(pool, &fourth, &err));
    ck_assert_ptr_eq(fourth, third);
    pthread_join(thread, NULL);
    ck_assert(!db_acquire(pool, &third, &err));
    ck_assert_str_eq(err.key, "db.busy");
    db_release(second);
    db_release(fourth);
    db_release(NULL);
}
END_TEST

START_TEST(test_no_server_is_a_clear_error)
{
    const struct db_config nowhere = {.unix_socket = "/nonexistent/db.sock", .user = "root"};
    struct db_pool *none = db_pool_new(&nowhere, 1);
    struct db *connection;
    for (int i = 0; i < 3; i++) { /* a failed connection is not lost for the pool */
        ck_assert(!db_acquire(none, &connection, &err));
        ck_assert_int_eq(err.kind, ERROR_DATABASE);
        ck_assert_str_eq(err.key, "db.no_answer");
    }
    db_pool_free(none);
}
END_TEST

/* Four threads write while the server is killed and started twice. What was answered with success must be there. */
enum { WRITERS = 4, IDS = 1000000 };
struct writer {
    struct db_pool *pool;
    pthread_t thread;
    int first, next_id;
    atomic_bool *stop;
    int successes, failures, uncertain;
    int64_t *successful;
};

static void *write_on(void *argument)
{
    struct writer *writer = argument;
    struct error error;
    while (!atomic_load(writer->stop)) {
        int id = writer->first + writer->next_id++;
        struct db *connection;
        if (!db_acquire(writer->pool, &connection, &error)) {
            writer->failures++;
            nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
            continue;
        }
        if (db_transaction(connection, body_add, &id, &error))
            writer->successful[writer->successes++] = id;
        else if (error.kind == ERROR_UNCERTAIN)
            writer->uncertain++;
        else if (error.kind == ERROR_DATABASE)
            writer->failures++;
        else
            ck_abort_msg("%s: %s", error.key, error.detail);
        db_release(connection);
    }
    return NULL;
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static void writers_run(struct writer *writers, struct store_server *server, atomic_bool *stop)
{
    for (int i = 0; i < WRITERS; i++)
        ck_assert(thread_start(&writers[i].thread, "writer", write_on, &writers[i], &err));
    pause_ms(300);
    store_server_kill(server);
    pause_ms(200);
    store_server_start(server);
    pause_ms(300);
    store_server_stop(server);
    store_server_start(server);
    pause_ms(300);
    atomic_store(stop, true);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
}

START_TEST(test_restart_under_use_loses_no_answered_write)
{
    struct store_server server;
    store_server_create(&server);
    store_server_start(&server);
    const struct db_config config = {.unix_socket = server.socket, .user = "root", .database = "mysql"};
    struct db_pool *own = db_pool_new(&config, WRITERS);
    struct db *connection = store_acquire(own);
    store_sql(connection, "CREATE TABLE item (id BIGINT PRIMARY KEY) ENGINE=InnoDB");
    db_release(connection);
    atomic_bool stop = false;
    struct writer writers[WRITERS] = {0};
    for (int i = 0; i < WRITERS; i++)
        writers[i] =
            (struct writer){.pool = own, .first = i * IDS, .stop = &stop, .successful = calloc(IDS, sizeof(int64_t))};
    writers_run(writers, &server, &stop);
    connection = store_acquire(own);
    int64_t successes = 0, uncertain = 0, failures = 0;
    for (int i = 0; i < WRITERS; i++) {
        for (int j = 0; j < writers[i].successes; j++) {
            char sql[96];
            snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM item WHERE id = %lld",
                     (long long)writers[i].successful[j]);
            ck_assert_int_eq(store_number(connection, sql), 1);
        }
        successes += writers[i].successes;
        uncertain += writers[i].uncertain;
        failures += writers[i].failures;
        free(writers[i].successful);
    }
    int64_t there = store_number(connection, "SELECT COUNT(*) FROM item");
    ck_assert_int_gt(successes, 0);
    ck_assert_int_gt(failures, 0);
    ck_assert_int_ge(there, successes);
    ck_assert_int_le(there, successes + uncertain);
    db_release(connection);
    db_pool_free(own);
    store_server_stop(&server);
    store_server_remove(&server);
}
END_TEST

static Suite *db_connections_suite(void)
{
    store_fixture_start();
    Suite *suite = suite_create("db connections");
    TCase *tests = tcase_create("connections");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_reading_is_repeated_on_a_new_connection);
    tcase_add_test(tests, test_writing_outside_a_transaction_is_not_repeated_but_the_next_works);
    tcase_add_test(tests, test_write_that_was_never_sent_is_repeated);
    tcase_add_test(tests, test_connection_lost_in_a_transaction_fails_all_of_it);
    tcase_add_test(tests, test_lost_connection_that_the_body_passed_over_is_no_success);
    tcase_add_test(tests, test_connection_lost_at_commit_is_uncertain);
    tcase_add_test(tests, test_transaction_begins_on_a_new_connection);
    tcase_add_test(tests, test_dead_connection_is_replaced_when_acquired);
    tcase_add_test(tests, test_acquire_waits_for_a_free_connection);
    tcase_add_test(tests, test_no_server_is_a_clear_error);
    suite_add_tcase(suite, tests);
    TCase *restart = tcase_create("restart");
    tcase_set_timeout(restart, 120);
    tcase_add_test(restart, test_restart_under_use_loses_no_answered_write);
    suite_add_tcase(suite, restart);
    return suite;
}

UNIT_MAIN(db_connections_suite)
