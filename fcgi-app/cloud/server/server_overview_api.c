/* listInfrastructure and listDbMetrics: how much there is of everything, and how the database does. */
#include "cloud/server/server_overview_api.h"

#include "api/api.h"
#include "base/clock.h"
#include "base/text.h"
#include "cloud/server/server_store.h"

/* ---- listInfrastructure ---- */

struct infrastructure_response {
    int64_t zones, pods, clusters, hosts, cpusockets, storagepools, imagestores, managementservers, alerts,
        backuprepositories, objectstores, systemvms, routers, ilbvms;
};
#define COUNTED(member, what) FIELD(struct infrastructure_response, member, .help = "Number of " what)
FIELD_TABLE(INFRASTRUCTURE_RESPONSE, struct infrastructure_response, COUNTED(zones, "zones"), COUNTED(pods, "pods"),
            COUNTED(clusters, "clusters"), COUNTED(hosts, "hosts"), COUNTED(cpusockets, "the hosts' processor sockets"),
            COUNTED(storagepools, "primary storage pools"), COUNTED(imagestores, "image stores"),
            COUNTED(managementservers, "machines that carry jobs"), COUNTED(alerts, "alerts that are not archived"),
            COUNTED(backuprepositories, "backup repositories: none"), COUNTED(objectstores, "object stores: none"),
            COUNTED(systemvms, "system VMs: none is needed"), COUNTED(routers, "router VMs: none is needed"),
            COUNTED(ilbvms, "internal load balancer VMs: none is needed"));

static bool list_infrastructure(struct api_call *call, const void *args, struct error *err)
{
    struct infrastructure_response *response = ARENA_NEW(call->arena, struct infrastructure_response);
    struct server_sums sums = {0};
    (void)args;
    if (!server_count_all(call->db, &sums, err))
        return false;
    *response = (struct infrastructure_response){.zones = sums.zones,
                                                 .pods = sums.pods,
                                                 .clusters = sums.clusters,
                                                 .hosts = sums.hosts,
                                                 .cpusockets = sums.sockets,
                                                 .storagepools = sums.pools,
                                                 .imagestores = sums.stores,
                                                 .managementservers = sums.servers,
                                                 .alerts = sums.alerts};
    api_reply_object(call, response);
    return true;
}

/* ---- listDbMetrics ---- */

struct db_response {
    const char *hostname, *version, *versioncomment, *tlsversions;
    struct opt_time collectiontime;
    int64_t connections, uptime, queries;
    struct string_list replicas, dbloadaverages;
};
#define SHOWN(member, ...) FIELD(struct db_response, member, __VA_ARGS__)
FIELD_TABLE(DB_RESPONSE, struct db_response, SHOWN(collectiontime, .help = "When this was asked"),
            SHOWN(hostname, .help = "The database's machine"), SHOWN(version, .help = "Its release"),
            SHOWN(versioncomment, .help = "Who built it"),
            SHOWN(tlsversions, .help = "The TLS versions that it speaks"),
            SHOWN(connections, .help = "Connections that are open"), SHOWN(uptime, .help = "Seconds since it started"),
            SHOWN(queries, .help = "Statements since it started"),
            SHOWN(replicas, .help = "The machines of its cluster; empty when it stands alone"),
            SHOWN(dbloadaverages, .help = "Statements a second, by time",
                  .no_effect = "what the database did earlier is not noted"));

static bool list_db_metrics(struct api_call *call, const void *args, struct error *err)
{
    struct db_response *response = ARENA_NEW(call->arena, struct db_response);
    struct server_database database = {0};
    (void)args;
    if (!server_ask_database(call->db, call->arena, &database, err))
        return false;
    *response = (struct db_response){.hostname = database.host,
                                     .version = database.version,
                                     .versioncomment = database.comment,
                                     .tlsversions = database.tls_versions,
                                     .collectiontime = OPT_TIME(clock_now_ms()),
                                     .connections = database.connections,
                                     .uptime = database.uptime_s,
                                     .queries = database.statements};
    response->replicas.items = string_split(call->arena, database.members, ',', &response->replicas.count);
    api_reply_object(call, response);
    return true;
}

void server_overview_register(void)
{
    static const struct api_command COMMANDS[] = {
        {.name = "listInfrastructure",
         .summary = "Tells how many zones, hosts, stores and the like there are",
         .since = "4.9.3",
         .object_key = "infrastructure",
         .mode = API_SYNC,
         .flags = API_READ_ONLY,
         .roles = ROLE_ADMIN,
         .response = &INFRASTRUCTURE_RESPONSE,
         .handle = list_infrastructure,
         .group = "Metrics"},
        {.name = "listDbMetrics",
         .summary = "Tells figures of the database",
         .since = "4.17.0",
         .object_key = "dbMetrics",
         .mode = API_SYNC,
         .flags = API_READ_ONLY,
         .roles = ROLE_ADMIN,
         .response = &DB_RESPONSE,
         .handle = list_db_metrics,
         .group = "InfrastructureUsage"},
        {.name = NULL},
    };
    api_register_commands(COMMANDS);
}
