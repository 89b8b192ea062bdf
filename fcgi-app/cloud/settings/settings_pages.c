/* The page of settings: the values in effect at one place, their defaults, and forms that change and reset them there.
 */
#include "base/text.h"
#include "cloud/settings/settings.h"
#include "http/http.h"
#include "portal/portal.h"

static const char *const FILTERS[] = {"name",      "category",       "group",    "subgroup",  "zoneid", "clusterid",
                                      "storageid", "imagestoreuuid", "domainid", "accountid", NULL};

/* The places among the filters go along with every form. */
static struct view *places_of(struct page_call *call, struct text *back)
{
    struct view *places = view_list(call->arena);
    enum { FIRST_PLACE = 4 };
    for (const char *const *name = FILTERS + FIRST_PLACE; *name; name++) {
        const char *value = page_param(call, *name);
        if (string_is_empty(value) || strlen(value) > 36)
            continue;
        struct view *place = view_add_object(places);
        view_set_text(place, "name", *name);
        view_set_text(place, "reset_name", string_equal(*name, "imagestoreuuid") ? "imagestoreid" : *name);
        view_set_text(place, "value", value);
        text_addf(back, "&%s=", *name);
        http_add_url_encoded(back, value);
    }
    return places;
}

static bool finish_setting(struct page_call *call, struct view *item, struct json_object *object, struct error *err)
{
    struct text back;
    const char *value = page_json_text(object, "value"), *usual = page_json_text(object, "defaultvalue");
    (void)err;
    text_init(&back, call->arena, 2048);
    text_add(&back, "/admin/settings?name=");
    http_add_url_encoded(&back, page_json_text(object, "name"));
    view_set(item, "places", places_of(call, &back));
    view_set_text(item, "back", text_string(&back));
    view_set_text(item, "value", value ? value : "");
    view_set_bool(item, "changed", !string_equal(value ? value : "", usual ? usual : ""));
    bool works_at_once = string_equal(page_json_text(object, "isdynamic"), "true");
    view_set_text(item, "effect", page_text(call, works_at_once ? "page.setting.at_once" : "page.setting.restart"));
    return true;
}

static bool load_settings(struct page_call *call, struct view *root, struct error *err)
{
    call->filters = FILTERS;
    return page_list(call, root, "listConfigurations", "configuration", finish_setting, err, (const char *)NULL);
}

static bool serve_settings(struct page_call *call, struct http_response *response, struct error *err)
{
    call->filters = FILTERS;
    return page_export(call, response, "listConfigurations", "configuration", NULL, err);
}

void settings_register_pages(void)
{
    static const struct portal_page PAGES[] = {
        {.path = "/admin/settings",
         .title_key = "page.setting.title",
         .template_name = "admin/settings",
         .flags = PAGE_ADMIN,
         .load = load_settings,
         .nav = "settings"},
        {.path = "/admin/settings/export",
         .title_key = "page.setting.title",
         .flags = PAGE_ADMIN,
         .serve = serve_settings},
        {.path = NULL},
    };
    static const struct portal_menu MENU[] = {
        {.nav = "settings", .path = "/admin/settings", .title_key = "page.setting.title", .admin = true},
        {.path = NULL},
    };
    portal_register_pages(PAGES);
    portal_register_menu(MENU);
}
