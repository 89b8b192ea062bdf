/* base/log.c */
#include "base/log.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/support/unit.h"

static char lines[16384];

/* Runs `body` with standard error in a pipe and keeps what it wrote. */
static const char *logged(void (*body)(void))
{
    int ends[2], before = dup(STDERR_FILENO);
    ck_assert_int_eq(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    clock_freeze(INT64_C(1761825600007));
    body();
    clock_release();
    dup2(before, STDERR_FILENO);
    close(before);
    ssize_t length = read(ends[0], lines, sizeof(lines) - 1);
    close(ends[0]);
    lines[length > 0 ? length : 0] = '\0';
    return lines;
}

static void write_plain(void)
{
    log_start("web", LOG_INFO);
    log_set_request("r-1");
    log_set_job("j-1");
    log_event(LOG_DEBUG, "not.wanted");
    log_with(LOG_WARNING, "host.added", L_TEXT("host", "h \"1\""), L_INT("ms", -5));
    log_set_request(NULL);
    log_set_job("");
    log_event(LOG_ERROR, "plain");
}

START_TEST(test_a_line_has_time_level_role_place_ids_and_values)
{
    const char *out = logged(write_plain);
    ck_assert_ptr_nonnull(strstr(out, "ts=2025-10-30T12:00:00.007Z level=warning role=web at="));
    ck_assert_ptr_nonnull(strstr(out, " event=host.added request=\"r-1\" job=\"j-1\" host=\"h \\\"1\\\"\" ms=-5\n"));
    ck_assert_ptr_nonnull(strstr(out, " event=plain\n"));
    ck_assert_ptr_null(strstr(out, "not.wanted"));
}
END_TEST

static void write_hostile(void)
{
    char longer[2000];
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    log_with(LOG_ERROR, "hostile", L_TEXT("a", "1\nts=forged \x1B[31m \xFF 구름"), L_TEXT("b", longer),
             L_TEXT("c", NULL));
    log_with(LOG_ERROR, "long", L_TEXT("1", longer), L_TEXT("2", longer), L_TEXT("3", longer), L_TEXT("4", longer),
             L_TEXT("5", longer), L_TEXT("6", longer), L_TEXT("7", longer), L_TEXT("8", longer), L_TEXT("9", longer));
}

START_TEST(test_a_value_cannot_forge_a_line_or_grow_without_end)
{
    const char *out = logged(write_hostile);
    ck_assert_ptr_nonnull(strstr(out, "a=\"1\\x0ats=forged \\x1b[31m \\xff 구름\" b=\"xxx"));
    ck_assert_ptr_nonnull(strstr(out, " c=\"\"\n"));
    const char *second = strchr(out, '\n') + 1;
    ck_assert_ptr_nonnull(strchr(second, '\n'));
    ck_assert_uint_le(strlen(second), 4096);
    ck_assert_uint_le((size_t)(second - out), 1000);
}
END_TEST

static void write_error(void)
{
    struct error err;
    error_with(&err, ERROR_PLUGIN, "guest.failed", E_TEXT("name", "vm1"), E_INT("n", 2));
    error_add_detail(&err, "said %s", "no");
    log_error(LOG_ERROR, "step.failed", &err);
}

START_TEST(test_an_error_is_logged_with_its_place_and_detail)
{
    const char *out = logged(write_error);
    ck_assert_ptr_nonnull(strstr(out, "test_log.c:"));
    ck_assert_ptr_nonnull(
        strstr(out, "kind=PLUGIN key=\"guest.failed\" arg.name=\"vm1\" arg.n=\"2\" detail=\"said no\"\n"));
}
END_TEST

START_TEST(test_level_names)
{
    enum log_level level = LOG_ERROR;
    ck_assert(log_level_from_name("Debug", &level));
    ck_assert_int_eq(level, LOG_DEBUG);
    ck_assert(!log_level_from_name("loud", &level));
    ck_assert_int_eq(level, LOG_DEBUG);
}
END_TEST

UNIT_SUITE(log_suite, "log", test_a_line_has_time_level_role_place_ids_and_values,
           test_a_value_cannot_forge_a_line_or_grow_without_end, test_an_error_is_logged_with_its_place_and_detail,
           test_level_names)
UNIT_MAIN(log_suite)
