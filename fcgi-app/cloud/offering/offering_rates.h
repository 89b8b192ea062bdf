/* Rates of disks on the wire: the parameters and the members of replies that service and disk offerings share. What is
 * not here: which volume keeps to them. */
#ifndef GURUM_CLOUD_OFFERING_RATES_H
#define GURUM_CLOUD_OFFERING_RATES_H

#include "cloud/offering/offering.h"

/* wire parameter, wire member, member of offering_disk_rates, help */
#define OFFERING_RATES(X)                                                                                              \
    X(bytesreadrate, diskBytesReadRate, bytes_read, "bytes read a second, at most")                                    \
    X(bytesreadratemax, diskBytesReadRateMax, bytes_read_max, "bytes read a second, in a burst")                       \
    X(bytesreadratemaxlength, diskBytesReadRateMaxLength, bytes_read_max_s, "how long a burst may last, in seconds")   \
    X(byteswriterate, diskBytesWriteRate, bytes_write, "bytes written a second, at most")                              \
    X(byteswriteratemax, diskBytesWriteRateMax, bytes_write_max, "bytes written a second, in a burst")                 \
    X(byteswriteratemaxlength, diskBytesWriteRateMaxLength, bytes_write_max_s, "how long a burst may last, in seconds")\
    X(iopsreadrate, diskIopsReadRate, iops_read, "reads a second, at most")                                            \
    X(iopsreadratemax, diskIopsReadRateMax, iops_read_max, "reads a second, in a burst")                               \
    X(iopsreadratemaxlength, diskIopsReadRateMaxLength, iops_read_max_s, "how long a burst may last, in seconds")      \
    X(iopswriterate, diskIopsWriteRate, iops_write, "writes a second, at most")                                        \
    X(iopswriteratemax, diskIopsWriteRateMax, iops_write_max, "writes a second, in a burst")                           \
    X(iopswriteratemaxlength, diskIopsWriteRateMaxLength, iops_write_max_s, "how long a burst may last, in seconds")

#define RATE_ARGUMENT(parameter, member, column, text) struct opt_int parameter;
#define RATE_MEMBER(parameter, member, column, text) struct opt_int member;
struct rate_args { OFFERING_RATES(RATE_ARGUMENT) };
struct rate_response { OFFERING_RATES(RATE_MEMBER) };
#undef RATE_ARGUMENT
#undef RATE_MEMBER

/* Takes over those that were given. */
void rates_change(const struct rate_args *args, struct offering_disk_rates *rates);
/* Rates that are 0 stay absent. */
void rates_describe(const struct offering_disk_rates *rates, struct rate_response *ret_response);
struct opt_int offering_unless_zero(int64_t value);

#endif
