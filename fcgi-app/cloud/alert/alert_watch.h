/* The schedule that raises alerts, for alert_api.c. */
#ifndef GURUM_CLOUD_ALERT_WATCH_H
#define GURUM_CLOUD_ALERT_WATCH_H

#include "jobs/jobs.h"

void alert_watch_register(void);

#endif
