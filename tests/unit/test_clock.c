/* base/clock.c */
#include "base/clock.h"

#include <string.h>
#include <time.h>

#include "tests/support/unit.h"

START_TEST(test_a_frozen_clock_stands_until_it_is_moved_or_released)
{
    clock_freeze(1000);
    ck_assert_int_eq(clock_now_ms(), 1000);
    ck_assert_int_eq(clock_monotonic_ms(), 1000);
    clock_advance(234);
    ck_assert_int_eq(clock_now_ms(), 1234);
    ck_assert_int_eq(clock_monotonic_us(), 1234000);
    clock_release();
    ck_assert_int_gt(clock_now_ms(), INT64_C(1600000000000));
    int64_t before = clock_monotonic_us();
    ck_assert_int_ge(clock_monotonic_us(), before);
}
END_TEST

START_TEST(test_formats_agree_with_the_c_library_over_centuries)
{
    for (int64_t day = -25000; day < 60000; day += 7) {
        int64_t ms = day * 86400000 + 86399999 - day % 1000;
        time_t seconds = (time_t)((ms - 999) / 1000);
        if (ms >= 0)
            seconds = (time_t)(ms / 1000);
        else if (ms % 1000 == 0)
            seconds = (time_t)(ms / 1000);
        struct tm parts;
        char expected[32], wire[32];
        gmtime_r(&seconds, &parts);
        strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S+0000", &parts);
        clock_format_wire(ms, wire, sizeof(wire));
        ck_assert_str_eq(wire, expected);
        int64_t again;
        ck_assert(clock_parse(wire, false, &again));
        ck_assert_int_eq(again, (int64_t)seconds * 1000);
    }
}
END_TEST

START_TEST(test_iso_form_has_milliseconds)
{
    char iso[32], small[4];
    clock_format_iso(INT64_C(1761825600007), iso, sizeof(iso));
    ck_assert_str_eq(iso, "2025-10-30T12:00:00.007Z");
    clock_format_iso(-1, iso, sizeof(iso));
    ck_assert_str_eq(iso, "1969-12-31T23:59:59.999Z");
    clock_format_iso(0, small, sizeof(small));
    ck_assert_str_eq(small, "");
    clock_format_wire(INT64_MAX, iso, sizeof(iso));
    ck_assert_str_eq(iso, "9999-12-31T23:59:59+0000");
}
END_TEST

START_TEST(test_every_date_form_of_the_wire_is_read)
{
    static const struct {
        const char *date;
        bool end_of_day;
        int64_t ms;
    } cases[] = {
        {"2025-10-30T12:00:00Z", false, INT64_C(1761825600000)},
        {"2025-10-30T12:00:00+0000", false, INT64_C(1761825600000)},
        {"2025-10-30T21:00:00+0900", false, INT64_C(1761825600000)},
        {"2025-10-30T06:30:00-05:30", false, INT64_C(1761825600000)},
        {"2025-10-30T12:00:00.123456+00:00", false, INT64_C(1761825600123)},
        {"2025-10-30T12:00:00.5Z", false, INT64_C(1761825600500)},
        {"2025-10-30 12:00:00", false, INT64_C(1761825600000)},
        {"2025-10-30 12:00:00", true, INT64_C(1761825600000)},
        {"2025-10-30", false, INT64_C(1761782400000)},
        {"2025-10-30", true, INT64_C(1761868799000)},
        {"2024-02-29", false, INT64_C(1709164800000)},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t ms = -1;
        ck_assert_msg(clock_parse(cases[i].date, cases[i].end_of_day, &ms), "%s", cases[i].date);
        ck_assert_msg(ms == cases[i].ms, "%s gave %lld", cases[i].date, (long long)ms);
    }
}
END_TEST

START_TEST(test_other_dates_are_refused)
{
    static const char *const bad[] = {"",
                                      "now",
                                      "2025-13-01",
                                      "2025-02-29",
                                      "1900-02-29",
                                      "2025-1-1",
                                      "2025-10-30T12:00:00",
                                      "2025-10-30T25:00:00Z",
                                      "2025-10-30 12:00",
                                      "2025-10-30x",
                                      "2025-10-30T12:00:00.Z",
                                      "2025-10-30T12:00:00+9",
                                      "2025-00-10",
                                      "2025-10-00",
                                      "2025-10-30T12:00:00+09000",
                                      " 2025-10-30",
                                      "2025-10-30T12:60:00Z"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        int64_t ms = 77;
        ck_assert_msg(!clock_parse(bad[i], false, &ms), "%s", bad[i]);
        ck_assert_int_eq(ms, 77);
    }
}
END_TEST

UNIT_SUITE(clock_suite, "clock", test_a_frozen_clock_stands_until_it_is_moved_or_released,
           test_formats_agree_with_the_c_library_over_centuries, test_iso_form_has_milliseconds,
           test_every_date_form_of_the_wire_is_read, test_other_dates_are_refused)
UNIT_MAIN(clock_suite)
