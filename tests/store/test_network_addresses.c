/* Addresses and segments against a real database: each is given out once whatever runs at the same time, what comes
 * back is given out again, and the counters agree. */
#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/text.h"
#include "cloud/network/network_store.h"
#include "store.h"

enum { THREADS = 8, EACH = 10 };

static struct db_pool *pool;
static struct db *db;
static struct arena arena;
static struct error err;
static const struct address_owner OWNER = {.account_id = 7, .domain_id = 1, .object_kind = "vm", .object_id = 1};

static void good(bool ok)
{
    if (!ok)
        ck_abort_msg("%s %s", err.key ? err.key : "?", err.detail);
}

/* Networks 1 (10.1.1.2 to 10.1.1.101, gateway .50 inside) and 2 (L2) on a physical network with segments 100 to 109. */
static void begin(void)
{
    pool = store_schema_pool(THREADS + 2);
    db = store_acquire(pool);
    store_sql(db,
              "INSERT INTO zone (id, uuid, name, network_type, dns1, internal_dns1, token, allocation_state, created)"
              " VALUES (1, 'z', 'z', 'Advanced', 'd', 'd', 't', 'Enabled', NOW());"
              "INSERT INTO physical_network (id, uuid, zone_id, name, broadcast_domain_range, created) VALUES (1, 'p', "
              "1, 'p', 'ZONE', NOW());"
              "INSERT INTO segment_range (physical_network_id, first_id, last_id, next_id) VALUES (1, 100, 109, 100);"
              "INSERT INTO network (id, uuid, account_id, domain_id, zone_id, physical_network_id, name, display_text, "
              "guest_type, traffic_type, acl_type,"
              " state, broadcast_type, created) VALUES (1, 'n1', 7, 1, 1, 1, 'n1', '', 'Isolated', 'Guest', 'Account', "
              "'Allocated', 'Vlan', NOW()),"
              " (2, 'n2', 7, 1, 1, 1, 'n2', '', 'L2', 'Guest', 'Account', 'Allocated', 'Vlan', NOW());"
              "INSERT INTO ip_range (uuid, zone_id, physical_network_id, network_id, gateway, netmask, cidr, first_ip, "
              "last_ip, next_ip, created) VALUES"
              " ('r', 1, 1, 1, '10.1.1.50', '255.255.255.0', '10.1.1.0/24', INET_ATON('10.1.1.2'), "
              "INET_ATON('10.1.1.101'), INET_ATON('10.1.1.2'), NOW())");
}

static void end(void)
{
    db_release(db);
    db_pool_free(pool);
    arena_free(&arena);
}

struct taking {
    int64_t network_id;
    const char *ip, *mac;
    struct address address;
    struct arena *arena; /* NULL: the test's; threads have their own */
};

static bool take_body(struct db *a_db, void *context, struct error *an_err)
{
    struct taking *taking = context;
    return address_take(a_db, taking->arena ? taking->arena : &arena, taking->network_id, taking->ip, taking->mac,
                        &OWNER, &taking->address, an_err);
}

static bool release_body(struct db *a_db, void *context, struct error *an_err)
{
    return address_release(a_db, *(const int64_t *)context, an_err);
}

static struct address take(int64_t network_id, const char *ip)
{
    struct taking taking = {.network_id = network_id, .ip = ip};
    good(db_transaction(db, take_body, &taking, &err));
    return taking.address;
}

static void refuse(int64_t network_id, const char *ip, const char *mac, const char *key)
{
    struct taking taking = {.network_id = network_id, .ip = ip, .mac = mac};
    ck_assert(!db_transaction(db, take_body, &taking, &err));
    ck_assert_str_eq(err.key, key);
}

START_TEST(test_an_address_that_comes_back_is_taken_before_a_new_one)
{
    struct address first = take(1, NULL), second = take(1, NULL);
    ck_assert_str_eq(first.ip, "10.1.1.2");
    ck_assert_str_eq(second.ip, "10.1.1.3");
    ck_assert_str_eq(first.cidr, "10.1.1.0/24");
    good(db_transaction(db, release_body, &first.id, &err));
    good(db_transaction(db, release_body, &first.id, &err)); /* again: harmless */
    ck_assert_int_eq(store_number(db, "SELECT nic_count FROM network WHERE id = 1"), 1);
    ck_assert_str_eq(take(1, NULL).ip, "10.1.1.2");
    ck_assert_str_eq(take(1, NULL).ip, "10.1.1.4");
}
END_TEST

START_TEST(test_an_address_may_be_asked_for_once)
{
    struct address wanted = take(1, "10.1.1.3");
    refuse(1, "10.1.1.3", NULL, "address.taken");
    refuse(1, "10.1.2.3", NULL, "address.outside");
    refuse(1, "10.1.1.50", NULL, "address.outside");
    refuse(1, NULL, wanted.mac, "address.mac_taken");
    refuse(1, NULL, "01:00:5e:00:00:01", "address.bad_mac");
    ck_assert_str_eq(take(1, NULL).ip, "10.1.1.2");
    ck_assert_str_eq(take(1, NULL).ip, "10.1.1.4"); /* .3 is passed over */
    ck_assert_int_eq(store_number(db, "SELECT nic_count FROM network WHERE id = 1"), 3);
}
END_TEST

START_TEST(test_an_address_keeps_its_mac_address_for_its_next_holder)
{
    struct address first = take(1, NULL);
    good(db_transaction(db, release_body, &first.id, &err));
    struct address next = take(1, NULL);
    ck_assert_str_eq(next.ip, first.ip);
    ck_assert_str_eq(next.mac, first.mac);
    good(db_transaction(db, release_body, &next.id, &err));
    /* Who wants a MAC address of his own gets an address that no DHCP server remembers; a remembered one may be his. */
    struct taking own = {.network_id = 1, .mac = "02:00:00:00:00:07"};
    good(db_transaction(db, take_body, &own, &err));
    ck_assert_str_eq(own.address.ip, "10.1.1.3");
    struct taking again = {.network_id = 1, .mac = first.mac};
    good(db_transaction(db, take_body, &again, &err));
    ck_assert_str_eq(again.address.ip, "10.1.1.4");
    ck_assert_str_ne(take(1, "10.1.1.2").mac, first.mac);
}
END_TEST

START_TEST(test_every_change_of_the_nics_raises_the_revision_of_the_services)
{
    int64_t before = store_number(db, "SELECT service_revision FROM network WHERE id = 1");
    struct address address = take(1, NULL);
    ck_assert_int_eq(store_number(db, "SELECT service_revision FROM network WHERE id = 1"), before + 1);
    good(db_transaction(db, release_body, &address.id, &err));
    ck_assert_int_eq(store_number(db, "SELECT service_revision FROM network WHERE id = 1"), before + 2);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM job"), 0); /* it is nowhere: nobody has to follow */
}
END_TEST

START_TEST(test_an_l2_network_gives_only_mac_addresses)
{
    struct address address = take(2, NULL);
    ck_assert_ptr_null(address.ip);
    ck_assert_uint_eq(strlen(address.mac), 17);
    refuse(2, "10.1.1.3", NULL, "address.outside");
    good(db_transaction(db, release_body, &address.id, &err));
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM address WHERE network_id = 2"), 0);
}
END_TEST

static atomic_int surprises; /* refusals for another reason than that none is left */

static void *take_many(void *unused)
{
    struct arena mine;
    arena_init(&mine);
    for (int i = 0; i < EACH + 5; i++) {
        struct db *own = store_acquire(pool);
        struct error failure = {0};
        struct taking taking = {.network_id = 1, .arena = &mine};
        if (!db_transaction(own, take_body, &taking, &failure) && !string_equal(failure.key, "address.none_free"))
            atomic_fetch_add(&surprises, 1);
        db_release(own);
    }
    arena_free(&mine);
    return unused;
}

/* 8 threads ask for 120 addresses where 99 are. */
START_TEST(test_no_address_is_given_out_twice_and_none_is_left_over)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take_many, NULL), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(atomic_load(&surprises), 0);
    ck_assert_int_eq(store_number(db, "SELECT COUNT(DISTINCT ip) FROM address WHERE in_use = 1"), 99);
    ck_assert_int_eq(store_number(db, "SELECT nic_count FROM network WHERE id = 1"), 99);
    refuse(1, NULL, NULL, "address.none_free");
}
END_TEST

struct segment_taking {
    int64_t network_id, segment, wanted;
};

static bool segment_body(struct db *a_db, void *context, struct error *an_err)
{
    struct segment_taking *t = context;
    return t->wanted ? segment_take_exactly(a_db, &arena, 1, t->network_id, t->wanted, an_err)
                     : segment_take(a_db, &arena, 1, t->network_id, &t->segment, an_err);
}

static bool segment_release_body(struct db *a_db, void *context, struct error *an_err)
{
    return segment_release(a_db, 1, *(const int64_t *)context, an_err);
}

START_TEST(test_segments_are_passed_over_when_taken_and_come_back)
{
    struct segment_taking exact = {.network_id = 10, .wanted = 101}, outside = {.network_id = 11, .wanted = 500},
                          again = {.network_id = 12, .wanted = 101};
    good(db_transaction(db, segment_body, &exact, &err));
    good(db_transaction(db, segment_body, &outside, &err));
    ck_assert(!db_transaction(db, segment_body, &again, &err));
    ck_assert_str_eq(err.key, "network.vlan_taken");
    for (int64_t i = 0; i < 9; i++) {
        struct segment_taking next = {.network_id = 20 + i};
        good(db_transaction(db, segment_body, &next, &err));
        ck_assert_int_eq(next.segment, i == 0 ? 100 : 101 + i);
    }
    struct segment_taking none = {.network_id = 40};
    ck_assert(!db_transaction(db, segment_body, &none, &err));
    ck_assert_str_eq(err.key, "network.no_segment");
    int64_t holder = 25, stranger = 11;
    good(db_transaction(db, segment_release_body, &stranger, &err));
    ck_assert(!db_transaction(db, segment_body, &none, &err)); /* 500 belongs to no range */
    good(db_transaction(db, segment_release_body, &holder, &err));
    good(db_transaction(db, segment_body, &none, &err));
    ck_assert_int_eq(none.segment, 106);
}
END_TEST

static bool remove_body(struct db *a_db, void *context, struct error *an_err)
{
    return network_store_remove_empty(a_db, context, an_err);
}

START_TEST(test_a_network_with_a_nic_is_not_removed)
{
    struct network *network = NULL;
    struct address address = take(1, NULL);
    good(network_find(db, &arena, 1, &network, &err));
    ck_assert(!db_transaction(db, remove_body, network, &err));
    ck_assert_int_eq(err.kind, ERROR_IN_USE);
    good(db_transaction(db, release_body, &address.id, &err));
    good(db_transaction(db, remove_body, network, &err));
    refuse(1, NULL, NULL, "network.gone");
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM address"), 0);
}
END_TEST

static Suite *network_addresses_suite(void)
{
    const TTest *const tests[] = {test_an_address_that_comes_back_is_taken_before_a_new_one,
                                  test_an_address_may_be_asked_for_once,
                                  test_an_address_keeps_its_mac_address_for_its_next_holder,
                                  test_every_change_of_the_nics_raises_the_revision_of_the_services,
                                  test_an_l2_network_gives_only_mac_addresses,
                                  test_no_address_is_given_out_twice_and_none_is_left_over,
                                  test_segments_are_passed_over_when_taken_and_come_back,
                                  test_a_network_with_a_nic_is_not_removed};
    Suite *suite = suite_create("network_addresses");
    TCase *group = tcase_create("network_addresses");
    store_fixture_start();
    store_schema_start();
    tcase_add_checked_fixture(group, begin, end);
    tcase_set_timeout(group, 120);
    for (size_t i = 0; i < COUNT_OF(tests); i++)
        tcase_add_test(group, tests[i]);
    suite_add_tcase(suite, group);
    return suite;
}
UNIT_MAIN(network_addresses_suite)
