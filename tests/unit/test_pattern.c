/* base/pattern.c */
#include "base/pattern.h"

#include <string.h>

#include "tests/support/unit.h"

START_TEST(test_a_pattern_matches_the_whole_subject)
{
    struct pattern *pattern = NULL;
    ck_assert(pattern_compile("[a-z]+|\\p{Hangul}+", &pattern, NULL));
    ck_assert(pattern_matches(pattern, "abc"));
    ck_assert(pattern_matches(pattern, "구름"));
    ck_assert(!pattern_matches(pattern, "abc1"));
    ck_assert(!pattern_matches(pattern, "abc\n"));
    ck_assert(!pattern_matches(pattern, ""));
    ck_assert(!pattern_matches(pattern, "abc\xFF"));
    pattern_free(pattern);
    pattern_free(NULL);
}
END_TEST

START_TEST(test_a_malformed_pattern_says_where)
{
    struct pattern *pattern = NULL;
    struct error err;
    ck_assert(!pattern_compile("a(b", &pattern, &err));
    ck_assert_str_eq(err.key, "pattern.malformed");
    ck_assert_str_eq(err.args[2].value, "3");
    ck_assert_ptr_null(pattern);
    char longer[5000];
    memset(longer, 'a', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    ck_assert(!pattern_compile(longer, &pattern, &err));
    ck_assert_str_eq(err.key, "pattern.too_long");
}
END_TEST

START_TEST(test_endless_effort_counts_as_no_match)
{
    struct pattern *pattern = NULL;
    ck_assert(pattern_compile("(a+)+b", &pattern, NULL));
    ck_assert(!pattern_matches(pattern, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"));
    pattern_free(pattern);
}
END_TEST

START_TEST(test_wildcards)
{
    ck_assert(wildcard_matches("list*", "listZones"));
    ck_assert(wildcard_matches("LIST*", "listzones"));
    ck_assert(wildcard_matches("*", ""));
    ck_assert(wildcard_matches("*Zone?", "listZones"));
    ck_assert(wildcard_matches("a*b*c", "a-b-b-c"));
    ck_assert(!wildcard_matches("list*", "li"));
    ck_assert(!wildcard_matches("", "x"));
    ck_assert(!wildcard_matches("a?", "a"));
    char subject[2001];
    memset(subject, 'a', 2000);
    subject[2000] = '\0';
    ck_assert(!wildcard_matches("*a*a*a*a*a*a*a*a*a*b", subject));
}
END_TEST

UNIT_SUITE(pattern_suite, "pattern", test_a_pattern_matches_the_whole_subject, test_a_malformed_pattern_says_where,
           test_endless_effort_counts_as_no_match, test_wildcards)
UNIT_MAIN(pattern_suite)
