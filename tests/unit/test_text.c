/* base/text.c */
#include "base/text.h"

#include <string.h>

#include "tests/support/unit.h"

START_TEST(test_text_grows_in_an_arena_and_on_the_heap)
{
    struct arena arena;
    arena_init(&arena);
    struct text inside, heap;
    text_init(&inside, &arena, 1000000);
    text_init(&heap, NULL, 1000000);
    ck_assert_str_eq(text_string(&heap), "");
    for (int i = 0; i < 10000; i++) {
        text_addf(&inside, "%d,", i);
        text_add_int(&heap, i);
        text_add_char(&heap, ',');
        if (i % 100 == 0)
            arena_strdup(&arena, "in between");
    }
    ck_assert_str_eq(text_string(&inside), text_string(&heap));
    ck_assert(!inside.overflowed);
    text_free(&inside);
    text_free(&heap);
    ck_assert_str_eq(text_string(&heap), "");
    arena_free(&arena);
}
END_TEST

START_TEST(test_text_stops_at_its_ceiling_and_remembers_it)
{
    struct text text;
    text_init(&text, NULL, 5);
    text_add(&text, "abcd");
    text_add(&text, "efgh");
    ck_assert_str_eq(text_string(&text), "abcde");
    ck_assert(text.overflowed);
    text_add(&text, "");
    ck_assert(text.overflowed);
    ck_assert_ptr_null(text_reserve(&text, 0));
    text_reset(&text);
    text_add(&text, "wxyz");
    text_add(&text, "구"); /* three bytes do not fit into one; no half character is left */
    text_add(&text, "!");
    ck_assert_str_eq(text_string(&text), "wxyz");
    ck_assert(text.overflowed);
    text_free(&text);
}
END_TEST

START_TEST(test_a_ceiling_of_nothing_takes_nothing)
{
    struct text text;
    text_init(&text, NULL, 0);
    text_add(&text, "");
    ck_assert(!text.overflowed);
    text_add(&text, "a");
    ck_assert(text.overflowed);
    ck_assert_str_eq(text_string(&text), "");
    text_free(&text);
}
END_TEST

START_TEST(test_extreme_numbers_are_written_whole)
{
    struct text text;
    text_init(&text, NULL, 100);
    text_add_int(&text, INT64_MIN);
    text_add_char(&text, ' ');
    text_add_int(&text, INT64_MAX);
    text_add_char(&text, ' ');
    text_add_int(&text, 0);
    ck_assert_str_eq(text_string(&text), "-9223372036854775808 9223372036854775807 0");
    text_free(&text);
}
END_TEST

START_TEST(test_a_long_formatted_text_is_not_cut)
{
    struct text text;
    text_init(&text, NULL, 10000);
    text_addf(&text, "%0500d|", 7);
    ck_assert_uint_eq(text.length, 501);
    text_free(&text);
}
END_TEST

START_TEST(test_broken_utf8_is_found)
{
    static const char *const good[] = {"", "plain", "구름", "\xF0\x9F\x98\x80", "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"};
    static const char *const bad[] = {"\x80",
                                      "\xC0\xAF",
                                      "\xC1\xBF",
                                      "\xE0\x9F\xBF",
                                      "\xED\xA0\x80",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xE2\x82",
                                      "a\xC3",
                                      "\xC3(",
                                      "\xFF"};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        ck_assert_msg(string_is_utf8(good[i], strlen(good[i])), "good %zu", i);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        ck_assert_msg(!string_is_utf8(bad[i], strlen(bad[i])), "bad %zu", i);
}
END_TEST

START_TEST(test_control_characters_are_found)
{
    ck_assert(!string_has_control("a\tb\r\n구"));
    ck_assert(string_has_control("a\x01"));
    ck_assert(string_has_control("\x1B[0m"));
    ck_assert(string_has_control("\x7F"));
}
END_TEST

START_TEST(test_whole_numbers_only)
{
    int64_t value = 5;
    static const char *const bad[] = {
        "", "-", "+", " 1", "1 ", "1.0", "0x10", "9223372036854775808", "-9223372036854775809", "a"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        ck_assert_msg(!string_to_int(bad[i], &value), "%s", bad[i]);
    ck_assert_int_eq(value, 5);
    ck_assert(string_to_int("-9223372036854775808", &value));
    ck_assert_int_eq(value, INT64_MIN);
    ck_assert(string_to_int("9223372036854775807", &value));
    ck_assert_int_eq(value, INT64_MAX);
    ck_assert(string_to_int("+007", &value));
    ck_assert_int_eq(value, 7);
}
END_TEST

START_TEST(test_decimal_numbers_without_words_or_hexadecimal)
{
    double value = 5;
    static const char *const bad[] = {"", "nan", "inf", "0x1p3", "1.5x", " 1", "1e999", "."};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        ck_assert_msg(!string_to_double(bad[i], &value), "%s", bad[i]);
    ck_assert_double_eq(value, 5);
    ck_assert(string_to_double("-1.25e2", &value));
    ck_assert_double_eq(value, -125);
}
END_TEST

START_TEST(test_split_trims_and_drops_empty_items)
{
    struct arena arena;
    arena_init(&arena);
    size_t count;
    const char **items = string_split(&arena, " a ,, b c,\t,d", ',', &count);
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(items[0], "a");
    ck_assert_str_eq(items[1], "b c");
    ck_assert_str_eq(items[2], "d");
    string_split(&arena, "", ',', &count);
    ck_assert_uint_eq(count, 0);
    arena_free(&arena);
}
END_TEST

START_TEST(test_comparisons)
{
    ck_assert(string_equal(NULL, NULL));
    ck_assert(!string_equal("", NULL));
    ck_assert(string_equal_ignoring_case("TrUe", "true"));
    ck_assert(!string_equal_ignoring_case("true", "tru"));
    ck_assert(!string_equal_ignoring_case(NULL, "x"));
    ck_assert(string_starts_with("listZones", "list"));
    ck_assert(!string_starts_with("li", "list"));
    ck_assert(string_ends_with("a.json", ".json"));
    ck_assert(!string_ends_with("json", ".json"));
    ck_assert(string_equal_secret("abc", 3, "abc", 3));
    ck_assert(!string_equal_secret("abc", 3, "abd", 3));
    ck_assert(!string_equal_secret("abc", 3, "abcd", 4));
    ck_assert(string_is_empty(NULL) && string_is_empty("") && !string_is_empty(" "));
}
END_TEST

START_TEST(test_copy_cuts_between_characters)
{
    char buffer[5];
    string_copy(buffer, sizeof(buffer), "구름");
    ck_assert_str_eq(buffer, "구");
    string_copy(buffer, sizeof(buffer), "abcdef");
    ck_assert_str_eq(buffer, "abcd");
}
END_TEST

UNIT_SUITE(text_suite, "text", test_text_grows_in_an_arena_and_on_the_heap,
           test_text_stops_at_its_ceiling_and_remembers_it, test_a_ceiling_of_nothing_takes_nothing,
           test_extreme_numbers_are_written_whole, test_a_long_formatted_text_is_not_cut, test_broken_utf8_is_found,
           test_control_characters_are_found, test_whole_numbers_only,
           test_decimal_numbers_without_words_or_hexadecimal, test_split_trims_and_drops_empty_items, test_comparisons,
           test_copy_cuts_between_characters)
UNIT_MAIN(text_suite)
