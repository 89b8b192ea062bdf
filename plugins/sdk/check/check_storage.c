/* The storage kind: pools, volumes, snapshots, copies. */
#include "check.h"

#include "gurum_storage.h"

#include <stdio.h>
#include <string.h>

#define VOLUME_BYTES (UINT64_C(8) << 20)

static struct gurum_pool pool;
static struct gurum_host via_host;

static void pool_fill(void)
{
    if (pool.size != 0)
        return;
    pool = (struct gurum_pool){.size = sizeof(pool),
                               .uuid = object_text("pool", "uuid", run.uuids[0]),
                               .name = "check",
                               .url = object_text("pool", "url", "sim://check/pool"),
                               .path = object_text("pool", "path", NULL),
                               .zone_uuid = run.uuids[1]};
    if (object_text("host", "url", NULL) == NULL)
        return;
    via_host = (struct gurum_host){.size = sizeof(via_host),
                                   .uuid = run.uuids[2],
                                   .name = "check",
                                   .url = object_text("host", "url", NULL),
                                   .username = object_text("host", "username", NULL)};
    pool.via_host = &via_host;
}

static const struct gurum_pool_spec *pool_spec(void)
{
    static const struct gurum_pool_spec spec = {.size = sizeof(spec), .pool = &pool};
    return &spec;
}

static const struct gurum_volume *volume_of(const char *uuid)
{
    static _Thread_local struct gurum_volume volume;
    volume = (struct gurum_volume){.size = sizeof(volume), .uuid = uuid, .name = "check", .size_bytes = VOLUME_BYTES};
    return &volume;
}

static const void *volume_spec(const char *uuid)
{
    static _Thread_local struct gurum_volume_spec spec;
    spec = (struct gurum_volume_spec){.size = sizeof(spec), .pool = &pool, .volume = volume_of(uuid)};
    return &spec;
}

static int volume_observe(const char *uuid)
{
    OUTCOME(outcome);
    pool_fill();
    slot_call(&outcome, "volume_observe", volume_spec(uuid), NULL);
    const struct gurum_volume_report *report = outcome_item(&outcome, GURUM_ITEM_VOLUME);
    return outcome.status == GURUM_OK && report != NULL ? report->present != 0 : -1;
}

static int volume_count(const char *uuid)
{
    OUTCOME(outcome);
    int count = 0;
    slot_call(&outcome, "volume_list", pool_spec(), NULL);
    for (uint32_t i = 0; i < outcome.item_count; i++) {
        const struct gurum_volume_report *report = (const void *)outcome.items[i];
        count += report->item.type == GURUM_ITEM_VOLUME && (uuid == NULL || same_text(report->uuid, uuid));
    }
    return outcome.status == GURUM_OK ? count : -1;
}

const struct subject *storage_subject(void)
{
    static const struct subject subject = {.noun = "volume",
                                           .ensure_slot = "volume_ensure",
                                           .remove_slot = "volume_remove",
                                           .ensure_spec = volume_spec,
                                           .remove_spec = volume_spec,
                                           .observe = volume_observe,
                                           .count = volume_count,
                                           .item = GURUM_ITEM_VOLUME,
                                           .item_uuid_offset = offsetof(struct gurum_volume_report, uuid)};
    return &subject;
}

static bool expect(const char *slot, const void *spec, int32_t status, const char *code)
{
    OUTCOME(outcome);
    slot_call(&outcome, slot, spec, NULL);
    return check(outcome.status == status, code, "%s answers %s, %s is right", slot, outcome_words(&outcome),
                 gurum_status_text(status));
}

static bool pool_makes_sense(const char *slot)
{
    OUTCOME(outcome);
    slot_call(&outcome, slot, pool_spec(), NULL);
    const struct gurum_pool_report *report = outcome_item(&outcome, GURUM_ITEM_POOL);
    return outcome.status == GURUM_OK && report != NULL && report->used_bytes <= report->capacity_bytes;
}

static uint64_t volume_size(const char *uuid)
{
    OUTCOME(outcome);
    slot_call(&outcome, "volume_observe", volume_spec(uuid), NULL);
    const struct gurum_volume_report *report = outcome_item(&outcome, GURUM_ITEM_VOLUME);
    return report == NULL ? 0 : report->size_bytes;
}

static void check_sizes(const char *uuid)
{
    OUTCOME(outcome);
    struct gurum_volume volume = *volume_of(uuid);
    struct gurum_volume_spec spec = {.size = sizeof(spec), .pool = &pool, .volume = &volume};
    slot_call(&outcome, "volume_ensure", &spec, NULL);
    const struct gurum_volume_report *report = outcome_item(&outcome, GURUM_ITEM_VOLUME);
    check(report != NULL && report->size_bytes >= VOLUME_BYTES && report->size_bytes < VOLUME_BYTES + (16 << 20),
          "report.numbers", "the size reported is the size asked for");
    check(report != NULL && report->handle != NULL, "report.handle", "a handle is reported");
    check(volume_size(uuid) >= VOLUME_BYTES && volume_size(uuid) < VOLUME_BYTES + (16 << 20), "report.observed_size",
          "so does volume_observe");
    volume.size_bytes = VOLUME_BYTES * 8;
    expect("volume_ensure", &spec, GURUM_CONFLICT, "conflict.size");
    struct gurum_volume_source source = {.size = sizeof(source), .kind = GURUM_SOURCE_VOLUME, .uuid = new_uuid()};
    volume.uuid = new_uuid();
    spec.source = &source;
    expect("volume_ensure", &spec, GURUM_NOT_FOUND, "absent.source");
    check(volume_observe(volume.uuid) == 0, "absent.nothing_made", "a volume without its source was not made");
}

static void check_resize(const char *uuid)
{
    if (!slot_present("volume_resize")) {
        check_skip("happy.resize", "no volume_resize");
        return;
    }
    struct gurum_volume volume = *volume_of(uuid);
    struct gurum_volume_resize_spec spec = {.size = sizeof(spec), .pool = &pool, .volume = &volume};
    volume.size_bytes = VOLUME_BYTES * 2;
    expect("volume_resize", &spec, GURUM_OK, "happy.resize");
    expect("volume_resize", &spec, GURUM_OK, "twice.resize");
    check(volume_size(uuid) >= VOLUME_BYTES * 2, "happy.resized", "it has the new size");
    volume.size_bytes = VOLUME_BYTES;
    expect("volume_resize", &spec, GURUM_INVALID, "conflict.shrink");
    volume.uuid = new_uuid();
    expect("volume_resize", &spec, GURUM_NOT_FOUND, "absent.resize");
}

static void check_snapshots(const char *uuid)
{
    if (!slot_present("snapshot_ensure")) {
        check_skip("happy.snapshot", "no snapshot_ensure");
        return;
    }
    struct gurum_snapshot_spec spec = {.size = sizeof(spec),
                                       .pool = &pool,
                                       .volume = volume_of(uuid),
                                       .snapshot_uuid = new_uuid(),
                                       .snapshot_name = "check"};
    expect("snapshot_revert", &spec, GURUM_NOT_FOUND, "absent.snapshot_revert");
    expect("snapshot_remove", &spec, GURUM_OK, "absent.snapshot_remove");
    expect("snapshot_ensure", &spec, GURUM_OK, "happy.snapshot");
    expect("snapshot_ensure", &spec, GURUM_OK, "twice.snapshot");
    expect("snapshot_revert", &spec, GURUM_OK, "happy.snapshot_revert");
    expect("snapshot_remove", &spec, GURUM_OK, "happy.snapshot_remove");
    expect("snapshot_remove", &spec, GURUM_OK, "twice.snapshot_remove");
    check(volume_observe(uuid) == 1, "remove.snapshot_only", "removing the snapshot left the volume");
    spec.volume = volume_of(new_uuid());
    expect("snapshot_ensure", &spec, GURUM_NOT_FOUND, "absent.snapshot_volume");
}

static void check_images(void)
{
    if (!slot_present("image_ensure") || object_text("image", "url", NULL) == NULL) {
        check_skip("happy.image", "no image_ensure, or the settings name no image");
        return;
    }
    struct gurum_image image = {.size = sizeof(image),
                                .format = (uint32_t)object_number("image", "format", GURUM_FORMAT_QCOW2),
                                .uuid = object_text("image", "uuid", new_uuid()),
                                .name = "check",
                                .url = object_text("image", "url", NULL),
                                .handle = object_text("image", "handle", NULL)};
    const struct gurum_image_store store = {
        .size = sizeof(store), .uuid = new_uuid(), .name = "check", .url = object_text("store", "url", NULL)};
    struct gurum_pool_image_spec spec = {
        .size = sizeof(spec), .pool = &pool, .store = store.url == NULL ? NULL : &store, .image = &image};
    const char *uuid = new_uuid();
    struct gurum_volume volume = *volume_of(uuid);
    struct gurum_volume_source source = {
        .size = sizeof(source), .kind = GURUM_SOURCE_IMAGE, .uuid = image.uuid, .image = &image};
    struct gurum_volume_spec from_image = {
        .size = sizeof(from_image), .pool = &pool, .volume = &volume, .source = &source};
    volume.size_bytes = (uint64_t)object_number("image", "volume_bytes", 1 << 30);
    if (object_text("image", "uuid", NULL) == NULL) /* else it may be there already */
        expect("volume_ensure", &from_image, GURUM_NOT_FOUND, "absent.image");
    expect("image_ensure", &spec, GURUM_OK, "happy.image");
    expect("image_ensure", &spec, GURUM_OK, "twice.image");
    expect("volume_ensure", &from_image, GURUM_OK, "happy.volume_from_image");
    if (object_text("image", "virtual_bytes", NULL) != NULL) {
        struct gurum_volume small = *volume_of(new_uuid());
        struct gurum_volume_spec too_small = {
            .size = sizeof(too_small), .pool = &pool, .volume = &small, .source = &source};
        small.size_bytes = (uint64_t)object_number("image", "virtual_bytes", 0) / 2;
        expect("volume_ensure", &too_small, GURUM_INVALID, "conflict.source_larger");
        expect("image_remove", &spec, GURUM_CONFLICT, "conflict.image_in_use");
    }
    expect("volume_remove", &from_image, GURUM_OK, "happy.volume_from_image_removed");
    if (object_number("image", "keep", 0) != 0)
        return;
    expect("image_remove", &spec, GURUM_OK, "happy.image_remove");
    expect("image_remove", &spec, GURUM_OK, "twice.image_remove");
}

/* A volume that a running guest has open on the host: it grows under the guest, and is not removed. */
static void check_open_volume(void)
{
    const char *uuid = object_text("open_volume", "uuid", NULL);
    if (uuid == NULL || !slot_present("volume_resize")) {
        check_skip("happy.resize_open", "no volume_resize, or the settings name no volume that a guest has open");
        return;
    }
    struct gurum_volume volume = *volume_of(uuid);
    struct gurum_volume_resize_spec spec = {.size = sizeof(spec),
                                            .pool = &pool,
                                            .volume = &volume,
                                            .host = pool.via_host,
                                            .guest_uuid = object_text("open_volume", "guest_uuid", NULL)};
    volume.size_bytes = volume_size(uuid) * 2;
    expect("volume_resize", &spec, GURUM_OK, "happy.resize_open");
    expect("volume_resize", &spec, GURUM_OK, "twice.resize_open");
    check(volume_size(uuid) == volume.size_bytes, "happy.resized_open", "it has the new size");
    expect("volume_remove", volume_spec(uuid), GURUM_CONFLICT, "conflict.volume_in_use");
    check(volume_observe(uuid) == 1, "remove.spares_open", "the volume is still there");
}

void check_storage(void)
{
    pool_fill();
    check(pool_makes_sense("pool_probe"), "happy.pool_probe",
          "pool_probe tells the pool, with numbers that make sense");
    expect("pool_ensure", pool_spec(), GURUM_OK, "happy.pool_ensure");
    expect("pool_ensure", pool_spec(), GURUM_OK, "twice.pool_ensure");
    check(pool_makes_sense("pool_observe"), "happy.pool_observe", "pool_observe tells it too");
    check_subject(storage_subject());
    const char *uuid = new_uuid();
    expect("volume_ensure", volume_spec(uuid), GURUM_OK, "happy.volume_ensure");
    expect("pool_remove", pool_spec(), GURUM_CONFLICT, "conflict.pool_with_volumes");
    check(volume_observe(uuid) == 1, "remove.pool_spares_volumes", "pool_remove left the volume alone");
    check_sizes(uuid);
    check_resize(uuid);
    check_snapshots(uuid);
    check_images();
    check_open_volume();
    expect("volume_remove", volume_spec(uuid), GURUM_OK, "happy.volume_remove");
    expect("pool_remove", pool_spec(), GURUM_OK, "happy.pool_remove");
    expect("pool_remove", pool_spec(), GURUM_OK, "twice.pool_remove");
}
