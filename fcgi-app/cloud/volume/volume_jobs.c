/* The storage plugin's calls about one volume. */
#include "cloud/volume/volume_jobs.h"

#include "base/text.h"
#include "cloud/image/image_jobs.h"
#include "cloud/zone/zone.h"

static uint64_t unsigned_of(int64_t value)
{
    return value > 0 ? (uint64_t)value : 0;
}

bool volume_pool_target(struct job_run *run, const struct storage_pool *pool, const struct gurum_host *via_host,
                        struct gurum_pool *ret_pool, struct plugin_target *ret_target, struct error *err)
{
    const struct zone *zone = NULL;
    const struct cluster *cluster = NULL;
    struct pair_list details = {.items = NULL};
    if (!zone_find(run->db, run->arena, pool->zone_id, &zone, err) ||
        !storage_pool_details(run->db, run->arena, pool->id, &details, err))
        return false;
    if (pool->cluster_id != 0 && !cluster_find(run->db, run->arena, pool->cluster_id, &cluster, err))
        return false;
    struct gurum_detail *items = arena_array(run->arena, details.count + 1, sizeof(*items));
    for (size_t i = 0; i < details.count; i++)
        items[i] = (struct gurum_detail){.name = details.items[i].name, .value = details.items[i].value};
    *ret_pool =
        (struct gurum_pool){.size = sizeof(*ret_pool),
                            .uuid = pool->uuid,
                            .name = pool->name,
                            .url = pool->url,
                            .path = pool->path,
                            .zone_uuid = zone != NULL ? zone->uuid : NULL,
                            .cluster_uuid = cluster != NULL ? cluster->uuid : NULL,
                            .via_host = via_host,
                            .details = {.items = items, .count = (uint32_t)details.count, .stride = sizeof(*items)}};
    *ret_target = (struct plugin_target){.type = pool->provider, .object_uuid = pool->uuid};
    return true;
}

static enum gurum_provisioning provisioning_of(const char *name)
{
    if (string_equal(name, "fat"))
        return GURUM_PROVISION_FAT;
    return string_equal(name, "sparse") ? GURUM_PROVISION_SPARSE : GURUM_PROVISION_THIN;
}

static struct gurum_volume spec_of(const struct volume *volume)
{
    return (struct gurum_volume){.size = sizeof(struct gurum_volume),
                                 .provisioning = provisioning_of(volume->provisioning_type),
                                 .uuid = volume->uuid,
                                 .name = volume->name,
                                 .handle = volume->location,
                                 .size_bytes = unsigned_of(volume->size_bytes),
                                 .iops_least = volume->min_iops.set ? unsigned_of(volume->min_iops.value) : 0,
                                 .iops_most = volume->max_iops.set ? unsigned_of(volume->max_iops.value) : 0};
}

/* What the volume begins with: the image cached on the pool when the plugin keeps images there, else read from its
 * store. */
struct source {
    struct gurum_volume_source source;
    struct gurum_image image;
    struct gurum_image_store store;
};

static enum step_outcome prepare_source(struct job_run *run, const struct volume *volume,
                                        const struct plugin_target *target, const struct gurum_pool *pool,
                                        struct source *source, struct error *err)
{
    uint64_t capabilities = 0;
    if (!image_plugin_objects(run, volume->image_id, volume->zone_id, &source->image, &source->store, err) ||
        !plugin_capabilities(run->db, GURUM_KIND_STORAGE, target->type, &capabilities, err))
        return STEP_FAILED;
    source->source = (struct gurum_volume_source){.size = sizeof(source->source),
                                                  .kind = GURUM_SOURCE_IMAGE,
                                                  .uuid = source->image.uuid,
                                                  .handle = source->image.handle,
                                                  .image = &source->image};
    if ((capabilities & GURUM_STORAGE_IMAGES) == 0) {
        source->source.store = &source->store;
        return STEP_DONE;
    }
    const struct gurum_pool_image_spec spec = {
        .size = sizeof(spec), .pool = pool, .store = &source->store, .image = &source->image};
    struct plugin_reports reports = {.items = NULL};
    enum step_outcome outcome = storage_image_ensure(run, target, &spec, &reports, err);
    if (outcome != STEP_DONE)
        return outcome;
    const struct gurum_image_report *report = plugin_report_first(&reports, GURUM_ITEM_IMAGE);
    if (report != NULL && report->handle != NULL)
        source->source.handle = report->handle;
    return STEP_DONE;
}

static bool find_pool(struct job_run *run, const struct volume *volume, const struct gurum_host *via_host,
                      struct gurum_pool *ret_pool, struct plugin_target *ret_target, struct error *err)
{
    struct storage_pool *pool = NULL;
    if (!storage_pool_find(run->db, run->arena, volume->pool_id, &pool, err))
        return false;
    if (pool == NULL)
        return error_with(err, ERROR_RESOURCE_UNAVAILABLE, "volume.pool_gone", E_TEXT("volume", volume->name));
    return volume_pool_target(run, pool, via_host, ret_pool, ret_target, err);
}

enum step_outcome volume_make_act(struct job_run *run, const struct volume *volume, const struct gurum_host *via_host,
                                  struct volume_made *ret_made, struct error *err)
{
    struct gurum_pool pool;
    struct plugin_target target;
    struct source source = {.source = {.size = 0}};
    if (!find_pool(run, volume, via_host, &pool, &target, err))
        return STEP_FAILED;
    if (volume->image_id != 0) {
        enum step_outcome prepared = prepare_source(run, volume, &target, &pool, &source, err);
        if (prepared != STEP_DONE)
            return prepared;
    }
    const struct gurum_volume wanted = spec_of(volume);
    const struct gurum_volume_spec spec = {.size = sizeof(spec),
                                           .pool = &pool,
                                           .volume = &wanted,
                                           .source = volume->image_id != 0 ? &source.source : NULL};
    struct plugin_reports reports = {.items = NULL};
    enum step_outcome outcome = storage_volume_ensure(run, &target, &spec, &reports, err);
    if (outcome != STEP_DONE)
        return outcome;
    const struct gurum_volume_report *report = plugin_report_first(&reports, GURUM_ITEM_VOLUME);
    if (report == NULL) {
        error_with(err, ERROR_PLUGIN, "volume.no_report", E_TEXT("volume", volume->name));
        return STEP_FAILED;
    }
    *ret_made =
        (struct volume_made){.volume_id = volume->id,
                             .handle = report->handle,
                             .size_bytes = report->size_bytes > 0 ? (int64_t)report->size_bytes : volume->size_bytes};
    return STEP_DONE;
}

enum step_outcome volume_remove_act(struct job_run *run, const struct volume *volume, const struct gurum_host *via_host,
                                    struct error *err)
{
    struct gurum_pool pool;
    struct plugin_target target;
    if (volume->pool_id == 0)
        return STEP_DONE;
    if (!find_pool(run, volume, via_host, &pool, &target, err))
        return STEP_FAILED;
    const struct gurum_volume wanted = spec_of(volume);
    const struct gurum_volume_spec spec = {.size = sizeof(spec), .pool = &pool, .volume = &wanted};
    return storage_volume_remove(run, &target, &spec, NULL, err);
}
