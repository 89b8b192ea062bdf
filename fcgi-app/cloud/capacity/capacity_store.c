/* SQL of capacities: a handful of sums for one place. */
#include "cloud/capacity/capacity_store.h"

#define SUM_COLUMN(c) COLUMN(struct capacity_sums, c)
#define WHY .scan_reason = "operators ask how full a place is"

/* ---- hosts and pools: of a zone, a pod or a cluster ---- */

FIELD_TABLE(HOST_SUMS, struct capacity_sums, SUM_COLUMN(cpu_limit_mhz), SUM_COLUMN(cpu_used_mhz), SUM_COLUMN(cpu_cores),
            SUM_COLUMN(memory_limit_mib), SUM_COLUMN(memory_used_mib));
DB_STATEMENT(SUM_HOSTS, .name = "capacity.hosts",
             .sql = "SELECT CAST(COALESCE(SUM(cpu_limit_mhz), 0) AS SIGNED) AS cpu_limit_mhz,"
                    " CAST(COALESCE(SUM(cpu_used_mhz), 0) AS SIGNED) AS cpu_used_mhz,"
                    " CAST(COALESCE(SUM(cpu_cores), 0) AS SIGNED) AS cpu_cores,"
                    " CAST(COALESCE(SUM(memory_limit_mib), 0) AS SIGNED) AS memory_limit_mib,"
                    " CAST(COALESCE(SUM(memory_used_mib), 0) AS SIGNED) AS memory_used_mib"
                    " FROM host WHERE removed IS NULL AND state = 'Up'"
                    " AND (? = 0 OR zone_id = ?) AND (? = 0 OR pod_id = ?) AND (? = 0 OR cluster_id = ?)",
             .row = &HOST_SUMS, WHY);
FIELD_TABLE(POOL_SUMS, struct capacity_sums, SUM_COLUMN(pool_total_bytes), SUM_COLUMN(pool_used_bytes), SUM_COLUMN(pool_limit_bytes),
            SUM_COLUMN(pool_allocated_bytes), SUM_COLUMN(local_total_bytes), SUM_COLUMN(local_allocated_bytes));
DB_STATEMENT(SUM_POOLS, .name = "capacity.pools",
             .sql = "SELECT CAST(COALESCE(SUM(IF(scope = 'HOST', 0, total_bytes)), 0) AS SIGNED) AS pool_total_bytes,"
                    " CAST(COALESCE(SUM(IF(scope = 'HOST', 0, used_bytes)), 0) AS SIGNED) AS pool_used_bytes,"
                    " CAST(COALESCE(SUM(IF(scope = 'HOST', 0, limit_bytes)), 0) AS SIGNED) AS pool_limit_bytes,"
                    " CAST(COALESCE(SUM(IF(scope = 'HOST', 0, allocated_bytes)), 0) AS SIGNED) AS pool_allocated_bytes,"
                    " CAST(COALESCE(SUM(IF(scope = 'HOST', limit_bytes, 0)), 0) AS SIGNED) AS local_total_bytes,"
                    " CAST(COALESCE(SUM(IF(scope = 'HOST', allocated_bytes, 0)), 0) AS SIGNED) AS local_allocated_bytes"
                    " FROM storage_pool WHERE removed IS NULL AND state = 'Up'"
                    " AND (? = 0 OR zone_id = ?) AND (? = 0 OR pod_id = ?) AND (? = 0 OR cluster_id = ?)",
             .row = &POOL_SUMS, WHY);

/* ---- image stores, addresses and segments: of a zone ---- */

FIELD_TABLE(STORE_SUMS, struct capacity_sums, SUM_COLUMN(store_total_bytes), SUM_COLUMN(store_used_bytes));
DB_STATEMENT(SUM_STORES, .name = "capacity.stores",
             .sql = "SELECT CAST(COALESCE(SUM(total_bytes), 0) AS SIGNED) AS store_total_bytes,"
                    " CAST(COALESCE(SUM(used_bytes), 0) AS SIGNED) AS store_used_bytes"
                    " FROM image_store WHERE removed IS NULL AND (? = 0 OR zone_id = ?)",
             .row = &STORE_SUMS, WHY);
FIELD_TABLE(ADDRESS_SUMS, struct capacity_sums, SUM_COLUMN(public_total), SUM_COLUMN(public_taken), SUM_COLUMN(direct_total),
            SUM_COLUMN(direct_taken));
#define TAKEN "(SELECT COUNT(*) FROM address a WHERE a.range_id = r.id AND a.in_use = 1)"
DB_STATEMENT(SUM_ADDRESSES, .name = "capacity.addresses",
             .sql = "SELECT CAST(COALESCE(SUM(IF(for_virtual_network, size, 0)), 0) AS SIGNED) AS public_total,"
                    " CAST(COALESCE(SUM(IF(for_virtual_network, taken, 0)), 0) AS SIGNED) AS public_taken,"
                    " CAST(COALESCE(SUM(IF(for_virtual_network, 0, size)), 0) AS SIGNED) AS direct_total,"
                    " CAST(COALESCE(SUM(IF(for_virtual_network, 0, taken)), 0) AS SIGNED) AS direct_taken"
                    " FROM (SELECT r.for_virtual_network, r.last_ip - r.first_ip + 1 AS size, " TAKEN " AS taken FROM ip_range r"
                    " WHERE r.is_listed = 1 AND r.last_ip >= r.first_ip AND (? = 0 OR r.zone_id = ?)) ranges",
             .row = &ADDRESS_SUMS, WHY);
FIELD_TABLE(VLAN_SUMS, struct capacity_sums, SUM_COLUMN(vlan_total), SUM_COLUMN(vlan_taken));
#define OF_ZONE " JOIN physical_network p ON p.id = x.physical_network_id WHERE p.removed IS NULL AND (? = 0 OR p.zone_id = ?)"
DB_STATEMENT(SUM_VLANS, .name = "capacity.vlans",
             .sql = "SELECT (SELECT CAST(COALESCE(SUM(x.last_id - x.first_id + 1), 0) AS SIGNED) FROM segment_range x" OF_ZONE
                    ") AS vlan_total, (SELECT COUNT(*) FROM segment x" OF_ZONE " AND x.network_id > 0) AS vlan_taken",
             .row = &VLAN_SUMS, WHY);

bool capacity_store_sum(struct db *db, struct arena *arena, struct capacity_place place, struct capacity_sums *ret_sums, struct error *err)
{
    struct db_value zone = db_int(place.zone_id), pod = db_int(place.pod_id), cluster = db_int(place.cluster_id);
    struct capacity_sums sums = {0};
    bool found;
    if (!db_query_one(db, &SUM_HOSTS, arena, &sums, &found, err, zone, zone, pod, pod, cluster, cluster) ||
        !db_query_one(db, &SUM_POOLS, arena, &sums, &found, err, zone, zone, pod, pod, cluster, cluster))
        return false;
    bool whole_zone = place.pod_id == 0 && place.cluster_id == 0;
    if (whole_zone && (!db_query_one(db, &SUM_STORES, arena, &sums, &found, err, zone, zone) ||
                       !db_query_one(db, &SUM_ADDRESSES, arena, &sums, &found, err, zone, zone) ||
                       !db_query_one(db, &SUM_VLANS, arena, &sums, &found, err, zone, zone, zone, zone)))
        return false;
    *ret_sums = sums;
    return true;
}
