/* The storage slots over the simulated state. Pools are keyed by our uuid; the url is the pool's own identity. Volumes
 * and cached images are full copies: nothing depends on anything. */
#include "gurum_storage.h"
#include "server/request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int32_t pool_ready(struct request *request, const char *uuid)
{
    if (state_get(STATE_pools, uuid) != NULL)
        return GURUM_OK;
    return request_fail(request, GURUM_NOT_FOUND, "pool_absent", "pool %s was never made ready",
                        uuid == NULL ? "" : uuid);
}

/* Takes space from the pool, or gives it back when negative. False: there is not so much. */
static bool pool_take(const char *uuid, int64_t bytes)
{
    struct json_object *pool = state_get(STATE_pools, uuid);
    int64_t used = number_of(pool, "used_bytes") + bytes;
    if (pool == NULL)
        return true;
    if (bytes > 0 && used > number_of(pool, "capacity_bytes"))
        return false;
    set_number(pool, "used_bytes", used);
    state_save(STATE_pools, uuid);
    return true;
}

static void pool_report(struct request *request, const char *uuid)
{
    struct json_object *pool = state_get(STATE_pools, uuid), *item = request_item(request, GURUM_ITEM_POOL);
    const char *url = spec_text(request, "pool", "url");
    char identity[40];
    snprintf(identity, sizeof(identity), "pool-%016" PRIx64, hash_of(url));
    set_number(item, "state", pool == NULL ? GURUM_POOL_PREPARING : GURUM_POOL_UP);
    set_number(item, "shared", spec_text(request, "pool", "via_host_url") == NULL);
    set_text(item, "provider_uuid", identity);
    set_text(item, "type", "NetworkFilesystem");
    set_text(item, "path", spec_text(request, "pool", "path"));
    set_number(item, "capacity_bytes",
               pool == NULL ? spec_number(request, "defaults", "capacity_bytes") : number_of(pool, "capacity_bytes"));
    set_number(item, "used_bytes", number_of(pool, "used_bytes"));
}

static int32_t pool_probe(struct request *request)
{
    const char *url = spec_text(request, "pool", "url");
    pool_report(request, spec_text(request, "pool", "uuid"));
    request_check(request, "address", url != NULL, "the pool has an address", "give the pool a url");
    return GURUM_OK;
}

static int32_t pool_ensure(struct request *request)
{
    const char *uuid = spec_text(request, "pool", "uuid"), *url = spec_text(request, "pool", "url");
    if (uuid == NULL || url == NULL)
        return request_fail(request, GURUM_INVALID, "pool_unnamed", "a pool needs uuid and url");
    json_object_object_foreach(state_all(STATE_pools), other, pool)
    {
        const char *other_url = text_of(pool, "url");
        if (strcmp(other, uuid) != 0 && other_url != NULL && strcmp(other_url, url) == 0)
            return request_fail(request, GURUM_CONFLICT, "pool_taken", "%s is in use as pool %s", url, other);
    }
    if (state_get(STATE_pools, uuid) == NULL) {
        struct json_object *pool_new = json_object_new_object();
        set_text(pool_new, "url", url);
        set_text(pool_new, "name", spec_text(request, "pool", "name"));
        set_number(pool_new, "capacity_bytes", spec_number(request, "defaults", "capacity_bytes"));
        set_number(pool_new, "used_bytes", 0);
        json_object_object_add(pool_new, "details",
                               json_object_get(member_of(member_of(request->spec, "pool"), "details")));
        state_put(STATE_pools, uuid, pool_new);
    }
    struct json_object *fact = request_item(request, GURUM_ITEM_DETAIL);
    set_text(fact, "name", "simulator.url");
    set_text(fact, "value", url);
    pool_report(request, uuid);
    return GURUM_OK;
}

static int32_t pool_observe(struct request *request)
{
    const char *uuid = spec_text(request, "pool", "uuid");
    int32_t status = pool_ready(request, uuid);
    if (status == GURUM_OK)
        pool_report(request, uuid);
    return status;
}

static bool is_in_pool(struct json_object *object, const char *pool_uuid)
{
    const char *pool = text_of(object, "pool_uuid");
    return pool != NULL && pool_uuid != NULL && strcmp(pool, pool_uuid) == 0;
}

static void pool_forget_images(const char *pool_uuid)
{
    struct json_object *doomed = json_object_new_object();
    json_object_object_foreach(state_all(STATE_pool_images), id, image)
    {
        if (is_in_pool(image, pool_uuid))
            json_object_object_add(doomed, id, NULL);
    }
    json_object_object_foreach(doomed, image_id, ignored)
    {
        (void)ignored;
        state_remove(STATE_pool_images, image_id);
    }
    json_object_put(doomed);
}

static int32_t pool_remove(struct request *request)
{
    const char *uuid = spec_text(request, "pool", "uuid");
    json_object_object_foreach(state_all(STATE_volumes), id, volume)
    {
        if (is_in_pool(volume, uuid))
            return request_fail(request, GURUM_CONFLICT, "pool_has_volumes", "volume %s is in pool %s", id, uuid);
    }
    if (uuid != NULL) {
        pool_forget_images(uuid);
        state_remove(STATE_pools, uuid);
    }
    return GURUM_OK;
}

/* ---- Volumes ---- */

/* The volume of the spec if it lies in the spec's pool; else NULL. */
static struct json_object *volume_here(struct request *request, const char **ret_uuid)
{
    *ret_uuid = spec_text(request, "volume", "uuid");
    struct json_object *volume = state_get(STATE_volumes, *ret_uuid);
    return is_in_pool(volume, spec_text(request, "pool", "uuid")) ? volume : NULL;
}

static void volume_report(struct request *request, const char *uuid, struct json_object *volume)
{
    struct json_object *item = request_item(request, GURUM_ITEM_VOLUME);
    set_text(item, "uuid", uuid);
    set_number(item, "present", volume != NULL);
    if (volume == NULL)
        return;
    set_text(item, "handle", text_of(volume, "handle"));
    set_text(item, "path", text_of(volume, "path"));
    set_number(item, "format", number_of(volume, "format"));
    set_number(item, "size_bytes", number_of(volume, "size_bytes"));
    set_number(item, "used_bytes", number_of(volume, "used_bytes"));
}

/* What the source holds, in bytes; negative with the reason set when it is not there. */
static int64_t source_size(struct request *request)
{
    struct json_object *source = member_of(request->spec, "source");
    const char *uuid = text_of(source, "uuid"), *pool = text_of(source, "pool_uuid");
    int64_t kind = number_of(source, "kind");
    if (pool == NULL)
        pool = spec_text(request, "pool", "uuid");
    char cached[512];
    snprintf(cached, sizeof(cached), "%s@%s", uuid == NULL ? "" : uuid, pool == NULL ? "" : pool);
    struct json_object *found = NULL;
    if (kind == GURUM_SOURCE_EMPTY)
        return 0;
    if (text_of(source, "store_uuid") != NULL)
        snprintf(cached, sizeof(cached), "%s@%s", uuid == NULL ? "" : uuid, text_of(source, "store_uuid"));
    if (kind == GURUM_SOURCE_IMAGE)
        found = state_get(text_of(source, "store_uuid") != NULL ? STATE_images : STATE_pool_images, cached);
    else if (kind == GURUM_SOURCE_VOLUME)
        found = state_get(STATE_volumes, uuid);
    else if (kind == GURUM_SOURCE_SNAPSHOT)
        found =
            text_of(source, "store_uuid") != NULL ? state_get(STATE_images, cached) : state_get(STATE_snapshots, uuid);
    if (found == NULL) {
        request_fail(request, GURUM_NOT_FOUND, "source_absent", "what the volume begins with, %s, is not there",
                     uuid == NULL ? "(unnamed)" : uuid);
        return -1;
    }
    return number_of(found, kind == GURUM_SOURCE_IMAGE || text_of(source, "store_uuid") != NULL ? "virtual_size_bytes"
                                                                                                : "size_bytes");
}

static struct json_object *volume_new(const char *uuid, const char *pool_uuid, int64_t size_bytes, int64_t format)
{
    struct json_object *volume = json_object_new_object();
    char path[256];
    set_text(volume, "pool_uuid", pool_uuid);
    set_text(volume, "handle", uuid);
    snprintf(path, sizeof(path), "/simulated/%s/%s", pool_uuid, uuid);
    set_text(volume, "path", path);
    set_number(volume, "size_bytes", size_bytes);
    set_number(volume, "format", format == GURUM_FORMAT_UNKNOWN ? GURUM_FORMAT_QCOW2 : format);
    return volume;
}

static int32_t volume_ensure(struct request *request)
{
    const char *uuid, *pool = spec_text(request, "pool", "uuid");
    int32_t status = pool_ready(request, pool);
    if (status != GURUM_OK)
        return status;
    struct json_object *volume = volume_here(request, &uuid);
    int64_t wanted = spec_number(request, "volume", "size_bytes");
    if (uuid == NULL || wanted <= 0)
        return request_fail(request, GURUM_INVALID, "volume_unnamed", "a volume needs uuid and size");
    if (volume == NULL && state_get(STATE_volumes, uuid) != NULL)
        return request_fail(request, GURUM_CONFLICT, "volume_elsewhere", "volume %s lies in another pool", uuid);
    if (volume != NULL && number_of(volume, "size_bytes") < wanted)
        return request_fail(request, GURUM_CONFLICT, "volume_smaller", "volume %s exists with %" PRId64 " bytes", uuid,
                            number_of(volume, "size_bytes"));
    if (volume == NULL) {
        int64_t source = source_size(request);
        if (source < 0)
            return GURUM_NOT_FOUND;
        if (source > wanted)
            return request_fail(request, GURUM_INVALID, "source_larger", "%" PRId64 " bytes do not fit into %" PRId64,
                                source, wanted);
        bool fat = spec_number(request, "volume", "provisioning") == GURUM_PROVISION_FAT;
        int64_t used = fat ? wanted : source / 4 + 200704;
        if (!pool_take(pool, used))
            return request_fail(request, GURUM_NO_CAPACITY, "pool_full", "%" PRId64 " bytes do not fit", used);
        volume = volume_new(uuid, pool, wanted, spec_number(request, "volume", "format"));
        set_text(volume, "name", spec_text(request, "volume", "name"));
        set_number(volume, "used_bytes", used);
        set_text(volume, "source_uuid", spec_text(request, "source", "uuid"));
        state_put(STATE_volumes, uuid, volume);
    }
    volume_report(request, uuid, volume);
    return GURUM_OK;
}

static int32_t volume_observe(struct request *request)
{
    const char *uuid;
    struct json_object *volume = volume_here(request, &uuid);
    volume_report(request, uuid, volume);
    return GURUM_OK;
}

static int32_t volume_list(struct request *request)
{
    const char *pool = spec_text(request, "pool", "uuid");
    int32_t status = pool_ready(request, pool);
    if (status != GURUM_OK)
        return status;
    json_object_object_foreach(state_all(STATE_volumes), uuid, volume)
    {
        if (is_in_pool(volume, pool))
            volume_report(request, uuid, volume);
    }
    return GURUM_OK;
}

static int32_t volume_resize(struct request *request)
{
    const char *uuid;
    struct json_object *volume = volume_here(request, &uuid);
    int64_t wanted = spec_number(request, "volume", "size_bytes");
    if (volume == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "volume_absent", "volume %s is not here", uuid);
    if (wanted < number_of(volume, "size_bytes") && !(number_of(request->spec, "flags") & GURUM_RESIZE_MAY_SHRINK))
        return request_fail(request, GURUM_INVALID, "would_shrink", "volume %s has %" PRId64 " bytes", uuid,
                            number_of(volume, "size_bytes"));
    if (number_of(volume, "size_bytes") != wanted) {
        set_number(volume, "size_bytes", wanted);
        state_save(STATE_volumes, uuid);
    }
    volume_report(request, uuid, volume);
    return GURUM_OK;
}

static void volume_forget_snapshots(const char *volume_uuid)
{
    struct json_object *doomed = json_object_new_object();
    json_object_object_foreach(state_all(STATE_snapshots), id, snapshot)
    {
        const char *owner = text_of(snapshot, "volume_uuid");
        if (owner != NULL && strcmp(owner, volume_uuid) == 0)
            json_object_object_add(doomed, id, NULL);
    }
    json_object_object_foreach(doomed, snapshot_id, ignored)
    {
        (void)ignored;
        state_remove(STATE_snapshots, snapshot_id);
    }
    json_object_put(doomed);
}

static int32_t volume_remove(struct request *request)
{
    const char *uuid, *guest;
    struct json_object *volume = volume_here(request, &uuid);
    if (volume == NULL)
        return GURUM_OK;
    if (volume_is_used(uuid, &guest))
        return request_fail(request, GURUM_CONFLICT, "volume_in_use", "volume %s belongs to guest %s", uuid, guest);
    pool_take(text_of(volume, "pool_uuid"), -number_of(volume, "used_bytes"));
    volume_forget_snapshots(uuid);
    state_remove(STATE_volumes, uuid);
    return GURUM_OK;
}

/* ---- Snapshots ---- */

static int32_t snapshot_ensure(struct request *request)
{
    const char *uuid, *id = text_of(request->spec, "snapshot_uuid");
    struct json_object *volume = volume_here(request, &uuid), *snapshot = state_get(STATE_snapshots, id);
    if (volume == NULL || id == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "volume_absent", "volume %s is not here", uuid);
    if (snapshot == NULL) {
        snapshot = json_object_new_object();
        set_text(snapshot, "volume_uuid", uuid);
        set_text(snapshot, "name", text_of(request->spec, "snapshot_name"));
        set_number(snapshot, "size_bytes", number_of(volume, "size_bytes"));
        set_number(snapshot, "taken_ms", request->now_ms);
        state_put(STATE_snapshots, id, snapshot);
    }
    struct json_object *item = request_item(request, GURUM_ITEM_SNAPSHOT);
    set_text(item, "uuid", id);
    set_text(item, "volume_uuid", uuid);
    set_text(item, "handle", id);
    set_number(item, "size_bytes", number_of(snapshot, "size_bytes"));
    set_number(item, "taken_ms", number_of(snapshot, "taken_ms"));
    return GURUM_OK;
}

static int32_t snapshot_remove(struct request *request)
{
    const char *id = text_of(request->spec, "snapshot_uuid"), *uuid = spec_text(request, "volume", "uuid");
    const char *owner = text_of(state_get(STATE_snapshots, id), "volume_uuid");
    if (owner != NULL && uuid != NULL && strcmp(owner, uuid) == 0)
        state_remove(STATE_snapshots, id);
    return GURUM_OK;
}

static int32_t snapshot_revert(struct request *request)
{
    const char *uuid, *id = text_of(request->spec, "snapshot_uuid");
    struct json_object *volume = volume_here(request, &uuid), *snapshot = state_get(STATE_snapshots, id);
    if (volume == NULL || snapshot == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "snapshot_absent", "snapshot %s is not here", id);
    const char *last = text_of(volume, "revert_operation");
    if (last == NULL || request->operation == NULL || strcmp(last, request->operation) != 0) {
        set_text(volume, "revert_operation", request->operation);
        set_number(volume, "size_bytes", number_of(snapshot, "size_bytes"));
        state_save(STATE_volumes, uuid);
    }
    volume_report(request, uuid, volume);
    return GURUM_OK;
}

/* ---- Copies and cached images ---- */

static void image_report(struct request *request, const char *uuid, struct json_object *image)
{
    struct json_object *item = request_item(request, GURUM_ITEM_IMAGE);
    set_text(item, "uuid", uuid);
    set_text(item, "handle", uuid);
    set_number(item, "state", GURUM_IMAGE_READY);
    set_number(item, "format", number_of(image, "format"));
    set_number(item, "size_bytes", number_of(image, "size_bytes"));
    set_number(item, "virtual_size_bytes", number_of(image, "virtual_size_bytes"));
    set_text(item, "checksum", text_of(image, "checksum"));
}

static int32_t copy_to_store(struct request *request, const char *uuid, struct json_object *volume)
{
    const char *image_uuid = spec_text(request, "image", "uuid"), *store = spec_text(request, "store", "uuid");
    char id[512];
    snprintf(id, sizeof(id), "%s@%s", image_uuid == NULL ? "" : image_uuid, store == NULL ? "" : store);
    struct json_object *image = state_get(STATE_images, id);
    if (state_get(STATE_stores, store) == NULL || image_uuid == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "store_absent", "the image store was never made ready");
    if (image == NULL && volume == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "volume_absent", "volume %s is not here", uuid);
    if (image == NULL) {
        image = json_object_new_object();
        set_text(image, "store_uuid", store);
        set_number(image, "format", GURUM_FORMAT_QCOW2);
        set_number(image, "size_bytes", number_of(volume, "used_bytes"));
        set_number(image, "virtual_size_bytes", number_of(volume, "size_bytes"));
        state_put(STATE_images, id, image);
    }
    image_report(request, image_uuid, image);
    return GURUM_OK;
}

/* Makes volume `uuid` in `pool` like `source`, unless it is there. */
static int32_t copy_to_volume(struct request *request, const char *uuid, const char *pool, struct json_object *source,
                              const char *size_name)
{
    struct json_object *volume = state_get(STATE_volumes, uuid);
    if (volume == NULL && source == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "source_absent", "what is to be copied is not there");
    if (volume == NULL) {
        volume = volume_new(uuid, pool, number_of(source, size_name), GURUM_FORMAT_QCOW2);
        set_number(volume, "used_bytes", number_of(source, size_name) / 4 + 200704);
        if (!pool_take(pool, number_of(volume, "used_bytes"))) {
            json_object_put(volume);
            return request_fail(request, GURUM_NO_CAPACITY, "pool_full", "the copy does not fit into pool %s", pool);
        }
        state_put(STATE_volumes, uuid, volume);
    }
    volume_report(request, uuid, volume);
    return GURUM_OK;
}

static int32_t volume_copy(struct request *request)
{
    const char *uuid, *pool = spec_text(request, "pool", "uuid"), *store = spec_text(request, "store", "uuid");
    struct json_object *volume = volume_here(request, &uuid);
    int64_t direction = number_of(request->spec, "direction");
    int32_t status = pool_ready(request, pool);
    if (status != GURUM_OK)
        return status;
    if (direction == GURUM_COPY_TO_STORE)
        return copy_to_store(request, uuid, volume);
    if (direction == GURUM_COPY_FROM_STORE && uuid != NULL) {
        char id[512];
        const char *image_uuid = spec_text(request, "image", "uuid");
        snprintf(id, sizeof(id), "%s@%s", image_uuid == NULL ? "" : image_uuid, store == NULL ? "" : store);
        return copy_to_volume(request, uuid, pool, state_get(STATE_images, id), "virtual_size_bytes");
    }
    const char *copy = spec_text(request, "copy", "uuid"), *destination = spec_text(request, "destination", "uuid");
    if (direction != GURUM_COPY_TO_POOL || copy == NULL)
        return request_fail(request, GURUM_INVALID, "direction", "a copy needs a direction and names");
    if ((status = pool_ready(request, destination)) != GURUM_OK)
        return status;
    return copy_to_volume(request, copy, destination, volume, "size_bytes");
}

static int32_t image_ensure(struct request *request)
{
    const char *uuid = spec_text(request, "image", "uuid"), *pool = spec_text(request, "pool", "uuid");
    const char *store = spec_text(request, "store", "uuid");
    char id[512], stored[512];
    snprintf(id, sizeof(id), "%s@%s", uuid == NULL ? "" : uuid, pool == NULL ? "" : pool);
    snprintf(stored, sizeof(stored), "%s@%s", uuid == NULL ? "" : uuid, store == NULL ? "" : store);
    int32_t status = pool_ready(request, pool);
    if (status != GURUM_OK)
        return status;
    struct json_object *cached = state_get(STATE_pool_images, id), *source = state_get(STATE_images, stored);
    if (cached == NULL && source == NULL && store != NULL && state_get(STATE_stores, store) != NULL)
        return request_fail(request, GURUM_NOT_FOUND, "image_absent", "image %s is not in store %s", uuid, store);
    if (cached == NULL) {
        int64_t size = spec_number(request, "image", "size_bytes"),
                most = spec_number(request, "image", "size_bytes_most");
        int64_t virtual_size = spec_number(request, "image", "virtual_size_bytes");
        if (source != NULL) {
            size = number_of(source, "size_bytes");
            virtual_size = number_of(source, "virtual_size_bytes");
        }
        size = size > 0 ? size : 16 << 20;
        if (most > 0 && size > most)
            return request_fail(request, GURUM_INVALID, "image_too_large", "%" PRId64 " bytes are above the ceiling",
                                size);
        if (!pool_take(pool, size))
            return request_fail(request, GURUM_NO_CAPACITY, "pool_full", "image %s does not fit", uuid);
        cached = json_object_new_object();
        set_text(cached, "pool_uuid", pool);
        set_number(cached, "format",
                   source != NULL ? number_of(source, "format") : spec_number(request, "image", "format"));
        set_number(cached, "size_bytes", size);
        set_number(cached, "virtual_size_bytes", virtual_size > 0 ? virtual_size : size);
        state_put(STATE_pool_images, id, cached);
    }
    image_report(request, uuid, cached);
    return GURUM_OK;
}

static int32_t image_remove(struct request *request)
{
    const char *uuid = spec_text(request, "image", "uuid"), *pool = spec_text(request, "pool", "uuid");
    char id[512];
    snprintf(id, sizeof(id), "%s@%s", uuid == NULL ? "" : uuid, pool == NULL ? "" : pool);
    struct json_object *cached = state_get(STATE_pool_images, id);
    if (cached != NULL) {
        pool_take(pool, -number_of(cached, "size_bytes"));
        state_remove(STATE_pool_images, id);
    }
    return GURUM_OK;
}

const struct slot storage_slots[] = {
    {"pool_probe", pool_probe, 0},
    {"pool_ensure", pool_ensure, 0},
    {"pool_observe", pool_observe, 0},
    {"pool_remove", pool_remove, SLOT_IGNORES_CANCEL},
    {"volume_ensure", volume_ensure, 0},
    {"volume_observe", volume_observe, 0},
    {"volume_list", volume_list, 0},
    {"volume_resize", volume_resize, 0},
    {"volume_remove", volume_remove, SLOT_IGNORES_CANCEL},
    {"snapshot_ensure", snapshot_ensure, 0},
    {"snapshot_remove", snapshot_remove, SLOT_IGNORES_CANCEL},
    {"snapshot_revert", snapshot_revert, 0},
    {"volume_copy", volume_copy, 0},
    {"image_ensure", image_ensure, 0},
    {"image_remove", image_remove, SLOT_IGNORES_CANCEL},
    {NULL, NULL, 0},
};
