/* Collecting: what stats_api.c registers. */
#ifndef GURUM_CLOUD_STATS_JOBS_H
#define GURUM_CLOUD_STATS_JOBS_H

#include "jobs/jobs.h"

extern const struct job_kind STATS_COLLECT_JOB;
extern const struct job_schedule STATS_COLLECT_SCHEDULE, STATS_FORGET_SCHEDULE;

#endif
