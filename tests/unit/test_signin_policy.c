/* cloud/signin/signin_policy.c: every rule by itself, and characters that are no bytes. */
#include "cloud/signin/signin_policy.h"

#include "base/text.h"
#include "tests/support/unit.h"

static bool keeps(const struct password_policy *policy, const char *username, const char *password,
                  const char **ret_key)
{
    struct error err = {0};
    struct secret secret = {.bytes = password, .length = strlen(password)};
    bool ok = password_policy_check(policy, username, secret, &err);
    *ret_key = ok ? "" : err.key;
    return ok;
}

START_TEST(test_each_rule_counts_what_it_names)
{
    const struct {
        struct password_policy policy;
        const char *good, *bad, *key;
    } cases[] = {
        {{.allows_username = true, .min_length = 4}, "abcd", "abc", "signin.password_length"},
        {{.allows_username = true, .min_length = 3}, "비밀번", "비밀", "signin.password_length"},
        {{.allows_username = true, .min_digits = 2}, "a1b2", "a1", "signin.password_digits"},
        {{.allows_username = true, .min_lowercase = 2}, "abC", "aBC", "signin.password_lowercase"},
        {{.allows_username = true, .min_uppercase = 1}, "abC", "abc", "signin.password_uppercase"},
        {{.allows_username = true, .min_special = 1}, "ab-", "ab1", "signin.password_special"},
        {{.allows_username = true, .min_special = 1}, "ab구", "abc", "signin.password_special"},
        {{.allows_username = true, .pattern = "[a-z]+[0-9]"}, "abc1", "abc12", "signin.password_pattern"},
        {{.allows_username = false}, "something", "my-Kim-word", "signin.password_has_username"},
    };
    const char *key;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ck_assert_msg(keeps(&cases[i].policy, "kim", cases[i].good, &key), "%zu: %s", i, key);
        ck_assert_msg(!keeps(&cases[i].policy, "kim", cases[i].bad, &key), "%zu", i);
        ck_assert_str_eq(key, cases[i].key);
    }
}
END_TEST

START_TEST(test_no_rules_take_any_password)
{
    const struct password_policy none = {.allows_username = true, .pattern = ""};
    const char *key;
    ck_assert(keeps(&none, "kim", "", &key));
    ck_assert(keeps(&none, "kim", "kim", &key));
}
END_TEST

UNIT_SUITE(signin_policy_suite, "signin_policy", test_each_rule_counts_what_it_names, test_no_rules_take_any_password)
UNIT_MAIN(signin_policy_suite)
