/* Parameters: how C values become bound ones, and DATETIME(3) to and from milliseconds since 1970 UTC. */
#include <string.h>

#include "db/db_private.h"

enum { MS_PER_DAY = 24 * 3600 * 1000 };

struct db_value db_int(int64_t value)
{
    return (struct db_value){.type = DB_INT, .integer = value};
}

struct db_value db_bool(bool value)
{
    return db_int(value ? 1 : 0);
}

struct db_value db_text(const char *value)
{
    if (value == NULL)
        return db_null();
    return (struct db_value){.type = DB_TEXT, .text = value, .length = strlen(value)};
}

struct db_value db_time(int64_t ms)
{
    return (struct db_value){.type = DB_TIME, .integer = ms};
}

struct db_value db_ref(int64_t id)
{
    return id == 0 ? db_null() : db_int(id);
}

struct db_value db_opt_int(struct opt_int value)
{
    return value.set ? db_int(value.value) : db_null();
}

struct db_value db_opt_bool(struct opt_bool value)
{
    return value.set ? db_bool(value.value) : db_null();
}

struct db_value db_opt_double(struct opt_double value)
{
    return value.set ? (struct db_value){.type = DB_DOUBLE, .number = value.value} : db_null();
}

struct db_value db_opt_time(struct opt_time value)
{
    return value.set ? db_time(value.ms) : db_null();
}

struct db_value db_null(void)
{
    return (struct db_value){.type = DB_NULL};
}

/* Days since 1970-01-01 in the Gregorian calendar. Counting years from 1 March puts the leap day last, so that the days
 * before a month are (153 * month + 2) / 5; 400 years have 146097 days; 719468 days lie between 1 March 0000 and 1
 * January 1970. */
static int64_t days_from_date(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2 ? 1 : 0;
    int64_t era = year / 400, year_of_era = year % 400;
    int64_t month_from_march = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void date_from_days(int64_t days, MYSQL_TIME *ret_time)
{
    days += 719468;
    int64_t era = days / 146097, day_of_era = days % 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    ret_time->day = (unsigned)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    ret_time->month = (unsigned)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    ret_time->year = (unsigned)(era * 400 + year_of_era + (ret_time->month <= 2 ? 1 : 0));
}

void value_time_to_mysql(int64_t ms, MYSQL_TIME *ret_time)
{
    int64_t days = ms / MS_PER_DAY, rest = ms % MS_PER_DAY;
    if (rest < 0) {
        rest += MS_PER_DAY;
        days--;
    }
    memset(ret_time, 0, sizeof(*ret_time));
    ret_time->time_type = MYSQL_TIMESTAMP_DATETIME;
    date_from_days(days, ret_time);
    ret_time->hour = (unsigned)(rest / 3600000);
    ret_time->minute = (unsigned)(rest / 60000 % 60);
    ret_time->second = (unsigned)(rest / 1000 % 60);
    ret_time->second_part = (unsigned long)(rest % 1000 * 1000);
}

int64_t value_time_from_mysql(const MYSQL_TIME *time)
{
    int64_t seconds = (int64_t)time->hour * 3600 + time->minute * 60 + time->second;
    return days_from_date(time->year, time->month, time->day) * MS_PER_DAY + seconds * 1000 +
           (int64_t)(time->second_part / 1000);
}

/* DATETIME holds the years 0001 to 9999 here. */
static bool time_fits(int64_t ms)
{
    return ms >= days_from_date(1, 1, 1) * MS_PER_DAY && ms < days_from_date(10000, 1, 1) * MS_PER_DAY;
}

/* The library's struct has no const; it only reads parameters. */
static void *without_const(const void *pointer)
{
    return (void *)(uintptr_t)pointer;
}

bool value_bind(const struct db_value *value, MYSQL_BIND *bind, MYSQL_TIME *time)
{
    memset(bind, 0, sizeof(*bind));
    switch (value->type) {
    case DB_NULL:
        bind->buffer_type = MYSQL_TYPE_NULL;
        return true;
    case DB_INT:
        bind->buffer_type = MYSQL_TYPE_LONGLONG;
        bind->buffer = without_const(&value->integer);
        return true;
    case DB_DOUBLE:
        bind->buffer_type = MYSQL_TYPE_DOUBLE;
        bind->buffer = without_const(&value->number);
        return true;
    case DB_TEXT:
        bind->buffer_type = MYSQL_TYPE_STRING;
        bind->buffer = without_const(value->text);
        bind->buffer_length = value->length;
        bind->length_value = value->length;
        bind->length = &bind->length_value;
        return value->length <= DB_TEXT_BYTES_MAX;
    case DB_TIME:
        if (!time_fits(value->integer))
            return false;
        value_time_to_mysql(value->integer, time);
        bind->buffer_type = MYSQL_TYPE_DATETIME;
        bind->buffer = time;
        return true;
    }
    return false;
}
