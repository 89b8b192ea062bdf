/* What event_store.c gives event_api.c. */
#ifndef GURUM_CLOUD_EVENT_API_H
#define GURUM_CLOUD_EVENT_API_H

#include "cloud/event/event.h"

struct event_row {
    int64_t id, account_id, domain_id, user_id;
    const char *uuid, *type, *level, *state, *message_key, *message_args, *resource_type, *resource_uuid,
        *resource_name, *start_uuid;
    bool archived;
    struct opt_time created;
};
/* Absent conditions (0, NULL, not set) do not narrow. */
struct event_filter {
    int64_t account_id, id;
    const char *domain_ids; /* comma list */
    const char *type, *level, *state, *resource_uuid, *resource_type, *keyword_like, *start_uuid;
    struct opt_time from, until;
    bool archived;
};
MUST_CHECK bool event_page(struct db *db, struct arena *arena, const struct event_filter *filter, int64_t offset,
                           int64_t limit, struct db_rows *ret_rows, int64_t *ret_total, struct error *err);
MUST_CHECK bool event_find(struct db *db, struct arena *arena, const char *uuid, struct event_row *ret_row,
                           bool *ret_found, struct error *err);

#endif
