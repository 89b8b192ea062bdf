/* What the files of network jobs share: networks as plugins see them, and the places where they are. Only for the
 * network_jobs*.c files. */
#ifndef GURUM_CLOUD_NETWORK_JOBS_PARTS_H
#define GURUM_CLOUD_NETWORK_JOBS_PARTS_H

#include "cloud/host/host_jobs.h"
#include "cloud/network/network_jobs.h"
#include "cloud/network/network_place.h"
#include "plugin_host/network.h"

/* A call about one network; the structs point into each other, so it must not be copied. */
struct network_call {
    struct plugin_target target;
    struct gurum_provider provider;
    struct gurum_network network;
    struct gurum_network_spec spec;
    struct gurum_host host; /* after network_call_at */
    uint64_t capabilities;
    const struct network_offering *offering; /* NULL: it is gone */
};
/* Which plugin serves a zone's networks: the one of the hypervisor of its first cluster ("Simulator" →
 * network-simulator, "KVM" → network-bridge). Errors: RESOURCE_UNAVAILABLE "network.no_cluster". */
MUST_CHECK bool network_choose_plugin(struct db *db, struct arena *arena, int64_t zone_id, const char **ret_type,
                                      struct error *err);
MUST_CHECK bool network_call_fill(struct job_run *run, const struct network *network, struct network_call *call,
                                  struct error *err);
/* The call is about this host: its secrets, and via_host where hosts are their own providers. */
MUST_CHECK bool network_call_at(struct job_run *run, int64_t host_id, struct network_call *call, struct error *err);
/* Errors: RESOURCE_UNAVAILABLE "network.gone". */
MUST_CHECK bool network_find_live(struct job_run *run, int64_t id, struct network **ret_network, struct error *err);
/* network_check_plugin for a network that exists. */
MUST_CHECK bool network_plugin_fits(struct job_run *run, const struct network *network, struct error *err);

/* GURUM_SERVICE_… bits of what the offering has. */
uint64_t network_services_wanted(const struct network_offering *offering);

/* Segments and services at every place that answers, as the rows say now. */
MUST_CHECK enum step_outcome network_places_refresh_act(struct job_run *run, const struct network *network,
                                                        struct error *err);
/* Takes it from all its places; the rows stay for the commit. */
MUST_CHECK enum step_outcome network_places_remove_act(struct job_run *run, const struct network *network,
                                                       struct error *err);

extern const struct field_table NETWORK_JOB_INPUT;
extern const struct job_kind NETWORK_SERVICES_JOB; /* brings the services of all places to the current revision */
extern const struct job_schedule NETWORK_CATCH_UP; /* begins it for places that were missed: hosts that were away */

#endif
