/* Broken storage, 40 to 59: each section names its number and what is wrong. See broken.h. */
#include "broken.h"

#include "gurum_storage.h"

#include <string.h>

static struct gurum_storage_operations operations;

static const struct gurum_storage_operations *healthy(void)
{
    return healthy_plugin.operations;
}

static int32_t report_to_nobody(struct gurum_call *call, const struct gurum_item *item)
{
    (void)call, (void)item;
    return GURUM_OK;
}

/* 40: tells half the size. */
static int32_t report_half(struct gurum_call *call, const struct gurum_item *item)
{
    if (item->type != GURUM_ITEM_VOLUME)
        return host_services->report(call, item);
    struct gurum_volume_report report = *(const struct gurum_volume_report *)(const void *)item;
    report.size_bytes /= 2;
    return host_services->report(call, &report.item);
}

/* 41: with the snapshot goes the volume. */
static int32_t snapshot_remove_volume(struct gurum_call *call, const struct gurum_snapshot_spec *spec)
{
    const struct gurum_volume_spec volume = {.size = sizeof(volume), .pool = spec->pool, .volume = spec->volume};
    int32_t status = healthy()->snapshot_remove(call, spec);
    healthy()->volume_remove(call, &volume);
    return status;
}

/* 42: a volume that is too small is good enough. */
static int32_t ensure_any_size(struct gurum_call *call, const struct gurum_volume_spec *spec)
{
    struct gurum_volume volume = *spec->volume;
    struct gurum_volume_spec smaller = *spec;
    int32_t status = healthy()->volume_ensure(call, spec);
    smaller.volume = &volume;
    volume.size_bytes = 1;
    return status == GURUM_CONFLICT ? healthy()->volume_ensure(call, &smaller) : status;
}

/* 43: a retry makes one more. */
static int32_t ensure_leaking(struct gurum_call *call, const struct gurum_volume_spec *spec)
{
    bool retry = was_cut_off(call);
    struct gurum_volume volume = *spec->volume;
    struct gurum_volume_spec other = *spec;
    other.volume = &volume;
    volume.uuid = another_uuid(spec->volume->uuid);
    has_begun(call);
    if (retry) {
        given_services.report = report_to_nobody;
        healthy()->volume_ensure(call, &other);
        given_services.report = host_services->report;
    }
    int32_t status = healthy()->volume_ensure(call, spec);
    has_ended(call);
    return status;
}

/* 44: a missing source is no reason not to make the volume. */
static int32_t ensure_sourceless(struct gurum_call *call, const struct gurum_volume_spec *spec)
{
    struct gurum_volume_spec empty = *spec;
    empty.source = NULL;
    int32_t status = healthy()->volume_ensure(call, spec);
    return status == GURUM_NOT_FOUND ? healthy()->volume_ensure(call, &empty) : status;
}

/* 45: shrinks without being told that it may. */
static int32_t resize_shrinks(struct gurum_call *call, const struct gurum_volume_resize_spec *spec)
{
    struct gurum_volume_resize_spec shrinking = *spec;
    shrinking.flags |= GURUM_RESIZE_MAY_SHRINK;
    return healthy()->volume_resize(call, &shrinking);
}

/* 46: a pool goes with all that is in it. */
static int32_t ensure_and_note(struct gurum_call *call, const struct gurum_volume_spec *spec)
{
    made_add(spec->volume->uuid);
    return healthy()->volume_ensure(call, spec);
}

static int32_t pool_remove_all(struct gurum_call *call, const struct gurum_pool_spec *spec)
{
    struct gurum_volume volume = {.size = sizeof(volume)};
    struct gurum_volume_spec doomed = {.size = sizeof(doomed), .pool = spec->pool, .volume = &volume};
    while ((volume.uuid = made_take()) != NULL)
        healthy()->volume_remove(call, &doomed);
    return healthy()->pool_remove(call, spec);
}

__attribute__((constructor)) static void build(void)
{
    operations = *healthy();
    broken_plugin = healthy_plugin;
    broken_plugin.operations = &operations;
    broken_plugin.start = broken_start;
    given_services.size = sizeof(given_services);
    switch (BROKEN) {
    case 40:
        given_services.report = report_half;
        break;
    case 41:
        operations.snapshot_remove = snapshot_remove_volume;
        break;
    case 42:
        operations.volume_ensure = ensure_any_size;
        break;
    case 43:
        operations.volume_ensure = ensure_leaking;
        break;
    case 44:
        operations.volume_ensure = ensure_sourceless;
        break;
    case 45:
        operations.volume_resize = resize_shrinks;
        break;
    case 46:
        operations.volume_ensure = ensure_and_note;
        operations.pool_remove = pool_remove_all;
        break;
    default:
        break;
    }
}
