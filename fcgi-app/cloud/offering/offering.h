/* Service offerings (CPU and memory) and disk offerings: what a tenant may choose. The smallest complete feature: copy
 * it. Cached in the process (cloud/cache, VERSION_CATALOGUE). */
#ifndef GURUM_CLOUD_OFFERING_H
#define GURUM_CLOUD_OFFERING_H

#include "api/api.h"

/* Limits on what a volume may do; 0: none. */
struct offering_disk_rates {
    int64_t bytes_read, bytes_read_max, bytes_read_max_s, bytes_write, bytes_write_max, bytes_write_max_s;
    int64_t iops_read, iops_read_max, iops_read_max_s, iops_write, iops_write_max, iops_write_max_s;
};

struct service_offering {
    int64_t id;
    const char *uuid, *name, *display_text, *state; /* "Active", "Inactive" */
    int64_t cpu_number, cpu_speed, memory_mib; /* 0: the tenant says (is_customized) */
    int64_t min_cpu_number, max_cpu_number, min_memory_mib, max_memory_mib; /* of a customized one; 0: no bound */
    const char *storage_type;      /* "shared", "local" */
    const char *provisioning_type; /* "thin", "sparse", "fat" */
    const char *cache_mode;        /* "none", "writeback", "writethrough", "hypervisor_default" */
    const char *storage_tags, *host_tags; /* "a,b" or NULL */
    const char *deployment_planner, *system_vm_type, *lease_expiry_action;
    const char *domain_ids,
        *zone_ids;                 /* "3,7": where it is offered; NULL: everywhere. See service_offering_is_offered. */
    int64_t disk_offering_id;      /* 0: the root disk follows this offering's own storage columns */
    int64_t root_disk_size_gib;    /* 0: the image's size */
    int64_t network_rate_mbits, sort_key, min_iops, max_iops, snapshot_reserve_percent, lease_duration_days;
    struct offering_disk_rates rates;
    bool is_customized, is_customized_iops, offer_ha, limit_cpu_use, is_volatile, is_system, is_default,
        dynamic_scaling, disk_strictness, encrypt_root, purge_resources;
    const char *details; /* see reply_pairs_of */
    struct opt_time created, removed;
};
struct disk_offering {
    int64_t id;
    const char *uuid, *name, *display_text, *state, *storage_type, *provisioning_type, *cache_mode, *storage_tags;
    const char *domain_ids, *zone_ids;
    int64_t disk_size_gib; /* 0: the tenant says (is_customized) */
    int64_t sort_key, min_iops, max_iops, snapshot_reserve_percent;
    struct offering_disk_rates rates;
    bool is_customized, is_customized_iops, display, encrypt, size_strictness;
    const char *details;
    struct opt_time created, removed;
};
/* ---- where an offering is offered; network offerings use it too ---- */

struct offering_places {
    const char *domain_ids, *zone_ids; /* "3,7"; NULL: everywhere */
};
/* May an account of `domain_path` use it in the zone (0: in some zone)? */
MUST_CHECK bool places_allow(struct db *db, struct arena *arena, struct offering_places places, const char *domain_path,
                             int64_t zone_id, bool *ret_allowed, struct error *err);
/* The nearest tenant domain above all places, "" for everybody: what object_found wants. */
MUST_CHECK bool places_common_path(struct db *db, struct arena *arena, struct offering_places places,
                                   const char **ret_path, struct error *err);
/* A domain admin manages what is offered below his own tenant domain only. Errors: DENIED "offering.not_yours". */
MUST_CHECK bool places_check_manager(struct db *db, struct arena *arena, struct offering_places places,
                                     const struct caller *caller, struct error *err);
/* As replies show them: uuids and names with commas, NULL for everywhere. */
struct places_text {
    const char *domain_ids, *domain_names, *zone_ids, *zone_names;
};
MUST_CHECK bool places_describe(struct db *db, struct arena *arena, struct offering_places places,
                                struct places_text *ret_text, struct error *err);
/* "3,7" of a list of references; NULL when it is empty. */
const char *places_of_refs(struct arena *arena, const struct ref_list *refs);
/* The update commands' text: ids with commas, or `everywhere` ("public", "all"). Each id is resolved for the caller. */
MUST_CHECK bool places_of_text(struct api_call *call, const char *kind, const char *param, const char *everywhere,
                               const char *text, const char **ret_ids, struct error *err);
/* The numbers of "3,7". */
int64_t *places_ids(struct arena *arena, const char *ids, size_t *ret_count);

/* From the cache; NULL: none or deleted. Deleted ones are still found by …_any (VMs keep them). */
MUST_CHECK bool service_offering_find(struct db *db, struct arena *arena, int64_t id,
                                      const struct service_offering **ret_offering, struct error *err);
MUST_CHECK bool service_offering_find_any(struct db *db, struct arena *arena, int64_t id,
                                          const struct service_offering **ret_offering, struct error *err);
MUST_CHECK bool disk_offering_find(struct db *db, struct arena *arena, int64_t id,
                                   const struct disk_offering **ret_offering, struct error *err);
MUST_CHECK bool disk_offering_find_any(struct db *db, struct arena *arena, int64_t id,
                                       const struct disk_offering **ret_offering, struct error *err);

/* May an account below `domain_path` use it in that zone (0: in some zone)? False also for inactive ones. */
MUST_CHECK bool service_offering_is_offered(struct db *db, struct arena *arena, const struct service_offering *offering,
                                            const char *domain_path, int64_t zone_id, bool *ret_offered,
                                            struct error *err);
MUST_CHECK bool disk_offering_is_offered(struct db *db, struct arena *arena, const struct disk_offering *offering,
                                         const char *domain_path, int64_t zone_id, bool *ret_offered,
                                         struct error *err);

/* What a VM gets: the offering's numbers, or for a customized one the tenant's (details cpuNumber, cpuSpeed, memory; 0:
 * not given). Errors: INVALID_VALUE (missing, out of the offering's range, given although fixed). */
struct compute_size { int64_t cpu_number, cpu_speed_mhz, memory_mib; };
MUST_CHECK bool service_offering_size(const struct service_offering *offering, const struct compute_size *wanted,
                                      struct compute_size *ret_size, struct error *err);

void offering_register(void); /* commands; kinds service_offering, disk_offering */

#endif
