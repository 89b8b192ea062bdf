/* Zones, hosts, offerings and capacities against the database: the cache follows changes, and nothing is given out
 * twice. */
#include <pthread.h>
#include <string.h>

#include "base/text.h"
#include "cloud/capacity/capacity_store.h"
#include "cloud/host/host_service.h"
#include "cloud/offering/offering_service.h"
#include "cloud/zone/zone_service.h"
#include "store.h"
#include "unit.h"

static struct db_pool *pool;
static struct db *db;
static struct arena arena;
static struct error err;
static struct error err_other;

static void setup(void)
{
    pool = store_schema_pool(12);
    db = store_acquire(pool);
    arena_init(&arena);
}

static void teardown(void)
{
    arena_free(&arena);
    db_release(db);
    db_pool_free(pool);
}

static int64_t make_zone(const char *name)
{
    struct zone wish = {.name = name, .network_type = "Advanced", .allocation_state = "Enabled", .dns1 = "192.0.2.1",
                        .internal_dns1 = "192.0.2.2"};
    int64_t id = 0;
    ck_assert_msg(zone_create(db, &wish, &id, &err), "%s %s", err.key, err.detail);
    return id;
}

static int64_t make_cluster(int64_t zone_id, const char *name)
{
    struct pod pod = {.zone_id = zone_id, .name = name, .allocation_state = "Enabled"};
    int64_t pod_id = 0, id = 0;
    ck_assert_msg(pod_create(db, &pod, &pod_id, &err), "%s %s", err.key, err.detail);
    struct cluster cluster = {.zone_id = zone_id, .pod_id = pod_id, .name = name, .hypervisor = "Simulator",
                              .cluster_type = "CloudManaged", .managed_state = "Managed", .allocation_state = "Enabled",
                              .arch = "x86_64"};
    ck_assert_msg(cluster_create(db, &cluster, &id, &err), "%s %s", err.key, err.detail);
    return id;
}

static bool add_host_body(struct db *connection, void *context, struct error *error)
{
    struct host_row *row = NULL;
    struct host_wish *wish = context;
    struct host_facts facts = {
        .arch = "x86_64", .cpu_sockets = 1, .cpu_cores = 4, .cpu_speed_mhz = 1000, .memory_mib = 4096};
    return host_add(connection, &arena, wish, &row, error) &&
           host_take_up(connection, &arena, row->h.id, &facts, error);
}

static int64_t make_host(int64_t zone_id, int64_t cluster_id, const char *url, const char *tags)
{
    const struct cluster *cluster = NULL;
    ck_assert(cluster_find(db, &arena, cluster_id, &cluster, &err));
    ck_assert_ptr_nonnull(cluster);
    struct host_wish wish = {.zone_id = zone_id,
                             .pod_id = cluster->pod_id,
                             .cluster_id = cluster_id,
                             .hypervisor = "Simulator",
                             .url = url,
                             .tags = tags,
                             .resource_state = "Enabled"};
    ck_assert_msg(db_transaction(db, add_host_body, &wish, &err), "%s %s", err.key, err.detail);
    return store_number(db, "SELECT MAX(id) FROM host");
}

START_TEST(test_a_new_zone_is_found_at_once_by_number_and_by_uuid)
{
    const struct zone *zone = NULL, *same = NULL;
    int64_t first = make_zone("north"), second = make_zone("south");
    ck_assert(zone_find(db, &arena, second, &zone, &err));
    ck_assert_ptr_nonnull(zone);
    ck_assert_str_eq(zone->name, "south");
    ck_assert_str_eq(zone->guest_cidr, "10.1.1.0/24");
    ck_assert(zone_store_find_uuid(db, &arena, zone->uuid, &same, &err));
    ck_assert_ptr_nonnull(same);
    ck_assert_int_eq(same->id, second);
    ck_assert_int_ne(first, second);
}
END_TEST

START_TEST(test_a_zone_name_is_taken_once_until_its_zone_is_removed)
{
    struct zone wish = {.name = "north", .network_type = "Basic", .allocation_state = "Enabled", .dns1 = "192.0.2.1",
                        .internal_dns1 = "192.0.2.2"};
    int64_t id = make_zone("north"), again = 0;
    ck_assert(!zone_create(db, &wish, &again, &err));
    ck_assert_str_eq(err.key, "zone.name_taken");
    ck_assert(place_remove(db, &arena, LEVEL_ZONE, id, &err));
    ck_assert_msg(zone_create(db, &wish, &again, &err), "%s", err.key);
}
END_TEST

START_TEST(test_a_place_with_something_in_it_is_not_removed)
{
    int64_t zone = make_zone("north"), cluster = make_cluster(zone, "c0");
    make_host(zone, cluster, "http://sim/c0/h0", NULL);
    ck_assert(!place_remove(db, &arena, LEVEL_CLUSTER, cluster, &err));
    ck_assert_str_eq(err.key, "zone.has_hosts");
    ck_assert(!place_remove(db, &arena, LEVEL_ZONE, zone, &err));
    ck_assert_str_eq(err.key, "zone.has_pods");
    ck_assert_int_eq(store_number(db, "SELECT COUNT(*) FROM zone WHERE removed IS NULL"), 1);
}
END_TEST

START_TEST(test_rows_read_before_a_change_stay_valid_as_long_as_their_arena)
{
    const struct zone *before = NULL, *after = NULL;
    int64_t id = make_zone("north");
    ck_assert(zone_find(db, &arena, id, &before, &err));
    ck_assert_ptr_nonnull(before);
    struct zone changed = *before;
    struct pair_list none = {.items = NULL};
    changed.name = "renamed";
    ck_assert(zone_update(db, &changed, &none, &err));
    ck_assert(zone_find(db, &arena, id, &after, &err));
    ck_assert_str_eq(before->name, "north");
    ck_assert_str_eq(after->name, "renamed");
}
END_TEST

struct reserving {
    int64_t host_id;
    int reserved;
};

static bool reserve_body(struct db *connection, void *context, struct error *error)
{
    struct reserving *reserving = context;
    bool done = false;
    if (!host_reserve(connection, reserving->host_id, 100, 512, &done, error))
        return false;
    reserving->reserved = done;
    return true;
}

static void *reserve_often(void *argument)
{
    struct reserving *total = argument;
    struct db *connection = store_acquire(pool);
    struct error error;
    for (int i = 0; i < 5; i++) {
        struct reserving one = {.host_id = total->host_id};
        if (db_transaction(connection, reserve_body, &one, &error))
            total->reserved += one.reserved;
    }
    db_release(connection);
    return NULL;
}

START_TEST(test_eight_threads_never_reserve_more_than_a_host_has)
{
    enum { THREADS = 8, FIT = 8 };
    int64_t zone = make_zone("north"), host = make_host(zone, make_cluster(zone, "c0"), "http://sim/c0/h0", NULL);
    pthread_t threads[THREADS];
    struct reserving counts[THREADS];
    int reserved = 0;
    for (int i = 0; i < THREADS; i++) {
        counts[i] = (struct reserving){.host_id = host};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, reserve_often, &counts[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        reserved += counts[i].reserved;
    }
    ck_assert_int_eq(reserved, FIT);
    ck_assert_int_eq(store_number(db, "SELECT memory_used_mib FROM host"), 4096);
    ck_assert(host_release(db, host, 100 * FIT, 512 * FIT, &err));
    ck_assert(!host_release(db, host, 1, 1, &err_other));
}
END_TEST

START_TEST(test_candidates_have_room_and_all_tags)
{
    int64_t zone = make_zone("north"), cluster = make_cluster(zone, "c0");
    const struct host *hosts = NULL;
    size_t count = 0;
    struct host_rejections why;
    make_host(zone, cluster, "http://sim/c0/h0", "ssd");
    int64_t both = make_host(zone, cluster, "http://sim/c0/h1", "gpu,ssd");
    struct host_filter filter = {.zone_id = zone, .tags = "ssd,gpu", .cpu_mhz = 500, .memory_mib = 512};
    ck_assert(host_candidates(db, &arena, &filter, &hosts, &count, &err));
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(hosts[0].id, both);
    filter.memory_mib = 8192;
    ck_assert(host_candidates(db, &arena, &filter, &hosts, &count, &err));
    ck_assert_uint_eq(count, 0);
    ck_assert(host_count_rejections(db, &arena, &filter, &why, &err));
    ck_assert_int_eq(why.total, 2);
    ck_assert_int_eq(why.missing_tags, 1);
    ck_assert_int_eq(why.no_memory, 1);
}
END_TEST

START_TEST(test_a_host_url_is_added_once)
{
    int64_t zone = make_zone("north"), cluster_id = make_cluster(zone, "c0");
    const struct cluster *cluster = NULL;
    make_host(zone, cluster_id, "http://sim/c0/h0", NULL);
    ck_assert(cluster_find(db, &arena, cluster_id, &cluster, &err));
    struct host_wish wish = {.zone_id = zone,
                             .pod_id = cluster->pod_id,
                             .cluster_id = cluster_id,
                             .hypervisor = "simulator",
                             .url = "http://sim/c0/h0",
                             .resource_state = "Enabled"};
    ck_assert(!db_transaction(db, add_host_body, &wish, &err));
    ck_assert_str_eq(err.key, "host.url_taken");
}
END_TEST

START_TEST(test_capacities_keep_hosts_and_storage_apart)
{
    int64_t zone = make_zone("north"), host = make_host(zone, make_cluster(zone, "c0"), "http://sim/c0/h0", NULL);
    struct capacity_sums sums;
    bool reserved = false;
    ck_assert(host_reserve(db, host, 1000, 1024, &reserved, &err));
    ck_assert(reserved);
    ck_assert_msg(capacity_store_sum(db, &arena, (struct capacity_place){.zone_id = zone}, &sums, &err), "%s",
                  err.detail);
    ck_assert_int_eq(sums.hosts.cpu_limit_mhz, 4000);
    ck_assert_int_eq(sums.hosts.cpu_used_mhz, 1000);
    ck_assert_int_eq(sums.hosts.memory_used_mib, 1024);
    ck_assert_int_eq(sums.pools.total_bytes, 0);
}
END_TEST

START_TEST(test_a_deleted_offering_is_only_found_by_those_who_have_it)
{
    struct caller root = {.role_type = ROLE_ADMIN, .domain_path = "/"};
    struct service_offering_wish wish = {.row = {.name = "tiny",
                                                 .display_text = "tiny",
                                                 .cpu_number = 1,
                                                 .cpu_speed = 500,
                                                 .memory_mib = 512,
                                                 .storage_type = "shared",
                                                 .provisioning_type = "thin",
                                                 .cache_mode = "none"}};
    const struct service_offering *offering = NULL;
    struct compute_size size, wanted = {.cpu_number = 2};
    int64_t id = 0;
    ck_assert_msg(service_offering_create(db, &arena, &root, &wish, &id, &err), "%s %s", err.key, err.detail);
    ck_assert(service_offering_find(db, &arena, id, &offering, &err));
    ck_assert_ptr_nonnull(offering);
    ck_assert(service_offering_size(offering, NULL, &size, &err));
    ck_assert_int_eq(size.memory_mib, 512);
    ck_assert(!service_offering_size(offering, &wanted, &size, &err));
    ck_assert_str_eq(err.key, "offering.size_is_fixed");
    ck_assert(service_offering_remove(db, &arena, &root, id, &err));
    ck_assert(service_offering_find(db, &arena, id, &offering, &err));
    ck_assert_ptr_null(offering);
    ck_assert(service_offering_find_any(db, &arena, id, &offering, &err));
    ck_assert_ptr_nonnull(offering);
}
END_TEST

static Suite *places_suite(void)
{
    Suite *suite = suite_create("places");
    TCase *group = tcase_create("places");
    const TTest *const tests[] = {test_a_new_zone_is_found_at_once_by_number_and_by_uuid,
                                  test_a_zone_name_is_taken_once_until_its_zone_is_removed,
                                  test_a_place_with_something_in_it_is_not_removed,
                                  test_rows_read_before_a_change_stay_valid_as_long_as_their_arena,
                                  test_eight_threads_never_reserve_more_than_a_host_has,
                                  test_candidates_have_room_and_all_tags,
                                  test_a_host_url_is_added_once,
                                  test_capacities_keep_hosts_and_storage_apart,
                                  test_a_deleted_offering_is_only_found_by_those_who_have_it};
    store_fixture_start();
    store_schema_start();
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_set_timeout(group, 60);
    for (size_t i = 0; i < COUNT_OF(tests); i++)
        tcase_add_test(group, tests[i]);
    suite_add_tcase(suite, group);
    return suite;
}

UNIT_MAIN(places_suite)
