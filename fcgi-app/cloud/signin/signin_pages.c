/* Pages: signing in, the second factor, forgotten passwords, one's own security, and the provider's directories and
 * identity providers. */
#include <json-c/json.h>

#include "base/text.h"
#include "cloud/oauth/oauth.h"
#include "cloud/signin/signin_factor.h"
#include "cloud/signin/signin_qr.h"
#include "cloud/signin/signin_reset.h"
#include "portal/portal.h"

enum { QR_MAX_BYTES = 256 * 1024 };

/* ---- people who are not signed in ---- */

static void keep(struct page_call *call, struct view *root, const char *name)
{
    view_set_text(root, name, http_param(call->request, name));
}

static bool load_login(struct page_call *call, struct view *root, struct error *err)
{
    struct oauth_choice *choices = NULL;
    size_t count = 0;
    if (!oauth_choices(call->db, call->arena, &choices, &count, err))
        return false;
    struct view *providers = view_list(call->arena);
    for (size_t i = 0; i < count; i++) {
        struct view *provider = view_add_object(providers);
        view_set_text(provider, "provider", choices[i].provider);
        view_set_text(provider, "description", choices[i].description);
    }
    view_set(root, "providers", providers);
    view_set_bool(root, "has_providers", count > 0);
    view_set_bool(root, "offers_reset", reset_is_offered());
    keep(call, root, "next");
    keep(call, root, "username");
    keep(call, root, "domain");
    view_set_bool(root, "ask_domain", call->brand->home_domain_path == NULL);
    return true;
}

static bool load_forgot(struct page_call *call, struct view *root, struct error *err)
{
    (void)err;
    keep(call, root, "sent");
    keep(call, root, "username");
    keep(call, root, "domain");
    view_set_bool(root, "ask_domain", call->brand->home_domain_path == NULL);
    view_set_text(root, "home", call->brand->home_domain_path);
    return true;
}

static bool load_reset(struct page_call *call, struct view *root, struct error *err)
{
    (void)err;
    keep(call, root, "token");
    keep(call, root, "username");
    keep(call, root, "domain");
    return true;
}

/* ---- the second factor ---- */

static bool add_factor(struct page_call *call, struct view *root, struct error *err)
{
    const char *url = NULL, *secret = NULL;
    if (!factor_pending_url(call->db, call->arena, call->caller, &url, &secret, err))
        return false;
    view_set_text(root, "pending_secret", url ? secret : NULL);
    return true;
}

static bool load_factor(struct page_call *call, struct view *root, struct error *err)
{
    view_set_bool(root, "owes_code", call->caller->factor_owed == FACTOR_CODE);
    view_set_bool(root, "owes_setup", call->caller->factor_owed == FACTOR_SETUP);
    return add_factor(call, root, err);
}

static bool serve_qr(struct page_call *call, struct http_response *response, struct error *err)
{
    const char *url = NULL, *secret = NULL;
    if (!factor_pending_url(call->db, call->arena, call->caller, &url, &secret, err))
        return false;
    if (!url || !qr_add_svg(&response->body, url))
        return error_set(err, ERROR_INVALID_VALUE, "portal.error.object_gone");
    response->content_type = "image/svg+xml";
    http_add_header(response, "Cache-Control", "no-store");
    http_add_header(response, "Content-Security-Policy", "default-src 'none'");
    return true;
}

/* ---- one's own security ---- */

static bool finish_session(struct page_call *call, struct view *item, struct json_object *session, struct error *err)
{
    (void)err;
    page_add_time(call, item, session, "created");
    page_add_time(call, item, session, "lastused");
    return true;
}

static bool load_security(struct page_call *call, struct view *root, struct error *err)
{
    struct identity_user *user = NULL;
    bool mandated = false;
    if (!identity_find_self(call->db, call->arena, call->caller, &user, err) ||
        !signin_mandates_factor(call->db, call->arena, user, &mandated, err))
        return false;
    view_set_text(root, "user_id", user->uuid);
    view_set_bool(root, "is_native", string_equal(user->source, "native"));
    view_set_bool(root, "has_factor", user->has_factor);
    view_set_bool(root, "may_disable", user->has_factor && !mandated);
    return add_factor(call, root, err) &&
           page_list(call, root, "listSessions", "session", finish_session, err, "userid", user->uuid, NULL);
}

/* ---- directories and identity providers ---- */

static bool load_providers(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *directories = NULL, *providers = NULL, *list = NULL;
    if (!page_ask(call, "listLdapConfigurations", &directories, err, "listall", "true", NULL) ||
        !page_ask(call, "listOauthProvider", &providers, err, NULL))
        return false;
    if (json_object_object_get_ex(directories, "LdapConfiguration", &list))
        view_set(root, "directories", page_view_json(call, list));
    view_set_bool(root, "has_directories", list != NULL);
    list = NULL;
    if (json_object_object_get_ex(providers, "oauthprovider", &list))
        view_set(root, "providers", page_view_json(call, list));
    view_set_bool(root, "has_providers", list != NULL);
    return true;
}

static const struct portal_page PAGES[] = {
    {.path = "/login",
     .title_key = "portal.title.login",
     .template_name = "tenant/login",
     .flags = PAGE_NO_LOGIN,
     .load = load_login},
    {.path = PAGE_FACTOR_PATH,
     .title_key = "page.signin.factor",
     .template_name = "tenant/login_factor",
     .flags = PAGE_BEFORE_FACTOR,
     .load = load_factor},
    {.path = "/login/factor.svg", .title_key = "page.signin.factor", .flags = PAGE_BEFORE_FACTOR, .serve = serve_qr},
    {.path = "/password/forgot",
     .title_key = "page.signin.forgot",
     .template_name = "tenant/password_forgot",
     .flags = PAGE_NO_LOGIN,
     .load = load_forgot},
    {.path = "/password/reset",
     .title_key = "page.signin.reset",
     .template_name = "tenant/password_reset",
     .flags = PAGE_NO_LOGIN,
     .load = load_reset},
    {.path = "/profile/security",
     .title_key = "page.signin.security",
     .template_name = "tenant/security",
     .load = load_security,
     .nav = "security"},
    {.path = "/admin/identity-providers",
     .title_key = "page.signin.providers",
     .template_name = "admin/identity_providers",
     .flags = PAGE_ADMIN,
     .load = load_providers,
     .nav = "identity-providers"},
    {.path = NULL},
};

static const struct portal_menu MENU[] = {
    {.nav = "security", .path = "/profile/security", .title_key = "page.signin.security"},
    {.nav = "identity-providers",
     .path = "/admin/identity-providers",
     .title_key = "page.signin.providers",
     .admin = true},
    {.path = NULL},
};

void signin_register_pages(void)
{
    portal_register_pages(PAGES);
    portal_register_menu(MENU);
}
