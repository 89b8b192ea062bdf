/* The page of regions. */
#include "cloud/region/region.h"
#include "cloud/region/region_store.h"
#include "portal/portal.h"

static bool finish_region(struct page_call *call, struct view *item, struct json_object *object, struct error *err)
{
    (void)call;
    (void)err;
    view_set_bool(item, "removable", page_json_int(object, "id") != REGION_OWN);
    return true;
}

static bool load_regions(struct page_call *call, struct view *root, struct error *err)
{
    return page_list(call, root, "listRegions", "region", finish_region, err, (const char *)NULL);
}

void region_register_pages(void)
{
    static const struct portal_page PAGES[] = {
        {.path = "/admin/regions",
         .title_key = "page.region.title",
         .template_name = "admin/regions",
         .flags = PAGE_ADMIN,
         .load = load_regions,
         .nav = "regions"},
        {.path = NULL},
    };
    static const struct portal_menu MENU[] = {
        {.nav = "regions", .path = "/admin/regions", .title_key = "page.region.title", .admin = true},
        {.path = NULL},
    };
    portal_register_pages(PAGES);
    portal_register_menu(MENU);
}
