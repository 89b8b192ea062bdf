/* Rules of hosts, for this feature's commands and jobs. */
#ifndef GURUM_CLOUD_HOST_SERVICE_H
#define GURUM_CLOUD_HOST_SERVICE_H

#include "cloud/host/host_store.h"

/* What addHost asks for. The cluster is named by id or by name. */
struct host_wish {
    int64_t zone_id, pod_id, cluster_id;
    const char *cluster_name, *hypervisor, *url, *username, *tags, *storage_access_groups, *resource_state;
    struct secret password;
};
/* Adds the row in state Creating, in the open transaction. Errors: INVALID_VALUE (url taken or malformed, wrong place).
 */
MUST_CHECK bool host_add(struct db *db, struct arena *arena, const struct host_wish *wish, struct host_row **ret_row,
                         struct error *err);

/* Changes a host in the open transaction; a new url is held against the rules of host_add and takes the address
 * along. Errors: INVALID_VALUE (url taken or malformed). */
MUST_CHECK bool host_edit(struct db *db, struct arena *arena, int64_t host_id, struct host_edit *edit,
                          struct error *err);

/* What a probe found. */
struct host_facts {
    const char *arch, *hypervisor_version, *capabilities, *details;
    int64_t cpu_sockets, cpu_cores, cpu_speed_mhz, memory_mib;
};
/* Writes facts and limits and sets the state Up, in the open transaction. */
MUST_CHECK bool host_take_up(struct db *db, struct arena *arena, int64_t host_id, const struct host_facts *facts,
                             struct error *err);
/* Jobs, in host_jobs.c. */
struct host_job_input {
    int64_t host_id;
    bool forced;
};
extern const struct job_kind HOST_ADD_JOB, HOST_REMOVE_JOB, HOST_RECONNECT_JOB;
extern const struct job_schedule HOST_LIMITS_SCHEDULE;

/* "kvm1.example.org" or "sim-c0-h0": a name from the address that the operator gave; the address itself in
 * *ret_address, NULL: none. */
const char *host_name_of_url(struct arena *arena, const char *url, const char **ret_address);

#endif
