/* Alerts: trouble that operators should know of. Raised by one schedule that looks at what the cloud knows anyway
 * (alert_watch.c); an alert stands for its condition, which is told once until it is over. */
#ifndef GURUM_CLOUD_ALERT_H
#define GURUM_CLOUD_ALERT_H

#include "db/db.h"

enum alert_type { /* numbers of the wire */
                  ALERT_MEMORY = 0,
                  ALERT_CPU = 1,
                  ALERT_STORAGE = 2,
                  ALERT_STORAGE_ALLOCATED = 3,
                  ALERT_PUBLIC_IP = 4,
                  ALERT_SECONDARY_STORAGE = 6,
                  ALERT_HOST = 7,
                  ALERT_STORAGE_MISC = 12,
                  ALERT_MANAGEMENT = 14,
                  ALERT_VLAN = 18,
                  ALERT_STORAGE_DELETE = 21,
                  ALERT_DIRECT_IP = 24,
                  ALERT_LOCAL_STORAGE = 25
};

struct alert_entry {
    enum alert_type type;
    const char *name;             /* NULL: the type's own */
    const char *key;              /* message with {subject} and {detail} */
    const char *subject, *detail; /* a host's name, "93 %" */
    int64_t zone_id, pod_id;      /* 0: none */
    const char *condition;        /* "host:<uuid>": told once while it stands; NULL: told now and over */
};
MUST_CHECK bool alert_raise(struct db *db, const struct alert_entry *entry, struct error *err);
const char *alert_type_name(enum alert_type type); /* "ALERT.COMPUTE.HOST"; NULL: a type that people made up */

void alert_register(void);
void alert_register_pages(void); /* /admin/alerts */

#endif
