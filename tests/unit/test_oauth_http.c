/* cloud/oauth/oauth_http.c: which addresses may be reached. */
#include "cloud/oauth/oauth_http.h"

#include "tests/support/unit.h"

START_TEST(test_only_public_addresses_are_reached_unless_listed)
{
    const char *const inner[] = {"127.0.0.1",
                                 "10.1.2.3",
                                 "172.16.0.1",
                                 "192.168.1.1",
                                 "169.254.169.254",
                                 "0.0.0.0",
                                 "224.0.0.1",
                                 "255.255.255.255",
                                 "::1",
                                 "::",
                                 "fe80::1",
                                 "fd00::1",
                                 "ff02::1",
                                 "::ffff:127.0.0.1",
                                 "64:ff9b::7f00:1",
                                 "nonsense",
                                 ""};
    for (size_t i = 0; i < COUNT_OF(inner); i++)
        ck_assert_msg(!oauth_address_is_allowed(inner[i], ""), "%s", inner[i]);
    ck_assert(oauth_address_is_allowed("142.250.1.1", ""));
    ck_assert(oauth_address_is_allowed("2a00:1450::1", ""));
}
END_TEST

START_TEST(test_lists_name_addresses_and_networks)
{
    ck_assert(oauth_address_is_allowed("127.0.0.1", "127.0.0.1"));
    ck_assert(!oauth_address_is_allowed("127.0.0.2", "127.0.0.1"));
    ck_assert(oauth_address_is_allowed("10.200.0.1", "192.168.0.0/16, 10.128.0.0/9"));
    ck_assert(!oauth_address_is_allowed("10.1.0.1", "10.128.0.0/9"));
    ck_assert(oauth_address_is_allowed("fd00::5", "fd00::/8"));
    ck_assert(!oauth_address_is_allowed("10.0.0.1", "10.0.0.0/x, , 10.0.0.0/200"));
}
END_TEST

UNIT_SUITE(oauth_http_suite, "oauth_http", test_only_public_addresses_are_reached_unless_listed,
           test_lists_name_addresses_and_networks)
UNIT_MAIN(oauth_http_suite)
