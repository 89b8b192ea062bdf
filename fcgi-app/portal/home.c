/* The first page: the newest instances and tasks and, for the provider, what needs somebody's attention. It belongs to
 * no feature, so it only asks commands. */
#include <json-c/json.h>

#include "base/text.h"
#include "portal/portal_private.h"

#define SHOWN "5"

typedef void finish_item(struct page_call *call, struct view *item, struct json_object *object);

static void finish_instance(struct page_call *call, struct view *item, struct json_object *object)
{
    page_add_state(call, item, page_json_text(object, "state"), "page.vm.state.");
    page_add_time(call, item, object, "created");
    if (string_is_empty(page_json_text(object, "displayname")))
        view_set_text(item, "displayname", arena_strdup(call->arena, page_json_text(object, "name")));
}

static void finish_task(struct page_call *call, struct view *item, struct json_object *object)
{
    page_add_state(call, item, page_json_text(object, "state"), "page.job.state.");
    page_add_time(call, item, object, "created");
    view_set_text(item, "cmd", page_command_title(call, page_json_text(object, "command")));
}

static struct view *finished(struct page_call *call, struct json_object *reply, const char *object_key,
                             finish_item *finish)
{
    struct json_object *items = NULL;
    struct view *list = view_list(call->arena);
    json_object_object_get_ex(reply, object_key, &items);
    for (size_t i = 0; items && i < json_object_array_length(items); i++) {
        struct json_object *object = json_object_array_get_idx(items, i);
        struct view *item = page_view_json(call, object);
        finish(call, item, object);
        view_add(list, item);
    }
    return list;
}

static bool add_newest(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *instances, *tasks;
    if (!page_ask(call, "listVirtualMachines", &instances, err, "page", "1", "pagesize", SHOWN, (const char *)NULL) ||
        !page_ask(call, "listTasks", &tasks, err, "page", "1", "pagesize", SHOWN, (const char *)NULL))
        return false;
    view_set(root, "instances", finished(call, instances, "virtualmachine", finish_instance));
    view_set_bool(root, "has_instances", page_json_int(instances, "count") > 0);
    view_set_int(root, "instance_count", page_json_int(instances, "count"));
    view_set(root, "tasks", finished(call, tasks, "task", finish_task));
    view_set_bool(root, "has_tasks", page_json_int(tasks, "count") > 0);
    return true;
}

/* Plugins that are not in use, with the reason; and how many hosts there are and are up. */
static bool add_health(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *plugins, *all, *up, *items = NULL;
    struct view *list = view_list(call->arena);
    if (!page_ask(call, "listPlugins", &plugins, err, (const char *)NULL) ||
        !page_ask(call, "listHosts", &all, err, "type", "Routing", "page", "1", "pagesize", "1", (const char *)NULL) ||
        !page_ask(call, "listHosts", &up, err, "type", "Routing", "state", "Up", "page", "1", "pagesize", "1",
                  (const char *)NULL))
        return false;
    json_object_object_get_ex(plugins, "plugin", &items);
    for (size_t i = 0; items && i < json_object_array_length(items); i++) {
        struct json_object *object = json_object_array_get_idx(items, i);
        if (string_equal(page_json_text(object, "state"), "ok"))
            continue;
        struct view *item = page_view_json(call, object);
        page_add_state(call, item, page_json_text(object, "state"), "page.plugin.state.");
        view_add(list, item);
    }
    view_set_bool(root, "provider", true);
    view_set(root, "plugins", list);
    view_set_int(root, "hosts", page_json_int(all, "count"));
    view_set_int(root, "hosts_up", page_json_int(up, "count"));
    return true;
}

static bool load_home(struct page_call *call, struct view *root, struct error *err)
{
    return add_newest(call, root, err) && (!caller_is_root_admin(call->caller) || add_health(call, root, err));
}

const struct portal_page portal_home_pages[] = {
    {.path = "/", .title_key = "portal.home.title", .template_name = "tenant/home", .load = load_home, .nav = "home"},
    {.path = NULL},
};
