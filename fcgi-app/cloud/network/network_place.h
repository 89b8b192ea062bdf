/* Where networks are (hosts with a segment, the provider itself) and which revision of their services is in force
 * there; for this feature's own files. */
#ifndef GURUM_CLOUD_NETWORK_PLACE_H
#define GURUM_CLOUD_NETWORK_PLACE_H

#include "cloud/network/network.h"

/* ---- network_place_store.c ---- */

struct network_place {
    int64_t network_id, host_id; /* 0: the provider itself */
    int64_t service_revision;    /* last applied there; 0: none */
    const char *handle;          /* of the segment, for NICs of that host; NULL: none */
    bool has_services;
    bool is_up; /* the host answers; the provider itself always */
};
enum { NETWORK_PLACES_MAX = 20000, NETWORK_LEASES_MAX = 70000, NETWORK_CLAIM_MS = 120000 };
/* Repeating is harmless. */
MUST_CHECK bool place_store_add(struct db *db, int64_t network_id, int64_t host_id, bool has_services,
                                struct error *err);
MUST_CHECK bool place_store_of_network(struct db *db, struct arena *arena, int64_t network_id, struct db_rows *ret_rows,
                                       struct error *err);
MUST_CHECK bool place_store_of_host(struct db *db, struct arena *arena, int64_t host_id, struct db_rows *ret_rows,
                                    struct error *err);
MUST_CHECK bool place_store_set_handle(struct db *db, int64_t network_id, int64_t host_id, const char *handle,
                                       struct error *err);
/* One at a time applies at a place: false in *ret_mine while another does. A claim ends with NETWORK_CLAIM_MS. */
MUST_CHECK bool place_store_claim(struct db *db, int64_t network_id, int64_t host_id, const char *claim, bool *ret_mine,
                                  struct error *err);
/* Notes what is in force now (0: nothing new) and ends the claim. */
MUST_CHECK bool place_store_applied(struct db *db, int64_t network_id, int64_t host_id, const char *claim,
                                    int64_t revision, struct error *err);
MUST_CHECK bool place_store_remove_network(struct db *db, int64_t network_id, struct error *err);
MUST_CHECK bool place_store_remove_host(struct db *db, int64_t host_id, struct error *err);

/* A row of the wanted state: a NIC of a VM that is not expunged. */
struct network_lease {
    const char *nic_uuid, *guest_uuid, *mac, *ipv4, *hostname;
    bool is_default;
    int64_t host_id; /* of the VM, where it ran last when it is stopped; 0: it never ran */
};
/* The revision first, then the leases: they are never older than it says. */
MUST_CHECK bool network_store_wanted(struct db *db, struct arena *arena, int64_t network_id, int64_t *ret_revision,
                                     struct db_rows *ret_leases, struct error *err);
/* Raises the revision; harmless when the network is gone. */
MUST_CHECK bool network_store_touch(struct db *db, int64_t network_id, struct error *err);
/* Notes that a job must follow; false in *ret_first: one is queued already, or the network is nowhere. */
MUST_CHECK bool network_store_follow(struct db *db, int64_t network_id, bool *ret_first, struct error *err);
MUST_CHECK bool network_store_followed(struct db *db, int64_t network_id, struct error *err);
/* Ids (DB_NUMBER) of networks with a place that lags behind and answers, and no job for it; at most 64. */
MUST_CHECK bool network_store_lagging(struct db *db, struct arena *arena, struct db_rows *ret_ids, struct error *err);

/* ---- network_jobs_places.c ---- */

/* In the open transaction: queues the job that brings the services of all places to the current revision, unless it is
 * queued already. */
MUST_CHECK bool network_follow(struct db *db, struct arena *arena, int64_t network_id, struct error *err);
struct zone;
struct physical_network;
/* Can the plugin that serves the zone's networks do what the offering promises? A zone without a cluster, and one whose
 * plugin is not there (yet), is asked again when a network is brought up. `physical` NULL: isolation is not looked at;
 * `untagged`: none is needed. Errors: RESOURCE_UNAVAILABLE "network.services_lacking" "network.isolation_lacking". */
MUST_CHECK bool network_check_plugin(struct db *db, struct arena *arena, int64_t zone_id,
                                     const struct network_offering *offering, const struct physical_network *physical,
                                     bool untagged, struct error *err);

#endif
