/* Rules of storage: adding, taking up, reserving, and which pool is fit for a volume. */
#include "cloud/storage/storage_service.h"

#include "base/clock.h"
#include "base/setting.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/cache/reply.h"
#include "cloud/host/host.h"
#include "cloud/settings/settings.h"
#include "cloud/storage/storage_jobs.h"
#include "cloud/storage/storage_rules.h"
#include "cloud/zone/zone.h"

SETTING(STORAGE_OVERPROVISIONING_FACTOR, .name = "storage.overprovisioning.factor", .category = "Storage",
        .default_value = "2.0", .help = "how much more space is promised on a pool than it has", .type = SETTING_DOUBLE,
        .scopes = SCOPE_GLOBAL | SCOPE_STORAGE, .min = 1, .max = 100);
SETTING(POOL_USED_THRESHOLD, .name = "pool.storage.capacity.disablethreshold", .category = "Storage",
        .default_value = "0.85",
        .help = "the share of a pool's space in use above which no further volumes are placed there",
        .type = SETTING_DOUBLE, .scopes = SCOPE_GLOBAL | SCOPE_ZONE, .min = 0, .max = 1);
SETTING(POOL_ALLOCATED_THRESHOLD, .name = "pool.storage.allocated.capacity.disablethreshold", .category = "Storage",
        .default_value = "0.85",
        .help = "the share of a pool's promised space above which no further volumes are placed there",
        .type = SETTING_DOUBLE, .scopes = SCOPE_GLOBAL | SCOPE_ZONE, .min = 0, .max = 1);

bool storage_pool_find(struct db *db, struct arena *arena, int64_t id, struct storage_pool **ret_pool,
                       struct error *err)
{
    struct pool_row *row = NULL;
    if (!pool_store_find(db, arena, id, &row, err))
        return false;
    *ret_pool = row && !row->removed.set ? &row->p : NULL;
    return true;
}

bool pool_reserve(struct db *db, int64_t pool_id, int64_t bytes, bool *ret_reserved, struct error *err)
{
    return pool_store_reserve(db, pool_id, bytes, ret_reserved, err);
}

bool pool_release(struct db *db, int64_t pool_id, int64_t bytes, struct error *err)
{
    bool released = false;
    if (!pool_store_release(db, pool_id, bytes, &released, err))
        return false;
    if (released)
        return true;
    error_set(err, ERROR_INTERNAL, "api.internal");
    return error_add_detail(err, "pool %lld: more is given back than was reserved", (long long)pool_id);
}

bool pool_factor(struct db *db, struct arena *arena, int64_t pool_id, double *ret_factor, struct error *err)
{
    return settings_double_at(db, arena, &STORAGE_OVERPROVISIONING_FACTOR, &(struct setting_place){.pool_id = pool_id},
                              ret_factor, err);
}

/* Thresholds keep a reserve for what grows; pool_reserve alone guards the limit. */
static bool is_below(const struct storage_pool *pool, int64_t bytes, double used_share, double allocated_share)
{
    double allocated = (double)pool->allocated_bytes + (double)bytes;
    return (double)pool->used_bytes <= (double)pool->total_bytes * used_share &&
           allocated <= (double)pool->limit_bytes * allocated_share;
}

bool pool_candidates(struct db *db, struct arena *arena, const struct pool_filter *filter,
                     const struct storage_pool **ret_pools, size_t *ret_count, struct error *err)
{
    struct db_rows rows;
    if (!pool_store_of_zone(db, arena, filter->zone_id, filter->bytes, &rows, err))
        return false;
    double used_share, allocated_share;
    const struct setting_place zone = {.zone_id = filter->zone_id};
    if (!settings_double_at(db, arena, &POOL_USED_THRESHOLD, &zone, &used_share, err) ||
        !settings_double_at(db, arena, &POOL_ALLOCATED_THRESHOLD, &zone, &allocated_share, err))
        return false;
    struct storage_pool *pools = rows.items;
    size_t kept = 0;
    for (size_t i = 0; i < rows.count; i++) {
        const struct storage_pool *pool = &pools[i];
        bool is_local = string_equal(pool->scope, "HOST");
        bool reachable =
            filter->local ? is_local && (filter->host_id == 0 || filter->host_id == pool->host_id) : !is_local;
        bool in_place = filter->cluster_id == 0 || pool->cluster_id == 0 || pool->cluster_id == filter->cluster_id;
        bool fits = !filter->hypervisor || !pool->hypervisor || string_equal_ignoring_case(pool->hypervisor, "Any") ||
                    string_equal_ignoring_case(pool->hypervisor, filter->hypervisor);
        bool has_room = filter->bytes == 0 || is_below(pool, filter->bytes, used_share, allocated_share);
        if (has_room && reachable && in_place && fits && host_has_tags(pool->tags, filter->tags))
            pools[kept++] = *pool;
    }
    *ret_pools = pools;
    *ret_count = kept;
    return true;
}

/* ---- settings of drivers ---- */

static const char *bound_to(struct arena *arena, enum detail_owner owner, int64_t id, const char *name)
{
    return arena_printf(arena, "%s.detail:%lld:%s", owner == DETAILS_OF_POOL ? "storage_pool" : "image_store",
                        (long long)id, name);
}

static bool add_details(struct db *db, struct arena *arena, enum detail_owner owner, int64_t id,
                        const struct pair_list *details, struct error *err)
{
    for (size_t i = 0; i < details->count; i++) {
        const struct pair *pair = &details->items[i];
        struct detail_row row = {
            .name = pair->name, .value = pair->value, .is_sealed = storage_name_is_secret(pair->name)};
        if (row.is_sealed)
            row.value = secret_seal(arena, secret_from(arena, pair->value), bound_to(arena, owner, id, pair->name));
        if (!detail_store_set(db, owner, id, &row, err))
            return false;
    }
    return true;
}

/* A password in an address is kept sealed, as the detail "password". */
static bool add_url_password(struct db *db, struct arena *arena, enum detail_owner owner, int64_t id,
                             const struct storage_url *url, struct error *err)
{
    struct pair pair = {"password", url->password};
    const struct pair_list one = {.items = &pair, .count = url->password ? 1 : 0};
    return add_details(db, arena, owner, id, &one, err);
}

static bool read_details(struct db *db, struct arena *arena, enum detail_owner owner, int64_t id,
                         struct pair_list reported, struct pair_list *ret_details, struct error *err)
{
    struct db_rows rows;
    if (!detail_store_list(db, arena, owner, id, &rows, err))
        return false;
    const struct detail_row *details = rows.items;
    struct pair_list all = {.items = arena_array(arena, rows.count + reported.count + 1, sizeof(struct pair))};
    for (size_t i = 0; i < rows.count; i++) {
        struct secret opened = {.bytes = details[i].value};
        if (details[i].is_sealed &&
            !secret_open(arena, details[i].value, bound_to(arena, owner, id, details[i].name), &opened, err))
            return false;
        all.items[all.count++] = (struct pair){details[i].name, opened.bytes};
    }
    for (size_t i = 0; i < reported.count; i++)
        all.items[all.count++] = reported.items[i];
    *ret_details = all;
    return true;
}

bool storage_pool_details(struct db *db, struct arena *arena, int64_t pool_id, struct pair_list *ret_details,
                          struct error *err)
{
    struct pool_row *row = NULL;
    if (!pool_store_find(db, arena, pool_id, &row, err))
        return false;
    return read_details(db, arena, DETAILS_OF_POOL, pool_id, reply_pairs_of(arena, row ? row->provider_details : NULL),
                        ret_details, err);
}

bool image_store_details(struct db *db, struct arena *arena, int64_t store_id, struct pair_list *ret_details,
                         struct error *err)
{
    return read_details(db, arena, DETAILS_OF_STORE, store_id, (struct pair_list){.items = NULL}, ret_details, err);
}

/* ---- pools ---- */

static bool check_pool_place(struct db *db, struct arena *arena, struct pool_row *row, struct error *err)
{
    const struct cluster *cluster = NULL;
    bool zone_wide = string_equal_ignoring_case(row->p.scope, "ZONE");
    bool has_scope = !string_is_empty(row->p.scope);
    if (has_scope && !zone_wide && !string_equal_ignoring_case(row->p.scope, "CLUSTER"))
        return error_with(err, ERROR_INVALID_VALUE, "storage.unknown_scope", E_TEXT("value", row->p.scope));
    if (!has_scope)
        zone_wide = row->p.cluster_id == 0;
    row->p.scope = zone_wide ? "ZONE" : "CLUSTER";
    if (zone_wide && (row->p.cluster_id != 0 || row->p.pod_id != 0))
        return error_set(err, ERROR_INVALID_VALUE, "storage.zone_scope_in_cluster");
    if (zone_wide)
        return zone_hold(db, row->p.zone_id, err);
    if (row->p.cluster_id == 0)
        return error_set(err, ERROR_INVALID_VALUE, "storage.cluster_missing");
    if (!cluster_find(db, arena, row->p.cluster_id, &cluster, err))
        return false;
    if (!cluster || cluster->zone_id != row->p.zone_id || (row->p.pod_id != 0 && row->p.pod_id != cluster->pod_id))
        return error_set(err, ERROR_INVALID_VALUE, "storage.wrong_place");
    row->p.pod_id = cluster->pod_id;
    row->p.hypervisor = cluster->hypervisor;
    return cluster_hold(db, cluster->id, err);
}

bool pool_add(struct db *db, struct arena *arena, const struct pool_row *wish, const struct pair_list *details,
              struct pool_row **ret_row, struct error *err)
{
    struct storage_url address;
    struct pool_row *row = ARENA_NEW(arena, struct pool_row);
    *row = *wish;
    if (!storage_url_parse(arena, wish->p.url, &address, err) || !check_pool_place(db, arena, row, err))
        return false;
    const char *wanted = string_equal_ignoring_case(wish->p.provider, "DefaultPrimary") ? NULL : wish->p.provider;
    const char *const types[] = {wanted, wanted ? NULL : row->p.hypervisor, wanted ? NULL : address.scheme};
    if (!storage_choose_plugin(db, STORAGE_PLUGIN, types, COUNT_OF(types), &row->p.provider, err))
        return false;
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    row->p.id = 0;
    row->p.uuid = arena_strdup(arena, uuid);
    row->p.state = "Creating";
    row->p.url = address.clean;
    row->asked_provider = wanted ? wanted : "DefaultPrimary";
    row->p.pool_type = storage_type_of_scheme(address.scheme);
    row->p.host_address = address.host ? address.host : "localhost";
    row->p.path = address.path;
    row->overprovision = OPT_DOUBLE(setting_double(&STORAGE_OVERPROVISIONING_FACTOR));
    row->created = OPT_TIME(clock_now_ms());
    if (!pool_store_add(db, row, &row->p.id, err)) {
        if (err->kind == ERROR_IN_USE)
            return error_with(err, ERROR_INVALID_VALUE, "storage.url_taken", E_TEXT("url", wish->p.url));
        return false;
    }
    *ret_row = row;
    return add_details(db, arena, DETAILS_OF_POOL, row->p.id, details, err) &&
           add_url_password(db, arena, DETAILS_OF_POOL, row->p.id, &address, err);
}

bool pool_take_up(struct db *db, struct arena *arena, int64_t pool_id, const struct storage_facts *facts,
                  struct error *err)
{
    struct pool_row *row = NULL;
    if (!pool_store_find(db, arena, pool_id, &row, err))
        return false;
    if (!row || row->removed.set)
        return error_set(err, ERROR_RESOURCE_UNAVAILABLE, "storage.gone");
    int64_t total = row->is_managed && row->p.total_bytes > 0 ? row->p.total_bytes : facts->total_bytes;
    row->p.pool_type = facts->type ? facts->type : row->p.pool_type;
    row->p.path = facts->path ? facts->path : row->p.path;
    row->p.total_bytes = total;
    row->p.limit_bytes = (int64_t)((double)total * row->overprovision.value);
    row->p.used_bytes = facts->used_bytes;
    row->provider_details = facts->details;
    return pool_store_update(db, row, err) && pool_store_set_state(db, pool_id, "Up", err);
}

/* ---- image stores ---- */

bool image_store_for_zone(struct db *db, struct arena *arena, int64_t zone_id, const struct image_store **ret_store,
                          struct error *err)
{
    const struct image_store *stores = NULL, *best = NULL;
    size_t count = 0;
    if (!image_store_row_all(db, arena, &stores, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        bool usable = string_equal(stores[i].state, "Up") && !stores[i].read_only;
        if (usable && (stores[i].zone_id == zone_id || stores[i].zone_id == 0) &&
            (!best || (best->zone_id == 0 && stores[i].zone_id != 0)))
            best = &stores[i];
    }
    *ret_store = best;
    return true;
}

/* The hypervisor of a zone's clusters: a store that is simulated comes with a simulated zone. */
static bool zone_hypervisor(struct db *db, struct arena *arena, int64_t zone_id, const char **ret_hypervisor,
                            struct error *err)
{
    const struct cluster *clusters = NULL;
    size_t count = 0;
    if (!cluster_all(db, arena, &clusters, &count, err))
        return false;
    *ret_hypervisor = NULL;
    for (size_t i = 0; i < count && !*ret_hypervisor; i++)
        if (clusters[i].zone_id == zone_id || zone_id == 0)
            *ret_hypervisor = clusters[i].hypervisor;
    return true;
}

bool image_store_add(struct db *db, struct arena *arena, const struct image_store *wish,
                     const struct pair_list *details, struct image_store **ret_store, struct error *err)
{
    struct storage_url address = {.scheme = string_lower(arena, wish->provider)};
    const char *hypervisor = NULL;
    if (wish->url && !storage_url_parse(arena, wish->url, &address, err))
        return false;
    if (!zone_hypervisor(db, arena, wish->zone_id, &hypervisor, err) ||
        (wish->zone_id != 0 && !zone_hold(db, wish->zone_id, err)))
        return false;
    struct image_store *store = ARENA_NEW(arena, struct image_store);
    *store = *wish;
    const char *const types[] = {wish->provider, hypervisor, address.scheme};
    if (!storage_choose_plugin(db, IMAGE_STORE_PLUGIN, types, COUNT_OF(types), &store->provider, err))
        return false;
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    store->id = 0;
    store->uuid = arena_strdup(arena, uuid);
    store->state = "Creating";
    store->protocol = address.scheme;
    store->asked_provider = wish->provider;
    store->url = address.clean;
    store->scope = wish->zone_id != 0 ? "ZONE" : "REGION";
    store->created = OPT_TIME(clock_now_ms());
    if (string_is_empty(store->name))
        store->name = store->url && strlen(store->url) <= 255 ? store->url : store->uuid;
    if (!image_store_row_add(db, store, &store->id, err)) {
        if (err->kind == ERROR_IN_USE)
            return error_with(err, ERROR_INVALID_VALUE, "storage.name_taken", E_TEXT("name", store->name));
        return false;
    }
    *ret_store = store;
    return add_details(db, arena, DETAILS_OF_STORE, store->id, details, err) &&
           add_url_password(db, arena, DETAILS_OF_STORE, store->id, &address, err);
}

bool image_store_take_up(struct db *db, struct arena *arena, int64_t store_id, const struct storage_facts *facts,
                         struct error *err)
{
    const struct image_store *before = NULL;
    if (!image_store_find(db, arena, store_id, &before, err))
        return false;
    if (!before)
        return error_set(err, ERROR_RESOURCE_UNAVAILABLE, "storage.gone");
    struct image_store store = *before;
    store.state = "Up";
    store.total_bytes = facts->total_bytes;
    store.used_bytes = facts->used_bytes;
    store.read_only = facts->read_only;
    return image_store_row_update(db, &store, err);
}
