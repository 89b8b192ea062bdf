/* Pages of projects: the list with the person's invitations, and one project with members, roles, invitations, limits
 * and instances. Everything is read and done by commands. */
#include <json-c/json.h>

#include "base/text.h"
#include "cloud/project/project_pages.h"
#include "portal/portal.h"

#define INSTANCES_SHOWN "10"

static bool finish_project(struct page_call *call, struct view *item, struct json_object *object, struct error *err)
{
    struct json_object *owners = NULL;
    struct text names;
    (void)err;
    text_init(&names, call->arena, 1024);
    json_object_object_get_ex(object, "owner", &owners);
    for (size_t i = 0; owners && i < json_object_array_length(owners); i++) {
        struct json_object *owner = json_object_array_get_idx(owners, i);
        const char *user = page_json_text(owner, "user");
        text_addf(&names, "%s%s", i > 0 ? ", " : "", user ? user : page_json_text(owner, "account"));
    }
    view_set_text(item, "admins", text_string(&names));
    page_add_time(call, item, object, "created");
    page_add_state(call, item, page_json_text(object, "state"), "page.project.state.");
    return true;
}

/* The objects of a list command as views under `name`, with "has_<name>". */
static bool add_list(struct page_call *call, struct view *root, const char *name, struct json_object *reply,
                     const char *object_key, page_item *each, struct error *err)
{
    struct json_object *items = NULL;
    struct view *list = view_list(call->arena);
    json_object_object_get_ex(reply, object_key, &items);
    size_t count = items ? json_object_array_length(items) : 0;
    for (size_t i = 0; i < count; i++) {
        struct json_object *object = json_object_array_get_idx(items, i);
        struct view *item = page_view_json(call, object);
        if (each && !each(call, item, object, err))
            return false;
        view_add(list, item);
    }
    view_set(root, name, list);
    view_set_bool(root, arena_printf(call->arena, "has_%s", name), count > 0);
    return true;
}

static bool load_list(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *reply;
    const char *token = page_param(call, "token"), *project = page_param(call, "projectid");
    if (token && project) { /* from the link of an invitation's letter */
        struct view *letter = view_object(call->arena);
        view_set_text(letter, "token", token);
        view_set_text(letter, "projectid", project);
        view_set(root, "letter", letter);
    }
    return page_list(call, root, "listProjects", "project", finish_project, err, (const char *)NULL) &&
           page_ask(call, "listProjectInvitations", &reply, err, "activeonly", "true", (const char *)NULL) &&
           add_list(call, root, "invitations", reply, "projectinvitation", NULL, err);
}

static bool load_all(struct page_call *call, struct view *root, struct error *err)
{
    return page_list(call, root, "listProjects", "project", finish_project, err, "listall", "true", (const char *)NULL);
}

/* ---- one project ---- */

static bool finish_member(struct page_call *call, struct view *item, struct json_object *object, struct error *err)
{
    (void)err;
    bool is_admin = string_equal(page_json_text(object, "role"), "Admin");
    view_set_bool(item, "is_admin", is_admin);
    view_set_text(item, "role_text", page_text(call, is_admin ? "page.project.admin" : "page.project.regular"));
    return true;
}

static bool finish_instance(struct page_call *call, struct view *item, struct json_object *object, struct error *err)
{
    (void)err;
    page_add_state(call, item, page_json_text(object, "state"), "page.vm.state.");
    return true;
}

/* What the project uses of what it may use. */
static const struct {
    const char *prefix, *label_key;
} LIMITS[] = {{"vm", "page.project.limit.vm"},           {"cpu", "page.project.limit.cpu"},
              {"memory", "page.project.limit.memory"},   {"volume", "page.project.limit.volume"},
              {"network", "page.project.limit.network"}, {"ip", "page.project.limit.ip"},
              {"template", "page.project.limit.image"},  {"primarystorage", "page.project.limit.storage"}};

static void add_limits(struct page_call *call, struct view *root, struct json_object *project)
{
    struct view *list = view_list(call->arena);
    for (size_t i = 0; i < COUNT_OF(LIMITS); i++) {
        struct view *line = view_add_object(list);
        const char *most = page_json_text(project, arena_printf(call->arena, "%slimit", LIMITS[i].prefix));
        int64_t used = page_json_int(project, arena_printf(call->arena, "%stotal", LIMITS[i].prefix)), limit = 0;
        bool is_limited = most && string_to_int(most, &limit);
        view_set_text(line, "label", page_text(call, LIMITS[i].label_key));
        view_set_int(line, "used", used);
        view_set_bool(line, "limited", is_limited);
        if (is_limited) {
            view_set_int(line, "limit", limit);
            view_set_int(line, "percent", limit > 0 ? used * 100 / limit : 100);
        }
    }
    view_set(root, "limits", list);
}

/* The rules of each role stand with it. */
static bool add_roles(struct page_call *call, struct view *root, const char *id, struct error *err)
{
    struct json_object *roles = NULL, *rules = NULL, *items = NULL, *all = NULL;
    struct view *list = view_list(call->arena);
    if (!page_ask(call, "listProjectRoles", &roles, err, "projectid", id, (const char *)NULL) ||
        !page_ask(call, "listProjectRolePermissions", &rules, err, "projectid", id, (const char *)NULL))
        return false;
    json_object_object_get_ex(roles, "projectrole", &items);
    json_object_object_get_ex(rules, "projectrolepermission", &all);
    for (size_t i = 0; items && i < json_object_array_length(items); i++) {
        struct json_object *role = json_object_array_get_idx(items, i);
        struct view *item = page_view_json(call, role), *own = view_list(call->arena);
        for (size_t j = 0; all && j < json_object_array_length(all); j++) {
            struct json_object *rule = json_object_array_get_idx(all, j);
            if (!string_equal(page_json_text(rule, "projectroleid"), page_json_text(role, "id")))
                continue;
            struct view *line = page_view_json(call, rule);
            bool allows = string_equal(page_json_text(rule, "permission"), "allow");
            view_set_text(line, "permission_text",
                          page_text(call, allows ? "page.project.allow" : "page.project.deny"));
            view_set_text(line, "state_class", allows ? "good" : "bad");
            view_add(own, line);
        }
        view_set(item, "rules", own);
        view_add(list, item);
    }
    view_set(root, "roles", list);
    view_set_bool(root, "has_roles", items && json_object_array_length(items) > 0);
    return true;
}

/* Admins change the project; whoever may not sees what there is. The commands decide, this only spares useless forms.
 */
static bool may_change(const struct page_call *call, struct json_object *members)
{
    struct json_object *items = NULL;
    if (call->caller->role_type != ROLE_USER)
        return true;
    json_object_object_get_ex(members, "projectaccount", &items);
    for (size_t i = 0; items && i < json_object_array_length(items); i++) {
        struct json_object *member = json_object_array_get_idx(items, i);
        const char *user = page_json_text(member, "userid");
        if (string_equal(page_json_text(member, "role"), "Admin") &&
            string_equal(page_json_text(member, "accountid"), call->caller->account_uuid) &&
            (!user || string_equal(user, call->caller->user_uuid)))
            return true;
    }
    return false;
}

static bool add_people(struct page_call *call, struct view *root, const char *id, struct error *err)
{
    struct json_object *members, *invitations;
    if (!page_ask(call, "listProjectAccounts", &members, err, "projectid", id, (const char *)NULL) ||
        !add_list(call, root, "members", members, "projectaccount", finish_member, err))
        return false;
    view_set_bool(root, "changes", may_change(call, members));
    return page_ask(call, "listProjectInvitations", &invitations, err, "projectid", id, "activeonly", "true",
                    (const char *)NULL) &&
           add_list(call, root, "invitations", invitations, "projectinvitation", NULL, err);
}

static bool add_instances(struct page_call *call, struct view *root, const char *id, struct error *err)
{
    struct json_object *reply;
    if (!page_ask(call, "listVirtualMachines", &reply, err, "projectid", id, "page", "1", "pagesize", INSTANCES_SHOWN,
                  (const char *)NULL))
        return false;
    view_set_int(root, "instance_count", page_json_int(reply, "count"));
    return add_list(call, root, "instances", reply, "virtualmachine", finish_instance, err);
}

static void add_calls(struct page_call *call, struct view *root, const char *id)
{
    struct view *calls = view_list(call->arena);
    static const char *const COMMANDS[] = {"addAccountToProject", "createProjectRole", "suspendProject",
                                           "deleteProject"};
    for (size_t i = 0; i < COUNT_OF(COMMANDS); i++) {
        struct view *each = view_add_object(calls);
        const struct api_param params[] = {{.name = i < 2 ? "projectid" : "id", .value = id},
                                           {.name = i == 0 ? "account" : "name", .value = i < 2 ? "…" : NULL}};
        view_set_text(each, "label", page_command_title(call, COMMANDS[i]));
        page_add_call(call, each, COMMANDS[i], params, COUNT_OF(params));
    }
    view_set(root, "calls", calls);
}

static bool load_one(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *reply, *items;
    const char *id = page_param(call, "id");
    if (!page_ask(call, "listProjects", &reply, err, "id", id, (const char *)NULL))
        return page_is_gone(err);
    if (!json_object_object_get_ex(reply, "project", &items) || json_object_array_length(items) == 0)
        return error_set(err, ERROR_INVALID_VALUE, "portal.error.object_gone");
    struct json_object *object = json_object_array_get_idx(items, 0);
    struct view *project = page_view_json(call, object);
    const char *state = page_json_text(object, "state");
    view_set_bool(project, "active", string_equal(state, "Active"));
    view_set_bool(project, "suspended", string_equal(state, "Suspended"));
    view_set_bool(project, "chosen", string_equal(call->project_id, id));
    view_set(root, "project", project);
    view_set_text(root, "title", page_json_text(object, "name"));
    add_limits(call, root, object);
    add_calls(call, root, id);
    return finish_project(call, project, object, err) && add_people(call, root, id, err) &&
           add_roles(call, root, id, err) && add_instances(call, root, id, err);
}

void project_register_pages(void)
{
    static const struct portal_page PAGES[] = {
        {.path = "/projects",
         .title_key = "page.project.title",
         .template_name = "tenant/projects",
         .load = load_list,
         .nav = "projects"},
        {.path = "/projects/{id}",
         .title_key = "page.project.one.title",
         .template_name = "tenant/project",
         .load = load_one,
         .nav = "projects"},
        {.path = "/admin/projects",
         .title_key = "page.project.all.title",
         .template_name = "tenant/projects",
         .flags = PAGE_ADMIN,
         .load = load_all,
         .nav = "admin-projects"},
        {.path = NULL},
    };
    static const struct portal_menu MENU[] = {
        {.nav = "projects", .path = "/projects", .title_key = "page.project.title"},
        {.nav = "admin-projects", .path = "/admin/projects", .title_key = "page.project.all.title", .admin = true},
        {.path = NULL},
    };
    portal_register_pages(PAGES);
    portal_register_menu(MENU);
}
