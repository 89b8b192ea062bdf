/* Time. Everything that asks for the time asks here, so that tests can set it. */
#ifndef GURUM_BASE_CLOCK_H
#define GURUM_BASE_CLOCK_H

#include "base/arena.h"

/* Milliseconds since 1970-01-01 UTC. */
int64_t clock_now_ms(void);
/* A clock that only goes forward, for durations and deadlines. */
int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);
/* Tests: both clocks stand at this value until clock_release. */
void clock_freeze(int64_t now_ms);
void clock_advance(int64_t ms);
void clock_release(void);

/* "2025-10-30T12:00:00+0000", the wire's form. `buffer` holds at least 25 bytes. */
void clock_format_wire(int64_t ms, char *buffer, size_t size);
/* "2025-10-30T12:00:00.000Z" for logs and documents. */
void clock_format_iso(int64_t ms, char *buffer, size_t size);
/* ISO-8601 with offset (Z, +0000, +00:00, fractions), "yyyy-MM-dd HH:mm:ss" (UTC) or "yyyy-MM-dd" (start of day, or its
 * last second when end_of_day). False: none of them. */
MUST_CHECK bool clock_parse(const char *string, bool end_of_day, int64_t *ret_ms);

#endif
