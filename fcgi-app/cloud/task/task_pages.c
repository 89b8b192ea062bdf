/* Pages of tasks: the list, and one with its steps. */
#include "base/text.h"
#include "cloud/task/task.h"
#include "portal/portal.h"

#include <json-c/json.h>

static bool finish_task(struct page_call *call, struct view *item, struct json_object *object, struct error *err)
{
    (void)err;
    page_add_state(call, item, page_json_text(object, "state"), "page.job.state.");
    page_add_time(call, item, object, "created");
    page_add_time(call, item, object, "ended");
    view_set_text(item, "cmd", page_command_title(call, page_json_text(object, "command")));
    return true;
}

static bool load_tasks(struct page_call *call, struct view *root, struct error *err)
{
    bool all = string_starts_with(call->path, "/admin/");
    return page_list(call, root, "listTasks", "task", finish_task, err, "listall", all ? "true" : NULL,
                     (const char *)NULL);
}

static bool load_task(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *reply, *object;
    if (!page_ask(call, "getTask", &reply, err, "id", page_param(call, "id"), (const char *)NULL))
        return page_is_gone(err);
    if (!json_object_object_get_ex(reply, "task", &object))
        return error_set(err, ERROR_INVALID_VALUE, "portal.error.object_gone");
    struct view *task = page_view_json(call, object);
    if (!finish_task(call, task, object, err))
        return false;
    page_add_steps(call, task, object);
    const char *kind = page_json_text(object, "resourcetype");
    if (kind)
        view_set_text(task, "resource_kind", page_text(call, arena_printf(call->arena, "page.kind.%s", kind)));
    if (string_equal(page_json_text(object, "resourcetype"), "VirtualMachine"))
        view_set_text(task, "instance_url",
                      arena_printf(call->arena, "/instances/%s", page_json_text(object, "resourceid")));
    view_set(root, "task", task);
    view_set_text(root, "title", view_text(task, "cmd"));
    return page_explain(call, root, "jobid", page_param(call, "id"), err);
}

void task_register_pages(void)
{
    static const struct portal_page PAGES[] = {
        {.path = "/tasks",
         .title_key = "page.job.title",
         .template_name = "tenant/tasks",
         .load = load_tasks,
         .nav = "tasks"},
        {.path = "/tasks/{id}",
         .title_key = "page.job.one.title",
         .template_name = "tenant/task",
         .load = load_task,
         .nav = "tasks"},
        {.path = "/admin/tasks",
         .title_key = "page.job.title",
         .template_name = "tenant/tasks",
         .flags = PAGE_ADMIN,
         .load = load_tasks,
         .nav = "admin-tasks"},
        {.path = NULL},
    };
    static const struct portal_menu MENU[] = {
        {.nav = "tasks", .path = "/tasks", .title_key = "page.job.title"},
        {.nav = "admin-tasks", .path = "/admin/tasks", .title_key = "page.job.all.title", .admin = true},
        {.path = NULL},
    };
    portal_register_pages(PAGES);
    portal_register_menu(MENU);
}
