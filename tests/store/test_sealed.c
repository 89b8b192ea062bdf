/* Rotation of sealing keys over the sealed columns of the migrated schema: db/sealed.c and base/keyring.c. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/keyring.h"
#include "base/secret.h"
#include "base/text.h"
#include "db/db_private.h"
#include "db/sealed.h"
#include "store.h"
#include "unit.h"

enum { HOSTS = 250 }; /* more than two pages */

static struct db_pool *pool;
static struct db *db;
static struct arena arena;
static struct error err;
static char folder[32], keys[48];

struct sealed_test_row {
    const char *value;
};
FIELD_TABLE(SEALED_TEST_ROW, struct sealed_test_row, COLUMN(struct sealed_test_row, value));
/* Not registered: they are statements of this test. */
static const struct db_statement HOST_VALUE = {
    .name = "test.host", .sql = "SELECT sealed_password AS value FROM host WHERE id = ?", .row = &SEALED_TEST_ROW};
static const struct db_statement HOST_ADD = {
    .name = "test.host_add",
    .sql = "INSERT INTO host (id, uuid, zone_id, pod_id, cluster_id, name, hypervisor, url, sealed_password, created) "
           "VALUES (?, ?, 1, 1, 1, 'h', 'Simulator', ?, ?, NOW(3))"};
static const struct db_statement PLUGIN_ADD = {
    .name = "test.plugin_add",
    .sql = "INSERT INTO plugin_setting (plugin, name, position, type, title, help, value) "
           "VALUES ('p', ?, 0, 'secret', '', '', ?)"};

static const char *bound_to(int64_t id)
{
    return arena_printf(&arena, "host.password:uuid-%d", (int)id);
}

static const char *seal(const char *plain, const char *associated)
{
    return secret_seal(&arena, secret_from(&arena, plain), associated);
}

static void add_host(int64_t id)
{
    const char *plain = arena_printf(&arena, "password %d", (int)id);
    ck_assert(db_execute(db, &HOST_ADD, &err, db_int(id), db_text(arena_printf(&arena, "uuid-%d", (int)id)),
                         db_text(arena_printf(&arena, "http://h%d", (int)id)), db_text(seal(plain, bound_to(id)))));
}

static const char *host_value(int64_t id)
{
    struct sealed_test_row row = {0};
    bool found = false;
    ck_assert(db_query_one(db, &HOST_VALUE, &arena, &row, &found, &err, db_int(id)) && found);
    return row.value;
}

static bool opens(int64_t id)
{
    struct secret opened = {0};
    return secret_open(&arena, host_value(id), bound_to(id), &opened, &err) &&
           string_equal(opened.bytes, arena_printf(&arena, "password %d", (int)id));
}

static void setup(void)
{
    arena_init(&arena);
    string_copy(folder, sizeof(folder), "/tmp/gurum-sealed-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(keys, sizeof(keys), "%s/keys", folder);
    ck_assert(secret_load_keys(keys, &err));
    pool = store_schema_pool(4);
    db = store_acquire(pool);
    store_sql(db, "SET SESSION foreign_key_checks = 0");
}

static void teardown(void)
{
    char lock[64];
    snprintf(lock, sizeof(lock), "%s.lock", keys);
    unlink(lock);
    unlink(keys);
    rmdir(folder);
    db_release(db);
    db_pool_free(pool);
    arena_free(&arena);
}

static void add_hosts(void)
{
    for (int64_t id = 1; id <= HOSTS; id++)
        add_host(id);
}

static void make_settled(void)
{
    struct timespec past = {.tv_sec = time(NULL) - KEYRING_SETTLED_S - 1}, times[2] = {past, past};
    ck_assert_int_eq(utimensat(AT_FDCWD, keys, times, 0), 0);
}

static bool is_used(void *context, const char *id)
{
    return sealed_key_remains(context, id);
}

START_TEST(test_rotation_reseals_every_value_under_the_new_key)
{
    struct sealed_report report;
    struct stat status;
    add_hosts();
    const char *setting = seal("one", "plugin_setting.value:p:a");
    ck_assert(db_execute(db, &PLUGIN_ADD, &err, db_text("a"), db_text(setting)));
    ck_assert(keyring_add(&err));
    ck_assert_int_eq(stat(keys, &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0600);
    ck_assert(sealed_rotate(db, &report, &err));
    ck_assert_int_eq(report.resealed, HOSTS + 1);
    ck_assert_int_eq(report.failed, 0);
    for (int64_t id = 1; id <= HOSTS; id++)
        ck_assert_msg(opens(id) && !secret_is_stale(host_value(id)), "host %d", (int)id);
    ck_assert(sealed_rotate(db, &report, &err));
    ck_assert_int_eq(report.resealed, 0);
    ck_assert_int_eq(report.current, HOSTS + 1);
}
END_TEST

START_TEST(test_interrupted_rotation_is_ended_by_the_next_one)
{
    struct sealed_report report;
    add_hosts();
    ck_assert(keyring_add(&err));
    store_sql(db, "CREATE TRIGGER stop_here BEFORE UPDATE ON host FOR EACH ROW "
                  "SET NEW.name = IF(NEW.id = 150, NULL, NEW.name)");
    ck_assert(!sealed_rotate(db, &report, &err));
    store_sql(db, "DROP TRIGGER stop_here");
    ck_assert(!secret_is_stale(host_value(100)));
    ck_assert(secret_is_stale(host_value(101))); /* the failed page is whole in its old state */
    for (int64_t id = 1; id <= HOSTS; id++)
        ck_assert(opens(id));
    ck_assert(sealed_rotate(db, &report, &err));
    ck_assert_int_eq(report.resealed, HOSTS - 100);
    ck_assert_int_eq(report.current, 100);
}
END_TEST

START_TEST(test_tampered_value_is_reported_and_left_alone)
{
    struct sealed_report report;
    int64_t dropped = 0;
    add_host(1);
    add_host(2);
    store_sql(db, "UPDATE host a, host b SET a.sealed_password = b.sealed_password WHERE a.id = 2 AND b.id = 1");
    const char *moved = host_value(2);
    ck_assert(keyring_add(&err));
    ck_assert(sealed_rotate(db, &report, &err));
    ck_assert_int_eq(report.resealed, 1);
    ck_assert_int_eq(report.failed, 1);
    ck_assert_str_eq(host_value(2), moved);
    make_settled();
    ck_assert(keyring_is_settled(&err) && keyring_drop(is_used, &report, &dropped, &err));
    ck_assert_int_eq(dropped, 0); /* the value left behind is under the old key */
}
END_TEST

START_TEST(test_old_keys_are_dropped_only_when_settled_and_unused)
{
    struct sealed_report report;
    struct keyring_key old, unused;
    int64_t dropped = 0;
    keyring_newest(&old);
    add_host(1);
    ck_assert(keyring_add(&err));
    ck_assert(!keyring_is_settled(&err));
    ck_assert_str_eq(err.key, "secret.keys_young");
    make_settled();
    ck_assert(keyring_is_settled(&err) && sealed_rotate(db, &report, &err));
    ck_assert(keyring_drop(is_used, &report, &dropped, &err));
    ck_assert_int_eq(dropped, 1);
    ck_assert(opens(1));
    ck_assert(keyring_find(old.id, strlen(old.id), &unused)); /* this process may hold texts under it */
    char other[64]; /* a process that starts now does not know it */
    snprintf(other, sizeof(other), "%s.other", keys);
    ck_assert(secret_load_keys(other, &err) && secret_load_keys(keys, &err));
    unlink(other);
    ck_assert(!keyring_find(old.id, strlen(old.id), &unused));
    ck_assert(opens(1));
}
END_TEST

START_TEST(test_two_rotations_do_not_run_at_once_and_keys_have_a_ceiling)
{
    int first, second;
    ck_assert(keyring_lock(&first, &err));
    ck_assert(!keyring_lock(&second, &err));
    ck_assert_str_eq(err.key, "secret.rotation_runs");
    close(first);
    ck_assert(keyring_lock(&second, &err));
    close(second);
    for (int i = 1; i < KEYRING_FILE_KEYS_MAX; i++)
        ck_assert(keyring_add(&err));
    ck_assert(!keyring_add(&err));
    ck_assert_str_eq(err.key, "secret.too_many_keys");
}
END_TEST

/* Reads and writes like a web process that started before the rotation, until the pipe closes; the status is the number
 * of values that did not open, at most 99, or 100 when a value was sealed under an old key. */
static void run_reader(int started, int stop)
{
    int failures = 0;
    const struct db_config config = {
        .unix_socket = store_fixture_socket(), .user = "root", .database = store_database()};
    struct db_pool *own_pool = db_pool_new(&config, 1); /* the parent's connection is not the child's */
    db = store_acquire(own_pool);
    char byte = 'r';
    bool ended = false;
    for (int round = 0; !ended; round++) {
        for (int64_t id = 1; id <= HOSTS && failures < 99; id++)
            failures += !opens(id);
        if (round == 0 && write(started, &byte, 1) != 1)
            _exit(101);
        ended = read(stop, &byte, 1) == 0;
    }
    for (int64_t id = 1; id <= HOSTS && failures < 99; id++)
        failures += !opens(id);
    bool is_old = !string_equal(arena_strndup(&arena, seal("x", "x"), 11), arena_strndup(&arena, host_value(1), 11));
    _exit(is_old ? 100 : failures);
}

START_TEST(test_running_process_reads_all_values_during_a_rotation_and_seals_under_the_new_key)
{
    struct sealed_report report;
    int started[2], stop[2], status = -1;
    char byte;
    add_hosts();
    ck_assert(pipe2(started, O_CLOEXEC) == 0 && pipe2(stop, O_CLOEXEC | O_NONBLOCK) == 0);
    pid_t reader = fork();
    ck_assert_int_ge(reader, 0);
    if (reader == 0) {
        close(stop[1]);
        run_reader(started[1], stop[0]);
    }
    close(stop[0]);
    ck_assert_int_eq(read(started[0], &byte, 1), 1);
    for (int i = 0; i < 3; i++) {
        ck_assert(keyring_add(&err));
        ck_assert(sealed_rotate(db, &report, &err));
        ck_assert_int_eq(report.resealed, HOSTS);
    }
    close(stop[1]);
    ck_assert_int_eq(waitpid(reader, &status, 0), reader);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", (unsigned)status);
}
END_TEST

/* Columns that hold sealed values say so by name, theirs or that of a flag beside them. */
START_TEST(test_every_column_of_sealed_values_is_declared)
{
    size_t count;
    const struct sealed_column *const *all = sealed_column_all(&count);
    ck_assert_uint_ge(count, 7);
    ck_assert_int_eq(mysql_query(db->mysql,
                                 "SELECT table_name, IF(column_name = 'is_sealed', 'value', column_name) FROM "
                                 "information_schema.columns WHERE table_schema = DATABASE() AND "
                                 "column_name LIKE '%sealed%'"),
                     0);
    MYSQL_RES *result = mysql_store_result(db->mysql);
    ck_assert_uint_ge(mysql_num_rows(result), 5);
    for (MYSQL_ROW row; (row = mysql_fetch_row(result)) != NULL;) {
        bool is_declared = false;
        for (size_t i = 0; i < count; i++)
            is_declared = is_declared || (string_equal(all[i]->table, row[0]) && string_equal(all[i]->column, row[1]));
        ck_assert_msg(is_declared, "%s.%s", row[0], row[1]);
    }
    mysql_free_result(result);
}
END_TEST

static Suite *sealed_suite(void)
{
    store_fixture_start();
    store_schema_start();
    Suite *suite = suite_create("sealed");
    TCase *tests = tcase_create("sealed");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_rotation_reseals_every_value_under_the_new_key);
    tcase_add_test(tests, test_interrupted_rotation_is_ended_by_the_next_one);
    tcase_add_test(tests, test_tampered_value_is_reported_and_left_alone);
    tcase_add_test(tests, test_old_keys_are_dropped_only_when_settled_and_unused);
    tcase_add_test(tests, test_two_rotations_do_not_run_at_once_and_keys_have_a_ceiling);
    tcase_add_test(tests, test_running_process_reads_all_values_during_a_rotation_and_seals_under_the_new_key);
    tcase_add_test(tests, test_every_column_of_sealed_values_is_declared);
    suite_add_tcase(suite, tests);
    return suite;
}

UNIT_MAIN(sealed_suite)
