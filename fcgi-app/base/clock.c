/* Time: the two clocks, a freeze for tests, and the wire's date forms. No time zones but offsets: everything is UTC. */
#include "base/clock.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum { DAY_S = 24 * 60 * 60 };

static atomic_bool is_frozen;
static _Atomic int64_t frozen_ms;

static int64_t read_us(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now_ms(void)
{
    return atomic_load(&is_frozen) ? atomic_load(&frozen_ms) : read_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_monotonic_us(void)
{
    return atomic_load(&is_frozen) ? atomic_load(&frozen_ms) * 1000 : read_us(CLOCK_MONOTONIC);
}

int64_t clock_monotonic_ms(void)
{
    return clock_monotonic_us() / 1000;
}

void clock_freeze(int64_t now_ms)
{
    atomic_store(&frozen_ms, now_ms);
    atomic_store(&is_frozen, true);
}

void clock_advance(int64_t ms)
{
    atomic_fetch_add(&frozen_ms, ms);
}

void clock_release(void)
{
    atomic_store(&is_frozen, false);
}

struct date {
    int64_t year;
    int month, day;
};

/* Years are counted from March here, so that the leap day is a year's last day and month lengths follow 153/5. */
static int64_t days_from_date(struct date date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t month = date.month <= 2 ? date.month + 9 : date.month - 3;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static struct date date_from_days(int64_t days)
{
    days += 719468; /* since 0000-03-01 */
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct date date = {.year = year_of_era + era * 400,
                        .month = (int)(month < 10 ? month + 3 : month - 9),
                        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1)};
    date.year += date.month <= 2;
    return date;
}

static char *put_digits(char *to, int64_t value, int digits)
{
    for (int i = digits; i-- > 0; value /= 10)
        to[i] = (char)('0' + value % 10);
    return to + digits;
}

/* "yyyy-MM-ddTHH:mm:ss" into 19 bytes; dates outside years 0 to 9999 are brought to the nearest of them. Returns the
 * milliseconds. */
static int64_t put_date_and_time(int64_t ms, char *to)
{
    const int64_t first = INT64_C(-62167219200000), last = INT64_C(253402300799999);
    ms = ms < first ? first : ms > last ? last : ms;
    int64_t seconds = (ms - first) / 1000, days = seconds / DAY_S, second = seconds % DAY_S;
    struct date date = date_from_days(days + first / 1000 / DAY_S);
    to = put_digits(to, date.year, 4);
    *to++ = '-';
    to = put_digits(to, date.month, 2);
    *to++ = '-';
    to = put_digits(to, date.day, 2);
    *to++ = 'T';
    to = put_digits(to, second / 3600, 2);
    *to++ = ':';
    to = put_digits(to, second / 60 % 60, 2);
    *to++ = ':';
    put_digits(to, second % 60, 2);
    return (ms - first) % 1000;
}

enum { DATE_TIME_BYTES = 19, FORMATTED_BYTES = 25 };

void clock_format_wire(int64_t ms, char *buffer, size_t size)
{
    if (size < FORMATTED_BYTES) {
        if (size)
            buffer[0] = '\0';
        return;
    }
    put_date_and_time(ms, buffer);
    memcpy(buffer + DATE_TIME_BYTES, "+0000", sizeof("+0000"));
}

void clock_format_iso(int64_t ms, char *buffer, size_t size)
{
    if (size < FORMATTED_BYTES) {
        if (size)
            buffer[0] = '\0';
        return;
    }
    int64_t rest = put_date_and_time(ms, buffer);
    buffer[DATE_TIME_BYTES] = '.';
    put_digits(buffer + DATE_TIME_BYTES + 1, rest, 3);
    memcpy(buffer + DATE_TIME_BYTES + 4, "Z", sizeof("Z"));
}

/* Takes exactly `digits` digits off the front. */
static bool take_number(const char **at, int digits, int *ret_number)
{
    int number = 0;
    for (int i = 0; i < digits; i++) {
        if ((*at)[i] < '0' || (*at)[i] > '9')
            return false;
        number = number * 10 + ((*at)[i] - '0');
    }
    *at += digits;
    *ret_number = number;
    return true;
}

static bool take_char(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

static bool take_date(const char **at, struct date *ret_date)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    if (!take_number(at, 4, &year) || !take_char(at, '-') || !take_number(at, 2, &month) || !take_char(at, '-') ||
        !take_number(at, 2, &day) || month < 1 || month > 12 || day < 1)
        return false;
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > month_days[month - 1] + (month == 2 && is_leap))
        return false;
    *ret_date = (struct date){year, month, day};
    return true;
}

/* HH:mm:ss with an optional fraction, of which milliseconds count. A leap second counts as the second before it. */
static bool take_time(const char **at, int64_t *ret_ms)
{
    int hour, minute, second, fraction = 0;
    if (!take_number(at, 2, &hour) || !take_char(at, ':') || !take_number(at, 2, &minute) || !take_char(at, ':') ||
        !take_number(at, 2, &second) || hour > 23 || minute > 59 || second > 60)
        return false;
    if (take_char(at, '.')) {
        int places = 0;
        for (; **at >= '0' && **at <= '9'; (*at)++, places++)
            if (places < 3)
                fraction = fraction * 10 + (**at - '0');
        if (!places || places > 9)
            return false;
        for (; places < 3; places++)
            fraction *= 10;
    }
    if (second == 60)
        second = 59;
    *ret_ms = ((int64_t)hour * 3600 + minute * 60 + second) * 1000 + fraction;
    return true;
}

static bool take_offset(const char **at, int64_t *ret_ms)
{
    if (take_char(at, 'Z')) {
        *ret_ms = 0;
        return true;
    }
    int sign = **at == '+' ? 1 : **at == '-' ? -1 : 0, hours, minutes;
    if (!sign)
        return false;
    (*at)++;
    if (!take_number(at, 2, &hours))
        return false;
    (void)take_char(at, ':');
    if (!take_number(at, 2, &minutes) || hours > 18 || minutes > 59)
        return false;
    *ret_ms = sign * ((int64_t)hours * 60 + minutes) * 60000;
    return true;
}

bool clock_parse(const char *string, bool end_of_day, int64_t *ret_ms)
{
    struct date date;
    int64_t time_ms = end_of_day ? (DAY_S - 1) * 1000 : 0, offset_ms = 0;
    if (!take_date(&string, &date))
        return false;
    if (take_char(&string, 'T')) {
        if (!take_time(&string, &time_ms) || !take_offset(&string, &offset_ms))
            return false;
    } else if (take_char(&string, ' ')) {
        if (!take_time(&string, &time_ms))
            return false;
    }
    if (*string)
        return false;
    *ret_ms = days_from_date(date) * DAY_S * 1000 + time_ms - offset_ms;
    return true;
}
