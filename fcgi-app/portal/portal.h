/* Page machinery shared by all features: routes, sessions, brands, forms, refusals. What is not here: any page of a
 * feature (see cloud/<f>/<f>_pages.c). Pages read and write only through commands (api_invoke), so one set of rules
 * serves both. */
#ifndef GURUM_PORTAL_PORTAL_H
#define GURUM_PORTAL_PORTAL_H

#include "api/api.h"
#include "http/router.h"
#include "render/view.h"

/* What a provider shows of itself; chosen by the Host header. Filled by the branding feature. */
struct brand {
    const char *uuid, *name, *logo_url, *css_url, *default_language, *home_domain_path;
};

struct page_call {
    struct arena *arena;
    struct db *db;
    const struct http_request *request;
    const struct caller *caller; /* NULL on pages without login */
    const struct brand *brand;
    const char *language;        /* the person's choice (cookie), else the browser's, else the brand's default */
    const char *csrf;            /* token for forms */
    const struct http_route_match *route;
    const char *path;            /* of the page shown; a refused form shows the page it came from */
    struct error *refusal;       /* of the form that was just posted to this page; NULL: none */
    struct json_object *plan;    /* answer of a form posted with plan=true; NULL: none */
    struct json_object *answer;  /* answer of a form with a field _answer, which is told this once; NULL: none */
    bool busy;                   /* set by the page: something is under way, look again soon */
    const char *title_key;       /* set by the page to override the route's */
    /* The project that the person works in: pages list and make its things instead of the person's own. NULL: none. */
    const char *project_id, *project_name;
    const char *const *filters;  /* set by a list page: query parameters that narrow its command, up to NULL */
};

enum page_flags {
    PAGE_NO_LOGIN = 1u << 0,
    PAGE_ADMIN = 1u << 1, /* root admins only */
    PAGE_BEFORE_FACTOR = 1u << 2 /* also while the person owes a second factor; all others lead to PAGE_FACTOR_PATH */
};
#define PAGE_FACTOR_PATH "/login/factor"

struct portal_page {
    const char *path;      /* "/instances/{id}" */
    const char *title_key;
    const char *template_name; /* "tenant/instance" */
    unsigned flags;
    /* Fills `root` (an object). A false answer shows the error page. */
    bool (*load)(struct page_call *call, struct view *root, struct error *err);
    const char *nav;       /* which menu entry is the current one; NULL: none */
    /* Instead of template and load: fills the response itself (a style sheet, a picture). */
    bool (*serve)(struct page_call *call, struct http_response *response, struct error *err);
};

struct portal_menu {
    const char *nav, *path, *title_key;
    bool admin;
    const char *command; /* shown to those who may call it; NULL: to all */
};

/* Arrays end with an entry whose path is NULL. */
void portal_register_pages(const struct portal_page *pages);
void portal_register_menu(const struct portal_menu *entries);
/* What the branding and identity features provide to this room. */
struct portal_hooks {
    /* Chooses a brand for a Host header; always gives one. */
    bool (*find_brand)(struct db *db, struct arena *arena, const char *host, struct brand **ret_brand,
                       struct error *err);
    /* Errors: LOGIN_FAILED. `domain` NULL: the brand's home domain. */
    bool (*log_in)(struct page_call *call, const char *username, struct secret password, const char *domain,
                   const char **ret_token, struct error *err);
    bool (*log_out)(struct db *db, int64_t session_id, struct error *err);
};
void portal_set_hooks(const struct portal_hooks *hooks);
/* Aborts when no feature provided the hooks; once, after all features registered. */
void portal_start(void);

/* Everything that is not /client/api: pages, and POST /do/{command} for forms. */
enum http_outcome portal_handle(struct http_exchange *exchange, void *app);

/* ---- for pages ---- */

/* Signs a person in: the session's cookie, and on to `next` (a path of ours; anything else: the first page). */
void page_begin_session(struct page_call *call, struct http_response *response, const char *session_token,
                        const char *next);

/* Calls a command for the page's caller with name/value pairs up to a NULL name; *ret_reply is the inner JSON. */
MUST_CHECK bool page_ask(struct page_call *call, const char *command, struct json_object **ret_reply, struct error *err,
                         ...);
/* False, for a page whose object was refused: what does not exist and what is somebody else's are told alike. */
bool page_is_gone(struct error *err);
/* A json-c value as a view: objects, arrays, texts, numbers, booleans. */
struct view *page_view_json(struct page_call *call, struct json_object *json);
/* A path parameter of the route ("id"), or a form/query parameter; NULL when absent. */
const char *page_param(const struct page_call *call, const char *name);
/* The message of a key in the page's language. */
const char *page_text(struct page_call *call, const char *key);
const char *page_text_with(struct page_call *call, const char *key, const struct error_arg *args, size_t count);
/* Adds "state_class" (good, busy, bad, idle) and "state_text" (message <key_prefix><state in lower case>). True:
 * something is under way. */
bool page_add_state(struct page_call *call, struct view *object, const char *state, const char *key_prefix);
/* For a time member "created": adds "created_time" with iso, absolute and relative, for partials/time. */
void page_add_time(struct page_call *call, struct view *object, struct json_object *json, const char *name);
/* Adds "moment_time" in the same form. */
void page_add_moment(struct page_call *call, struct view *object, int64_t ms);
/* Adds "steps" to a task's view: what getTask says of each, with its state. */
void page_add_steps(struct page_call *call, struct view *task, struct json_object *json);
/* What a task is called: the title of its command. */
const char *page_command_title(struct page_call *call, const char *command);
/* Adds "as_cmk" and "as_api": how a client calls the command. Parameters without a value are left out. */
void page_add_call(struct page_call *call, struct view *object, const char *command, const struct api_param *params,
                   size_t count);
/* A list page: asks `command` for the page named by ?page= and the keyword, adds "items" (views of the reply's
 * objects), "has_items", "pager" and "keyword" to root. `each` (may be NULL) finishes every item. Further name/value
 * pairs up to a NULL name go to the command. */
typedef bool page_item(struct page_call *call, struct view *item, struct json_object *object, struct error *err);
MUST_CHECK bool page_list(struct page_call *call, struct view *root, const char *command, const char *object_key,
                          page_item *each, struct error *err, ...);
/* With call->filters page_list also adds "filters" (name, label page.filter.<name>, value) for partials/filters, keeps
 * them in the pager's links, and adds "export_csv" and "export_json": the path below the page's own, "/export", where a
 * page serves page_export. That writes the list under the same filters, 10,000 objects at most; `fixed` is one more
 * parameter, or NULL. */
MUST_CHECK bool page_export(struct page_call *call, struct http_response *response, const char *command,
                            const char *object_key, const struct api_param *fixed, struct error *err);
/* Adds "explanation" and "has_explanation" to root: what `explain` says for one more parameter ("jobid" or "id"). */
MUST_CHECK bool page_explain(struct page_call *call, struct view *root, const char *name, const char *value,
                             struct error *err);
/* Texts of a reply's object; NULL when absent. */
const char *page_json_text(struct json_object *object, const char *name);
int64_t page_json_int(struct json_object *object, const char *name);

#endif
