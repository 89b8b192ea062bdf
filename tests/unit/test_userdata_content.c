/* Base64 of user data in every spelling, and two pieces as one message. */
#include <string.h>

#include "unit.h"

#include "base/text.h"
#include "cloud/userdata/userdata.h"
#include "cloud/userdata/userdata_content.h"

static struct arena arena;

START_TEST(test_every_spelling_of_base64_becomes_the_standard_one)
{
    ck_assert_str_eq(user_data_normalize(&arena, "YQ=="), "YQ==");
    ck_assert_str_eq(user_data_normalize(&arena, "YQ"), "YQ==");
    ck_assert_str_eq(user_data_normalize(&arena, "aGVs\r\nbG8="), "aGVsbG8=");
    ck_assert_str_eq(user_data_normalize(&arena, "-_-_"), "+/+/");
    ck_assert_str_eq(user_data_normalize(&arena, ""), "");
    ck_assert_ptr_null(user_data_normalize(&arena, "a"));
    ck_assert_ptr_null(user_data_normalize(&arena, "#!/bin/sh"));
    ck_assert_ptr_null(user_data_normalize(&arena, "YQ===="));
}
END_TEST

START_TEST(test_appended_pieces_are_parts_of_one_message_in_order)
{
    size_t length = 0;
    const char *both =
        user_data_append(&arena, "IyEvYmluL3NoCg==", "I2Nsb3VkLWNvbmZpZwo="); /* #!/bin/sh, #cloud-config */
    const char *mime = user_data_bytes(&arena, both, &length);
    ck_assert_ptr_nonnull(mime);
    ck_assert_uint_eq(length, strlen(mime));
    ck_assert(string_starts_with(mime, "Content-Type: multipart/mixed; boundary="));
    const char *first = strstr(mime, "text/x-shellscript"), *second = strstr(mime, "text/cloud-config");
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_nonnull(second);
    ck_assert(first < second);
    ck_assert_ptr_nonnull(strstr(first, "IyEvYmluL3NoCg=="));
    ck_assert_ptr_nonnull(strstr(second, "I2Nsb3VkLWNvbmZpZwo="));
}
END_TEST

static Suite *userdata_content_suite(void)
{
    Suite *suite = suite_create("userdata_content");
    TCase *tests = tcase_create("userdata_content");
    tcase_add_test(tests, test_every_spelling_of_base64_becomes_the_standard_one);
    tcase_add_test(tests, test_appended_pieces_are_parts_of_one_message_in_order);
    suite_add_tcase(suite, tests);
    return suite;
}
UNIT_MAIN(userdata_content_suite)
