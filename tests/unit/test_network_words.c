/* Words, VLAN ranges and CIDRs of networks, without a database. */
#include <string.h>

#include "unit.h"

#include "base/text.h"
#include "cloud/network/network_service.h"

static struct arena arena;
static struct error err;

START_TEST(test_vlan_ranges_are_read_sorted)
{
    struct segment_range *ranges = NULL;
    size_t count = 0;
    ck_assert(segment_ranges_parse(&arena, "300-400, 100-200,50", false, &ranges, &count, &err));
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(ranges[0].first_id, 50);
    ck_assert_int_eq(ranges[0].last_id, 50);
    ck_assert_int_eq(ranges[2].last_id, 400);
    ck_assert_int_eq(ranges[2].next_id, 300);
}
END_TEST

START_TEST(test_bad_vlan_ranges_are_refused)
{
    static const char *const BAD[] = {"0-5", "200-100", "1-4095", "a-b", "100-", "-5", "1-10,10-20"};
    struct segment_range *ranges = NULL;
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        ck_assert_msg(!segment_ranges_parse(&arena, BAD[i], false, &ranges, &count, &err), "%s", BAD[i]);
    ck_assert(segment_ranges_parse(&arena, "5000-60000", true, &ranges, &count, &err));
}
END_TEST

START_TEST(test_a_vlan_is_read_in_each_spelling)
{
    int64_t tag = -1;
    ck_assert(network_parse_vlan("untagged", &tag, &err));
    ck_assert_int_eq(tag, 0);
    ck_assert(network_parse_vlan("vlan://untagged", &tag, &err));
    ck_assert(network_parse_vlan("VLAN://101", &tag, &err));
    ck_assert_int_eq(tag, 101);
    ck_assert(network_parse_vlan("vxlan://5000", &tag, &err));
    ck_assert_int_eq(tag, 5000);
    ck_assert(!network_parse_vlan("vlan://5000", &tag, &err));
    ck_assert(!network_parse_vlan("blue", &tag, &err));
}
END_TEST

START_TEST(test_each_provider_offers_what_services_say)
{
    ck_assert_str_eq(network_provider_services(&arena, "InternalLbVm"), "Lb");
    ck_assert_ptr_null(network_provider_services(&arena, "Nobody"));
    ck_assert(network_list_has(network_provider_services(&arena, "VirtualRouter"), "dhcp"));
    ck_assert(!network_list_has("Dhcp,Dns", "Dh"));
    ck_assert(!network_list_has(NULL, "Dh"));
}
END_TEST

START_TEST(test_an_offering_has_the_services_it_names)
{
    const struct network_offering offering = {.services = "Dhcp=VirtualRouter,SourceNat=VirtualRouter"};
    const struct network_offering none = {.services = NULL};
    ck_assert(network_offering_has(&offering, "SourceNat"));
    ck_assert(!network_offering_has(&offering, "VirtualRouter"));
    ck_assert(!network_offering_has(&offering, "Dns"));
    ck_assert(!network_offering_has(&none, "Dns"));
}
END_TEST

START_TEST(test_gateway_and_netmask_make_the_cidr)
{
    struct network network = {.id = 0};
    const struct network_wish wish = {.gateway = "10.7.3.254", .netmask = "255.255.252.0"}, nothing = {.gateway = NULL},
                              half = {.gateway = "10.1.1.1"};
    ck_assert(network_fill_cidr(&arena, &wish, NULL, &network, &err));
    ck_assert_str_eq(network.cidr, "10.7.0.0/22");
    ck_assert(network_fill_cidr(&arena, &nothing, "10.1.1.0/24", &network, &err));
    ck_assert_str_eq(network.gateway, "10.1.1.1");
    ck_assert_str_eq(network.netmask, "255.255.255.0");
    ck_assert(!network_fill_cidr(&arena, &half, NULL, &network, &err));
    ck_assert_str_eq(err.key, "network.gateway_and_netmask");
}
END_TEST

START_TEST(test_an_isolated_network_gives_out_all_but_its_edges)
{
    struct ip_range range;
    const struct network network = {.cidr = "10.1.1.0/24", .gateway = "10.1.1.1", .netmask = "255.255.255.0"};
    ck_assert(ip_range_of_cidr(&arena, &network, &range, &err));
    ck_assert_str_eq(range.start_ip, "10.1.1.2");
    ck_assert_str_eq(range.end_ip, "10.1.1.254");
}
END_TEST

START_TEST(test_a_range_lies_in_its_network_and_leaves_out_the_gateway)
{
    struct ip_range good = {.gateway = "10.5.0.1", .netmask = "255.255.255.0", .start_ip = "10.5.0.10"};
    struct ip_range outside = {.gateway = "10.5.0.1", .netmask = "255.255.255.0", .start_ip = "10.6.0.10"};
    struct ip_range holds_gateway = {
        .gateway = "10.5.0.12", .netmask = "255.255.255.0", .start_ip = "10.5.0.10", .end_ip = "10.5.0.20"};
    ck_assert(ip_range_fill(&arena, &good, &err));
    ck_assert_str_eq(good.cidr, "10.5.0.0/24");
    ck_assert_int_eq(good.first_ip, good.last_ip);
    ck_assert(!ip_range_fill(&arena, &outside, &err));
    ck_assert(!ip_range_fill(&arena, &holds_gateway, &err));
}
END_TEST

START_TEST(test_a_shared_network_is_seen_in_its_domain_and_below)
{
    struct network network = {.domain_id = 3, .domain_path = "/a/", .subdomain_access = true};
    ck_assert(network_is_shared_with(&network, 3, "/a/"));
    ck_assert(network_is_shared_with(&network, 4, "/a/b/"));
    ck_assert(!network_is_shared_with(&network, 5, "/c/"));
    network.subdomain_access = false;
    ck_assert(!network_is_shared_with(&network, 4, "/a/b/"));
    network.account_id = 9;
    ck_assert(!network_is_shared_with(&network, 3, "/a/"));
}
END_TEST

UNIT_SUITE(network_words_suite, "network_words", test_vlan_ranges_are_read_sorted, test_bad_vlan_ranges_are_refused,
           test_a_vlan_is_read_in_each_spelling, test_each_provider_offers_what_services_say,
           test_an_offering_has_the_services_it_names, test_gateway_and_netmask_make_the_cidr,
           test_an_isolated_network_gives_out_all_but_its_edges,
           test_a_range_lies_in_its_network_and_leaves_out_the_gateway,
           test_a_shared_network_is_seen_in_its_domain_and_below)
UNIT_MAIN(network_words_suite)
