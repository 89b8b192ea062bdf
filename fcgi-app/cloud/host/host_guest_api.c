/* listUnmanagedInstances: guests that hosts have and the records do not. Who finds them is in cloud/vm
 * (vm_jobs_observe.c). */
#include "base/text.h"
#include "cloud/cache/columns.h"
#include "cloud/host/host_watch.h"
#include "cloud/zone/zone.h"

struct unmanaged_response {
    const char *id, *name, *clusterid, *clustername, *hostid, *hostname, *powerstate;
};
#define R(member, ...) FIELD(struct unmanaged_response, member, __VA_ARGS__)
FIELD_TABLE(UNMANAGED_RESPONSE, struct unmanaged_response, R(id, .help = "the guest's own identity"),
            R(name, .help = "its name at the hypervisor"), R(clusterid, .help = "the cluster of its host"),
            R(clustername, .help = "that cluster's name"), R(hostid, .help = "the host that has it"),
            R(hostname, .help = "that host's name"), R(powerstate, .help = "PowerOn or PowerOff"));
#undef R

struct list_unmanaged_args {
    struct object_ref clusterid, hostid;
    const char *name;
};
#define P(member, ...) FIELD(struct list_unmanaged_args, member, __VA_ARGS__)
FIELD_TABLE(LIST_UNMANAGED_PARAMS, struct list_unmanaged_args,
            P(clusterid, .flags = FIELD_REQUIRED, .refers_to = "cluster", .help = "the cluster"),
            P(hostid, .refers_to = "host", .help = "only those of this host"),
            P(name, .help = "only the guest of this name"));
#undef P

static bool fits(const struct list_unmanaged_args *args, const struct list_page *page, const struct host_guest *guest,
                 const struct host_name *host)
{
    return host != NULL && host->cluster_id == args->clusterid.id &&
           (args->hostid.id == 0 || args->hostid.id == guest->host_id) &&
           (args->name == NULL || string_equal(args->name, guest->name)) &&
           page_keyword_matches(page, guest->name != NULL ? guest->name : "");
}

static bool handle_list(struct api_call *call, const void *arguments, struct error *err)
{
    const struct list_unmanaged_args *args = arguments;
    const struct cluster *cluster = NULL;
    struct db_rows rows;
    size_t kept = 0;
    if (!cluster_find(call->db, call->arena, args->clusterid.id, &cluster, err) ||
        !host_guest_list_any(call->db, call->arena, args->hostid.id, 0, &rows, err))
        return false;
    const struct host_guest *guests = rows.items;
    struct unmanaged_response *objects = arena_array(call->arena, rows.count + 1, sizeof(*objects));
    for (size_t i = 0; i < rows.count; i++) {
        const struct host_name *host = NULL;
        if (!host_name_find(call->db, call->arena, guests[i].host_id, &host, err))
            return false;
        if (fits(args, &call->page, &guests[i], host))
            objects[kept++] = (struct unmanaged_response){.id = guests[i].guest_uuid,
                                                          .name = guests[i].name,
                                                          .clusterid = args->clusterid.uuid,
                                                          .clustername = cluster != NULL ? cluster->name : NULL,
                                                          .hostid = host->uuid,
                                                          .hostname = host->name,
                                                          .powerstate = guests[i].running ? "PowerOn" : "PowerOff"};
    }
    size_t first = (size_t)call->page.offset < kept ? (size_t)call->page.offset : kept;
    size_t count = kept - first < (size_t)call->page.limit ? kept - first : (size_t)call->page.limit;
    api_reply_list(call, objects + first, count, (int64_t)kept);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listUnmanagedInstances",
     .summary = "Lists the guests of a cluster's hosts that this cloud made and has no record of any more, or that run "
                "where they should not.",
     .object_key = "unmanagedinstance",
     .mode = API_LIST,
     .flags = API_READ_ONLY,
     .roles = ROLE_ADMIN,
     .params = &LIST_UNMANAGED_PARAMS,
     .response = &UNMANAGED_RESPONSE,
     .handle = handle_list,
     .group = "Host"},
    {.name = NULL},
};

void host_register_guests(void)
{
    api_register_commands(COMMANDS);
}
