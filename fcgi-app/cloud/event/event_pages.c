/* Pages of events, and the same as files. */
#include "base/text.h"
#include "cloud/event/event.h"
#include "portal/portal.h"

static const char *const FILTERS[] = {"type",      "level",   "state",   "resourceid", "resourcetype",
                                      "startdate", "enddate", "account", NULL};

static bool finish_event(struct page_call *call, struct view *item, struct json_object *object, struct error *err)
{
    bool failed = string_equal(page_json_text(object, "level"), "ERROR");
    (void)err;
    (void)page_add_state(call, item, failed ? "Failed" : page_json_text(object, "state"), "page.event.state.");
    page_add_time(call, item, object, "created");
    return true;
}

static const char *listall(const struct page_call *call)
{
    return string_starts_with(call->path, "/admin/") ? "true" : "false";
}

static bool load_events(struct page_call *call, struct view *root, struct error *err)
{
    call->filters = FILTERS;
    return page_list(call, root, "listEvents", "event", finish_event, err, "listall", listall(call),
                     (const char *)NULL);
}

static bool serve_events(struct page_call *call, struct http_response *response, struct error *err)
{
    const struct api_param all = {.name = "listall", .value = listall(call)};
    call->filters = FILTERS;
    return page_export(call, response, "listEvents", "event", &all, err);
}

void event_register_pages(void)
{
    static const struct portal_page PAGES[] = {
        {.path = "/events",
         .title_key = "page.event.title",
         .template_name = "tenant/events",
         .load = load_events,
         .nav = "events"},
        {.path = "/events/export", .title_key = "page.event.title", .serve = serve_events},
        {.path = "/admin/events",
         .title_key = "page.event.all.title",
         .template_name = "tenant/events",
         .flags = PAGE_ADMIN,
         .load = load_events,
         .nav = "admin-events"},
        {.path = "/admin/events/export",
         .title_key = "page.event.all.title",
         .flags = PAGE_ADMIN,
         .serve = serve_events},
        {.path = NULL},
    };
    static const struct portal_menu MENU[] = {
        {.nav = "events", .path = "/events", .title_key = "page.event.title"},
        {.nav = "admin-events", .path = "/admin/events", .title_key = "page.event.all.title", .admin = true},
        {.path = NULL},
    };
    portal_register_pages(PAGES);
    portal_register_menu(MENU);
}
