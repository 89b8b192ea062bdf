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
    if (!page_ask(call, "listVirtualMachines", &instances, err, "page", "1", "pagesize", SHOWN, "projectid",
                  call->project_id, (const char *)NULL) ||
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

/* ---- what an empty cloud still needs, in the order in which one needs the other ---- */

static const struct {
    const char *name;                  /* message portal.setup.<name> and its .help */
    const char *list, *filter, *value; /* the command whose count says whether it is there */
    const char *make;                  /* the command that makes one, and how it is called */
    const char *params[9][2];
    bool is_optional;                  /* shown, but its absence alone is no reason to show the list */
} SETUP[] = {
    {.name = "zone",
     .list = "listZones",
     .make = "createZone",
     .params = {{"name", "zone1"}, {"networktype", "Advanced"}, {"dns1", "192.0.2.53"},
                {"internaldns1", "192.0.2.53"}}},
    {.name = "pod",
     .list = "listPods",
     .make = "createPod",
     .params = {{"zoneid", "…"}, {"name", "pod1"}, {"gateway", "10.0.0.1"}, {"netmask", "255.255.255.0"},
                {"startip", "10.0.0.10"}, {"endip", "10.0.0.250"}}},
    {.name = "cluster",
     .list = "listClusters",
     .make = "addCluster",
     .params = {{"zoneid", "…"}, {"podid", "…"}, {"clustername", "cluster1"}, {"hypervisor", "KVM"},
                {"clustertype", "CloudManaged"}}},
    {.name = "host",
     .list = "listHosts",
     .filter = "type",
     .value = "Routing",
     .make = "addHost",
     .params = {{"zoneid", "…"}, {"podid", "…"}, {"clusterid", "…"}, {"hypervisor", "KVM"},
                {"url", "qemu+tls://host1.example.org/system"}}},
    {.name = "primary",
     .list = "listStoragePools",
     .make = "createStoragePool",
     .params = {{"zoneid", "…"}, {"clusterid", "…"}, {"name", "primary1"}, {"scope", "cluster"},
                {"url", "SharedMountPoint://localhost/srv/primary"}}},
    {.name = "secondary",
     .list = "listImageStores",
     .make = "addImageStore",
     .params = {{"zoneid", "…"}, {"name", "images1"}, {"provider", "dir"}, {"url", "file:///srv/images"}}},
    {.name = "network",
     .list = "listNetworks",
     .filter = "listall",
     .value = "true",
     .make = "createNetwork",
     .params = {{"zoneid", "…"}, {"physicalnetworkid", "…"}, {"networkofferingid", "…"}, {"name", "network1"},
                {"vlan", "untagged"}, {"gateway", "10.1.1.1"}, {"netmask", "255.255.255.0"}, {"startip", "10.1.1.10"},
                {"endip", "10.1.1.250"}},
     .is_optional = true},
    {.name = "image",
     .list = "listTemplates",
     .filter = "templatefilter",
     .value = "all",
     .make = "registerTemplate",
     .params = {{"zoneid", "…"}, {"name", "debian"}, {"hypervisor", "KVM"}, {"format", "QCOW2"},
                {"url", "https://images.example.org/debian.qcow2"}}},
};

/* Steps are shown until a machine can be made; the first that is missing says how. */
static bool add_setup(struct page_call *call, struct view *root, struct error *err)
{
    struct view *steps = view_list(call->arena);
    bool missing = false, needed = false;
    for (size_t i = 0; i < COUNT_OF(SETUP); i++) {
        struct json_object *reply;
        if (!page_ask(call, SETUP[i].list, &reply, err, "page", "1", "pagesize", "1", SETUP[i].filter, SETUP[i].value,
                      (const char *)NULL))
            return false;
        struct view *step = view_add_object(steps);
        bool done = page_json_int(reply, "count") > 0, next = !done && !missing;
        view_set_text(step, "name", page_text(call, arena_printf(call->arena, "portal.setup.%s", SETUP[i].name)));
        page_add_state(call, step, done ? "done" : next ? "next" : "later", "portal.setup.state.");
        view_set_bool(step, "next", next);
        missing = missing || !done;
        needed = needed || !(done || SETUP[i].is_optional);
        if (!next)
            continue;
        struct api_param params[COUNT_OF(SETUP[i].params)];
        size_t count = 0;
        while (count < COUNT_OF(params) && SETUP[i].params[count][0]) {
            params[count] = (struct api_param){.name = SETUP[i].params[count][0], .value = SETUP[i].params[count][1]};
            count++;
        }
        view_set_text(step, "help", page_text(call, arena_printf(call->arena, "portal.setup.%s.help", SETUP[i].name)));
        page_add_call(call, step, SETUP[i].make, params, count);
    }
    view_set(root, "setup_steps", steps);
    view_set_bool(root, "setup", needed);
    return true;
}

static bool load_home(struct page_call *call, struct view *root, struct error *err)
{
    return add_newest(call, root, err) &&
           (!caller_is_root_admin(call->caller) || (add_health(call, root, err) && add_setup(call, root, err)));
}

const struct portal_page portal_home_pages[] = {
    {.path = "/", .title_key = "portal.home.title", .template_name = "tenant/home", .load = load_home, .nav = "home"},
    {.path = NULL},
};
