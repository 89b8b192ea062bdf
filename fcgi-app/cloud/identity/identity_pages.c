/* Pages of tenants: a domain with its sub-domains, accounts and limits, the steps that make a new one, an account with
 * its users, and one's own profile. The same pages serve the provider and the administrators of domains: the commands
 * behind them say who may do what. */
#include "cloud/identity/identity_pages.h"

#include <stdlib.h>

#include <json-c/json.h>

#include "base/text.h"
#include "cloud/identity/identity_responses.h"
#include "portal/portal.h"

#define CHILDREN_SHOWN "50"

static struct json_object *first_of(struct json_object *reply, const char *key)
{
    struct json_object *items = NULL;
    bool is_list = json_object_object_get_ex(reply, key, &items) && json_object_is_type(items, json_type_array);
    return is_list && json_object_array_length(items) > 0 ? json_object_array_get_idx(items, 0) : NULL;
}

/* ---- limits with bars ---- */

struct bar {
    const char *prefix, *label_key;
    int kind;
};
#define BAR(name, number, what) {#name, "page.tenant.limit." #name, number},
static const struct bar BARS[] = {LIMITED_RESOURCES(BAR)};

static void add_bar(struct page_call *call, struct view *list, struct json_object *object, const struct bar *bar)
{
    const char *limit = page_json_text(object, arena_printf(call->arena, "%slimit", bar->prefix));
    int64_t total = page_json_int(object, arena_printf(call->arena, "%stotal", bar->prefix));
    if (!limit)
        return;
    struct view *item = view_add_object(list);
    bool is_limited = limit[0] >= '0' && limit[0] <= '9';
    int64_t most = is_limited ? strtoll(limit, NULL, 10) : 0;
    view_set_text(item, "label", page_text(call, bar->label_key));
    view_set_text(item, "field", bar->prefix);
    view_set_int(item, "kind", bar->kind);
    view_set_text(item, "used", arena_printf(call->arena, "%lld", (long long)total));
    view_set_bool(item, "limited", is_limited);
    view_set_text(item, "limit", is_limited ? limit : "-1");
    view_set_int(item, "percent", most > 0 ? (total < most ? total * 100 / most : 100) : total > 0 ? 100 : 0);
}

/* "limits", and what the small forms beside them send. */
static void add_limits(struct page_call *call, struct view *root, struct json_object *object, bool is_own)
{
    struct view *limits = view_list(call->arena);
    const char *open = page_param(call, "limits");
    for (size_t i = 0; i < COUNT_OF(BARS); i++)
        add_bar(call, limits, object, &BARS[i]);
    view_set(root, "limits", limits);
    view_set_bool(root, "may_limit", !is_own && call->caller->role_type != ROLE_USER);
    view_set_bool(root, "limits_open", !string_is_empty(open));
}

/* ---- a domain ---- */

static bool finish_account(struct page_call *call, struct view *item, struct json_object *object, struct error *err)
{
    struct json_object *users = NULL;
    (void)err;
    json_object_object_get_ex(object, "user", &users);
    view_set_int(item, "user_count", users ? (int64_t)json_object_array_length(users) : 0);
    page_add_state(call, item, page_json_text(object, "state"), "page.tenant.state.");
    return true;
}

static bool add_children(struct page_call *call, struct view *root, const char *id, struct error *err)
{
    struct json_object *reply, *items = NULL;
    struct view *list = view_list(call->arena);
    if (!page_ask(call, "listDomainChildren", &reply, err, "id", id, "page", "1", "pagesize", CHILDREN_SHOWN,
                  (const char *)NULL))
        return false;
    json_object_object_get_ex(reply, "domain", &items);
    for (size_t i = 0; items && i < json_object_array_length(items); i++)
        view_add(list, page_view_json(call, json_object_array_get_idx(items, i)));
    view_set(root, "children", list);
    view_set_int(root, "child_count", page_json_int(reply, "count"));
    view_set_bool(root, "has_children", page_json_int(reply, "count") > 0);
    return true;
}

static bool find_domain(struct page_call *call, const char *id, struct view *root, struct json_object **ret_domain,
                        struct error *err)
{
    struct json_object *reply;
    if (!page_ask(call, "listDomains", &reply, err, "id", id, (const char *)NULL))
        return page_is_gone(err);
    *ret_domain = first_of(reply, "domain");
    if (!*ret_domain)
        return error_set(err, ERROR_INVALID_VALUE, "portal.error.object_gone");
    struct view *domain = page_view_json(call, *ret_domain);
    page_add_state(call, domain, page_json_text(*ret_domain, "state"), "page.tenant.state.");
    view_set(root, "domain", domain);
    return true;
}

static bool show_domain(struct page_call *call, struct view *root, const char *id, struct error *err)
{
    struct json_object *domain = NULL;
    bool is_own = string_equal(id, call->caller->domain_uuid);
    if (!find_domain(call, id, root, &domain, err))
        return false;
    view_set_text(root, "title", page_json_text(domain, "name"));
    view_set_bool(root, "is_own", is_own);
    view_set_bool(root, "may_change", caller_is_root_admin(call->caller) && page_json_int(domain, "level") > 0);
    view_set_bool(root, "may_delete", !is_own);
    view_set_bool(root, "shows_parent", !is_own && page_json_text(domain, "parentdomainid"));
    add_limits(call, root, domain, is_own);
    return add_children(call, root, id, err) &&
           page_list(call, root, "listAccounts", "account", finish_account, err, "domainid", id, (const char *)NULL);
}

static bool load_own_domain(struct page_call *call, struct view *root, struct error *err)
{
    return show_domain(call, root, call->caller->domain_uuid, err);
}

static bool load_domain(struct page_call *call, struct view *root, struct error *err)
{
    return show_domain(call, root, page_param(call, "id"), err);
}

/* ---- a new tenant, step by step: the domain, its first administrator, its limits ---- */

static bool load_new(struct page_call *call, struct view *root, struct error *err)
{
    (void)err;
    view_set_text(root, "parent_id", call->caller->domain_uuid);
    view_set_bool(root, "step_domain", true);
    return true;
}

static bool load_start(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *domain = NULL;
    view_set_bool(root, "step_admin", true);
    return find_domain(call, page_param(call, "id"), root, &domain, err);
}

/* ---- an account ---- */

static void add_users(struct page_call *call, struct view *root, struct json_object *account)
{
    struct json_object *users = NULL;
    struct view *list = view_list(call->arena);
    json_object_object_get_ex(account, "user", &users);
    for (size_t i = 0; users && i < json_object_array_length(users); i++) {
        struct json_object *object = json_object_array_get_idx(users, i), *is_default = NULL;
        struct view *user = page_view_json(call, object);
        json_object_object_get_ex(object, "isdefault", &is_default);
        page_add_state(call, user, page_json_text(object, "state"), "page.tenant.state.");
        view_set_bool(user, "is_enabled", string_equal(page_json_text(object, "state"), "enabled"));
        view_set_bool(user, "fixed",
                      json_object_get_boolean(is_default) ||
                          string_equal(page_json_text(object, "id"), call->caller->user_uuid));
        view_add(list, user);
    }
    view_set(root, "users", list);
}

static bool load_account(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *reply, *is_default = NULL, *is_going = NULL;
    const char *id = page_param(call, "id");
    if (!page_ask(call, "listAccounts", &reply, err, "id", id, (const char *)NULL))
        return page_is_gone(err);
    struct json_object *object = first_of(reply, "account");
    if (!object)
        return error_set(err, ERROR_INVALID_VALUE, "portal.error.object_gone");
    bool is_own = string_equal(id, call->caller->account_uuid);
    json_object_object_get_ex(object, "isdefault", &is_default);
    json_object_object_get_ex(object, "iscleanuprequired", &is_going);
    struct view *account = page_view_json(call, object);
    bool going = json_object_get_boolean(is_going);
    page_add_state(call, account, going ? "going" : page_json_text(object, "state"), "page.tenant.state.");
    page_add_time(call, account, object, "created");
    view_set_bool(account, "is_enabled", string_equal(page_json_text(object, "state"), "enabled"));
    view_set_bool(root, "may_act", !is_own && !json_object_get_boolean(is_default));
    view_set_bool(root, "going", going);
    view_set(root, "account", account);
    view_set_text(root, "title", page_json_text(object, "name"));
    add_limits(call, root, object, is_own);
    add_users(call, root, object);
    return true;
}

/* ---- one's own profile ---- */

static bool load_profile(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *reply, *keys = NULL;
    const char *id = call->caller->user_uuid;
    if (!page_ask(call, "listUsers", &reply, err, "id", id, (const char *)NULL))
        return false;
    struct json_object *user = first_of(reply, "user");
    if (!user)
        return error_set(err, ERROR_INVALID_VALUE, "portal.error.object_gone");
    view_set(root, "user", page_view_json(call, user));
    view_set_bool(root, "has_keys", page_json_text(user, "apikey") != NULL);
    if (string_is_empty(page_param(call, "keys")) || !page_json_text(user, "apikey"))
        return true;
    if (!page_ask(call, "getUserKeys", &reply, err, "id", id, (const char *)NULL))
        return false;
    if (json_object_object_get_ex(reply, "userkeys", &keys))
        view_set(root, "keys", page_view_json(call, keys));
    return true;
}

void identity_register_pages(void)
{
    static const struct portal_page PAGES[] = {
        {.path = "/tenants",
         .title_key = "page.tenant.title",
         .template_name = "tenant/domain",
         .load = load_own_domain,
         .nav = "tenants"},
        {.path = "/tenants/new",
         .title_key = "page.tenant.new.title",
         .template_name = "tenant/domain_new",
         .load = load_new,
         .nav = "tenants"},
        {.path = "/domains/{id}",
         .title_key = "page.tenant.domain",
         .template_name = "tenant/domain",
         .load = load_domain,
         .nav = "tenants"},
        {.path = "/domains/{id}/start",
         .title_key = "page.tenant.new.title",
         .template_name = "tenant/domain_new",
         .load = load_start,
         .nav = "tenants"},
        {.path = "/accounts/{id}",
         .title_key = "page.tenant.account",
         .template_name = "tenant/account",
         .load = load_account,
         .nav = "tenants"},
        {.path = "/profile",
         .title_key = "page.profile.title",
         .template_name = "tenant/profile",
         .load = load_profile,
         .nav = "profile"},
        {.path = NULL},
    };
    static const struct portal_menu MENU[] = {
        {.nav = "tenants", .path = "/tenants", .title_key = "page.tenant.title", .command = "createUser"},
        {.nav = "profile", .path = "/profile", .title_key = "page.profile.title"},
        {.path = NULL},
    };
    portal_register_pages(PAGES);
    portal_register_menu(MENU);
}
