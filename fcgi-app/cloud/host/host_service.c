/* Rules of hosts: adding, taking up, reserving, and who is fit for a VM. */
#include "cloud/host/host_service.h"

#include <limits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ip4.h"
#include "base/text.h"
#include "base/uuid.h"
#include "cloud/host/host_watch.h"
#include "cloud/zone/zone.h"

bool host_find(struct db *db, struct arena *arena, int64_t id, struct host **ret_host, struct error *err)
{
    struct host_row *row = NULL;
    if (!host_store_find(db, arena, id, &row, err))
        return false;
    *ret_host = row && !row->removed.set ? &row->h : NULL;
    return true;
}

bool host_id_find_any(struct db *db, struct arena *arena, const char *uuid, int64_t *ret_id, struct error *err)
{
    struct host_row *row = NULL;
    if (!host_store_find_uuid(db, arena, uuid, &row, err))
        return false;
    *ret_id = row && !row->removed.set ? row->h.id : 0;
    return true;
}

bool host_take(struct db *db, int64_t host_id, int64_t cpu_mhz, int64_t memory_mib, struct error *err)
{
    return host_store_take(db, host_id, cpu_mhz, memory_mib, err);
}

bool host_reserve(struct db *db, int64_t host_id, int64_t cpu_mhz, int64_t memory_mib, bool *ret_reserved,
                  struct error *err)
{
    return host_store_reserve(db, host_id, cpu_mhz, memory_mib, ret_reserved, err);
}

bool host_release(struct db *db, int64_t host_id, int64_t cpu_mhz, int64_t memory_mib, struct error *err)
{
    bool released = false;
    if (!host_store_release(db, host_id, cpu_mhz, memory_mib, &released, err))
        return false;
    if (released)
        return true;
    error_set(err, ERROR_INTERNAL, "api.internal");
    return error_add_detail(err, "host %lld: more is given back than was reserved", (long long)host_id);
}

/* ---- adding ---- */

const char *host_name_of_url(struct arena *arena, const char *url, const char **ret_address)
{
    const char *scheme = strstr(url, "://");
    const char *authority = scheme ? scheme + 3 : url;
    size_t length = strcspn(authority, "/?");
    const char *path = authority + length;
    const char *at = memchr(authority, '@', length);
    if (at) {
        length -= (size_t)(at + 1 - authority);
        authority = at + 1;
    }
    char *host = arena_strndup(arena, authority, length);
    char *colon = strrchr(host, ':');
    if (colon && !strchr(host, ']'))
        *colon = '\0';
    *ret_address = *host ? host : NULL;
    bool has_path = *path && !string_equal(path, "/") && !string_starts_with(path, "/system");
    char here[HOST_NAME_MAX + 1] = "localhost"; /* a socket's address names no machine: it is this one */
    if (!*host && gethostname(here, sizeof(here)) == 0)
        here[HOST_NAME_MAX] = '\0';
    char *name = arena_printf(arena, "%s%.*s", *host ? host : here, has_path ? (int)strcspn(path, "?") : 0, path);
    for (char *c = name; *c; c++)
        if (*c == '/')
            *c = '-';
    return name;
}

static bool find_cluster(struct db *db, struct arena *arena, const struct host_wish *wish,
                         const struct cluster **ret_cluster, struct error *err)
{
    const struct cluster *cluster = NULL;
    bool found = wish->cluster_id != 0
                     ? cluster_find(db, arena, wish->cluster_id, &cluster, err)
                     : wish->cluster_name == NULL ||
                           cluster_find_named(db, arena, wish->pod_id, wish->cluster_name, &cluster, err);
    if (!found)
        return false;
    if (!cluster)
        return error_set(err, ERROR_INVALID_VALUE, "host.no_cluster");
    if (cluster->pod_id != wish->pod_id || cluster->zone_id != wish->zone_id)
        return error_set(err, ERROR_INVALID_VALUE, "host.wrong_place");
    if (!string_equal_ignoring_case(cluster->hypervisor, wish->hypervisor))
        return error_with(err, ERROR_INVALID_VALUE, "host.wrong_hypervisor", E_TEXT("hypervisor", cluster->hypervisor));
    *ret_cluster = cluster;
    return true;
}

static bool url_is_sound(const char *url, struct error *err)
{
    if (string_is_empty(url) || strpbrk(url, " \"'<>"))
        return error_with(err, ERROR_INVALID_VALUE, "host.bad_url", E_TEXT("url", url));
    return true;
}

/* The key of addresses is the only one that an insert or a change can run into. */
static bool refuse_taken(const char *url, struct error *err)
{
    return err->kind == ERROR_IN_USE && error_with(err, ERROR_INVALID_VALUE, "host.url_taken", E_TEXT("url", url));
}

static const char *unless_name(const char *address)
{
    return ip_is_address(address) ? address : NULL;
}

bool host_add(struct db *db, struct arena *arena, const struct host_wish *wish, struct host_row **ret_row,
              struct error *err)
{
    const struct cluster *cluster = NULL;
    if (!url_is_sound(wish->url, err) || !find_cluster(db, arena, wish, &cluster, err) || !cluster ||
        !cluster_hold(db, cluster->id, err))
        return false;
    char uuid[UUID_BYTES];
    uuid_random(uuid);
    struct host_row *row = ARENA_NEW(arena, struct host_row);
    row->h = (struct host){.uuid = arena_strdup(arena, uuid), .hypervisor = cluster->hypervisor, .url = wish->url,
                           .username = wish->username, .state = "Creating", .resource_state = wish->resource_state,
                           .arch = cluster->arch, .tags = wish->tags, .zone_id = cluster->zone_id,
                           .pod_id = cluster->pod_id, .cluster_id = cluster->id};
    row->h.name = host_name_of_url(arena, wish->url, &row->h.private_ip);
    row->h.private_ip = unless_name(row->h.private_ip);
    row->storage_access_groups = wish->storage_access_groups;
    row->created = OPT_TIME(clock_now_ms());
    if (wish->password.length > 0)
        row->sealed_password = secret_seal(arena, wish->password, arena_printf(arena, "host.password:%s", uuid));
    if (!host_store_add(db, row, &row->h.id, err))
        return refuse_taken(wish->url, err);
    *ret_row = row;
    return true;
}

bool host_edit(struct db *db, struct arena *arena, int64_t host_id, struct host_edit *edit, struct error *err)
{
    if (edit->url) {
        if (!url_is_sound(edit->url, err))
            return false;
        (void)host_name_of_url(arena, edit->url, &edit->private_ip);
        edit->private_ip = unless_name(edit->private_ip);
    }
    return host_store_edit(db, host_id, edit, err) || refuse_taken(edit->url, err);
}

bool host_take_up(struct db *db, struct arena *arena, int64_t host_id, const struct host_facts *facts,
                  struct error *err)
{
    struct host_row *row = NULL;
    const struct cluster *cluster = NULL;
    if (!host_store_find(db, arena, host_id, &row, err))
        return false;
    if (!row || row->removed.set)
        return error_set(err, ERROR_RESOURCE_UNAVAILABLE, "host.gone");
    if (!cluster_find(db, arena, row->h.cluster_id, &cluster, err))
        return false;
    double cpu = cluster ? cluster->cpu_overcommit.value : 1, memory = cluster ? cluster->memory_overcommit.value : 1;
    struct host *h = &row->h;
    h->arch = facts->arch ? facts->arch : h->arch;
    h->hypervisor_version = facts->hypervisor_version;
    h->provider_details = facts->details;
    h->cpu_cores = facts->cpu_cores;
    h->cpu_speed_mhz = facts->cpu_speed_mhz;
    h->cpu_total_mhz = facts->cpu_cores * facts->cpu_speed_mhz;
    h->cpu_limit_mhz = (int64_t)((double)h->cpu_total_mhz * cpu);
    h->memory_total_mib = facts->memory_mib;
    h->memory_limit_mib = (int64_t)((double)facts->memory_mib * memory);
    row->cpu_sockets = facts->cpu_sockets;
    row->capabilities = facts->capabilities;
    row->version = facts->hypervisor_version;
    row->last_pinged = OPT_TIME(clock_now_ms());
    return host_store_set_facts(db, row, err) && host_store_set_state(db, host_id, "Up", err) &&
           host_watch_add(db, host_id, err);
}

/* ---- placement ---- */

bool host_has_tags(const char *host_tags, const char *wanted_tags)
{
    struct arena arena;
    arena_init(&arena);
    size_t have_count = 0, want_count = 0;
    const char **have = string_split(&arena, host_tags ? host_tags : "", ',', &have_count);
    const char **want = string_split(&arena, wanted_tags ? wanted_tags : "", ',', &want_count);
    bool all = true;
    for (size_t i = 0; i < want_count && all; i++) {
        bool found = false;
        for (size_t j = 0; j < have_count && !found; j++)
            found = string_equal(have[j], want[i]);
        all = found;
    }
    arena_free(&arena);
    return all;
}

enum verdict { FITS, DISABLED, DOWN, WRONG_PLACE, WRONG_HYPERVISOR, MISSING_TAGS, NO_CPU, NO_MEMORY };

/* A host of a disabled cluster or pod is as good as disabled. */
static bool place_is_enabled(struct db *db, struct arena *arena, const struct host *host, bool *ret_enabled,
                             struct error *err)
{
    const struct cluster *cluster = NULL;
    const struct pod *pod = NULL;
    if (!cluster_find(db, arena, host->cluster_id, &cluster, err) || !pod_find(db, arena, host->pod_id, &pod, err))
        return false;
    *ret_enabled = cluster && pod && string_equal(cluster->allocation_state, "Enabled") &&
                   string_equal(cluster->managed_state, "Managed") && string_equal(pod->allocation_state, "Enabled");
    return true;
}

static enum verdict judge(const struct host *host, const struct host_filter *filter, bool place_enabled)
{
    bool placed = (filter->pod_id == 0 || filter->pod_id == host->pod_id) &&
                  (filter->cluster_id == 0 || filter->cluster_id == host->cluster_id) &&
                  (filter->host_id == 0 || filter->host_id == host->id);
    if (!placed)
        return WRONG_PLACE;
    if (!string_equal(host->state, "Up"))
        return DOWN;
    if (!place_enabled || !string_equal(host->resource_state, "Enabled"))
        return DISABLED;
    if ((filter->hypervisor && !string_equal_ignoring_case(filter->hypervisor, host->hypervisor)) ||
        (filter->arch && !string_equal_ignoring_case(filter->arch, host->arch)))
        return WRONG_HYPERVISOR;
    if (filter->tags && !host_has_tags(host->tags, filter->tags))
        return MISSING_TAGS;
    if (host->cpu_limit_mhz - host->cpu_used_mhz < filter->cpu_mhz)
        return NO_CPU;
    return host->memory_limit_mib - host->memory_used_mib < filter->memory_mib ? NO_MEMORY : FITS;
}

/* Clusters repeat from host to host, so the last answer is kept. */
static bool judge_all(struct db *db, struct arena *arena, const struct host_filter *filter, const struct db_rows *rows,
                      enum verdict *verdicts, struct error *err)
{
    const struct host *hosts = rows->items;
    int64_t cluster_id = 0;
    bool enabled = false;
    for (size_t i = 0; i < rows->count; i++) {
        if (hosts[i].cluster_id != cluster_id && !place_is_enabled(db, arena, &hosts[i], &enabled, err))
            return false;
        cluster_id = hosts[i].cluster_id;
        verdicts[i] = judge(&hosts[i], filter, enabled);
    }
    return true;
}

static int by_id(const void *a, const void *b)
{
    const struct host *left = a, *right = b;
    return left->id < right->id ? -1 : left->id > right->id;
}

bool host_candidates(struct db *db, struct arena *arena, const struct host_filter *filter,
                     const struct host **ret_hosts, size_t *ret_count, struct error *err)
{
    struct db_rows rows;
    if (!host_store_candidates(db, arena, filter, filter->any_state, &rows, err))
        return false;
    struct host *hosts = rows.items;
    enum verdict *verdicts = arena_array(arena, rows.count + 1, sizeof(*verdicts));
    if (!judge_all(db, arena, filter, &rows, verdicts, err))
        return false;
    size_t kept = 0;
    for (size_t i = 0; i < rows.count; i++) {
        bool in_place = verdicts[i] != WRONG_PLACE && verdicts[i] != WRONG_HYPERVISOR && verdicts[i] != MISSING_TAGS;
        if (verdicts[i] == FITS || (filter->any_state && in_place))
            hosts[kept++] = hosts[i];
    }
    qsort(hosts, kept, sizeof(*hosts), by_id);
    *ret_hosts = hosts;
    *ret_count = kept;
    return true;
}

bool host_count_rejections(struct db *db, struct arena *arena, const struct host_filter *filter,
                           struct host_rejections *ret_counts, struct error *err)
{
    struct db_rows rows;
    if (!host_store_candidates(db, arena, filter, true, &rows, err))
        return false;
    enum verdict *verdicts = arena_array(arena, rows.count + 1, sizeof(*verdicts));
    if (!judge_all(db, arena, filter, &rows, verdicts, err))
        return false;
    int64_t counts[NO_MEMORY + 1] = {0};
    for (size_t i = 0; i < rows.count; i++)
        counts[verdicts[i]]++;
    *ret_counts = (struct host_rejections){.total = (int64_t)rows.count,
                                           .disabled = counts[DISABLED],
                                           .down = counts[DOWN],
                                           .wrong_place = counts[WRONG_PLACE],
                                           .wrong_hypervisor = counts[WRONG_HYPERVISOR],
                                           .missing_tags = counts[MISSING_TAGS],
                                           .no_cpu = counts[NO_CPU],
                                           .no_memory = counts[NO_MEMORY],
                                           .suitable = counts[FITS]};
    return true;
}
