/* The brand of a request, its style sheet, and signing in under it. */
#include "cloud/branding/branding_store.h"

#include "base/text.h"
#include "cloud/identity/identity.h"

static bool find_brand(struct db *db, struct arena *arena, const char *host, struct brand **ret_brand,
                       struct error *err)
{
    const struct brand_row *row;
    struct identity_domain *home = NULL;
    if (!branding_find_by_host(db, arena, host, &row, err))
        return false;
    struct brand *brand = ARENA_NEW(arena, struct brand);
    *brand = (struct brand){.uuid = "default", .name = "Gurum", .css_url = "/brand/default/0.css"};
    if (row) {
        if (row->home_domain_id && !identity_find_domain_any(db, arena, row->home_domain_id, &home, err))
            return false;
        *brand =
            (struct brand){.uuid = row->uuid,
                           .name = row->name,
                           .logo_url = row->logo_url,
                           .default_language = row->default_language,
                           .css_url = arena_printf(arena, "/brand/%s/%lld.css", row->uuid, (long long)row->version),
                           .home_domain_path = home ? home->path : NULL};
    }
    *ret_brand = brand;
    return true;
}

/* Colours only, each checked when it was stored; nothing a reseller wrote can be more than a colour here. */
static bool serve_css(struct page_call *call, struct http_response *response, struct error *err)
{
    const struct brand_row *brand = NULL;
    const char *uuid = page_param(call, "uuid");
    if (!string_equal(uuid, "default") && !branding_find_by_uuid(call->db, call->arena, uuid, &brand, err))
        return false;
    response->content_type = "text/css; charset=utf-8";
    http_add_header(response, "Cache-Control", "public, max-age=31536000, immutable");
    if (brand)
        text_addf(&response->body,
                  ":root { --brand-accent: %s; --brand-accent-ink: %s; --brand-bar: %s; --brand-bar-ink: %s; }\n",
                  brand->accent_color, branding_ink_on(brand->accent_color), brand->bar_color,
                  branding_ink_on(brand->bar_color));
    return true;
}

static bool log_in(struct page_call *call, const char *username, struct secret password, const char *domain,
                   const char **ret_token, struct error *err)
{
    struct identity_login login;
    struct sign_in_place place = {call->request->remote_address, http_header(call->request, "User-Agent")};
    if (!identity_log_in(call->db, call->arena, username, password, domain ? domain : call->brand->home_domain_path,
                         &place, &login, err))
        return false;
    *ret_token = login.session_token;
    return true;
}

static const struct portal_page PAGES[] = {
    {.path = "/brand/{uuid}/{version}", .title_key = "portal.title.login", .flags = PAGE_NO_LOGIN, .serve = serve_css},
    {.path = NULL},
};

static const struct portal_hooks HOOKS = {.find_brand = find_brand, .log_in = log_in, .log_out = identity_log_out};

void branding_register(void)
{
    branding_register_api();
    portal_set_hooks(&HOOKS);
    portal_register_pages(PAGES);
}
