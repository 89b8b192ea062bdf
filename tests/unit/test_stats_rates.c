/* From counters to what was used: intervals, counters that began anew, points made fewer, gaps. */
#include <check.h>

#include "cloud/stats/stats_rates.h"
#include "unit.h"

static const struct stats_counters FIRST = {.taken_ms = 1000000,
                                            .cpu_count = 2,
                                            .memory_mib = 512,
                                            .memory_used_mib = 100,
                                            .cpu_ms = 5000,
                                            .disk_read_bytes = 100,
                                            .disk_write_bytes = 200,
                                            .disk_read_requests = 3,
                                            .disk_write_requests = 4,
                                            .network_in_bytes = 500,
                                            .network_out_bytes = 600};

START_TEST(test_two_looks_tell_what_was_used_between_them)
{
    struct stats_counters second = FIRST;
    second.taken_ms += 10000;
    second.cpu_ms += 5000;
    second.network_in_bytes += 4096;
    struct stats_point point = stats_between(7, &FIRST, &second);
    ck_assert_int_eq(point.vm_id, 7);
    ck_assert_int_eq(point.interval_ms, 10000);
    ck_assert_int_eq(point.capacity_ms, 20000);
    ck_assert_int_eq(point.cpu_ms, 5000);
    ck_assert_int_eq(point.network_in_bytes, 4096);
    ck_assert_int_eq(point.disk_read_bytes, 0);
    ck_assert_int_eq(stats_kib_second(point.network_in_bytes, point.interval_ms), 0);
    ck_assert_int_eq(stats_kib_second(INT64_C(40960), 10000), 4);
}
END_TEST

START_TEST(test_the_first_look_has_no_interval)
{
    struct stats_point point = stats_between(7, NULL, &FIRST);
    ck_assert_int_eq(point.interval_ms, 0);
    ck_assert_int_eq(point.cpu_ms, 0);
    ck_assert_int_eq(point.memory_mib, 512);
    ck_assert_int_eq(point.samples, 1);
    ck_assert_int_eq(stats_kib_second(point.network_in_bytes, point.interval_ms), 0);
}
END_TEST

START_TEST(test_a_counter_that_fell_began_anew_and_gives_no_rate)
{
    struct stats_counters restarted = FIRST;
    restarted.taken_ms += 10000;
    restarted.cpu_ms = 900; /* the guest was started again … */
    restarted.network_in_bytes = 90000; /* … and was busy */
    struct stats_point point = stats_between(7, &FIRST, &restarted);
    ck_assert_int_eq(point.interval_ms, 0);
    ck_assert_int_eq(point.network_in_bytes, 0);
    struct stats_counters other = FIRST;
    other.taken_ms += 10000;
    other.disk_write_requests = 0;
    ck_assert_int_eq(stats_between(7, &FIRST, &other).interval_ms, 0);
}
END_TEST

START_TEST(test_time_that_stands_still_or_goes_back_gives_no_rate)
{
    struct stats_counters again = FIRST;
    again.cpu_ms += 100;
    ck_assert_int_eq(stats_between(7, &FIRST, &again).interval_ms, 0);
    again.taken_ms -= 5000;
    ck_assert_int_eq(stats_between(7, &FIRST, &again).interval_ms, 0);
}
END_TEST

START_TEST(test_no_guest_uses_more_than_its_cpus)
{
    struct stats_counters second = FIRST;
    second.taken_ms += 1000;
    second.cpu_ms += 2100; /* two clocks never agree */
    struct stats_point point = stats_between(7, &FIRST, &second);
    ck_assert_int_eq(point.cpu_ms, point.capacity_ms);
}
END_TEST

START_TEST(test_neighbours_in_a_slot_are_added_up)
{
    struct stats_point points[4] = {{.taken = OPT_TIME(1000), .samples = 1, .interval_ms = 500, .cpu_ms = 10},
                                    {.taken = OPT_TIME(1900), .samples = 1, .interval_ms = 900, .cpu_ms = 20},
                                    {.taken = OPT_TIME(2100), .samples = 1, .interval_ms = 200, .cpu_ms = 30},
                                    {.taken = OPT_TIME(9000), .samples = 1, .interval_ms = 900, .cpu_ms = 40}};
    ck_assert_uint_eq(stats_thin(points, 4, 0, 1000), 3);
    ck_assert_int_eq(points[0].samples, 2);
    ck_assert_int_eq(points[0].interval_ms, 1400);
    ck_assert_int_eq(points[0].cpu_ms, 30);
    ck_assert_int_eq(points[0].taken.ms, 1900);
    ck_assert_int_eq(points[2].cpu_ms, 40);
}
END_TEST

START_TEST(test_a_hole_in_time_is_a_gap)
{
    struct stats_point first = {.taken = OPT_TIME(0)}, next = {.taken = OPT_TIME(61000)},
                       late = {.taken = OPT_TIME(200000)};
    ck_assert(!stats_gap(&first, &next, 60000));
    ck_assert(stats_gap(&first, &late, 60000));
}
END_TEST

START_TEST(test_percents_have_no_idle_digits)
{
    struct arena arena;
    arena_init(&arena);
    ck_assert_str_eq(stats_percent(&arena, 0), "0%");
    ck_assert_str_eq(stats_percent(&arena, 10), "10%");
    ck_assert_str_eq(stats_percent(&arena, 55.556), "55.56%");
    ck_assert_str_eq(stats_percent(&arena, 0.2), "0.2%");
    arena_free(&arena);
}
END_TEST

static Suite *stats_rates_suite(void)
{
    Suite *suite = suite_create("stats_rates");
    TCase *all = tcase_create("all");
    tcase_add_test(all, test_two_looks_tell_what_was_used_between_them);
    tcase_add_test(all, test_the_first_look_has_no_interval);
    tcase_add_test(all, test_a_counter_that_fell_began_anew_and_gives_no_rate);
    tcase_add_test(all, test_time_that_stands_still_or_goes_back_gives_no_rate);
    tcase_add_test(all, test_no_guest_uses_more_than_its_cpus);
    tcase_add_test(all, test_neighbours_in_a_slot_are_added_up);
    tcase_add_test(all, test_a_hole_in_time_is_a_gap);
    tcase_add_test(all, test_percents_have_no_idle_digits);
    suite_add_tcase(suite, all);
    return suite;
}

UNIT_MAIN(stats_rates_suite)
