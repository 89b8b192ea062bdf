/* SQL of capacities: a handful of sums for one place. */
#include "cloud/capacity/capacity_store.h"

#define WHY .scan_reason = "operators ask how full a place is"

/* ---- hosts and pools: of a zone, a pod or a cluster ---- */

FIELD_TABLE(HOST_SUMS, struct host_sums, COLUMN(struct host_sums, cpu_limit_mhz),
            COLUMN(struct host_sums, cpu_used_mhz), COLUMN(struct host_sums, memory_limit_mib),
            COLUMN(struct host_sums, memory_used_mib));
DB_STATEMENT(SUM_HOSTS, .name = "capacity.hosts",
             .sql = "SELECT CAST(COALESCE(SUM(cpu_limit_mhz), 0) AS SIGNED) AS cpu_limit_mhz,"
                    " CAST(COALESCE(SUM(cpu_used_mhz), 0) AS SIGNED) AS cpu_used_mhz,"
                    " CAST(COALESCE(SUM(memory_limit_mib), 0) AS SIGNED) AS memory_limit_mib,"
                    " CAST(COALESCE(SUM(memory_used_mib), 0) AS SIGNED) AS memory_used_mib"
                    " FROM host WHERE removed IS NULL AND state = 'Up'"
                    " AND (? = 0 OR zone_id = ?) AND (? = 0 OR pod_id = ?) AND (? = 0 OR cluster_id = ?)",
             .row = &HOST_SUMS, WHY);
FIELD_TABLE(POOL_SUMS, struct pool_sums, COLUMN(struct pool_sums, total_bytes), COLUMN(struct pool_sums, used_bytes),
            COLUMN(struct pool_sums, limit_bytes), COLUMN(struct pool_sums, allocated_bytes),
            COLUMN(struct pool_sums, local_total_bytes), COLUMN(struct pool_sums, local_allocated_bytes));
DB_STATEMENT(SUM_POOLS, .name = "capacity.pools",
             .sql = "SELECT CAST(COALESCE(SUM(IF(scope = 'HOST', 0, total_bytes)), 0) AS SIGNED) AS total_bytes,"
                    " CAST(COALESCE(SUM(IF(scope = 'HOST', 0, used_bytes)), 0) AS SIGNED) AS used_bytes,"
                    " CAST(COALESCE(SUM(IF(scope = 'HOST', 0, limit_bytes)), 0) AS SIGNED) AS limit_bytes,"
                    " CAST(COALESCE(SUM(IF(scope = 'HOST', 0, allocated_bytes)), 0) AS SIGNED) AS allocated_bytes,"
                    " CAST(COALESCE(SUM(IF(scope = 'HOST', limit_bytes, 0)), 0) AS SIGNED) AS local_total_bytes,"
                    " CAST(COALESCE(SUM(IF(scope = 'HOST', allocated_bytes, 0)), 0) AS SIGNED) AS local_allocated_bytes"
                    " FROM storage_pool WHERE removed IS NULL AND state = 'Up'"
                    " AND (? = 0 OR zone_id = ?) AND (? = 0 OR pod_id = ?) AND (? = 0 OR cluster_id = ?)",
             .row = &POOL_SUMS, WHY);

/* ---- image stores, addresses and segments: of a zone ---- */

FIELD_TABLE(STORE_SUMS, struct store_sums, COLUMN(struct store_sums, total_bytes),
            COLUMN(struct store_sums, used_bytes));
DB_STATEMENT(SUM_STORES, .name = "capacity.stores",
             .sql = "SELECT CAST(COALESCE(SUM(total_bytes), 0) AS SIGNED) AS total_bytes,"
                    " CAST(COALESCE(SUM(used_bytes), 0) AS SIGNED) AS used_bytes"
                    " FROM image_store WHERE removed IS NULL AND (? = 0 OR zone_id = ?)",
             .row = &STORE_SUMS, WHY);
FIELD_TABLE(ADDRESS_SUMS, struct address_sums, COLUMN(struct address_sums, public_total),
            COLUMN(struct address_sums, public_taken), COLUMN(struct address_sums, direct_total),
            COLUMN(struct address_sums, direct_taken));
#define TAKEN "(SELECT COUNT(*) FROM address a WHERE a.range_id = r.id AND a.in_use = 1)"
DB_STATEMENT(SUM_ADDRESSES, .name = "capacity.addresses",
             .sql = "SELECT CAST(COALESCE(SUM(IF(for_virtual_network, size, 0)), 0) AS SIGNED) AS public_total,"
                    " CAST(COALESCE(SUM(IF(for_virtual_network, taken, 0)), 0) AS SIGNED) AS public_taken,"
                    " CAST(COALESCE(SUM(IF(for_virtual_network, 0, size)), 0) AS SIGNED) AS direct_total,"
                    " CAST(COALESCE(SUM(IF(for_virtual_network, 0, taken)), 0) AS SIGNED) AS direct_taken"
                    " FROM (SELECT r.for_virtual_network, r.last_ip - r.first_ip + 1 AS size, " TAKEN
                    " AS taken FROM ip_range r"
                    " WHERE r.is_listed = 1 AND r.last_ip >= r.first_ip AND (? = 0 OR r.zone_id = ?)) ranges",
             .row = &ADDRESS_SUMS, WHY);
FIELD_TABLE(VLAN_SUMS, struct vlan_sums, COLUMN(struct vlan_sums, total), COLUMN(struct vlan_sums, taken));
#define OF_ZONE                                                                                                        \
    " JOIN physical_network p ON p.id = x.physical_network_id WHERE p.removed IS NULL AND (? = 0 OR p.zone_id = ?)"
DB_STATEMENT(SUM_VLANS, .name = "capacity.vlans",
             .sql = "SELECT CAST(COALESCE((SELECT SUM(x.last_id - x.first_id + 1) FROM segment_range x" OF_ZONE
                    "), 0) AS SIGNED) AS total, COALESCE((SELECT COUNT(*) FROM segment x" OF_ZONE
                    " AND x.network_id > 0), 0) AS taken",
             .row = &VLAN_SUMS, WHY);

bool capacity_store_sum(struct db *db, struct arena *arena, struct capacity_place place, struct capacity_sums *ret_sums,
                        struct error *err)
{
    struct db_value zone = db_int(place.zone_id), pod = db_int(place.pod_id), cluster = db_int(place.cluster_id);
    struct capacity_sums sums = {0};
    bool found;
    if (!db_query_one(db, &SUM_HOSTS, arena, &sums.hosts, &found, err, zone, zone, pod, pod, cluster, cluster) ||
        !db_query_one(db, &SUM_POOLS, arena, &sums.pools, &found, err, zone, zone, pod, pod, cluster, cluster))
        return false;
    bool whole_zone = place.pod_id == 0 && place.cluster_id == 0;
    if (whole_zone && (!db_query_one(db, &SUM_STORES, arena, &sums.stores, &found, err, zone, zone) ||
                       !db_query_one(db, &SUM_ADDRESSES, arena, &sums.addresses, &found, err, zone, zone) ||
                       !db_query_one(db, &SUM_VLANS, arena, &sums.vlans, &found, err, zone, zone, zone, zone)))
        return false;
    *ret_sums = sums;
    return true;
}
