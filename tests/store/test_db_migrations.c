/* Migrations and SQL files: splitting, from nothing, twice, broken half-way, changed, newer, two processes at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/thread.h"
#include "db/db_private.h"
#include "store.h"
#include "unit.h"

static struct db_pool *pool;
static struct db *db;
static struct error err;
static char folder[64];

static void write_file(const char *name, const char *content)
{
    char path[160];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    ck_assert(file != NULL && fputs(content, file) >= 0 && fclose(file) == 0);
}

static void remove_file(const char *name)
{
    char path[160];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    ck_assert_int_eq(unlink(path), 0);
}

static void setup(void)
{
    pool = store_fresh_pool(4);
    db = store_acquire(pool);
    string_copy(folder, sizeof(folder), "/tmp/gurum-migrations-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    write_file(
        "0001_first.sql",
        "-- the first table; with a semicolon\nCREATE TABLE IF NOT EXISTS first (id INT PRIMARY KEY, name TEXT);\n");
    write_file("0002_second.sql", "INSERT IGNORE INTO first VALUES (1, 'a;b'), (2, 'it''s; \\' -- no comment');\n");
    write_file("README.md", "not a migration");
}

static void teardown(void)
{
    db_release(db);
    db_pool_free(pool);
    char command_path[128];
    const char *const names[] = {"0001_first.sql", "0002_second.sql", "0003_third.sql",
                                 "0003_other.sql", "odd.sql",         "README.md"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(command_path, sizeof(command_path), "%s/%s", folder, names[i]);
        unlink(command_path);
    }
    rmdir(folder);
}

static void assert_split(const char *content, const char *const *expected, const int *lines, size_t count)
{
    struct script script = {.cursor = content, .next_line = 1};
    const char *sql;
    size_t length;
    for (size_t i = 0; i < count; i++) {
        ck_assert(script_next(&script, &sql, &length));
        ck_assert_uint_eq(length, strlen(expected[i]));
        ck_assert_mem_eq(sql, expected[i], length);
        ck_assert_int_eq(script.line, lines[i]);
    }
    ck_assert(!script_next(&script, &sql, &length));
}

START_TEST(test_semicolons_in_strings_and_comments_end_nothing)
{
    static const char *const expected[] = {"SELECT 'a;''b\\';' AS `x;y`, \";\"", "SELECT 1 /* ; */ -- ; \n + 2 # ; \n",
                                           "/*!80000 SELECT 3 */", "SELECT 4--5", "last"};
    static const int lines[] = {2, 3, 7, 7, 8};
    assert_split(
        "-- comment;\nSELECT 'a;''b\\';' AS `x;y`, \";\";\nSELECT 1 /* ; */ -- ; \n + 2 # ; \n;\n/* nothing; */ ;;\n"
        "/*!80000 SELECT 3 */;SELECT 4--5;\nlast",
        expected, lines, COUNT_OF(expected));
    assert_split("", expected, lines, 0);
    assert_split(" -- only a comment", expected, lines, 0);
    assert_split("/* open ; ", expected, lines, 0);
    static const char *const open_string[] = {"SELECT 'open ; \\"};
    assert_split("SELECT 'open ; \\", open_string, (const int[]){1}, 1);
}
END_TEST

static int64_t applied(void)
{
    return store_number(db, "SELECT COUNT(*) FROM schema_migration");
}

START_TEST(test_migrations_run_once_from_nothing)
{
    ck_assert_msg(db_migrate(db, folder, &err), "%s", err.detail);
    ck_assert_int_eq(applied(), 2);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM first WHERE name IN ('a;b', 'it''s; '' -- no comment')"),
                     2);
    store_sql(db, "DELETE FROM first");
    ck_assert(db_migrate(db, folder, &err));
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM first"), 0);
    write_file("0003_third.sql", "ALTER TABLE first ADD COLUMN IF NOT EXISTS more INT");
    ck_assert(db_migrate(db, folder, &err));
    ck_assert_int_eq(applied(), 3);
    ck_assert_int_eq(store_number(db, "SELECT owner = '' AND lease_until <= NOW(3) FROM schema_lock"), 1);
}
END_TEST

START_TEST(test_broken_migration_names_its_line_and_can_be_repeated)
{
    write_file("0003_third.sql", "CREATE TABLE IF NOT EXISTS third (id INT PRIMARY KEY);\n\nBROKEN;\n");
    ck_assert(!db_migrate(db, folder, &err));
    ck_assert_msg(strstr(err.detail, "0003_third:3") != NULL, "%s", err.detail);
    ck_assert_int_eq(applied(), 2);
    write_file("0003_third.sql", "CREATE TABLE IF NOT EXISTS third (id INT PRIMARY KEY);\n");
    ck_assert(db_migrate(db, folder, &err));
    ck_assert_int_eq(applied(), 3);
}
END_TEST

START_TEST(test_changed_migration_is_refused)
{
    ck_assert(db_migrate(db, folder, &err));
    write_file("0002_second.sql", "INSERT IGNORE INTO first VALUES (3, 'c');\n");
    ck_assert(!db_migrate(db, folder, &err));
    ck_assert_str_eq(err.key, "db.migration_changed");
    ck_assert(strstr(err.detail, "0002_second") != NULL);
}
END_TEST

START_TEST(test_newer_schema_is_refused)
{
    write_file("0003_third.sql", "SELECT 1");
    ck_assert(db_migrate(db, folder, &err));
    remove_file("0003_third.sql");
    ck_assert(!db_migrate(db, folder, &err));
    ck_assert_str_eq(err.key, "db.schema_newer");
}
END_TEST

START_TEST(test_folders_that_make_no_sense_are_refused)
{
    ck_assert(!db_migrate(db, "/nonexistent", &err));
    ck_assert_str_eq(err.key, "db.file");
    write_file("0003_third.sql", "SELECT 1");
    write_file("0003_other.sql", "SELECT 1");
    ck_assert(!db_migrate(db, folder, &err));
    ck_assert(strstr(err.detail, "number of another") != NULL);
    remove_file("0003_other.sql");
    write_file("odd.sql", "SELECT 1");
    ck_assert(!db_migrate(db, folder, &err));
    ck_assert(strstr(err.detail, "NNNN_what.sql") != NULL);
}
END_TEST

struct migrating {
    struct db *db;
    pthread_t thread;
    bool done;
};

static void *migrate(void *argument)
{
    struct migrating *migrating = argument;
    struct error error;
    migrating->done = db_migrate(migrating->db, folder, &error);
    return NULL;
}

START_TEST(test_two_at_once_apply_each_migration_once)
{
    write_file(
        "0003_third.sql",
        "CREATE TABLE third (id INT AUTO_INCREMENT PRIMARY KEY); SELECT SLEEP(0.3); INSERT INTO third VALUES ()");
    struct migrating both[3];
    for (size_t i = 0; i < COUNT_OF(both); i++) {
        both[i].db = store_acquire(pool);
        ck_assert(thread_start(&both[i].thread, "migrate", migrate, &both[i], &err));
    }
    for (size_t i = 0; i < COUNT_OF(both); i++) {
        pthread_join(both[i].thread, NULL);
        ck_assert(both[i].done);
        db_release(both[i].db);
    }
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM third"), 1);
    ck_assert_int_eq(applied(), 3);
}
END_TEST

START_TEST(test_lock_of_a_dead_process_is_taken_over)
{
    ck_assert(db_migrate(db, folder, &err));
    write_file("0003_third.sql", "SELECT 1");
    store_sql(db, "UPDATE schema_lock SET owner = 'dead', lease_until = NOW(3) + INTERVAL 300000 MICROSECOND");
    ck_assert(db_migrate(db, folder, &err));
    ck_assert_int_eq(applied(), 3);
}
END_TEST

static void collect(void *context, const char *row)
{
    struct text *rows = context;
    text_addf(rows, "%s\n", row);
}

START_TEST(test_file_reports_each_row)
{
    char path[160], line[256];
    struct text rows;
    text_init(&rows, NULL, 4096);
    write_file("odd.sql",
               "SELECT 1 AS a, NULL AS b, 'x y' AS c; DO 1; SELECT 2 AS d WHERE 1 = 0; SELECT 3 AS e UNION SELECT 4");
    snprintf(path, sizeof(path), "%s/odd.sql", folder);
    ck_assert_msg(db_run_file(db, path, collect, &rows, &err), "%s", err.detail);
    ck_assert_str_eq(text_string(&rows), "a=1 b=NULL c=x y\ne=3\ne=4\n");
    text_free(&rows);
    ck_assert(db_run_file(db, path, NULL, NULL, &err));
    snprintf(line, sizeof(line), "%s/absent.sql", folder);
    ck_assert(!db_run_file(db, line, NULL, NULL, &err));
    ck_assert_str_eq(err.key, "db.file");
}
END_TEST

static Suite *db_migrations_suite(void)
{
    store_fixture_start();
    Suite *suite = suite_create("db migrations");
    TCase *tests = tcase_create("migrations");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_semicolons_in_strings_and_comments_end_nothing);
    tcase_add_test(tests, test_migrations_run_once_from_nothing);
    tcase_add_test(tests, test_broken_migration_names_its_line_and_can_be_repeated);
    tcase_add_test(tests, test_changed_migration_is_refused);
    tcase_add_test(tests, test_newer_schema_is_refused);
    tcase_add_test(tests, test_folders_that_make_no_sense_are_refused);
    tcase_add_test(tests, test_two_at_once_apply_each_migration_once);
    tcase_add_test(tests, test_lock_of_a_dead_process_is_taken_over);
    tcase_add_test(tests, test_file_reports_each_row);
    suite_add_tcase(suite, tests);
    return suite;
}

UNIT_MAIN(db_migrations_suite)
