/* cloud/ldap/ldap_client.c, what is pure of it. */
#include "cloud/ldap/ldap_client.h"

#include "tests/support/unit.h"

START_TEST(test_values_cannot_change_a_filter)
{
    struct arena arena;
    arena_init(&arena);
    ck_assert_str_eq(ldap_filter_value(&arena, "kim"), "kim");
    ck_assert_str_eq(ldap_filter_value(&arena, "*)(uid=\\*"), "\\2a\\29\\28uid=\\5c\\2a");
    ck_assert_str_eq(ldap_filter_value(&arena, "a\nb"), "a\\0ab");
    ck_assert_str_eq(ldap_filter_value(&arena, "김"), "김");
    arena_free(&arena);
}
END_TEST

START_TEST(test_a_name_is_below_another_by_whole_components)
{
    ck_assert(ldap_is_below("uid=a,ou=people,dc=x", "OU=People,dc=x"));
    ck_assert(!ldap_is_below("uid=a,ou=otherpeople,dc=x", "people,dc=x"));
    ck_assert(!ldap_is_below("uid=a\\,ou=people,dc=x", "ou=people,dc=x"));
    ck_assert(!ldap_is_below("ou=people,dc=x", "ou=people,dc=x"));
    ck_assert(!ldap_is_below("uid=a,dc=x", ""));
}
END_TEST

UNIT_SUITE(ldap_client_suite, "ldap_client", test_values_cannot_change_a_filter,
           test_a_name_is_below_another_by_whole_components)
UNIT_MAIN(ldap_client_suite)
