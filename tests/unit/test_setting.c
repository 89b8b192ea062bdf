/* base/setting.c; values are given here as cloud/settings would. */
#include "base/setting.h"

#include "base/field.h"
#include "tests/support/unit.h"

SETTING(TEST_PAGE_SIZE, .name = "test.page.size", .category = "Advanced", .default_value = "500", .type = SETTING_INT,
        .scopes = SCOPE_GLOBAL, .min = 1, .max = 1000, .help = "h");
SETTING(TEST_ENABLED, .name = "test.enabled", .category = "Advanced", .default_value = "true", .type = SETTING_BOOL,
        .scopes = SCOPE_GLOBAL, .help = "h");
SETTING(TEST_RATIO, .name = "test.ratio", .category = "Advanced", .default_value = "1.5", .type = SETTING_DOUBLE,
        .scopes = SCOPE_GLOBAL | SCOPE_ZONE, .help = "h");
SETTING(TEST_NAME, .name = "test.name", .category = "Advanced", .default_value = "cloud", .type = SETTING_TEXT,
        .scopes = SCOPE_GLOBAL, .help = "h");

static void check_defaults(void)
{
    char text[16];
    ck_assert_int_eq(setting_int(&TEST_PAGE_SIZE), 500);
    ck_assert(setting_bool(&TEST_ENABLED));
    ck_assert_double_eq(setting_double(&TEST_RATIO), 1.5);
    setting_text(&TEST_NAME, text, sizeof(text));
    ck_assert_str_eq(text, "cloud");
}

START_TEST(test_declared_settings_are_found_and_have_their_defaults)
{
    size_t count;
    const struct setting *const *all = setting_all(&count);
    ck_assert_ptr_nonnull(all);
    ck_assert_uint_ge(count, 4);
    ck_assert_ptr_eq(setting_find("test.ratio"), &TEST_RATIO);
    ck_assert_ptr_null(setting_find("no.such"));
    check_defaults();
}
END_TEST

START_TEST(test_loaded_values_replace_all_at_once)
{
    const struct pair values[] = {{"test.page.size", "20"},
                                  {"test.enabled", "FALSE"},
                                  {"test.ratio", "2"},
                                  {"test.name", "구름나라"},
                                  {"other", "x"}};
    setting_replace_all(values, COUNT_OF(values));
    char text[16], small[5];
    ck_assert_int_eq(setting_int(&TEST_PAGE_SIZE), 20);
    ck_assert(!setting_bool(&TEST_ENABLED));
    ck_assert_double_eq(setting_double(&TEST_RATIO), 2);
    setting_text(&TEST_NAME, text, sizeof(text));
    ck_assert_str_eq(text, "구름나라");
    setting_text(&TEST_NAME, small, sizeof(small));
    ck_assert_str_eq(small, "구");
    setting_replace_all(NULL, 0);
    check_defaults();
}
END_TEST

START_TEST(test_values_that_do_not_parse_leave_the_default)
{
    const struct pair values[] = {
        {"test.page.size", "1001"}, {"test.enabled", "maybe"}, {"test.ratio", "nan"}, {"test.name", NULL}};
    setting_replace_all(values, COUNT_OF(values));
    check_defaults();
}
END_TEST

UNIT_SUITE(setting_suite, "setting", test_declared_settings_are_found_and_have_their_defaults,
           test_loaded_values_replace_all_at_once, test_values_that_do_not_parse_leave_the_default)
UNIT_MAIN(setting_suite)
