/* The page of alerts, and the same as a file. */
#include "cloud/alert/alert.h"
#include "portal/portal.h"

static const char *const FILTERS[] = {"type", "name", NULL};

static bool finish_alert(struct page_call *call, struct view *item, struct json_object *object, struct error *err)
{
    (void)err;
    page_add_time(call, item, object, "sent");
    return true;
}

static bool load_alerts(struct page_call *call, struct view *root, struct error *err)
{
    call->filters = FILTERS;
    return page_list(call, root, "listAlerts", "alert", finish_alert, err, (const char *)NULL);
}

static bool serve_alerts(struct page_call *call, struct http_response *response, struct error *err)
{
    call->filters = FILTERS;
    return page_export(call, response, "listAlerts", "alert", NULL, err);
}

void alert_register_pages(void)
{
    static const struct portal_page PAGES[] = {
        {.path = "/admin/alerts",
         .title_key = "page.alert.title",
         .template_name = "admin/alerts",
         .flags = PAGE_ADMIN,
         .load = load_alerts,
         .nav = "alerts"},
        {.path = "/admin/alerts/export", .title_key = "page.alert.title", .flags = PAGE_ADMIN, .serve = serve_alerts},
        {.path = NULL},
    };
    static const struct portal_menu MENU[] = {
        {.nav = "alerts", .path = "/admin/alerts", .title_key = "page.alert.title", .admin = true},
        {.path = NULL},
    };
    portal_register_pages(PAGES);
    portal_register_menu(MENU);
}
