/* Pages of instances, of both portals: list, create, one instance. Everything is read and done by commands. */
#include "cloud/vm/vm_pages.h"

#include <json-c/json.h>
#include <string.h>

#include "base/text.h"
#include "portal/portal.h"

static bool finish_vm(struct page_call *call, struct view *item, struct json_object *object, struct error *err)
{
    (void)err;
    page_add_state(call, item, page_json_text(object, "state"), "page.vm.state.");
    if (page_json_text(object, "jobid"))
        call->busy = true;
    page_add_time(call, item, object, "created");
    if (string_is_empty(page_json_text(object, "displayname")))
        view_set_text(item, "displayname", arena_strdup(call->arena, page_json_text(object, "name")));
    return true;
}

static bool load_list(struct page_call *call, struct view *root, struct error *err)
{
    return page_list(call, root, "listVirtualMachines", "virtualmachine", finish_vm, err, "projectid",
                     call->project_id, (const char *)NULL);
}

static bool load_all(struct page_call *call, struct view *root, struct error *err)
{
    return page_list(call, root, "listVirtualMachines", "virtualmachine", finish_vm, err, "listall", "true",
                     (const char *)NULL);
}

/* ---- create ---- */

struct choices {
    const char *name, *field;                 /* of the view's list and of the form's field */
    const char *command, *object_key, *filter, *filter_value;
    size_t count;
    const char *chosen;                       /* the posted one, else the first */
    const char *project;                      /* whose own ones are among them; NULL: the person's */
};

/* What an image's tile shows besides its name: the first letter of its system, and how large its disk is. */
static void add_look(struct page_call *call, struct view *tile, struct json_object *object)
{
    const char *system = page_json_text(object, "ostypename");
    int64_t size = page_json_int(object, "size");
    size_t first = system ? string_utf8_length(system, strlen(system)) : 0;
    view_set_text(tile, "glyph", first > 0 ? arena_strndup(call->arena, system, first) : "?");
    const struct error_arg bytes = {
        .name = "size", .value = arena_printf(call->arena, "%lld", (long long)size), .is_number = true};
    if (size > 0)
        view_set_text(tile, "size_text", page_text_with(call, "page.vm.image.size", &bytes, 1));
}

static bool add_choices(struct page_call *call, struct view *root, struct choices *choices, struct error *err)
{
    struct json_object *reply, *items = NULL;
    struct view *list = view_list(call->arena);
    if (!page_ask(call, choices->command, &reply, err, choices->filter, choices->filter_value, "projectid",
                  choices->project, (const char *)NULL))
        return false;
    json_object_object_get_ex(reply, choices->object_key, &items);
    choices->count = items ? json_object_array_length(items) : 0;
    choices->chosen = http_param(call->request, choices->field);
    for (size_t i = 0; i < choices->count; i++) {
        struct json_object *object = json_object_array_get_idx(items, i);
        struct view *choice = page_view_json(call, object);
        const char *id = page_json_text(object, "id");
        if (!choices->chosen)
            choices->chosen = arena_strdup(call->arena, id);
        view_set_bool(choice, "checked", string_equal(choices->chosen, id));
        add_look(call, choice, object);
        view_add(list, choice);
    }
    view_set(root, choices->name, list);
    return true;
}

/* How much of the account's or the project's limit is used; nothing when there is no limit. */
static bool add_limit(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *reply, *accounts;
    bool of_project = call->project_id != NULL;
    if (!page_ask(call, of_project ? "listProjects" : "listAccounts", &reply, err, "id",
                  of_project ? call->project_id : call->caller->account_uuid, (const char *)NULL))
        return false;
    if (!json_object_object_get_ex(reply, of_project ? "project" : "account", &accounts) ||
        json_object_array_length(accounts) == 0)
        return true;
    struct json_object *account = json_object_array_get_idx(accounts, 0);
    const char *most = page_json_text(account, "vmlimit");
    struct error_arg args[] = {
        {.name = "used", .value = arena_printf(call->arena, "%lld", (long long)page_json_int(account, "vmtotal"))},
        {.name = "max", .value = most}};
    if (most && !string_equal_ignoring_case(most, "Unlimited"))
        view_set_text(root, "limit", page_text_with(call, "page.vm.limit", args, COUNT_OF(args)));
    return true;
}

/* The account's keys by name; none is chosen unless it was posted. */
static bool add_keys(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *reply, *items = NULL;
    struct view *keys = view_list(call->arena);
    const char *chosen = http_param(call->request, "keypair");
    if (!page_ask(call, "listSSHKeyPairs", &reply, err, call->project_id ? "projectid" : (const char *)NULL,
                  call->project_id, (const char *)NULL))
        return false;
    json_object_object_get_ex(reply, "sshkeypair", &items);
    for (size_t i = 0; items && i < json_object_array_length(items); i++) {
        struct json_object *object = json_object_array_get_idx(items, i);
        struct view *key = page_view_json(call, object);
        view_set_bool(key, "selected", chosen && string_equal(chosen, page_json_text(object, "name")));
        view_add(keys, key);
    }
    view_set(root, "keys", keys);
    return true;
}

static bool load_new(struct page_call *call, struct view *root, struct error *err)
{
    struct choices zones = {"zones", "zoneid", "listZones", "zone", "available", "true", 0, NULL, NULL},
                   images = {"images", "templateid", "listTemplates", "template", "templatefilter", "executable",
                             0,        NULL,         call->project_id},
                   sizes = {
                       "sizes", "serviceofferingid", "listServiceOfferings", "serviceoffering", "issystem", "false", 0,
                       NULL, NULL};
    if (!add_choices(call, root, &zones, err) || !add_choices(call, root, &images, err) ||
        !add_choices(call, root, &sizes, err) || !add_limit(call, root, err) || !add_keys(call, root, err))
        return false;
    view_set_bool(root, "ready", zones.count > 0 && images.count > 0 && sizes.count > 0);
    view_set_bool(root, "provider", caller_is_root_admin(call->caller));
    view_set_bool(root, "choose_zone", zones.count > 1);
    view_set_text(root, "name", http_param(call->request, "name"));
    const struct api_param params[] = {{.name = "zoneid", .value = zones.chosen},
                                       {.name = "templateid", .value = images.chosen},
                                       {.name = "serviceofferingid", .value = sizes.chosen},
                                       {.name = "keypair", .value = http_param(call->request, "keypair")},
                                       {.name = "name", .value = http_param(call->request, "name")},
                                       {.name = "projectid", .value = call->project_id}};
    page_add_call(call, root, "deployVirtualMachine", params, COUNT_OF(params));
    return true;
}

/* ---- one instance ---- */

#define MAY_EXPUNGE "allowuserexpungerecovervm"
#define SEES_DESTROYED "allowuserviewdestroyedvm"

/* What can be done in which state. */
static const struct {
    const char *command, *label_key, *confirm_key, *states;
    const char *capability; /* of listCapabilities, without which the command would be refused; NULL: none */
    const char *stays;      /* the capability without which the page is gone afterwards; NULL: none */
    bool is_danger;
    bool is_final; /* asks with a second button, also without script, and the page is gone afterwards */
} ACTIONS[] = {
    {.command = "startVirtualMachine", .label_key = "page.vm.action.start", .states = "Stopped"},
    {.command = "stopVirtualMachine",
     .label_key = "page.vm.action.stop",
     .confirm_key = "page.vm.confirm.stop",
     .states = "Running"},
    {.command = "rebootVirtualMachine", .label_key = "page.vm.action.reboot", .states = "Running"},
    {.command = "destroyVirtualMachine",
     .label_key = "page.vm.action.destroy",
     .confirm_key = "page.vm.confirm.destroy",
     .states = "Running Stopped Error",
     .stays = SEES_DESTROYED,
     .is_danger = true},
    {.command = "recoverVirtualMachine",
     .label_key = "page.vm.action.recover",
     .states = "Destroyed",
     .capability = MAY_EXPUNGE},
    {.command = "expungeVirtualMachine",
     .label_key = "page.vm.action.expunge",
     .confirm_key = "page.vm.confirm.expunge",
     .states = "Destroyed",
     .capability = MAY_EXPUNGE,
     .is_danger = true,
     .is_final = true},
};

static bool is_listed(struct arena *arena, const char *words, const char *word)
{
    size_t count;
    const char **items = string_split(arena, words, ' ', &count);
    for (size_t i = 0; i < count; i++) {
        if (string_equal(items[i], word))
            return true;
    }
    return false;
}

static bool is_allowed(const struct page_call *call, const char *command)
{
    const struct api_command *declared = api_find_command(command);
    return declared && api_identity_hooks()->role_allows(call->caller, declared);
}

static bool is_capable(struct json_object *capabilities, const char *name)
{
    struct json_object *member = NULL;
    return !name || (json_object_object_get_ex(capabilities, name, &member) && json_object_get_boolean(member));
}

static void add_actions(struct page_call *call, struct view *vm, struct json_object *object,
                        struct json_object *capabilities)
{
    struct view *actions = view_list(call->arena);
    const char *state = page_json_text(object, "state"), *id_text = page_json_text(object, "id");
    for (size_t i = 0; i < COUNT_OF(ACTIONS) && !page_json_text(object, "jobid"); i++) {
        if (!is_listed(call->arena, ACTIONS[i].states, state) || !is_allowed(call, ACTIONS[i].command) ||
            !is_capable(capabilities, ACTIONS[i].capability))
            continue;
        struct view *action = view_add_object(actions);
        bool is_gone = ACTIONS[i].is_final || !is_capable(capabilities, ACTIONS[i].stays);
        view_set_text(action, "then", is_gone ? "/instances" : arena_printf(call->arena, "/instances/%s", id_text));
        view_set_text(action, "command", ACTIONS[i].command);
        view_set_text(action, "label", page_text(call, ACTIONS[i].label_key));
        view_set_bool(action, "danger", ACTIONS[i].is_danger);
        view_set_bool(action, "final", ACTIONS[i].is_final);
        const struct api_param id = {.name = "id", .value = id_text};
        page_add_call(call, action, ACTIONS[i].command, &id, 1);
        if (ACTIONS[i].confirm_key)
            view_set_text(action, "confirm", page_text(call, ACTIONS[i].confirm_key));
    }
    view_set(vm, "actions", actions);
}

/* The newest task of the instance, shown while it runs and when it failed. */
static bool add_task(struct page_call *call, struct view *vm, const char *id, struct error *err)
{
    struct json_object *reply, *object;
    if (!page_ask(call, "getTask", &reply, err, "virtualmachineid", id, (const char *)NULL))
        return false;
    if (!json_object_object_get_ex(reply, "task", &object) ||
        string_equal(page_json_text(object, "state"), "succeeded"))
        return true;
    struct view *task = page_view_json(call, object);
    page_add_state(call, task, page_json_text(object, "state"), "page.job.state.");
    view_set_text(task, "cmd", page_command_title(call, page_json_text(object, "command")));
    page_add_steps(call, task, object);
    view_set(vm, "task", task);
    return true;
}

/* Comments, for those whose role has the command. */
static bool add_comments(struct page_call *call, struct view *vm, const char *id, struct error *err)
{
    struct json_object *reply, *items = NULL;
    struct view *comments = view_list(call->arena);
    if (!is_allowed(call, "listAnnotations"))
        return true;
    if (!page_ask(call, "listAnnotations", &reply, err, "entitytype", "VM", "entityid", id, (const char *)NULL))
        return false;
    json_object_object_get_ex(reply, "annotation", &items);
    for (size_t i = 0; items && i < json_object_array_length(items); i++) {
        struct json_object *object = json_object_array_get_idx(items, i);
        struct view *comment = page_view_json(call, object);
        page_add_time(call, comment, object, "created");
        view_add(comments, comment);
    }
    view_set(vm, "comments", comments);
    view_set_bool(vm, "may_comment", true);
    return true;
}

static bool load_one(struct page_call *call, struct view *root, struct error *err)
{
    struct json_object *reply, *items, *capabilities = NULL;
    const char *id = page_param(call, "id");
    if (!page_ask(call, "listCapabilities", &reply, err, (const char *)NULL))
        return false;
    json_object_object_get_ex(reply, "capability", &capabilities);
    if (!page_ask(call, "listVirtualMachines", &reply, err, "id", id, (const char *)NULL))
        return page_is_gone(err);
    if (!json_object_object_get_ex(reply, "virtualmachine", &items) || json_object_array_length(items) == 0)
        return error_set(err, ERROR_INVALID_VALUE, "portal.error.object_gone");
    struct json_object *object = json_object_array_get_idx(items, 0);
    struct view *vm = page_view_json(call, object);
    if (!finish_vm(call, vm, object, err) || !add_task(call, vm, id, err) || !add_comments(call, vm, id, err))
        return false;
    add_actions(call, vm, object, capabilities);
    view_set(root, "vm", vm);
    view_set_text(root, "title", view_text(vm, "displayname"));
    return vm_page_add_graphs(call, root, page_json_text(object, "created"), err) &&
           page_explain(call, root, "id", id, err);
}

void vm_register_pages(void)
{
    static const struct portal_page PAGES[] = {
        {.path = "/instances",
         .title_key = "page.vm.title",
         .template_name = "tenant/instances",
         .load = load_list,
         .nav = "instances"},
        {.path = "/instances/new",
         .title_key = "page.vm.new.title",
         .template_name = "tenant/instance_new",
         .load = load_new,
         .nav = "instances"},
        {.path = "/instances/{id}",
         .title_key = "page.vm.one.title",
         .template_name = "tenant/instance",
         .load = load_one,
         .nav = "instances"},
        {.path = "/admin/instances",
         .title_key = "page.vm.all.title",
         .template_name = "tenant/instances",
         .flags = PAGE_ADMIN,
         .load = load_all,
         .nav = "admin-instances"},
        {.path = NULL},
    };
    static const struct portal_menu MENU[] = {
        {.nav = "instances", .path = "/instances", .title_key = "page.vm.title"},
        {.nav = "admin-instances", .path = "/admin/instances", .title_key = "page.vm.all.title", .admin = true},
        {.path = NULL},
    };
    portal_register_pages(PAGES);
    portal_register_menu(MENU);
}
