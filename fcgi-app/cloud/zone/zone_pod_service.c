/* Rules of pods and clusters. */
#include "base/clock.h"
#include "base/ip4.h"
#include "base/setting.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/zone/zone_service.h"

SETTING(CPU_OVERPROVISIONING_FACTOR, .name = "cpu.overprovisioning.factor", .category = "Advanced",
        .default_value = "1.0", .help = "how much more CPU is promised on a host than it has", .type = SETTING_DOUBLE,
        .scopes = SCOPE_GLOBAL | SCOPE_CLUSTER, .min = 1, .max = 100);
SETTING(MEM_OVERPROVISIONING_FACTOR, .name = "mem.overprovisioning.factor", .category = "Advanced",
        .default_value = "1.0", .help = "how much more memory is promised on a host than it has",
        .type = SETTING_DOUBLE, .scopes = SCOPE_GLOBAL | SCOPE_CLUSTER, .min = 1, .max = 100);

static bool bad_address(struct error *err, const char *what, const char *value)
{
    return error_with(err, ERROR_INVALID_VALUE, "zone.bad_address", E_TEXT("parameter", what),
                      E_TEXT("value", value ? value : ""));
}

/* The range of the cloud's own machines is optional; with one, gateway and netmask say where it lies. */
static bool check_pod(const struct pod *pod, struct error *err)
{
    uint32_t gateway, start, end;
    unsigned bits;
    if (string_is_empty(pod->name))
        return error_set(err, ERROR_INVALID_VALUE, "zone.name_empty");
    if (!pod->gateway && !pod->netmask && !pod->start_ip && !pod->end_ip)
        return true;
    const char *end_ip = pod->end_ip ? pod->end_ip : pod->start_ip;
    if (!ip4_parse(pod->gateway, &gateway))
        return bad_address(err, "gateway", pod->gateway);
    if (!ip4_parse_netmask(pod->netmask, &bits))
        return bad_address(err, "netmask", pod->netmask);
    if (!pod->start_ip)
        return true;
    if (!ip4_parse(pod->start_ip, &start))
        return bad_address(err, "startip", pod->start_ip);
    if (!ip4_parse(end_ip, &end))
        return bad_address(err, "endip", pod->end_ip);
    struct ip4_network network = {.address = gateway & ip4_mask(bits), .bits = bits};
    if (start > end || !ip4_contains(network, start) || !ip4_contains(network, end) ||
        (gateway >= start && gateway <= end))
        return error_set(err, ERROR_INVALID_VALUE, "zone.bad_range");
    return true;
}

static bool name_taken(struct error *err, const char *name)
{
    if (err && err->kind == ERROR_IN_USE)
        return error_with(err, ERROR_INVALID_VALUE, "zone.name_taken", E_TEXT("name", name));
    return false;
}

struct pod_change {
    const struct pod *row;
    int64_t id;
};

static bool create_pod(struct db *db, void *context, struct error *err)
{
    struct pod_change *change = context;
    return zone_hold(db, change->row->zone_id, err) && pod_store_add(db, change->row, &change->id, err);
}

static bool update_pod(struct db *db, void *context, struct error *err)
{
    const struct pod_change *change = context;
    return pod_hold(db, change->row->id, err) && pod_store_update(db, change->row, err);
}

bool pod_create(struct db *db, const struct pod *wish, int64_t *ret_id, struct error *err)
{
    char uuid[UUID_BYTES];
    struct pod row = *wish;
    struct pod_change change = {.row = &row};
    if (!check_pod(wish, err))
        return false;
    uuid_random(uuid);
    row.id = 0;
    row.uuid = uuid;
    row.end_ip = wish->end_ip ? wish->end_ip : wish->start_ip;
    row.created = OPT_TIME(clock_now_ms());
    if (!db_transaction(db, create_pod, &change, err))
        return name_taken(err, wish->name);
    *ret_id = change.id;
    return true;
}

bool pod_update(struct db *db, const struct pod *changed, struct error *err)
{
    struct pod_change change = {.row = changed};
    if (!check_pod(changed, err))
        return false;
    return db_transaction(db, update_pod, &change, err) || name_taken(err, changed->name);
}

/* ---- clusters ---- */

static bool one_of(struct error *err, const char *what, const char *value, const char *a, const char *b,
                   const char **ret_value)
{
    if (string_equal_ignoring_case(value, a) || string_equal_ignoring_case(value, b)) {
        *ret_value = string_equal_ignoring_case(value, a) ? a : b;
        return true;
    }
    return error_with(err, ERROR_INVALID_VALUE, "zone.unknown_word", E_TEXT("parameter", what), E_TEXT("value", value));
}

static bool check_cluster(struct cluster *row, struct error *err)
{
    if (string_is_empty(row->name))
        return error_set(err, ERROR_INVALID_VALUE, "zone.name_empty");
    if (string_equal_ignoring_case(row->arch, "amd64"))
        row->arch = "x86_64";
    return one_of(err, "clustertype", row->cluster_type, "CloudManaged", "ExternalManaged", &row->cluster_type) &&
           one_of(err, "managedstate", row->managed_state, "Managed", "Unmanaged", &row->managed_state) &&
           one_of(err, "arch", row->arch, "x86_64", "aarch64", &row->arch);
}

struct cluster_change {
    const struct cluster *row;
    int64_t id;
};

static bool create_cluster(struct db *db, void *context, struct error *err)
{
    struct cluster_change *change = context;
    return pod_hold(db, change->row->pod_id, err) && cluster_store_add(db, change->row, &change->id, err);
}

static bool update_cluster(struct db *db, void *context, struct error *err)
{
    const struct cluster_change *change = context;
    return cluster_hold(db, change->row->id, err) && cluster_store_update(db, change->row, err);
}

bool cluster_create(struct db *db, const struct cluster *wish, int64_t *ret_id, struct error *err)
{
    char uuid[UUID_BYTES];
    struct cluster row = *wish;
    struct cluster_change change = {.row = &row};
    if (!check_cluster(&row, err))
        return false;
    uuid_random(uuid);
    row.id = 0;
    row.uuid = uuid;
    row.cpu_overcommit = OPT_DOUBLE(setting_double(&CPU_OVERPROVISIONING_FACTOR));
    row.memory_overcommit = OPT_DOUBLE(setting_double(&MEM_OVERPROVISIONING_FACTOR));
    row.created = OPT_TIME(clock_now_ms());
    if (!db_transaction(db, create_cluster, &change, err))
        return name_taken(err, wish->name);
    *ret_id = change.id;
    return true;
}

bool cluster_update(struct db *db, const struct cluster *changed, struct error *err)
{
    struct cluster row = *changed;
    struct cluster_change change = {.row = &row};
    if (!check_cluster(&row, err))
        return false;
    return db_transaction(db, update_cluster, &change, err) || name_taken(err, changed->name);
}
