/* The provider's page of hosts. */
#include "cloud/host/host_pages.h"

#include "base/text.h"
#include "portal/portal.h"

static bool finish_host(struct page_call *call, struct view *item, struct json_object *object, struct error *err)
{
    (void)err;
    const char *enabled = page_json_text(object, "resourcestate"), *state = page_json_text(object, "state");
    page_add_state(call, item, string_equal(enabled, "Enabled") ? state : enabled, "page.host.state.");
    int64_t total = page_json_int(object, "memorytotal"), used = page_json_int(object, "memoryallocatedbytes");
    if (used == 0)
        used = page_json_int(object, "memoryallocated");
    struct error_arg args[] = {
        {.name = "used", .value = arena_printf(call->arena, "%lld", (long long)used), .is_number = true},
        {.name = "total", .value = arena_printf(call->arena, "%lld", (long long)total), .is_number = true}};
    view_set_int(item, "memory_percent", total > 0 ? used * 100 / total : 0);
    view_set_text(item, "memory_text", page_text_with(call, "page.host.memory.line", args, COUNT_OF(args)));
    return true;
}

static bool load_hosts(struct page_call *call, struct view *root, struct error *err)
{
    return page_list(call, root, "listHosts", "host", finish_host, err, "type", "Routing", (const char *)NULL);
}

void host_register_pages(void)
{
    static const struct portal_page PAGES[] = {
        {.path = "/admin/hosts",
         .title_key = "page.host.title",
         .template_name = "admin/hosts",
         .flags = PAGE_ADMIN,
         .load = load_hosts,
         .nav = "hosts"},
        {.path = NULL},
    };
    static const struct portal_menu MENU[] = {
        {.nav = "hosts", .path = "/admin/hosts", .title_key = "page.host.title", .admin = true},
        {.path = NULL},
    };
    portal_register_pages(PAGES);
    portal_register_menu(MENU);
}
