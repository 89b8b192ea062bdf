/* The audit trail as this room keeps it: every write command that reaches its handler, with its caller, its parameters
 * without secrets, and the object before and after. Where the records are stored and who may read them is
 * cloud/audit. */
#ifndef GURUM_API_AUDIT_H
#define GURUM_API_AUDIT_H

#include "api/params.h"

struct audit_record {
    const struct caller *caller;
    const char *command;
    const char *object_type, *object_uuid, *object_name; /* wire type; NULL: about nothing in particular */
    int64_t owner_account_id;                            /* whose object it was */
    const char *params_json;                             /* secrets masked, long values cut */
    const char *before_json, *after_json;                /* members that differ; NULL: there was nothing */
    const char *result;                                  /* "begun", "done", "failed" */
    struct opt_int failure_code;                         /* as answered */
    const char *failure_text;
    int64_t id; /* set by `begin` */
};
enum { AUDIT_KEY_BYTES = 13 }; /* of a key's beginning, with its NUL: enough to know it again, not to use it */

struct audit_hooks {
    /* Inside the first transaction that the command commits: adds the row as "begun". */
    bool (*begin)(struct db *db, struct audit_record *record, struct error *err);
    /* After the command: completes the row, or (id 0) adds it whole. Not called for a job that goes on. */
    bool (*end)(struct db *db, struct audit_record *record, struct error *err);
};
void api_set_audit_hooks(const struct audit_hooks *hooks);

/* A change of something that has no object kind (a setting): what it is called and its value before and after, NULL for
 * none and for secrets. For handlers, once a call. */
void api_audit_value(struct api_call *call, const char *type, const char *name, const char *before, const char *after);

/* An object as the trail keeps it: all members of its reply, secrets masked. NULL when it does not exist. */
MUST_CHECK bool audit_describe(struct api_call *call, const struct object_kind *kind, int64_t id, const char **ret_json,
                               struct error *err);
/* Leaves in both only what differs; either may be NULL. */
void audit_differ(struct arena *arena, const char **before_json, const char **after_json);

/* ---- invoke.c ---- */

struct audit_call; /* a write under way */
/* NULL: the command is not recorded. */
struct audit_call *audit_enter(struct api_call *call, const struct wire_params *params, const void *args);
/* `audit` and `record_event` may be NULL; the latter runs in the transaction that completes the record. */
void audit_leave(struct db *db, struct audit_call *audit, const struct error *failure,
                 bool (*record_event)(struct db *db, void *context, struct error *err), void *context);

#endif
