/* Candidates, ranking by allocator plugins, reservation. */
#include "base/setting.h"
#include "base/text.h"
#include "cloud/placement/placement_explain.h"
#include "cloud/storage/storage.h"
#include "plugin_host/allocator.h"

SETTING(VM_ALLOCATOR, .name = "vm.allocator", .category = "Advanced", .default_value = "first-fit",
        .help = "Which host allocator ranks the hosts for a VM: first-fit fills hosts one after another, spread keeps "
                "them evenly loaded.",
        .type = SETTING_TEXT, .scopes = SCOPE_GLOBAL);
SETTING(VOLUME_ALLOCATOR, .name = "volume.allocator", .category = "Advanced", .default_value = "least-used",
        .help = "Which storage allocator ranks the pools for a volume.", .type = SETTING_TEXT, .scopes = SCOPE_GLOBAL);

void placement_register(void)
{
    /* Settings register themselves; this ties the feature into the list of modules. */
}

static struct host_filter host_filter_of(const struct placement_request *r)
{
    return (struct host_filter){.zone_id = r->zone_id,
                                .pod_id = r->pod_id,
                                .cluster_id = r->cluster_id,
                                .host_id = r->host_id,
                                .hypervisor = r->hypervisor,
                                .arch = r->arch,
                                .tags = r->host_tags,
                                .cpu_mhz = r->cpu_number * r->cpu_speed_mhz,
                                .memory_mib = r->memory_mib};
}

static uint64_t unsigned_of(int64_t value)
{
    return value > 0 ? (uint64_t)value : 0;
}

/* ---- hosts ---- */

static bool note_host_rank(struct job_run *run, struct plan *plan, const struct host *host,
                           const struct allocator_rank *rank, size_t place, struct error *err)
{
    const struct error_value values[] = {E_INT("rank", (int64_t)place + 1),
                                         E_TEXT("host", host->name),
                                         E_INT("score", rank->score),
                                         E_INT("cpu", host->cpu_limit_mhz - host->cpu_used_mhz),
                                         E_INT("memory", host->memory_limit_mib - host->memory_used_mib),
                                         E_TEXT("reason", rank->reason != NULL ? rank->reason : ""),
                                         {.name = NULL}};
    return placement_note(run, plan, EXPLAIN_OPERATOR, "placement.candidate", values, err);
}

static bool note_allocator(struct job_run *run, struct plan *plan, const struct allocator_ranking *ranking,
                           struct error *err)
{
    const struct error_value values[] = {
        E_TEXT("allocator", ranking->allocator), E_TEXT("reason", ranking->fallback_reason), {.name = NULL}};
    const char *key = ranking->fallback_reason == NULL ? "placement.allocator" : "placement.allocator_fallback";
    return placement_note(run, plan, EXPLAIN_OPERATOR, key, values, err);
}

static void fill_host_candidates(const struct placement_request *request, const struct host *hosts, size_t count,
                                 struct gurum_host_candidate *candidates)
{
    for (size_t i = 0; i < count; i++)
        candidates[i] = (struct gurum_host_candidate){.uuid = hosts[i].uuid,
                                                      .name = hosts[i].name,
                                                      .tags = hosts[i].tags,
                                                      .cpu_mhz_total = unsigned_of(hosts[i].cpu_limit_mhz),
                                                      .cpu_mhz_used = unsigned_of(hosts[i].cpu_used_mhz),
                                                      .memory_mib_total = unsigned_of(hosts[i].memory_limit_mib),
                                                      .memory_mib_used = unsigned_of(hosts[i].memory_used_mib),
                                                      .was_last_host = hosts[i].id == request->last_host_id};
}

static void add_id(struct text *list, const char *separator, int64_t id)
{
    if (list->length > 0 && separator != NULL)
        text_add(list, separator);
    text_add_int(list, id);
}

/* Ranks the hosts into "3,7,12". */
static bool rank_hosts(struct job_run *run, const struct placement_request *request, struct plan *plan,
                       const struct host *hosts, size_t count, const char **ret_ids, struct error *err)
{
    char allocator[64];
    setting_text(&VM_ALLOCATOR, allocator, sizeof(allocator));
    struct gurum_host_candidate *candidates = arena_array(run->arena, count, sizeof(*candidates));
    fill_host_candidates(request, hosts, count, candidates);
    const struct gurum_host_request wanted = {.size = sizeof(wanted),
                                              .cpu_count = (uint32_t)request->cpu_number,
                                              .cpu_mhz = unsigned_of(request->cpu_number * request->cpu_speed_mhz),
                                              .memory_mib = unsigned_of(request->memory_mib),
                                              .guest_uuid = request->vm_uuid,
                                              .account_uuid = request->account_uuid,
                                              .tags = request->host_tags};
    const struct gurum_host_rank_spec spec = {
        .size = sizeof(spec),
        .ranked_most = PLACEMENT_RANKED_MAX,
        .request = &wanted,
        .candidates = {.items = candidates, .count = (uint32_t)count, .stride = sizeof(*candidates)}};
    struct allocator_ranking ranking;
    allocator_rank_hosts(run, allocator, &spec, &ranking);
    struct text ids;
    text_init(&ids, run->arena, 4096);
    for (size_t i = 0; i < ranking.count && i < PLACEMENT_RANKED_MAX; i++) {
        const struct host *host = &hosts[ranking.ranks[i].index];
        add_id(&ids, ",", host->id);
        if (i < PLACEMENT_EXPLAINED_MAX && !note_host_rank(run, plan, host, &ranking.ranks[i], i, err))
            return false;
    }
    *ret_ids = text_string(&ids);
    return note_allocator(run, plan, &ranking, err);
}

/* ---- pools ---- */

static bool rank_pools_of_disk(struct job_run *run, const struct placement_request *request,
                               const struct placement_disk *disk, struct plan *plan, struct text *out,
                               struct error *err)
{
    const struct pool_filter filter = {.zone_id = request->zone_id,
                                       .hypervisor = request->hypervisor,
                                       .tags = disk->tags,
                                       .bytes = disk->bytes,
                                       .local = disk->local};
    const struct storage_pool *pools = NULL;
    size_t count = 0;
    if (!pool_candidates(run->db, run->arena, &filter, &pools, &count, err))
        return false;
    if (count == 0)
        return error_with(err, ERROR_INSUFFICIENT_CAPACITY, "placement.no_pool", E_INT("gib", disk->bytes >> 30));
    struct gurum_pool_candidate *candidates = arena_array(run->arena, count, sizeof(*candidates));
    for (size_t i = 0; i < count; i++)
        candidates[i] = (struct gurum_pool_candidate){.uuid = pools[i].uuid,
                                                      .name = pools[i].name,
                                                      .tags = pools[i].tags,
                                                      .capacity_bytes = unsigned_of(pools[i].limit_bytes),
                                                      .used_bytes = unsigned_of(pools[i].used_bytes),
                                                      .promised_bytes = unsigned_of(pools[i].allocated_bytes),
                                                      .is_local = disk->local};
    const struct gurum_pool_request wanted = {.size = sizeof(wanted),
                                              .size_bytes = unsigned_of(disk->bytes),
                                              .volume_uuid = disk->volume_uuid,
                                              .guest_uuid = request->vm_uuid,
                                              .account_uuid = request->account_uuid,
                                              .tags = disk->tags};
    const struct gurum_pool_rank_spec spec = {
        .size = sizeof(spec),
        .ranked_most = PLACEMENT_RANKED_MAX,
        .request = &wanted,
        .candidates = {.items = candidates, .count = (uint32_t)count, .stride = sizeof(*candidates)}};
    char allocator[64];
    setting_text(&VOLUME_ALLOCATOR, allocator, sizeof(allocator));
    struct allocator_ranking ranking;
    allocator_rank_pools(run, allocator, &spec, &ranking);
    for (size_t i = 0; i < ranking.count && i < PLACEMENT_RANKED_MAX; i++) {
        const struct storage_pool *pool = &pools[ranking.ranks[i].index];
        add_id(out, i == 0 ? NULL : ",", pool->id);
        const struct error_value values[] = {E_INT("rank", (int64_t)i + 1),
                                             E_TEXT("pool", pool->name),
                                             E_INT("score", ranking.ranks[i].score),
                                             E_INT("gib", (pool->limit_bytes - pool->allocated_bytes) >> 30),
                                             {.name = NULL}};
        if (i < PLACEMENT_EXPLAINED_MAX &&
            !placement_note(run, plan, EXPLAIN_OPERATOR, "placement.pool_candidate", values, err))
            return false;
    }
    return note_allocator(run, plan, &ranking, err);
}

static bool rank_pools(struct job_run *run, const struct placement_request *request, struct plan *plan,
                       const char **ret_lists, struct error *err)
{
    struct text lists;
    text_init(&lists, run->arena, 64 * 1024);
    for (size_t i = 0; i < request->disk_count; i++) {
        if (i > 0)
            text_add_char(&lists, ';');
        if (request->disks[i].pool_id == 0 && !rank_pools_of_disk(run, request, &request->disks[i], plan, &lists, err))
            return false;
    }
    *ret_lists = text_string(&lists);
    return true;
}

static bool rank_all(struct job_run *run, const struct placement_request *request, struct plan *plan,
                     struct placement_ranking *ret_ranking, struct error *err)
{
    const struct host_filter filter = host_filter_of(request);
    const struct host *hosts = NULL;
    size_t count = 0;
    struct host_rejections counts;
    struct placement_ranking ranking = {.hosts = NULL};
    if (!host_candidates(run->db, run->arena, &filter, &hosts, &count, err) ||
        !placement_explain_counts(run, plan, &filter, &counts, err))
        return false;
    if (count == 0) {
        if (!placement_explain_nothing(run, plan, request, &filter, err))
            return false;
        return error_with(err, ERROR_INSUFFICIENT_CAPACITY, "placement.no_host", E_INT("cpu", filter.cpu_mhz),
                          E_INT("memory", filter.memory_mib));
    }
    if (!rank_hosts(run, request, plan, hosts, count, &ranking.hosts, err) ||
        !rank_pools(run, request, plan, &ranking.pools, err))
        return false;
    *ret_ranking = ranking;
    return true;
}

enum step_outcome placement_rank(struct job_run *run, const struct placement_request *request, struct plan *plan,
                                 struct placement_ranking *ret_ranking, struct error *err)
{
    return rank_all(run, request, plan, ret_ranking, err) ? STEP_DONE : STEP_FAILED;
}

/* ---- reservation ---- */

static bool pool_reaches(const struct storage_pool *pool, const struct host *host)
{
    if (pool->state == NULL || !string_equal(pool->state, "Up"))
        return false;
    if (pool->host_id != 0)
        return pool->host_id == host->id;
    return pool->cluster_id == 0 || pool->cluster_id == host->cluster_id;
}

/* One disk: the pool where it lies must be reachable, or the first ranked one with room is taken. 0 in *ret_pool: it
 * cannot be had here. */
static bool reserve_disk(struct job_run *run, const struct placement_disk *disk, const char *ranked,
                         const struct host *host, int64_t *ret_pool, struct error *err)
{
    size_t count = 0;
    const char *own = arena_printf(run->arena, "%lld", (long long)disk->pool_id);
    const char **ids = string_split(run->arena, disk->pool_id != 0 ? own : ranked, ',', &count);
    *ret_pool = 0;
    for (size_t i = 0; i < count && *ret_pool == 0; i++) {
        int64_t id = 0;
        struct storage_pool *pool = NULL;
        if (!string_to_int(ids[i], &id) || !storage_pool_find(run->db, run->arena, id, &pool, err))
            return false;
        bool taken = pool != NULL && pool_reaches(pool, host);
        if (taken && disk->pool_id == 0 && !pool_reserve(run->db, id, disk->bytes, &taken, err))
            return false;
        if (taken)
            *ret_pool = id;
    }
    return true;
}

static bool release_disks(struct job_run *run, const struct placement_request *request, const int64_t *pools,
                          size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (request->disks[i].pool_id == 0 && pools[i] != 0 &&
            !pool_release(run->db, pools[i], request->disks[i].bytes, err))
            return false;
    return true;
}

/* "a;;b" keeps its empty parts: one for each disk. */
static const char **split_lists(struct arena *arena, const char *lists, size_t count)
{
    const char **parts = arena_array(arena, count + 1, sizeof(*parts));
    const char *at = lists != NULL ? lists : "";
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(at, ";");
        parts[i] = arena_strndup(arena, at, length);
        at += length + (at[length] == ';');
    }
    return parts;
}

static bool try_host(struct job_run *run, const struct placement_request *request, const char **lists, int64_t host_id,
                     int64_t *ret_pools, bool *ret_taken, struct error *err)
{
    int64_t cpu_mhz = request->cpu_number * request->cpu_speed_mhz;
    struct host *host = NULL;
    *ret_taken = false;
    if (!host_find(run->db, run->arena, host_id, &host, err))
        return false;
    if (host == NULL)
        return true; /* removed meanwhile */
    if (!host_reserve(run->db, host_id, cpu_mhz, request->memory_mib, ret_taken, err))
        return false;
    if (!*ret_taken)
        return true;
    for (size_t i = 0; i < request->disk_count; i++) {
        if (!reserve_disk(run, &request->disks[i], lists[i], host, &ret_pools[i], err))
            return false;
        if (ret_pools[i] != 0)
            continue;
        *ret_taken = false;
        return release_disks(run, request, ret_pools, i, err) &&
               host_release(run->db, host_id, cpu_mhz, request->memory_mib, err);
    }
    const struct error_value values[] = {E_TEXT("host", host->name), {.name = NULL}};
    return placement_note(run, NULL, EXPLAIN_OPERATOR, "placement.chosen", values, err);
}

bool placement_reserve(struct job_run *run, const struct placement_request *request,
                       const struct placement_ranking *ranking, int64_t *ret_host_id, int64_t *ret_pools,
                       struct error *err)
{
    size_t count = 0;
    const char **hosts = string_split(run->arena, ranking->hosts != NULL ? ranking->hosts : "", ',', &count);
    const char **lists = split_lists(run->arena, ranking->pools, request->disk_count);
    for (size_t i = 0; i < count; i++) {
        int64_t host_id = 0;
        bool taken = false;
        if (!string_to_int(hosts[i], &host_id))
            return error_with(err, ERROR_INTERNAL, "placement.ranking_broken", E_TEXT("hosts", ranking->hosts));
        if (!try_host(run, request, lists, host_id, ret_pools, &taken, err))
            return false;
        if (taken) {
            *ret_host_id = host_id;
            return true;
        }
    }
    return error_with(err, ERROR_INSUFFICIENT_CAPACITY, "placement.taken", E_INT("tried", (int64_t)count));
}
