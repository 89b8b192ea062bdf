/* Events: what happened, for people and for clients that poll listEvents. Written in the transaction of what they tell
 * of. */
#ifndef GURUM_CLOUD_EVENT_H
#define GURUM_CLOUD_EVENT_H

#include "api/caller.h"
#include "db/db.h"

struct job_stamp;

struct event_entry {
    const char *uuid;  /* NULL: a random one */
    const char *type;  /* "VM.CREATE" */
    const char *level; /* "INFO" (also NULL), "WARN", "ERROR" */
    const char *state; /* "Scheduled", "Started", "Completed" (also NULL) */
    const char *key;   /* message key of the description; NULL: "event.<state>" with {type} and {resource} */
    const struct error_value *values; /* its arguments, ended by a NULL name; NULL: none */
    int64_t account_id, domain_id, user_id;
    const char *resource_type, *resource_uuid,
        *resource_name;     /* wire type "VirtualMachine"; NULL: about nothing in particular */
    const char *start_uuid; /* of the event that began this one; NULL: none */
    const char *request_id;
};

/* Adds the row, in the open transaction or on its own. `ret_uuid` (37 bytes) may be NULL. */
MUST_CHECK bool event_add(struct db *db, const struct event_entry *entry, char *ret_uuid, struct error *err);

void event_register(void);
void event_register_pages(void);

#endif
