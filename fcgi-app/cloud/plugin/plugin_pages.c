/* The provider's page of plugins and their health. */
#include "cloud/plugin/plugin.h"
#include "portal/portal.h"

static bool finish_item(struct page_call *call, struct view *item, struct json_object *object, struct error *err)
{
    (void)err;
    page_add_state(call, item, page_json_text(object, "state"), "page.plugin.state.");
    view_set_text(item, "kind",
                  page_text(call, arena_printf(call->arena, "page.plugin.kind.%s", page_json_text(object, "kind"))));
    page_add_time(call, item, object, "lastfaulttime");
    const char *fault = page_json_text(object, "lastfault");
    if (fault)
        view_set_text(item, "lastfault",
                      arena_printf(call->arena, "%s: %s (%s)", page_json_text(object, "lastfaultslot"),
                                   page_text(call, arena_printf(call->arena, "page.plugin.fault.%s", fault)),
                                   page_json_text(object, "lastfaultdetail")));
    return true;
}

static bool load_plugins(struct page_call *call, struct view *root, struct error *err)
{
    return page_list(call, root, "listPlugins", "plugin", finish_item, err, (const char *)NULL);
}

void plugin_register_pages(void)
{
    static const struct portal_page PAGES[] = {
        {.path = "/admin/plugins",
         .title_key = "page.plugin.title",
         .template_name = "admin/plugins",
         .flags = PAGE_ADMIN,
         .load = load_plugins,
         .nav = "plugins"},
        {.path = NULL},
    };
    static const struct portal_menu MENU[] = {
        {.nav = "plugins", .path = "/admin/plugins", .title_key = "page.plugin.title", .admin = true},
        {.path = NULL},
    };
    portal_register_pages(PAGES);
    portal_register_menu(MENU);
}
