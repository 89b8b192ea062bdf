/* Words about a placement, into the job's explanation or into a plan. */
#ifndef GURUM_CLOUD_PLACEMENT_EXPLAIN_H
#define GURUM_CLOUD_PLACEMENT_EXPLAIN_H

#include "cloud/host/host.h"
#include "cloud/placement/placement.h"

/* One line: to the plan when there is one, else stored with the job. */
MUST_CHECK bool placement_note(struct job_run *run, struct plan *plan, enum explain_audience audience, const char *key,
                               const struct error_value *values, struct error *err);
/* Operators: how many hosts fell to each reason. */
MUST_CHECK bool placement_explain_counts(struct job_run *run, struct plan *plan, const struct host_filter *filter,
                                         struct host_rejections *ret_counts, struct error *err);
/* Tenants: that nothing fits, and what would: another zone, a smaller size. */
MUST_CHECK bool placement_explain_nothing(struct job_run *run, struct plan *plan,
                                          const struct placement_request *request, const struct host_filter *filter,
                                          struct error *err);

#endif
