/* The provider's pages of hosts: the list, and one host with the report of its last probe and its instances. */
#include "cloud/host/host_pages.h"

#include <json-c/json.h>

#include "base/text.h"
#include "portal/portal.h"

#define GUESTS_SHOWN "25"

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

/* ---- one host ---- */

static bool add_report(struct page_call *call, struct view *root, const char *id, struct error *err)
{
    struct json_object *reply, *items = NULL;
    struct view *list = view_list(call->arena);
    bool required_failed = false;
    if (!page_ask(call, "listHostChecks", &reply, err, "hostid", id, (const char *)NULL))
        return false;
    json_object_object_get_ex(reply, "hostcheck", &items);
    size_t count = items ? json_object_array_length(items) : 0;
    for (size_t i = 0; i < count; i++) {
        struct json_object *object = json_object_array_get_idx(items, i);
        struct json_object *success = NULL, *required = NULL;
        struct view *check = page_view_json(call, object);
        bool ok = json_object_object_get_ex(object, "success", &success) && json_object_get_boolean(success);
        bool needed = json_object_object_get_ex(object, "required", &required) && json_object_get_boolean(required);
        required_failed = required_failed || (!ok && needed);
        page_add_state(call, check, ok ? "ok" : needed ? "failed" : "advice", "page.host.check.");
        if (i == 0)
            page_add_time(call, root, object, "checked");
        view_add(list, check);
    }
    view_set(root, "checks", list);
    view_set_bool(root, "has_checks", count > 0);
    view_set_bool(root, "unfit", required_failed);
    return true;
}

static bool add_guests(struct page_call *call, struct view *root, const char *id, struct error *err)
{
    struct json_object *reply, *items = NULL;
    struct view *list = view_list(call->arena);
    if (!page_ask(call, "listVirtualMachines", &reply, err, "hostid", id, "listall", "true", "page", "1", "pagesize",
                  GUESTS_SHOWN, (const char *)NULL))
        return false;
    json_object_object_get_ex(reply, "virtualmachine", &items);
    for (size_t i = 0; items && i < json_object_array_length(items); i++) {
        struct json_object *object = json_object_array_get_idx(items, i);
        struct view *guest = page_view_json(call, object);
        page_add_state(call, guest, page_json_text(object, "state"), "page.vm.state.");
        view_add(list, guest);
    }
    view_set(root, "guests", list);
    view_set_int(root, "guest_count", page_json_int(reply, "count"));
    view_set_bool(root, "has_guests", page_json_int(reply, "count") > 0);
    return true;
}

static void add_action(struct page_call *call, struct view *actions, struct json_object *host, const char *command,
                       const char *label_key, const char *state)
{
    struct view *action = view_add_object(actions);
    const struct api_param params[] = {{.name = "id", .value = page_json_text(host, "id")},
                                       {.name = "allocationstate", .value = state}};
    view_set_text(action, "command", command);
    view_set_text(action, "label", page_text(call, label_key));
    view_set_text(action, "state", state);
    page_add_call(call, action, command, params, COUNT_OF(params));
}

static bool load_host(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *reply, *items;
    const char *id = page_param(call, "id");
    if (!page_ask(call, "listHosts", &reply, err, "id", id, (const char *)NULL))
        return page_is_gone(err);
    if (!json_object_object_get_ex(reply, "host", &items) || json_object_array_length(items) == 0)
        return error_set(err, ERROR_INVALID_VALUE, "portal.error.object_gone");
    struct json_object *object = json_object_array_get_idx(items, 0);
    struct view *host = page_view_json(call, object), *actions = view_list(call->arena);
    bool is_enabled = string_equal(page_json_text(object, "resourcestate"), "Enabled");
    add_action(call, actions, object, "reconnectHost", "page.host.action.reconnect", NULL);
    add_action(call, actions, object, "updateHost", is_enabled ? "page.host.action.disable" : "page.host.action.enable",
               is_enabled ? "Disable" : "Enable");
    view_set(host, "actions", actions);
    view_set(root, "host", host);
    view_set_text(root, "title", view_text(host, "name"));
    page_add_time(call, host, object, "lastpinged");
    return finish_host(call, host, object, err) && add_report(call, root, id, err) && add_guests(call, root, id, err);
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
        {.path = "/admin/hosts/{id}",
         .title_key = "page.host.one.title",
         .template_name = "admin/host",
         .flags = PAGE_ADMIN,
         .load = load_host,
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
