/* Rates of disks: from parameters to the row, from the row to replies. */
#include "cloud/offering/offering_rates.h"

void rates_change(const struct rate_args *args, struct offering_disk_rates *rates)
{
#define CHANGE(parameter, member, column, text)                                                                        \
    if (args->parameter.set)                                                                                           \
        rates->column = args->parameter.value;
    OFFERING_RATES(CHANGE)
#undef CHANGE
}

void rates_describe(const struct offering_disk_rates *rates, struct rate_response *ret_response)
{
#define DESCRIBE(parameter, member, column, text) .member = offering_unless_zero(rates->column),
    *ret_response = (struct rate_response){OFFERING_RATES(DESCRIBE)};
#undef DESCRIBE
}

struct opt_int offering_unless_zero(int64_t value)
{
    return (struct opt_int){.value = value, .set = value != 0};
}
