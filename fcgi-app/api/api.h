/* Commands: declared in tables beside their handlers (cloud/<f>/<f>_api.c); parsing, access control, replies, discovery
 * and documents follow from the tables. This header is what a feature sees of the api room. */
#ifndef GURUM_API_API_H
#define GURUM_API_API_H

#include "api/caller.h"
#include "base/field.h"
#include "db/db.h"
#include "jobs/jobs.h"

#define CLOUD_VERSION "4.22.0.0" /* the release of the wire that clients are told */

struct api_call;

/* ---- object kinds: how a uuid in a parameter becomes an object the caller may touch ---- */

enum object_visibility {
    OBJECT_OWNED,  /* belongs to owner_account_id: its account, domain admins above, root */
    OBJECT_SHARED, /* readable by every caller of the domains it is offered to (offerings, public images, zones) */
    OBJECT_DOMAIN, /* a tenant domain, its path in owner_domain_path: its own accounts and the admins above; never from
                      below, because who names a domain often makes something in it */
    OBJECT_INFRA   /* hosts, pods, pools: root admins only */
};

struct object_found {
    int64_t id, owner_account_id;
    const char *owner_domain_path; /* OWNED: the account's domain; SHARED: "" for everybody, else the sub-tree it is
                                      offered to */
    enum object_visibility visibility;
    const char *name; /* for events and messages */
};

struct object_kind {
    const char *name;       /* "zone", "vm": what .refers_to says */
    const char *wire_type;  /* "VirtualMachine": jobinstancetype, tags' resourcetype, history */
    const char *object_key; /* "virtualmachine": the key of one object in a reply */
    const struct field_table *response;
    /* Looks a uuid up; removed objects are not found. Looks nothing of the caller up: access is judged by the caller of
     * this. */
    bool (*find)(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found, bool *ret_exists,
                 struct error *err);
    /* Fills response structs (array of response->struct_size) for the ids, in their order, leaving out ids that do not
     * exist; also for removed objects where their rows are kept. NULL: the kind is never a job's result. */
    bool (*describe)(struct api_call *call, const int64_t *ids, size_t count, void *ret_objects, size_t *ret_count,
                     struct error *err);
};

/* ---- commands ---- */

enum api_mode {
    API_SYNC,  /* answers now, from the database only */
    API_LIST,  /* answers {"count", "<object_key>": [...]}; page, pagesize, keyword, listall, … are parsed by the api
                  room */
    API_ASYNC, /* answers {"jobid"(, "id")}; queryAsyncJobResult gives the rest */
    API_WAIT   /* starts a job and answers with its result when it ends (a parked request): needs a plugin */
};

enum api_flags {
    API_NO_LOGIN = 1u << 0, /* callable without credentials: login, listIdps … */
    API_POST_ONLY = 1u << 1,
    API_CREATES = 1u << 2,   /* async command that also answers "id" */
    API_READ_ONLY = 1u << 3, /* writes nothing: plan=true is ignored */
    API_SESSION_ONLY = 1u << 4,
    API_OWNER_PARAMS =
        1u << 5, /* takes account, domainid, projectid: resolved into call->owner (they need not be in the table) */
    API_SCOPE_PARAMS =
        1u << 6, /* list command over owned objects: account, domainid, isrecursive, listall, projectid → call->scope */
    API_ANSWERS_LIST = 1u << 7, /* the object is answered as a list of one (addHost) */
    API_WHOLE_LIST = 1u << 8,    /* API_LIST that always answers everything: takes no page, pagesize and keyword */
    API_BEFORE_FACTOR = 1u << 9, /* callable in a session whose user still owes a second factor */
    API_LIST_WRITES = 1u << 10   /* API_LIST that makes what it lists (importLdapUsers) */
};

struct api_command {
    const char *name, *summary, *since;
    const char *response_key; /* as catalogued; NULL: lower-cased name + "response" */
    const char *object_key;   /* NULL: members stand directly under the response key */
    const char *event;        /* "VM.CREATE"; recorded for writes */
    enum api_mode mode;
    unsigned flags, roles;              /* enum api_flags; default roles as enum role_type bits */
    const struct field_table *params;   /* NULL: none */
    const struct field_table *response; /* NULL: {"success": true, "displaytext"} */
    /* `args` is a params->struct_size struct in the call's arena with every reference resolved and access-checked.
     * Handlers are thin: they call the feature's service and one api_reply_… function. */
    bool (*handle)(struct api_call *call, const void *args, struct error *err);
    /* API_WAIT: makes the reply of the job that ended well by one api_reply_… function. NULL: the object of the job. */
    bool (*answer)(struct api_call *call, const struct job_view *job, struct error *err);
    const char *group;   /* catalogue group, for the reference */
    const char *related; /* comma list of commands for listApis; NULL: derived from the response's object kind */
    const char *no_effect; /* why pages, owners and the like change nothing of its reply; NULL: they do */
};

/* Rows that a list command may see. Exactly one of the forms. */
enum scope_form { SCOPE_ACCOUNT_ONLY, SCOPE_DOMAIN_ONLY, SCOPE_DOMAIN_TREE, SCOPE_EVERYTHING };
struct list_scope {
    enum scope_form form;
    int64_t account_id, domain_id;
    const char *domain_path; /* DOMAIN_TREE: prefix of the accounts' domain_path */
    const char
        *account_ids;   /* ACCOUNT_ONLY of several accounts: "-3,-7" for FIND_IN_SET, and account_id is SCOPE_NOBODY */
    bool projects_only; /* the other forms: only what projects own; else nothing of it */
    int64_t caller_account_id; /* whose view it is */
};
/* Owns nothing. Never account 0, which stores take for "any account". */
#define SCOPE_NOBODY INT64_MIN
struct list_page {
    int64_t offset, limit;    /* limit ≤ default.page.size; from page and pagesize, or 0 and default.page.size */
    bool counted_only;        /* pagesize=0 or retrieveonlyresourcecount: only the count is wanted */
    const char *keyword;      /* NULL, or substring of the name */
    const char *keyword_like; /* the keyword escaped for LIKE with % around; NULL when no keyword */
};

enum api_format { FORMAT_JSON, FORMAT_XML };

/* A command under way. Lives in its own arena, so it can outlive the thread that began it (parked requests). */
struct api_call {
    struct arena *arena;
    struct db *db; /* this thread's connection; NULL while parked */
    const struct api_command *command;
    const struct caller *caller;
    struct owner owner;      /* API_OWNER_PARAMS; else the caller's own account */
    struct list_scope scope; /* API_SCOPE_PARAMS; else everything */
    struct list_page page;   /* API_LIST */
    bool by_get;             /* a GET request: what it may carry is shorter */
    bool plan;               /* plan=true: the database is dry */
    enum api_format format;
    const char *language;    /* for texts inside replies (explain); errors on the wire stay English */
    struct api_reply *reply; /* what handlers filled through api_reply_… */
    const char *repeat_key;         /* of a write with an Idempotency-Key; NULL: none */
    const struct wire_params *wire; /* the parameters as they were sent, for the api room */
};

/* Exactly one of these on success. Objects are structs of command->response (or the kind's), in the call's arena. */
void api_reply_object(struct api_call *call, const void *object);
/* Under a single key other than the command's object_key, or several members: rare odd commands. */
void api_reply_list(struct api_call *call, const void *objects, size_t count, int64_t total);
void api_reply_success(struct api_call *call, const char *displaytext); /* NULL: no displaytext */
/* API_ASYNC and API_WAIT: the job that was created in the committed transaction; object_uuid for API_CREATES. */
void api_reply_job(struct api_call *call, const struct job_ref *job, const char *object_uuid);

/* Who asked, for job_create. */
struct job_stamp api_stamp(const struct api_call *call);
/* login: the reply carries the session's cookies. NULL token: the reply takes them back (logout). */
void api_set_session(struct api_call *call, const char *session_token, const char *session_key);
/* The wire's sessionkey of a session: derived from its token, so it needs no storing. */
void api_session_key(const char *session_token, char key[static 28]);

/* ---- in-process use: portal pages call the same commands ---- */

struct api_param {
    const char *name, *value;
};
/* Runs a command for a caller: parse, authorize, invoke. On success *ret_json is the reply's inner JSON (below the
 * response key) parsed by json-c (it lives as long as the arena), NULL for an API_WAIT command or a plan that was not
 * finished in `wait_ms`. Same errors as the wire. */
struct json_object;
MUST_CHECK bool api_invoke(struct db *db, struct arena *arena, const struct caller *caller, const char *command,
                           const struct api_param *params, size_t param_count, int wait_ms,
                           struct json_object **ret_json, struct error *err);

/* ---- registry ---- */

/* Arrays end with an entry whose name is NULL. Called once at start from modules.c; checks every declaration (summary,
 * help, types, known kinds) and aborts with a clear line on a faulty one. */
void api_register_commands(const struct api_command *commands);
void api_register_kinds(const struct object_kind *const *kinds);
const struct api_command *api_find_command(const char *name);
const struct object_kind *api_find_kind(const char *name);
const struct object_kind *api_find_kind_of_type(const char *wire_type); /* in any case; NULL: none */
const struct api_command *const *api_all_commands(size_t *ret_count); /* by name */
const struct object_kind *const *api_all_kinds(size_t *ret_count);
/* A command's place in the alphabetic order: its bit in caller.allowed. */
size_t api_command_index(const struct api_command *command);
/* After the last registration, before the first request: adds the room's own commands (listApis, listCapabilities,
 * queryAsyncJobResult, listAsyncJobs, explain) and checks that every reference names a known kind. */
void api_registry_finish(void);

/* Resolves and access-checks a uuid for a caller, as parameters are. Errors: INVALID_VALUE with the wire's exact text
 * naming `param`. */
MUST_CHECK bool api_resolve(struct api_call *call, const char *kind, const char *param, const char *uuid,
                            struct object_found *ret_found, struct error *err);
/* The jobs of call->scope: an account's are those it asked for, a project's those that work for it. */
void api_scope_jobs(const struct api_call *call, struct job_filter *filter);
/* Refusals in the wire's words: a parameter that this call cannot do without, what it names does not exist, is not the
 * caller's. */
bool api_refuse_missing(const struct api_call *call, const char *param, struct error *err);
bool api_refuse_entity(const char *param, const char *value, struct error *err);
bool api_refuse_object(const struct api_call *call, const char *wire_type, const char *value, struct error *err);
/* May this caller act on objects of that account? Root always, domain admins below their path, members on what their
 * projects own, others only on their own. */
bool caller_may_reach(const struct caller *caller, int64_t owner_account_id, const char *owner_domain_path);
/* NULL: the caller is no member of the project with this account. */
const struct project_membership *caller_membership(const struct caller *caller, int64_t account_id);

/* ---- what the identity feature provides to this room ---- */

struct identity_hooks {
    /* NULL caller: unknown key, disabled user or account. The secret is for the signature; both live in the arena. */
    bool (*find_by_api_key)(struct db *db, struct arena *arena, const char *api_key, struct caller **ret_caller,
                            struct secret *ret_secret, struct error *err);
    bool (*find_by_session)(struct db *db, struct arena *arena, const char *session_token, struct caller **ret_caller,
                            struct error *err);
    /* Ends a session (a session key that does not match kills it). */
    bool (*end_session)(struct db *db, int64_t session_id, struct error *err);
    /* May the caller's role call the command? Dynamic rules first, then the command's default roles. Cached; no query
     * on the hot path. */
    bool (*role_allows)(const struct caller *caller, const struct api_command *command);
    /* account name + domain (or the caller's domain), or a project's uuid → owner; access-checked. */
    bool (*find_owner)(struct api_call *call, const char *account, const char *domain_uuid, const char *project_uuid,
                       struct owner *ret_owner, struct error *err);
    /* domain uuid → id and path; access-checked against the caller. */
    bool (*find_domain)(struct api_call *call, const char *domain_uuid, int64_t *ret_id, const char **ret_path,
                        struct error *err);
    /* An active root admin: whoever uses the integration port acts as him. */
    bool (*find_first_admin)(struct db *db, struct arena *arena, struct caller **ret_caller, struct error *err);
    /* Before many are asked for one by one: reads those users, and their accounts, that are not held. */
    bool (*prefetch_users)(struct db *db, struct arena *arena, const int64_t *user_ids, size_t count,
                           struct error *err);
    /* For job rows: who was it. Fills a caller from stored ids, or the system caller. */
    bool (*find_by_user_id)(struct db *db, struct arena *arena, int64_t user_id, struct caller **ret_caller,
                            struct error *err);
};
void api_set_identity_hooks(const struct identity_hooks *hooks);
const struct identity_hooks *api_identity_hooks(void);

/* ---- what other features provide to this room ---- */

/* A synchronous write that succeeded, told after its transaction. */
struct api_event {
    const char *type; /* command->event */
    const struct caller *caller;
    int64_t account_id;                                        /* whose object it was */
    const char *resource_type, *resource_uuid, *resource_name; /* wire type; NULL: not known */
};
void api_set_event_hook(bool (*record)(struct db *db, const struct api_event *event, struct error *err));
/* Called before each request with its connection: loads what changed (settings). */
void api_set_request_hook(bool (*prepare)(struct db *db, struct error *err));

/* How the room reads a yes-or-no setting of the caller's account (listCapabilities). */
struct setting;
void api_set_setting_hook(bool (*read)(struct api_call *call, const struct setting *setting, bool *ret_value,
                                       struct error *err));

/* The OpenAPI document of all registered commands, after api_registry_finish. */
struct text;
void api_write_openapi(struct text *out);
/* A member of replies that another feature fills, whatever object it stands in: "hasannotations", "icon". */
enum { MARK_OBJECTS_MAX = 64 };
struct api_mark {
    const char *member; /* tables with a field of that name, and a text "id", are marked */
    const char *param;  /* only when this boolean parameter was sent as true; NULL: always */
    /* `members` are the places of the field in up to MARK_OBJECTS_MAX objects, parallel to their uuids. */
    bool (*fill)(struct api_call *call, const struct field *field, const char *const *uuids, void *const *members,
                 size_t count, struct error *err);
};
void api_register_mark(const struct api_mark *mark);

/* The web role's handler for /client/api and /client/api/{command}. */
struct http_exchange;
#include "http/http.h"
/* A request that could not be read is refused in the wire's form, too. */
void api_http_refuse(struct http_exchange *exchange, const struct error *reason);
enum http_outcome api_http_handler(struct http_exchange *exchange, void *app);
/* Starts the thread that answers parked requests; stops it, answering all with UNAVAILABLE. */
MUST_CHECK bool api_waiters_start(struct db_pool *pool, const char *run_folder, struct error *err);
void api_waiters_stop(void);

#endif
