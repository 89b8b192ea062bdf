/* cloud/mail/mail_compose.c: no value makes a header or a part of its own; whole characters in encoded words. */
#include "cloud/mail/mail_compose.h"

#include "tests/support/unit.h"

START_TEST(test_only_plain_addresses_are_taken)
{
    const char *const bad[] = {"",
                               "kim",
                               "@example.org",
                               "kim@",
                               "a@b@c.org",
                               "kim@e.org\r",
                               "kim <kim@e.org>",
                               "kim@e.org, lee@e.org",
                               "k\"m@e.org",
                               "kim@e.org\nBcc: lee@e.org"};
    ck_assert(mail_address_is_valid("kim.lee+x@example.org"));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        ck_assert_msg(!mail_address_is_valid(bad[i]), "%s", bad[i]);
    ck_assert(!mail_address_is_valid(NULL));
}
END_TEST

START_TEST(test_values_stay_within_their_header)
{
    struct text out;
    const struct letter letter = {.from_name = "Evil\r\nBcc: lee@example.org",
                                  .from = "cloud@example.org",
                                  .to = "kim@example.org",
                                  .subject = "가나다라마바사아자차카타파하 가나다라마바사\r\n\r\nbody",
                                  .text = "--id\r\nContent-Type: x",
                                  .html = "<p>",
                                  .id = "id"};
    text_init(&out, NULL, 65536);
    mail_compose(&out, &letter);
    const char *mail = text_string(&out);
    ck_assert_ptr_null(strstr(mail, "\r\nBcc:"));
    ck_assert_ptr_null(strstr(mail, "\r\n\r\nbody"));
    ck_assert_ptr_null(strstr(mail, "Content-Type: x"));
    for (const char *line = mail; (line = strstr(line, "=?UTF-8?B?")) != NULL; line++)
        ck_assert_uint_le(strcspn(line, "\r\n"), 75);
    text_free(&out);
}
END_TEST

UNIT_SUITE(mail_compose_suite, "mail_compose", test_only_plain_addresses_are_taken,
           test_values_stay_within_their_header)
UNIT_MAIN(mail_compose_suite)
