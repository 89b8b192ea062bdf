/* listManagementServers, listManagementServersMetrics, removeManagementServer. */
#include "cloud/server/server.h"

#include <unistd.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/cache/columns.h"
#include "cloud/server/server_figures.h"
#include "cloud/server/server_overview_api.h"
#include "cloud/server/server_store.h"
#include "jobs/jobs_role.h"

enum { SESSION_COUNTS_MS = 30 * 60000 };

struct server_response {
    const char *id, *name, *state, *version, *javadistribution, *javaversion, *osdistribution, *kernelversion,
        *serviceip, *ipaddress;
    struct string_list agents, lastagents;
    struct object_list peers;
    struct opt_time lastserverstart, lastserverstop, lastboottime, collectiontime;
    int64_t agentscount, pendingjobscount;
    struct opt_int availableprocessors, agentcount, sessions, heapmemoryused, heapmemorytotal, threadsblockedcount,
        threadsdaemoncount, threadsrunnablecount, threadsteminatedcount, threadstotalcount, threadswaitingcount;
    const char *systemmemorytotal, *systemmemoryfree, *systemmemoryused, *systemmemoryvirtualsize, *loginfo,
        *systemloadaverages, *systemcycleusage, *cpuload;
    struct opt_double systemtotalcpucycles;
    struct opt_bool dbislocal, usageislocal;
};
#define SHOWN(member, ...) FIELD(struct server_response, member, __VA_ARGS__)
#define NOT_JAVA .no_effect = "no Java runs here"
#define MEMBERS                                                                                                        \
    SHOWN(id, .help = "The server"), SHOWN(name, .help = "The name of the machine"),                                   \
        SHOWN(state, .help = "Up while a process of it carries jobs, else Down"),                                      \
        SHOWN(version, .help = "The release of the wire that it speaks"),                                              \
        SHOWN(javadistribution, .help = "The Java it runs on", NOT_JAVA),                                              \
        SHOWN(javaversion, .help = "The version of that Java", NOT_JAVA),                                              \
        SHOWN(osdistribution, .help = "The operating system"), SHOWN(kernelversion, .help = "The kernel"),             \
        SHOWN(lastserverstart, .help = "When it began to carry jobs"),                                                 \
        SHOWN(lastserverstop, .help = "When it stopped", .no_effect = "the end of a machine is not noted"),            \
        SHOWN(lastboottime, .help = "When the machine was started"), SHOWN(serviceip, .help = "Its address"),          \
        SHOWN(ipaddress, .help = "Its address"),                                                                       \
        SHOWN(peers, .help = "What it knows of the others", .table = &PEER,                                            \
              .no_effect = "servers meet in the database only"),                                                       \
        SHOWN(agents, .help = "Hosts it is in charge of", .no_effect = "any server works with any host"),              \
        SHOWN(lastagents, .help = "Hosts it was in charge of", .no_effect = "any server works with any host"),         \
        SHOWN(agentscount, .help = "Hosts that answer"), SHOWN(pendingjobscount, .help = "Jobs in its hands")
struct peer {
    const char *id;
};
FIELD_TABLE(PEER, struct peer, FIELD(struct peer, id, .help = "The other server",
                                    .no_effect = "servers share the database only, so none is another's peer"));
FIELD_TABLE(SERVER_RESPONSE, struct server_response, MEMBERS);
FIELD_TABLE(SERVER_METRICS_RESPONSE, struct server_response, MEMBERS,
            SHOWN(availableprocessors, .help = "Its processors"), SHOWN(agentcount, .help = "Hosts that answer"),
            SHOWN(sessions, .help = "People with a session used within half an hour"),
            SHOWN(heapmemoryused, .help = "Bytes of memory that this program's processes hold"),
            SHOWN(heapmemorytotal, .help = "Bytes of memory that the machine has"),
            SHOWN(threadsblockedcount, .help = "Threads that wait for a device"),
            SHOWN(threadsdaemoncount, .help = "Processes of this program"),
            SHOWN(threadsrunnablecount, .help = "Threads that run or could"),
            SHOWN(threadsteminatedcount, .help = "Threads that ended", .no_effect = "ended threads are not counted"),
            SHOWN(threadstotalcount, .help = "Threads of this program's processes"),
            SHOWN(threadswaitingcount, .help = "Threads that wait for work"),
            SHOWN(systemmemorytotal, .help = "Memory of the machine"), SHOWN(systemmemoryfree, .help = "Free memory"),
            SHOWN(systemmemoryused, .help = "Used memory"),
            SHOWN(systemmemoryvirtualsize, .help = "Address space of this program's processes"),
            SHOWN(loginfo, .help = "How large the logs are", .no_effect = "logs are the supervisor's business"),
            SHOWN(systemtotalcpucycles, .help = "MHz of all processors"),
            SHOWN(systemloadaverages, .help = "Load over 1, 5 and 15 minutes"),
            SHOWN(systemcycleusage, .help = "Ticks for programs, for the kernel and idle, since the boot"),
            SHOWN(dbislocal, .help = "Whether the database runs on the same machine"),
            SHOWN(usageislocal, .help = "Whether usage is counted here", .no_effect = "there is no usage server"),
            SHOWN(cpuload, .help = "Load of the last minute as a share of the processors"),
            SHOWN(collectiontime, .help = "When the figures were read"));

static bool find_server(struct db *db, struct arena *arena, const char *uuid, struct object_found *ret_found,
                        bool *ret_exists, struct error *err)
{
    struct db_rows rows;
    if (!server_all(db, arena, &rows, err))
        return false;
    const struct server *servers = rows.items;
    for (size_t i = 0; i < rows.count && !*ret_exists; i++) {
        *ret_exists = string_equal_ignoring_case(servers[i].uuid, uuid);
        *ret_found = (struct object_found){.id = servers[i].id, .visibility = OBJECT_INFRA, .name = servers[i].name};
    }
    return true;
}

static const struct object_kind SERVER_KIND = {.name = "management_server",
                                               .wire_type = "ManagementServer",
                                               .object_key = "managementserver",
                                               .response = &SERVER_RESPONSE,
                                               .find = find_server};

/* ---- what this machine is ---- */

bool server_announce(struct db *db, struct error *err)
{
    AUTO(arena_free) struct arena arena = {0};
    struct server_figures figures;
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    server_read_figures(&figures);
    const struct server server = {.uuid = uuid,
                                  .name = jobs_machine(),
                                  .version = CLOUD_VERSION,
                                  .os = server_os(&arena),
                                  .kernel = server_kernel(&arena),
                                  .address = server_address(&arena),
                                  .booted = OPT_TIME(figures.booted_ms),
                                  .started = OPT_TIME(clock_now_ms())};
    return server_store(db, &server, err);
}

/* ---- lists ---- */

struct list_args {
    struct object_ref id;
    const char *name, *version;
    bool peers, system;
};
#define LIST(member, ...) FIELD(struct list_args, member, __VA_ARGS__)
#define LIST_MEMBERS                                                                                                   \
    LIST(id, .refers_to = "management_server", .help = "Lists only this server"),                                      \
        LIST(name, .help = "Lists only the server of this name"),                                                      \
        LIST(version, .since = "4.20.1.0", .help = "Lists only servers of this release"),                              \
        LIST(peers, .since = "4.20.1.0", .help = "Tells what each knows of the others",                                \
             .no_effect = "servers meet in the database only")
FIELD_TABLE(LIST_SERVERS_ARGS, struct list_args, LIST_MEMBERS);
FIELD_TABLE(LIST_METRICS_ARGS, struct list_args, LIST_MEMBERS,
            LIST(system, .since = "4.18.0", .help = "Tells figures of the machine, too"));

static void fill(const struct server *server, int64_t hosts, struct server_response *to)
{
    *to = (struct server_response){.id = server->uuid,
                                   .name = server->name,
                                   .state = server->processes > 0 ? "Up" : "Down",
                                   .version = server->version,
                                   .osdistribution = server->os,
                                   .kernelversion = server->kernel,
                                   .serviceip = server->address,
                                   .ipaddress = server->address,
                                   .lastserverstart = server->started,
                                   .lastboottime = server->booted,
                                   .agentscount = hosts,
                                   .pendingjobscount = server->jobs};
}

static const char *gigabytes(struct arena *arena, int64_t bytes)
{
    return arena_printf(arena, "%.2f GB", (double)bytes / (1 << 30));
}

/* Only the machine that answers can tell; the others' figures stay absent. */
static void fill_figures(struct arena *arena, bool with_system, int64_t sessions, bool db_is_local,
                         struct server_response *to)
{
    struct server_figures f;
    server_read_figures(&f);
    to->availableprocessors = OPT_INT(f.processors);
    to->agentcount = OPT_INT(to->agentscount);
    to->sessions = OPT_INT(sessions);
    to->heapmemoryused = OPT_INT(f.resident_bytes);
    to->heapmemorytotal = OPT_INT(f.memory_total_bytes);
    to->threadsblockedcount = OPT_INT(f.blocked);
    to->threadsdaemoncount = OPT_INT(f.processes);
    to->threadsrunnablecount = OPT_INT(f.runnable);
    to->threadstotalcount = OPT_INT(f.threads);
    to->threadswaitingcount = OPT_INT(f.waiting);
    to->dbislocal = OPT_BOOL(db_is_local);
    to->cpuload = arena_printf(arena, "%.2f%%", f.processors > 0 ? 100 * f.load[0] / (double)f.processors : 0.0);
    to->collectiontime = OPT_TIME(clock_now_ms());
    if (!with_system)
        return;
    to->systemmemorytotal = gigabytes(arena, f.memory_total_bytes);
    to->systemmemoryfree = gigabytes(arena, f.memory_free_bytes);
    to->systemmemoryused = gigabytes(arena, f.memory_total_bytes - f.memory_free_bytes);
    to->systemmemoryvirtualsize = gigabytes(arena, f.virtual_bytes);
    to->systemtotalcpucycles = OPT_DOUBLE(f.mhz);
    to->systemloadaverages = arena_printf(arena, "%.2f %.2f %.2f", f.load[0], f.load[1], f.load[2]);
    to->systemcycleusage = arena_printf(arena, "%lld %lld %lld", (long long)f.user_ticks, (long long)f.system_ticks,
                                        (long long)f.idle_ticks);
}

static bool is_wanted(const struct api_call *call, const struct list_args *args, const struct server *server)
{
    return (!args->id.id || args->id.id == server->id) &&
           (!args->name || string_equal_ignoring_case(args->name, server->name)) &&
           (!args->version || string_equal(args->version, server->version)) &&
           page_keyword_matches(&call->page, server->name);
}

static bool list(struct api_call *call, const struct list_args *args, bool with_metrics, struct error *err)
{
    struct page_pick pick = {.page = &call->page};
    struct db_rows rows;
    int64_t hosts = 0, sessions = 0;
    bool db_is_local = false;
    if (!server_all(call->db, call->arena, &rows, err) ||
        !server_counts(call->db, call->arena, jobs_machine(), clock_now_ms() - SESSION_COUNTS_MS, &hosts, &sessions,
                       &db_is_local, err))
        return false;
    const struct server *servers = rows.items;
    struct server_response *responses =
        arena_array(call->arena, page_room(&call->page, rows.count), sizeof(*responses));
    for (size_t i = 0; i < rows.count; i++) {
        size_t at = pick.taken;
        if (!is_wanted(call, args, &servers[i]) || !page_pick(&pick))
            continue;
        fill(&servers[i], hosts, &responses[at]);
        if (with_metrics && string_equal(servers[i].name, jobs_machine()))
            fill_figures(call->arena, args->system, sessions, db_is_local, &responses[at]);
    }
    api_reply_list(call, responses, pick.taken, pick.total);
    return true;
}

static bool list_servers(struct api_call *call, const void *args, struct error *err)
{
    return list(call, args, false, err);
}

static bool list_metrics(struct api_call *call, const void *args, struct error *err)
{
    return list(call, args, true, err);
}

/* ---- removeManagementServer ---- */

struct remove_args {
    struct object_ref id;
};
FIELD_TABLE(REMOVE_SERVER_ARGS, struct remove_args,
            FIELD(struct remove_args, id, .flags = FIELD_REQUIRED, .refers_to = "management_server",
                  .help = "A server that is Down for good"));

static bool remove_server(struct api_call *call, const void *arguments, struct error *err)
{
    const struct remove_args *args = arguments;
    struct db_rows rows;
    if (!server_all(call->db, call->arena, &rows, err))
        return false;
    const struct server *servers = rows.items;
    for (size_t i = 0; i < rows.count; i++)
        if (servers[i].id == args->id.id && servers[i].processes > 0)
            return error_with(err, ERROR_INVALID_VALUE, "server.is_up", E_TEXT("name", servers[i].name));
    if (!server_remove(call->db, args->id.id, err))
        return false;
    api_reply_success(call, NULL);
    return true;
}

static const struct api_command COMMANDS[] = {
    {.name = "listManagementServers",
     .summary = "Lists the machines that carry jobs",
     .object_key = "managementserver",
     .mode = API_LIST,
     .roles = ROLE_ADMIN,
     .params = &LIST_SERVERS_ARGS,
     .response = &SERVER_RESPONSE,
     .handle = list_servers,
     .group = "Management"},
    {.name = "listManagementServersMetrics",
     .summary = "Lists the machines that carry jobs, with figures of the one that answers",
     .object_key = "managementserver",
     .mode = API_LIST,
     .roles = ROLE_ADMIN,
     .params = &LIST_METRICS_ARGS,
     .response = &SERVER_METRICS_RESPONSE,
     .handle = list_metrics,
     .group = "Management"},
    {.name = "removeManagementServer",
     .summary = "Forgets a machine that is Down for good",
     .since = "4.19.0",
     .mode = API_SYNC,
     .roles = ROLE_ADMIN,
     .params = &REMOVE_SERVER_ARGS,
     .handle = remove_server,
     .group = "Management"},
    {.name = NULL},
};

void server_register(void)
{
    static const struct object_kind *const KINDS[] = {&SERVER_KIND, NULL};
    api_register_kinds(KINDS);
    api_register_commands(COMMANDS);
    server_overview_register();
}
