/* Bytes of a serial port become text that is safe to show, also when pieces begin and end anywhere. */
#include <check.h>
#include <string.h>

#include "cloud/console/console_text.h"
#include "unit.h"

static struct text text;

static void set_up(void)
{
    text_init(&text, NULL, 65536);
}

static void tear_down(void)
{
    text_free(&text);
}

static const char *shown(const char *bytes)
{
    text_reset(&text);
    ck_assert_uint_eq(console_text_add(&text, bytes, strlen(bytes)), strlen(bytes));
    return text_string(&text);
}

static size_t used(const char *bytes, size_t length)
{
    text_reset(&text);
    return console_text_add(&text, bytes, length);
}

START_TEST(test_colours_and_titles_of_terminals_are_left_out)
{
    ck_assert_str_eq(shown("[ \033[32m OK \033[0m ] a\033[2J\033[1;1Hb"), "[  OK  ] ab");
    ck_assert_str_eq(shown("\033]0;title\007x\033]8;;http://a\033\\y"), "xy");
    ck_assert_str_eq(shown("\033(B\033=\033Mz."), "z.");
}
END_TEST

START_TEST(test_line_ends_of_serial_ports_become_line_feeds)
{
    ck_assert_str_eq(shown("a\r\nb\r\r\nc\rd\n"), "a\nb\nc\nd\n");
}
END_TEST

START_TEST(test_control_characters_and_turned_text_are_left_out)
{
    ck_assert_str_eq(shown("a\001\002\b\177b\tc"), "ab\tc");
    ck_assert_str_eq(shown("a\xe2\x80\xae"
                           "b\xe2\x81\xa6"
                           "c\xc2\x9b"
                           "d."),
                     "abcd.");
    ck_assert_uint_eq(used("a\0b", 3), 3);
    ck_assert_str_eq(text_string(&text), "ab");
}
END_TEST

START_TEST(test_korean_stays_and_broken_characters_are_marked)
{
    ck_assert_str_eq(shown("구름 ok"), "구름 ok");
    ck_assert_str_eq(shown("a\xff\xc0 b"), "a\xEF\xBF\xBD\xEF\xBF\xBD b");
}
END_TEST

START_TEST(test_what_the_end_cuts_in_two_is_left_for_the_next_piece)
{
    ck_assert_uint_eq(used("ab\xea\xb5", 4), 2);
    ck_assert_uint_eq(used("ab\033[3", 5), 2);
    ck_assert_uint_eq(used("ab\033]0;ti", 8), 2);
    ck_assert_uint_eq(used("ab\r", 3), 2);
    ck_assert_str_eq(text_string(&text), "ab");
}
END_TEST

START_TEST(test_a_sequence_without_end_does_not_stop_the_log)
{
    char bytes[600];
    memset(bytes, 'x', sizeof(bytes));
    memcpy(bytes, "\033]0;", 4);
    ck_assert_uint_eq(used(bytes, sizeof(bytes)), sizeof(bytes));
    memset(bytes, '\r', sizeof(bytes));
    ck_assert_uint_gt(used(bytes, sizeof(bytes)), 0);
}
END_TEST

START_TEST(test_any_bytes_give_well_formed_text)
{
    unsigned char bytes[512];
    uint32_t random = 1;
    for (int round = 0; round < 2000; round++) {
        for (size_t i = 0; i < sizeof(bytes); i++)
            bytes[i] = (unsigned char)((random = random * 1664525 + 1013904223) >> 24);
        size_t size = used((const char *)bytes, sizeof(bytes));
        ck_assert_uint_gt(size, sizeof(bytes) / 3);
        ck_assert(string_is_utf8(text_string(&text), text.length));
        ck_assert(!string_has_control(text_string(&text)));
    }
}
END_TEST

START_TEST(test_a_piece_from_the_middle_begins_with_a_line)
{
    ck_assert_uint_eq(console_text_first_line("half\nwhole\n", 11), 5);
    ck_assert_uint_eq(console_text_first_line("no end", 6), 0);
}
END_TEST

static Suite *console_text_suite(void)
{
    Suite *suite = suite_create("console_text");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, test_colours_and_titles_of_terminals_are_left_out);
    tcase_add_test(all, test_line_ends_of_serial_ports_become_line_feeds);
    tcase_add_test(all, test_control_characters_and_turned_text_are_left_out);
    tcase_add_test(all, test_korean_stays_and_broken_characters_are_marked);
    tcase_add_test(all, test_what_the_end_cuts_in_two_is_left_for_the_next_piece);
    tcase_add_test(all, test_a_sequence_without_end_does_not_stop_the_log);
    tcase_add_test(all, test_any_bytes_give_well_formed_text);
    tcase_add_test(all, test_a_piece_from_the_middle_begins_with_a_line);
    suite_add_tcase(suite, all);
    return suite;
}

UNIT_MAIN(console_text_suite)
