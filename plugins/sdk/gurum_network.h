/* Plugin kind "network provider": networks, their segments on hosts, and the services inside them. */
#ifndef GURUM_NETWORK_H
#define GURUM_NETWORK_H

#include "gurum_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the provider can do for a network; the services are also the bits of gurum_service_spec.services. */
#define GURUM_SERVICE_DHCP (UINT64_C(1) << 0)
#define GURUM_SERVICE_DNS (UINT64_C(1) << 1)
#define GURUM_SERVICE_METADATA (UINT64_C(1) << 2) /* user data, metadata, passwords, keys */
#define GURUM_SERVICE_SOURCE_NAT (UINT64_C(1) << 3)
#define GURUM_SERVICE_STATIC_NAT (UINT64_C(1) << 4)
#define GURUM_SERVICE_PORT_FORWARDING (UINT64_C(1) << 5)
#define GURUM_SERVICE_FIREWALL (UINT64_C(1) << 6)
#define GURUM_SERVICE_BALANCER (UINT64_C(1) << 7)
#define GURUM_SERVICE_ROUTING (UINT64_C(1) << 8)
#define GURUM_NETWORK_SEGMENTS (UINT64_C(1) << 16) /* host_network_*: something must be made on each host */
#define GURUM_NETWORK_TRAFFIC (UINT64_C(1) << 17)  /* traffic_observe */
/* network_ensure picks the id or handle itself (NSX, switches) */
#define GURUM_NETWORK_GIVES_ISOLATION_ID (UINT64_C(1) << 18)
#define GURUM_NETWORK_PHYSICAL_PORTS                                                                                   \
    (UINT64_C(1) << 19) /* segments are switch ports, found by host details (bare metal) */
/* The services run on every host with a segment: service_apply and service_observe are called for each of them, with
 * `host` set. */
#define GURUM_NETWORK_SERVICES_ON_HOSTS (UINT64_C(1) << 20)
/* There is no provider but the hosts: each keeps its networks itself (libvirt). Every slot is called for one host,
 * provider.via_host; SEGMENTS and SERVICES_ON_HOSTS come with it. */
#define GURUM_NETWORK_ON_HOSTS (UINT64_C(1) << 21)
#define GURUM_NETWORK_VLAN (UINT64_C(1) << 24) /* isolation methods it knows */
#define GURUM_NETWORK_VXLAN (UINT64_C(1) << 25)
#define GURUM_NETWORK_GRE (UINT64_C(1) << 26)

struct gurum_provider {
    uint32_t size;
    uint32_t reserved;
    const char *uuid;
    const char *name;
    const char *url; /* of a controller, or NULL */
    const char *zone_uuid;
    const char *physical_network_uuid;
    struct gurum_array details;        /* struct gurum_detail */
    const struct gurum_host *via_host; /* with ON_HOSTS: the host that the call is about; else NULL */
};

struct gurum_provider_spec {
    uint32_t size;
    uint32_t flags;
    const struct gurum_provider *provider;
};

enum gurum_network_type {
    GURUM_NETWORK_ISOLATED = 1,
    GURUM_NETWORK_SHARED = 2,
    GURUM_NETWORK_L2 = 3,
    GURUM_NETWORK_TIER = 4
};

struct gurum_network {
    uint32_t size;
    uint32_t type; /* enum gurum_network_type */
    const char *uuid;
    const char *name;
    const char *handle;        /* as reported, or NULL */
    const char *account_uuid;  /* or NULL */
    const char *vpc_uuid;      /* or NULL */
    const char *traffic_label; /* operator's name of the physical side on hosts, or NULL */
    uint32_t isolation;        /* enum gurum_isolation */
    uint32_t isolation_id;     /* VLAN tag or VNI; 0 = untagged or the provider's choice */
    const char *ipv4_cidr;     /* or NULL (L2); the next ones too */
    const char *ipv4_gateway;
    const char *ipv6_cidr;
    const char *ipv6_gateway;
    const char *dns1;
    const char *dns2;
    const char *search_domain;
    uint32_t mtu;               /* 0 = default */
    uint32_t rate_mbits_second; /* 0 = unlimited */
    struct gurum_array details; /* struct gurum_detail */
};

struct gurum_network_spec {
    uint32_t size;
    uint32_t flags;
    const struct gurum_provider *provider;
    const struct gurum_network *network;
};

struct gurum_host_network_spec {
    uint32_t size;
    uint32_t flags;
    const struct gurum_provider *provider;
    const struct gurum_network *network;
    const struct gurum_host *host;
    struct gurum_array
        peers; /* struct gurum_peer: the other hosts with a segment of it, for tunnels without multicast */
};

struct gurum_peer {
    const char *host_uuid;
    const char *address;
};

/* ---- Wanted state of the services of one network --------------------------------------------------------------- */

struct gurum_public_address {
    const char *uuid;
    const char *ipv4;
    const char *ipv4_netmask;
    const char *ipv4_gateway;
    uint32_t vlan; /* 0 = untagged */
    uint8_t is_source_nat;
    uint8_t reserved[3];
    const char *static_nat_ipv4; /* guest's address that it stands for, or NULL */
};

struct gurum_lease {
    const char *nic_uuid;
    const char *guest_uuid;
    const char *mac;
    const char *ipv4;
    const char *ipv6;     /* or NULL */
    const char *hostname; /* or NULL */
    uint8_t is_default;   /* hand out gateway and DNS */
    uint8_t reserved[7];
};

struct gurum_dns_record {
    const char *name;
    const char *address;
};

enum gurum_direction { GURUM_INGRESS = 1, GURUM_EGRESS = 2 };
enum gurum_protocol {
    GURUM_PROTOCOL_ANY = 0,
    GURUM_PROTOCOL_ICMP = 1,
    GURUM_PROTOCOL_TCP = 6,
    GURUM_PROTOCOL_UDP = 17
};

struct gurum_firewall_rule {
    const char *uuid;
    const char *public_ipv4;  /* INGRESS: the address it guards, or NULL for all of the network */
    const char *source_cidrs; /* "10.0.0.0/8,…" */
    const char *target_cidrs; /* or NULL */
    uint32_t direction;       /* enum gurum_direction */
    uint32_t protocol;        /* number of IANA's table; 0 = any */
    int32_t port_first;       /* ICMP: type, -1 = any */
    int32_t port_last;        /* ICMP: code, -1 = any */
    uint32_t order;           /* lower first */
    uint8_t allow;
    uint8_t reserved[3];
};

struct gurum_forwarding {
    const char *uuid;
    const char *public_ipv4;
    const char *guest_ipv4;
    uint32_t protocol;
    uint16_t public_port_first;
    uint16_t public_port_last;
    uint16_t guest_port_first;
    uint16_t guest_port_last;
    uint32_t reserved;
};

struct gurum_balancer {
    const char *uuid;
    const char *public_ipv4;
    const char *algorithm;  /* "roundrobin", "leastconn", "source" */
    const char *stickiness; /* method with parameters as JSON, or NULL */
    uint32_t protocol;
    uint16_t public_port;
    uint16_t guest_port;
    const char *health_check; /* path of an HTTP check, or NULL for a connection check */
};

struct gurum_balancer_member {
    const char *balancer_uuid;
    const char *guest_uuid;
    const char *guest_ipv4;
    uint16_t port;
    uint16_t weight;
    uint32_t reserved;
};

struct gurum_route {
    const char *cidr;
    const char *next_hop;
};

/* What a guest may read about itself at its metadata service. */
struct gurum_metadata {
    const char *guest_uuid;
    const char *guest_ipv4;
    const char *name;  /* "user-data", "local-hostname", "public-keys", "password" … */
    const char *value; /* bytes */
    uint64_t value_length;
};

struct gurum_service_spec {
    uint32_t size;
    uint32_t flags;
    const struct gurum_provider *provider;
    const struct gurum_network *network;
    const struct gurum_host *host;  /* with SERVICES_ON_HOSTS: where to apply; else where the appliance runs, or NULL */
    uint64_t services;              /* GURUM_SERVICE_… bits wanted; a service not among them is to be switched off */
    uint64_t revision;              /* rises with every change of the wanted state */
    struct gurum_array addresses;   /* struct gurum_public_address */
    struct gurum_array leases;      /* struct gurum_lease; with SERVICES_ON_HOSTS: of that host's guests only */
    struct gurum_array dns_records; /* struct gurum_dns_record; of the whole network */
    struct gurum_array firewall_rules;   /* struct gurum_firewall_rule */
    struct gurum_array forwardings;      /* struct gurum_forwarding */
    struct gurum_array balancers;        /* struct gurum_balancer */
    struct gurum_array balancer_members; /* struct gurum_balancer_member */
    struct gurum_array routes;           /* struct gurum_route */
    struct gurum_array metadata;         /* struct gurum_metadata */
};

/* ---- Items ----------------------------------------------------------------------------------------------------- */

enum gurum_network_state {
    GURUM_NETWORK_ABSENT = 1,
    GURUM_NETWORK_UP = 2,
    GURUM_NETWORK_PARTIAL = 3,
    GURUM_NETWORK_BROKEN = 4
};

struct gurum_provider_report {
    struct gurum_item item; /* GURUM_ITEM_PROVIDER */
    const char *version;    /* or NULL */
    const char *detail;     /* or NULL */
    uint64_t networks_most; /* 0 = no limit known */
};

struct gurum_network_report {
    struct gurum_item item; /* GURUM_ITEM_NETWORK */
    const char *uuid;       /* NULL in network_list: not ours */
    const char *handle;     /* kept and handed back; or NULL */
    uint32_t state;         /* enum gurum_network_state */
    uint32_t isolation_id;  /* in use */
    const char *detail;     /* why not UP; or NULL */
};

struct gurum_segment_report {
    struct gurum_item item; /* GURUM_ITEM_SEGMENT */
    const char *network_uuid;
    const char *host_uuid;
    const char *handle; /* bridge, port group or switch port: given to the hypervisor with each NIC */
    uint32_t mtu;       /* that guests must use */
    uint32_t reserved;
};

/* One for each service asked for. */
struct gurum_service_report {
    struct gurum_item item; /* GURUM_ITEM_SERVICE */
    const char *network_uuid;
    uint64_t service;  /* one GURUM_SERVICE_… bit */
    uint64_t revision; /* that is in force; smaller than the one asked for while it is PARTIAL */
    uint32_t state;    /* enum gurum_network_state */
    uint32_t reserved;
    const char *detail; /* why not UP; or NULL */
};

/* Counters; they may begin anew. */
struct gurum_traffic {
    struct gurum_item item; /* GURUM_ITEM_TRAFFIC */
    const char *network_uuid;
    const char *public_ipv4; /* NULL: of the network as a whole */
    uint64_t in_bytes;
    uint64_t out_bytes;
    int64_t since_ms; /* counted since, Unix time: a new value says that it began anew */
};

/* ---- Operations ------------------------------------------------------------------------------------------------ */

struct gurum_network_operations {
    uint32_t size;
    uint32_t reserved;

    /* Looks without changing. Reports PROVIDER once and CHECKs; failed checks are still OK. */
    int32_t (*provider_probe)(struct gurum_call *call, const struct gurum_provider_spec *spec);
    /* Makes the network exist at the provider with the settings given; exists with others: changes it, or CONFLICT
     * when it cannot. An isolation id taken by another network: CONFLICT. Reports NETWORK. */
    int32_t (*network_ensure)(struct gurum_call *call, const struct gurum_network_spec *spec);
    /* Reports NETWORK once, ABSENT included. */
    int32_t (*network_observe)(struct gurum_call *call, const struct gurum_network_spec *spec);
    /* Reports NETWORK for each; those that are not ours with uuid NULL. */
    int32_t (*network_list)(struct gurum_call *call, const struct gurum_provider_spec *spec);
    /* Makes the network absent with its services and segments. NICs of guests still in it: CONFLICT. Absent: OK. */
    int32_t (*network_remove)(struct gurum_call *call, const struct gurum_network_spec *spec);

    /* Makes the network reachable on a host and knows the peers. Network absent: NOT_FOUND. Reports SEGMENT. */
    int32_t (*host_network_ensure)(struct gurum_call *call, const struct gurum_host_network_spec *spec);
    /* Takes the segment from the host. NICs still in it: CONFLICT. Absent: OK. */
    int32_t (*host_network_remove)(struct gurum_call *call, const struct gurum_host_network_spec *spec);

    /* Brings all services of the network to the state given: what is not in the arrays is to be gone. A revision
     * older than the one in force changes nothing and is OK. Reports SERVICE for each service asked for. The network
     * absent, or without a segment on the host: NOT_FOUND. */
    int32_t (*service_apply)(struct gurum_call *call, const struct gurum_service_spec *spec);
    /* Reports SERVICE for each service that is on; arrays are empty. Network absent: nothing, OK. */
    int32_t (*service_observe)(struct gurum_call *call, const struct gurum_service_spec *spec);
    /* Reports TRAFFIC for the network and for each public address. Network absent: nothing, OK. */
    int32_t (*traffic_observe)(struct gurum_call *call, const struct gurum_network_spec *spec);
};

#define GURUM_SERVICE_ALL ((UINT64_C(1) << 9) - 1)

#define GURUM_NETWORK_SLOTS(X)                                                                                         \
    X(provider_probe, gurum_provider_spec, 0)                                                                          \
    X(network_ensure, gurum_network_spec, 0)                                                                           \
    X(network_observe, gurum_network_spec, 0)                                                                          \
    X(network_list, gurum_provider_spec, 0)                                                                            \
    X(network_remove, gurum_network_spec, 0)                                                                           \
    X(host_network_ensure, gurum_host_network_spec, GURUM_NETWORK_SEGMENTS | GURUM_NETWORK_PHYSICAL_PORTS)             \
    X(host_network_remove, gurum_host_network_spec, GURUM_NETWORK_SEGMENTS | GURUM_NETWORK_PHYSICAL_PORTS)             \
    X(service_apply, gurum_service_spec, GURUM_SERVICE_ALL)                                                            \
    X(service_observe, gurum_service_spec, GURUM_SERVICE_ALL)                                                          \
    X(traffic_observe, gurum_network_spec, GURUM_NETWORK_TRAFFIC)

#ifdef __cplusplus
}
#endif
#endif
