/* gurum.conf: defaults, values, and refusals that name the line. */
#include "base/config.h"
#include "base/text.h"

#include "unit.h"

#include <stdio.h>
#include <unistd.h>

#define REQUIRED                                                                                                       \
    "site.url = http://127.0.0.1:8080\nrun.folder = /run/gurum\nweb.listen = /run/gurum/web.sock\n"                   \
    "stream.listen = /run/gurum/stream.sock\nkeys.file = /etc/gurum/keys\ntemplates.folder = /t\nstatic.folder = /s\n" \
    "plugins.folder = /p\nsql.folder = /q\n"

static struct arena arena;
static struct config config;
static struct error err;

static void set_up(void) { arena_init(&arena); }
static void tear_down(void) { arena_free(&arena); }

static bool load(const char *content)
{
    char path[] = "/tmp/gurum-config-XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    FILE *stream = fdopen(file, "w");
    ck_assert_ptr_nonnull(stream);
    fputs(content, stream);
    fclose(stream);
    bool ok = config_load(&arena, path, &config, &err);
    unlink(path);
    return ok;
}

static const char *argument(const char *name)
{
    for (size_t i = 0; i < err.arg_count; i++)
        if (string_equal(err.args[i].name, name))
            return err.args[i].value;
    return "";
}

START_TEST(test_defaults_hold_where_the_file_says_nothing)
{
    ck_assert(load(REQUIRED));
    ck_assert_int_eq(config.web_threads, 16);
    ck_assert_str_eq(config.database_user, "gurum");
    ck_assert_str_eq(config_text(&arena, &config, "database.cluster_reads_wait"), "false");
}
END_TEST

START_TEST(test_values_comments_and_blanks_are_read)
{
    ck_assert(
        load("# a comment\n\n  web.threads\t=  4 \r\nlog.level=debug\ndatabase.cluster_reads_wait = true\n" REQUIRED));
    ck_assert_int_eq(config.web_threads, 4);
    ck_assert_str_eq(config.log_level, "debug");
    ck_assert_str_eq(config_text(&arena, &config, "web.threads"), "4");
    ck_assert(config.database_cluster_reads_wait);
}
END_TEST

START_TEST(test_unknown_key_is_refused_with_its_line)
{
    ck_assert(!load("# first\nweb.thread = 4\n" REQUIRED));
    ck_assert_str_eq(argument("line"), "2");
    ck_assert_str_eq(argument("reason"), "unknown key");
}
END_TEST

START_TEST(test_bad_values_and_repetitions_are_refused)
{
    ck_assert(!load("web.threads = 0\n" REQUIRED));
    ck_assert(!load("web.threads = many\n" REQUIRED));
    ck_assert(!load("database.cluster_reads_wait = yes\n" REQUIRED));
    ck_assert(!load("web.threads = 4\nweb.threads = 4\n" REQUIRED));
    ck_assert(!load("web.threads\n" REQUIRED));
}
END_TEST

START_TEST(test_missing_required_key_is_named)
{
    ck_assert(!load("run.folder = /run/gurum\n"));
    ck_assert_str_eq(argument("reason"), "site.url is missing");
}
END_TEST

START_TEST(test_unreadable_file_is_an_error)
{
    ck_assert(!config_load(&arena, "/nonexistent/gurum.conf", &config, &err));
    ck_assert_str_eq(err.key, "config.invalid");
}
END_TEST

static Suite *config_suite(void)
{
    Suite *suite = suite_create("config");
    TCase *tests = tcase_create("config");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_defaults_hold_where_the_file_says_nothing);
    tcase_add_test(tests, test_values_comments_and_blanks_are_read);
    tcase_add_test(tests, test_unknown_key_is_refused_with_its_line);
    tcase_add_test(tests, test_bad_values_and_repetitions_are_refused);
    tcase_add_test(tests, test_missing_required_key_is_named);
    tcase_add_test(tests, test_unreadable_file_is_an_error);
    suite_add_tcase(suite, tests);
    return suite;
}

UNIT_MAIN(config_suite)
