/* The jobs of networks and of the physical side. */
#ifndef GURUM_CLOUD_NETWORK_JOBS_H
#define GURUM_CLOUD_NETWORK_JOBS_H

#include "cloud/network/network_service.h"

/* network_jobs.c: at the provider's plugin. */
struct network_job_input {
    int64_t network_id;
};
extern const struct job_kind NETWORK_DELETE, NETWORK_RESTART, NETWORK_GC, NETWORK_UPDATE;
struct network_update_input {
    int64_t network_id;
    const char *name, *display_text, *network_domain, *dns1, *dns2, *ip6_dns1, *ip6_dns2, *custom_id;
    int64_t offering_id; /* 0: stays */
    struct opt_int private_mtu, public_mtu;
    struct opt_bool display;
};
void network_jobs_register(void);
void network_register_owned(void); /* network_owned.c */

/* network_physical_jobs.c: only in the database. */
struct physical_job_input {
    int64_t id;
    const char *state, *services, *vlan, *network_speed, *tags;
    const char *xen_label, *kvm_label, *vmware_label, *hyperv_label, *ovm3_label;
    struct opt_bool enabled;
};
extern const struct job_kind PHYSICAL_NETWORK_CREATE, PHYSICAL_NETWORK_UPDATE, PHYSICAL_NETWORK_DELETE,
    TRAFFIC_TYPE_ADD, TRAFFIC_TYPE_UPDATE, TRAFFIC_TYPE_DELETE, NETWORK_PROVIDER_ADD, NETWORK_PROVIDER_UPDATE,
    NETWORK_PROVIDER_DELETE, ROUTER_ELEMENT_CONFIGURE;

#endif
