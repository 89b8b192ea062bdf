/* The page of management servers. */
#include "cloud/server/server.h"
#include "portal/portal.h"

static bool finish_server(struct page_call *call, struct view *item, struct json_object *object, struct error *err)
{
    (void)err;
    (void)page_add_state(call, item, page_json_text(object, "state"), "page.server.state.");
    page_add_time(call, item, object, "lastserverstart");
    return true;
}

static bool load_servers(struct page_call *call, struct view *root, struct error *err)
{
    return page_list(call, root, "listManagementServersMetrics", "managementserver", finish_server, err, "system",
                     "true", (const char *)NULL);
}

void server_register_pages(void)
{
    static const struct portal_page PAGES[] = {
        {.path = "/admin/servers",
         .title_key = "page.server.title",
         .template_name = "admin/servers",
         .flags = PAGE_ADMIN,
         .load = load_servers,
         .nav = "servers"},
        {.path = NULL},
    };
    static const struct portal_menu MENU[] = {
        {.nav = "servers", .path = "/admin/servers", .title_key = "page.server.title", .admin = true},
        {.path = NULL},
    };
    portal_register_pages(PAGES);
    portal_register_menu(MENU);
}
