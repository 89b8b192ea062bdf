/* What was considered and what would fit, in words. */
#include "cloud/placement/placement_explain.h"

#include "cloud/zone/zone.h"

bool placement_note(struct job_run *run, struct plan *plan, enum explain_audience audience, const char *key,
                    const struct error_value *values, struct error *err)
{
    if (plan == NULL)
        return explain_add(run, audience, "placement", key, values, err);
    plan_fact(plan, audience, "placement", key, values);
    return true;
}

bool placement_explain_counts(struct job_run *run, struct plan *plan, const struct host_filter *filter,
                              struct host_rejections *ret_counts, struct error *err)
{
    struct host_rejections counts = {.total = 0};
    if (!host_count_rejections(run->db, run->arena, filter, &counts, err))
        return false;
    const struct error_value values[] = {
        E_INT("total", counts.total),       E_INT("disabled", counts.disabled),
        E_INT("down", counts.down),         E_INT("elsewhere", counts.wrong_place + counts.wrong_hypervisor),
        E_INT("tags", counts.missing_tags), E_INT("cpu", counts.no_cpu),
        E_INT("memory", counts.no_memory),  {.name = NULL}};
    *ret_counts = counts;
    return placement_note(run, plan, EXPLAIN_OPERATOR, "placement.counts", values, err);
}

static bool name_other_zones(struct job_run *run, struct plan *plan, const struct host_filter *filter,
                             struct error *err)
{
    const struct zone *zones = NULL;
    size_t count = 0;
    if (!zone_all(run->db, run->arena, &zones, &count, err))
        return false;
    for (size_t i = 0, named = 0; i < count && named < 3; i++) {
        if (zones[i].id == filter->zone_id || !zone_is_enabled(&zones[i]) || zones[i].domain_id != 0)
            continue;
        struct host_filter elsewhere = {.zone_id = zones[i].id,
                                        .hypervisor = filter->hypervisor,
                                        .arch = filter->arch,
                                        .tags = filter->tags,
                                        .cpu_mhz = filter->cpu_mhz,
                                        .memory_mib = filter->memory_mib};
        struct host_rejections counts;
        if (!host_count_rejections(run->db, run->arena, &elsewhere, &counts, err))
            return false;
        if (counts.suitable == 0)
            continue;
        named++;
        const struct error_value values[] = {E_TEXT("zone", zones[i].name), {.name = NULL}};
        if (!placement_note(run, plan, EXPLAIN_TENANT, "placement.fits_in_zone", values, err))
            return false;
    }
    return true;
}

/* The largest free room on one host, by memory. */
static bool name_smaller_size(struct job_run *run, struct plan *plan, const struct host_filter *filter,
                              struct error *err)
{
    struct host_filter any_size = *filter;
    any_size.cpu_mhz = any_size.memory_mib = 0;
    const struct host *hosts = NULL;
    size_t count = 0;
    if (!host_candidates(run->db, run->arena, &any_size, &hosts, &count, err))
        return false;
    int64_t cpu = 0, memory = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t free_cpu = hosts[i].cpu_limit_mhz - hosts[i].cpu_used_mhz,
                free_memory = hosts[i].memory_limit_mib - hosts[i].memory_used_mib;
        if (free_cpu <= 0 || free_memory <= memory)
            continue;
        cpu = free_cpu;
        memory = free_memory;
    }
    if (memory == 0)
        return true;
    const struct error_value values[] = {E_INT("cpu", cpu), E_INT("memory", memory), {.name = NULL}};
    return placement_note(run, plan, EXPLAIN_TENANT, "placement.fits_smaller", values, err);
}

bool placement_explain_nothing(struct job_run *run, struct plan *plan, const struct placement_request *request,
                               const struct host_filter *filter, struct error *err)
{
    const struct zone *zone = NULL;
    if (!zone_find(run->db, run->arena, request->zone_id, &zone, err))
        return false;
    const struct error_value values[] = {E_TEXT("zone", zone != NULL ? zone->name : ""),
                                         E_INT("cpu", filter->cpu_mhz),
                                         E_INT("memory", filter->memory_mib),
                                         {.name = NULL}};
    return placement_note(run, plan, EXPLAIN_TENANT, "placement.nothing", values, err) &&
           name_other_zones(run, plan, filter, err) && name_smaller_size(run, plan, filter, err);
}
