/* The physical side, for this feature's own files: physical networks, traffic types, providers and the virtual routers'
 * elements. Small tables, cached (cloud/cache). */
#ifndef GURUM_CLOUD_NETWORK_PHYSICAL_H
#define GURUM_CLOUD_NETWORK_PHYSICAL_H

#include "cloud/network/network.h"

struct physical_network {
    int64_t id;
    const char *uuid, *name, *broadcast_domain_range; /* "ZONE", "POD" */
    const char *isolation_methods;                    /* "VLAN", "VXLAN", "VLAN,VXLAN"; NULL: VLAN */
    const char *network_speed, *state /* "Enabled", "Disabled" */, *vlan /* "100-200,300-400" */, *tags;
    int64_t zone_id, domain_id;
    struct opt_time created;
};
struct traffic_type {
    int64_t id;
    const char *uuid, *traffic_type, *isolation_method, *vlan, *xen_label, *kvm_label, *vmware_label, *hyperv_label,
        *ovm3_label;
    int64_t physical_network_id;
    struct opt_time created;
};
struct network_provider {
    int64_t id;
    const char *uuid, *name, *state, *services; /* "Dhcp,Dns" */
    int64_t physical_network_id, destination_physical_network_id;
    struct opt_time created;
};
struct virtual_router_element {
    int64_t id;
    const char *uuid;
    int64_t provider_id;
    bool enabled;
};

/* ---- network_physical_store.c ---- */

/* From the cache: by id, or by uuid when it is not NULL; NULL in *ret_row: none. …_all: every row by ascending id. */
#define PHYSICAL_READERS(name)                                                                                         \
    MUST_CHECK bool name##_find(struct db *db, struct arena *arena, int64_t id, const char *uuid,                      \
                                const struct name **ret_row, struct error *err);                                       \
    MUST_CHECK bool name##_all(struct db *db, struct arena *arena, const struct name **ret_rows, size_t *ret_count,    \
                               struct error *err);                                                                     \
    MUST_CHECK bool name##_store_add(struct db *db, const struct name *row, int64_t *ret_id, struct error *err);       \
    MUST_CHECK bool name##_store_update(struct db *db, const struct name *row, struct error *err);                     \
    MUST_CHECK bool name##_store_remove(struct db *db, int64_t id, struct error *err);
PHYSICAL_READERS(physical_network)
PHYSICAL_READERS(traffic_type)
PHYSICAL_READERS(network_provider)
PHYSICAL_READERS(virtual_router_element)
#undef PHYSICAL_READERS

/* Holds the physical network until COMMIT. Errors: INVALID_VALUE "network.physical_gone". */
MUST_CHECK bool physical_network_hold(struct db *db, int64_t id, struct error *err);
/* Networks that are not removed: of one traffic type, or (NULL) of all. */
MUST_CHECK bool physical_network_count_networks(struct db *db, struct arena *arena, int64_t id,
                                                const char *traffic_type, int64_t *ret_count, struct error *err);

struct segment_range {
    int64_t id, first_id, last_id, next_id;
};
enum { SEGMENT_RANGES_MAX = 256 };
MUST_CHECK bool segment_ranges(struct db *db, struct arena *arena, int64_t physical_network_id,
                               struct db_rows *ret_ranges, struct error *err);
/* The ranges become exactly these. next_id of a range that stays the same stays; segments that were given back and lie
 * outside are forgotten. Errors: IN_USE "network.segment_in_use" (a network has a segment outside). */
MUST_CHECK bool segment_ranges_replace(struct db *db, struct arena *arena, int64_t physical_network_id,
                                       const struct segment_range *wanted, size_t count, struct error *err);
/* A free segment for a network. Errors: INSUFFICIENT_CAPACITY "network.no_segment". */
MUST_CHECK bool segment_take(struct db *db, struct arena *arena, int64_t physical_network_id, int64_t network_id,
                             int64_t *ret_segment, struct error *err);
/* Exactly this one. Errors: INVALID_VALUE "network.vlan_taken". */
MUST_CHECK bool segment_take_exactly(struct db *db, struct arena *arena, int64_t physical_network_id,
                                     int64_t network_id, int64_t segment, struct error *err);
/* Gives the network's segment back, if it has one; repeating is harmless. */
MUST_CHECK bool segment_release(struct db *db, int64_t physical_network_id, int64_t network_id, struct error *err);

/* ---- network_physical_service.c ---- */

/* Creations write the uuid into ret_uuid (37 bytes, may be NULL).
 * Adds the row, its segment ranges; providers come with physical_network_complete, in the job. Errors: INVALID_VALUE.
 */
MUST_CHECK bool physical_network_create(struct db *db, struct arena *arena, const struct physical_network *wish,
                                        int64_t *ret_id, char *ret_uuid, struct error *err);
MUST_CHECK bool physical_network_complete(struct db *db, struct arena *arena, int64_t id, struct error *err);
struct physical_network_update {
    int64_t id;
    const char *network_speed, *state, *vlan, *tags; /* NULL: stays */
};
MUST_CHECK bool physical_network_change(struct db *db, struct arena *arena,
                                        const struct physical_network_update *update, struct error *err);
/* Takes it away with its traffic types, providers and system networks. Errors: IN_USE. */
MUST_CHECK bool physical_network_drop(struct db *db, struct arena *arena, int64_t id, struct error *err);

MUST_CHECK bool traffic_type_create(struct db *db, struct arena *arena, const struct traffic_type *wish,
                                    int64_t *ret_id, char *ret_uuid, struct error *err);
/* Makes the system network that public, management and storage traffic need. */
MUST_CHECK bool traffic_type_complete(struct db *db, struct arena *arena, int64_t id, struct error *err);
MUST_CHECK bool traffic_type_change(struct db *db, struct arena *arena, const struct traffic_type *labels,
                                    struct error *err); /* NULL label: stays */
MUST_CHECK bool traffic_type_drop(struct db *db, struct arena *arena, int64_t id, struct error *err);
/* The zone's physical network that carries a traffic type; 0: none. *ret_several: more than one does. */
MUST_CHECK bool traffic_type_find_carrier(struct db *db, struct arena *arena, int64_t zone_id, const char *traffic_type,
                                          int64_t *ret_id, bool *ret_several, struct error *err);

MUST_CHECK bool network_provider_create(struct db *db, struct arena *arena, const struct network_provider *wish,
                                        int64_t *ret_id, char *ret_uuid, struct error *err);
MUST_CHECK bool network_provider_change(struct db *db, struct arena *arena, int64_t id, const char *state,
                                        const char *services, struct error *err);
MUST_CHECK bool network_provider_drop(struct db *db, struct arena *arena, int64_t id, struct error *err);
MUST_CHECK bool virtual_router_element_set(struct db *db, struct arena *arena, int64_t id, bool enabled,
                                           struct error *err);
/* The provider of that name on a physical network; NULL: none. */
MUST_CHECK bool network_provider_named(struct db *db, struct arena *arena, int64_t physical_network_id,
                                       const char *name, const struct network_provider **ret_provider,
                                       struct error *err);
/* "VLAN" or "VXLAN": how guest networks on it are kept apart. */
bool physical_network_is_vxlan(const struct physical_network *physical);

/* ---- network_words.c (pure) ---- */

/* "100-200,300-400" or "100" → ranges by ascending first id; at most SEGMENT_RANGES_MAX. Errors: INVALID_VALUE. */
MUST_CHECK bool segment_ranges_parse(struct arena *arena, const char *text, bool vxlan,
                                     struct segment_range **ret_ranges, size_t *ret_count, struct error *err);
enum { VLAN_TAG_MAX = 4094, VNI_MAX = (1 << 24) - 1 };
/* "untagged", "101", "vlan://101", "vxlan://5000" → tag (0: untagged). Errors: INVALID_VALUE "network.bad_vlan". */
MUST_CHECK bool network_parse_vlan(const char *text, int64_t *ret_tag, struct error *err);
/* Canonical spelling ("Guest", "Public", "Management", "Storage", "Control"); NULL: unknown word. */
const char *network_traffic_word(const char *text);
const char *network_guest_type_word(const char *text); /* "Isolated", "Shared", "L2" */
const char *network_state_word(const char *text);      /* "Enabled", "Disabled" */

struct network_service_info {
    const char *name, *providers; /* "VirtualRouter,VpcVirtualRouter" */
    struct {
        const char *name, *value;
        bool can_choose;
    } capabilities[8];
};
enum { NETWORK_SERVICES_MAX = 13 };
extern const struct network_service_info NETWORK_SERVICES[NETWORK_SERVICES_MAX];
/* By name, ignoring case; NULL: unknown. */
const struct network_service_info *network_service_find(const char *name);
/* What a provider offers, "Dhcp,Dns"; NULL: no such provider. */
const char *network_provider_services(struct arena *arena, const char *provider);
bool network_provider_has_element(const char *provider);
/* Providers that each physical network gets. */
extern const char *const NETWORK_PROVIDERS[];
/* The canonical spelling of a provider; NULL: unknown. */
const char *network_provider_word(const char *name);
/* Is `item` among "a,b", ignoring case? */
bool network_list_has(const char *list, const char *item);

#endif
