/* The consistency queries of sql/checks: they run on the schema, find nothing in an empty one, and the runner tells of
 * rows. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "store.h"
#include "unit.h"

static struct db_pool *pool;
static struct db *db;
static struct error err;

static void setup(void)
{
    pool = store_schema_pool(2);
    db = store_acquire(pool);
}

static void teardown(void)
{
    db_release(db);
    db_pool_free(pool);
}

static void found_row(void *context, const char *row)
{
    ck_abort_msg("%s found %s", (const char *)context, row);
}

START_TEST(test_checks_find_nothing_in_an_empty_cloud)
{
    DIR *folder = opendir(store_source_path("sql/checks"));
    for (const struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        char path[512];
        if (!string_ends_with(entry->d_name, ".sql"))
            continue;
        snprintf(path, sizeof(path), "sql/checks/%.200s", entry->d_name);
        ck_assert_msg(db_run_file(db, store_source_path(path), found_row, path, &err), "%s", err.detail);
    }
    if (folder != NULL)
        closedir(folder);
}
END_TEST

static int run_checks(const char *folder, const char *database)
{
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        execl(store_source_path("tests/support/run-checks"), "run-checks", store_fixture_socket(), database, "root",
              folder, NULL);
        _exit(127);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

START_TEST(test_runner_fails_on_rows_and_on_broken_queries)
{
    char folder[] = "/tmp/gurum-checks-XXXXXX", path[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/a.sql", folder);
    static const struct {
        const char *sql;
        int status;
    } cases[] = {{"SELECT 1 FROM DUAL WHERE 1 = 0;\n", 0}, {"SELECT 'stray' AS what;\n", 1}, {"SELECT FROM;\n", 1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        FILE *file = fopen(path, "we");
        ck_assert(file != NULL && fputs(cases[i].sql, file) >= 0 && fclose(file) == 0);
        ck_assert_int_eq(run_checks(folder, store_database()), cases[i].status);
    }
    unlink(path);
    rmdir(folder);
}
END_TEST

static Suite *checks_suite(void)
{
    store_fixture_start();
    store_schema_start();
    Suite *suite = suite_create("checks");
    TCase *tests = tcase_create("checks");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_checks_find_nothing_in_an_empty_cloud);
    tcase_add_test(tests, test_runner_fails_on_rows_and_on_broken_queries);
    suite_add_tcase(suite, tests);
    return suite;
}

UNIT_MAIN(checks_suite)
