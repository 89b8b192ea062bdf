/* Physical networks with their providers, network offerings, networks, IP ranges and addresses. What other features may
 * ask of it. Plugin calls: network_jobs.c. */
#ifndef GURUM_CLOUD_NETWORK_H
#define GURUM_CLOUD_NETWORK_H

#include "api/api.h"

struct network {
    int64_t id;
    const char *uuid, *name, *display_text, *guest_type; /* "Isolated", "Shared", "L2" */
    const char *traffic_type;                             /* "Guest", "Public" … */
    const char *acl_type;                                 /* "Account", "Domain" */
    const char *state; /* "Allocated", "Implementing", "Implemented", "Shutdown", "Destroy" */
    const char *gateway, *netmask, *cidr, *dns1, *dns2, *ip6_dns1, *ip6_dns2, *ip6_gateway, *ip6_cidr, *network_domain;
    const char *broadcast_type; /* "Vlan", "Vxlan", "Native" */
    const char *broadcast_uri;  /* "vlan://101"; NULL: none yet */
    const char *reserved_ip_range, *external_id;
    int64_t account_id, domain_id, zone_id, physical_network_id, offering_id;
    int64_t segment_id;      /* VLAN tag or VNI; 0: untagged or none yet */
    int64_t nic_count;       /* addresses taken in it: it must not go away while above 0 */
    const char *domain_path; /* of domain_id: who may see a shared one */
    const char *provider_handle; /* what its provider calls it; NULL: it is not up there */
    int64_t private_mtu, public_mtu; /* 0: default */
    bool is_system, is_default, display, restart_required, subdomain_access, is_persistent;
    struct opt_time created;
};
extern const struct field_table NETWORK_ROW;
/* NULL: none or removed. Not cached (state moves). */
MUST_CHECK bool network_find(struct db *db, struct arena *arena, int64_t id, struct network **ret_network,
                             struct error *err);
/* May an account of that domain path put a VM here: its own, or a shared one that is offered to it? Root admins:
 * always. */
MUST_CHECK bool network_is_usable(struct db *db, struct arena *arena, const struct network *network,
                                  const struct caller *caller, const struct owner *owner, bool *ret_usable,
                                  struct error *err);
/* "No networkids given": the zone's shared guest network in a Basic zone or an Advanced zone with security groups; else
 * the owner's only isolated network of the required default offering, created in the open transaction when there is
 * none; where no such offering is enabled, the zone's shared one again. Ids in *ret_ids. Errors: INVALID_VALUE (none,
 * or several to choose from). */
MUST_CHECK bool network_default_for(struct db *db, struct arena *arena, const struct caller *caller,
                                    const struct owner *owner, int64_t zone_id, const int64_t **ret_ids,
                                    size_t *ret_count, struct error *err);

/* ---- addresses: exact under concurrency; all in the caller's open transaction ---- */

struct address_owner {
    int64_t account_id, domain_id;
    const char *object_kind; /* "vm" */
    int64_t object_id;
};
struct address {
    int64_t id;          /* keep it in the NIC row; give it back with address_release */
    const char *ip;      /* NULL in an L2 network */
    const char *mac;     /* unique in the cloud */
    const char *gateway, *netmask, *cidr; /* of its range */
    const char *vlan;    /* of its range: "vlan://untagged"; NULL */
};
/* A free address (or exactly `wanted_ip`) and a MAC address (or `wanted_mac`) in the network; raises its nic_count.
 * Errors: INSUFFICIENT_CAPACITY "address.none_free", INVALID_VALUE "address.taken" "address.outside"
 * "address.mac_taken". */
MUST_CHECK bool address_take(struct db *db, struct arena *arena, int64_t network_id, const char *wanted_ip,
                             const char *wanted_mac, const struct address_owner *owner, struct address *ret_address,
                             struct error *err);
/* Gives it back; repeating is harmless. */
MUST_CHECK bool address_release(struct db *db, int64_t address_id, struct error *err);

/* ---- for the jobs of VMs: a network comes to life with its first NIC ---- */

/* Step functions' bodies. network_implement_act: takes a segment if the network needs one, brings it up at the
 * provider's plugin, repeating is harmless; network_implement_commit: records it as Implemented. The network's undo is
 * left to network.gc, as another VM may use it by then. */
MUST_CHECK enum step_outcome network_implement_act(struct job_run *run, int64_t network_id, struct error *err);
MUST_CHECK bool network_implement_commit(struct job_run *run, int64_t network_id, struct error *err);
/* Makes an implemented network reachable on a host (host_network_ensure) when its provider's plugin has
 * GURUM_NETWORK_SEGMENTS, else does nothing; repeating is harmless, and makes again what the host lost. vm's step
 * prepare_network calls it for the host that was chosen. Segments go with the network, or with the host. */
MUST_CHECK enum step_outcome network_segment_act(struct job_run *run, int64_t network_id, int64_t host_id,
                                                 struct error *err);
/* What the plugin reported of that segment for the NICs of that host, in the arena; NULL: nothing. */
MUST_CHECK bool network_segment_handle(struct db *db, struct arena *arena, int64_t network_id, int64_t host_id,
                                       const char **ret_handle, struct error *err);
/* Brings the services of the network (leases of all its NICs, DNS) into force for the guests of a host; before one of
 * them starts. Repeating is harmless. */
MUST_CHECK enum step_outcome network_services_act(struct job_run *run, int64_t network_id, int64_t host_id,
                                                  struct error *err);
/* In the open transaction: something changed that the network's services follow (a VM's name). Taking and giving back
 * addresses says so itself. */
MUST_CHECK bool network_services_changed(struct db *db, struct arena *arena, int64_t network_id, struct error *err);
/* Can anybody hand user data to guests of the zone (its networks, its hypervisor)? True while that is not known yet. */
bool network_user_data_arrives(struct db *db, struct arena *arena, int64_t zone_id);
/* Before a host is removed: its segments of all networks go; then their rows. */
MUST_CHECK enum step_outcome network_leave_host_act(struct job_run *run, int64_t host_id, struct error *err);
MUST_CHECK bool network_forget_host(struct db *db, int64_t host_id, struct error *err);

/* ---- network offerings (cached) and what the physical side says ---- */

struct network_offering {
    int64_t id;
    const char *uuid, *name, *display_text, *traffic_type, *guest_type, *availability, *state, *tags,
        *internet_protocol, *routing_mode, *network_mode;
    const char *domain_ids, *zone_ids; /* "3,7"; NULL: everywhere */
    const char *services;              /* "Dhcp=VirtualRouter,Dns=VirtualRouter" */
    int64_t network_rate_mbits, max_connections, service_offering_id, sort_key;
    bool specify_vlan, specify_ip_ranges, conserve_mode, is_default, for_vpc, is_persistent, egress_allow, keep_alive;
    struct opt_time created, removed;
    const char *details,
        *capabilities; /* see reply_pairs_of; capabilities: "SourceNat.SupportedSourceNatTypes" → "peraccount" */
};
MUST_CHECK bool network_offering_find(struct db *db, struct arena *arena, int64_t id,
                                      const struct network_offering **ret_offering, struct error *err);
MUST_CHECK bool network_offering_find_any(struct db *db, struct arena *arena, int64_t id,
                                          const struct network_offering **ret_offering, struct error *err);
bool network_offering_has(const struct network_offering *offering, const char *service); /* "Dhcp", "SourceNat" … */
/* The label of guest traffic for a hypervisor on the network's physical network ("cloudbr0"); NULL: none given. */
MUST_CHECK bool network_traffic_label(struct db *db, struct arena *arena, const struct network *network,
                                      const char *hypervisor, const char **ret_label, struct error *err);

void network_register(void);
/* commands; kinds physical_network, traffic_type, network_provider, virtual_router_element, vlan_range,
 * network_offering, network */

#endif
