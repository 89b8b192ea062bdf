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
/* Whose events: of one account, of one tenant domain, or of a domain and those below it; all 0: everybody's. */
struct event_scope {
    int64_t account_id, domain_id, below_id;
    const char *account_ids; /* of several accounts: a comma list */
    bool projects_only;      /* what is about things of projects */
};
/* Absent conditions (0, NULL, not set) do not narrow. */
struct event_filter {
    struct event_scope scope;
    int64_t id;
    const char *type, *level, *state, *resource_uuid, *resource_type, *keyword_like, *start_uuid;
    struct opt_time from, until;
    struct opt_time pending_from, pending_until; /* asked for in that time and not completed */
    bool archived;
};
MUST_CHECK bool event_page(struct db *db, struct arena *arena, const struct event_filter *filter, int64_t offset,
                           int64_t limit, struct db_rows *ret_rows, int64_t *ret_total, struct error *err);

/* A page of a scope's events that are not archived, newest first, from the process's index (event_index.c). False in
 * *ret_indexed: the scope is too large for it. */
struct event_ids {
    int64_t *ids;
    size_t count;
    int64_t total;
};
MUST_CHECK bool event_index_page(struct db *db, struct arena *arena, const struct event_scope *scope, int64_t offset,
                                 int64_t limit, struct event_ids *ret_ids, bool *ret_indexed, struct error *err);

/* What archiving and deleting mean: events of the scope, either these ids, or of that type and time. */
struct event_choice {
    struct event_scope scope;
    const struct ref_list *ids; /* NULL or empty: by type and time */
    const char *type;
    struct opt_time from, until;
};
MUST_CHECK bool event_archive(struct db *db, const struct event_choice *choice, struct error *err);
MUST_CHECK bool event_delete(struct db *db, const struct event_choice *choice, struct error *err);
/* Removes all events from before that time. */
MUST_CHECK bool event_purge(struct db *db, int64_t before_ms, struct error *err);
MUST_CHECK bool event_find(struct db *db, struct arena *arena, const char *uuid, struct event_row *ret_row,
                           bool *ret_found, struct error *err);

#endif
