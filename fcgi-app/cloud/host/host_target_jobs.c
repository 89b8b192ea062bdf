/* Hosts as plugins see them, and what plugins report of them. */
#include "base/text.h"
#include "cloud/cache/reply.h"
#include "cloud/host/host_jobs.h"
#include "cloud/host/host_store.h"
#include "cloud/zone/zone.h"

struct gurum_array host_details_array(struct arena *arena, struct pair_list pairs)
{
    struct gurum_detail *details = arena_array(arena, pairs.count + 1, sizeof(*details));
    for (size_t i = 0; i < pairs.count; i++)
        details[i] = (struct gurum_detail){.name = pairs.items[i].name, .value = pairs.items[i].value};
    return (struct gurum_array){.items = details, .count = (uint32_t)pairs.count, .stride = sizeof(*details)};
}

const char *host_reported_details(struct arena *arena, const struct plugin_reports *reports)
{
    size_t count = 0;
    const void **facts = plugin_report_all(reports, GURUM_ITEM_DETAIL, arena, &count);
    struct pair_list pairs = {.items = arena_array(arena, count + 1, sizeof(struct pair)), .count = count};
    for (size_t i = 0; i < count; i++) {
        const struct gurum_fact *fact = facts[i];
        pairs.items[i] = (struct pair){fact->name, fact->value};
    }
    return reply_pairs_text(arena, &pairs);
}

bool host_checks_passed(struct arena *arena, const struct plugin_reports *reports, const char *key, struct error *err)
{
    size_t count = 0;
    const void **checks = plugin_report_all(reports, GURUM_ITEM_CHECK, arena, &count);
    for (size_t i = 0; i < count; i++) {
        const struct gurum_check *check = checks[i];
        if (check->ok || !check->required)
            continue;
        error_with(err, ERROR_INVALID_VALUE, key, E_TEXT("check", check->code),
                   E_TEXT("detail", check->detail ? check->detail : ""),
                   E_TEXT("hint", check->hint ? check->hint : ""));
        return false;
    }
    return true;
}

static bool fill_place(struct db *db, struct arena *arena, const struct host *host, struct gurum_host *out,
                       struct error *err)
{
    const struct zone *zone = NULL;
    const struct pod *pod = NULL;
    const struct cluster *cluster = NULL;
    if (!zone_find(db, arena, host->zone_id, &zone, err) || !pod_find(db, arena, host->pod_id, &pod, err) ||
        !cluster_find(db, arena, host->cluster_id, &cluster, err))
        return false;
    out->zone_uuid = zone ? zone->uuid : NULL;
    out->pod_uuid = pod ? pod->uuid : NULL;
    out->cluster_uuid = cluster ? cluster->uuid : NULL;
    out->cluster_name = cluster ? cluster->name : NULL;
    return true;
}

bool host_target(struct db *db, struct arena *arena, int64_t host_id, struct gurum_host *ret_host,
                 struct plugin_target *ret_target, struct error *err)
{
    struct host_row *row = NULL;
    if (!host_store_find(db, arena, host_id, &row, err))
        return false;
    if (!row || row->removed.set)
        return error_set(err, ERROR_RESOURCE_UNAVAILABLE, "host.gone");
    *ret_host =
        (struct gurum_host){.size = sizeof(*ret_host),
                            .uuid = row->h.uuid,
                            .name = row->h.name,
                            .url = row->h.url,
                            .address = row->h.private_ip,
                            .username = row->h.username,
                            .details = host_details_array(arena, reply_pairs_of(arena, row->h.provider_details))};
    *ret_target = (struct plugin_target){.type = row->h.hypervisor, .object_uuid = row->h.uuid};
    if (row->sealed_password) {
        struct plugin_secret *secret = ARENA_NEW(arena, struct plugin_secret);
        *secret = (struct plugin_secret){.name = "password", .sealed = row->sealed_password,
                                         .associated = arena_printf(arena, "host.password:%s", row->h.uuid)};
        ret_target->secrets = secret;
        ret_target->secret_count = 1;
    }
    return fill_place(db, arena, &row->h, ret_host, err);
}

bool host_target_in(struct db *db, struct arena *arena, int64_t zone_id, int64_t cluster_id,
                    struct gurum_host *ret_host, struct error *err)
{
    struct host_filter filter = {.zone_id = zone_id, .cluster_id = cluster_id};
    const struct host *hosts = NULL;
    size_t count = 0;
    struct plugin_target unused;
    *ret_host = (struct gurum_host){.size = sizeof(*ret_host)};
    if (!host_candidates(db, arena, &filter, &hosts, &count, err))
        return false;
    return count == 0 || host_target(db, arena, hosts[0].id, ret_host, &unused, err);
}
