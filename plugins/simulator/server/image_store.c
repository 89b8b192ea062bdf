/* The image store's slots over the simulated state. Nothing is fetched: an image's size comes from what is asked, or
 * from "size_mib=N" in its url; a url with "/missing" is not found, one with "/corrupt" has another checksum. */
#include "gurum_image_store.h"
#include "server/request.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE_BYTES_DEFAULT (16ll << 20)
#define IMAGE_VIRTUAL_BYTES_DEFAULT (64ll << 20)

static int32_t store_ready(struct request *request, const char *uuid)
{
    if (state_get(STATE_stores, uuid) != NULL)
        return GURUM_OK;
    return request_fail(request, GURUM_NOT_FOUND, "store_absent", "store %s was never made ready",
                        uuid == NULL ? "" : uuid);
}

static bool is_in_store(struct json_object *image, const char *store_uuid)
{
    const char *store = text_of(image, "store_uuid");
    return store != NULL && store_uuid != NULL && strcmp(store, store_uuid) == 0;
}

static void store_report(struct request *request)
{
    const char *uuid = spec_text(request, "store", "uuid"), *url = spec_text(request, "store", "url");
    struct json_object *store = state_get(STATE_stores, uuid), *item = request_item(request, GURUM_ITEM_STORE);
    char identity[40];
    int64_t used = 0;
    json_object_object_foreach(state_all(STATE_images), id, image)
    {
        (void)id;
        used += is_in_store(image, uuid) ? number_of(image, "size_bytes") : 0;
    }
    snprintf(identity, sizeof(identity), "store-%016" PRIx64, hash_of(url));
    set_number(item, "state", store == NULL ? GURUM_STORE_PREPARING : GURUM_STORE_UP);
    set_text(item, "provider_uuid", identity);
    set_number(item, "capacity_bytes",
               store == NULL ? spec_number(request, "defaults", "capacity_bytes") : number_of(store, "capacity_bytes"));
    set_number(item, "used_bytes", used);
}

static int32_t store_probe(struct request *request)
{
    store_report(request);
    request_check(request, "address", spec_text(request, "store", "url") != NULL, "the store has an address",
                  "give the store a url");
    return GURUM_OK;
}

static int32_t store_ensure(struct request *request)
{
    const char *uuid = spec_text(request, "store", "uuid"), *url = spec_text(request, "store", "url");
    if (uuid == NULL || url == NULL)
        return request_fail(request, GURUM_INVALID, "store_unnamed", "a store needs uuid and url");
    json_object_object_foreach(state_all(STATE_stores), other, taken)
    {
        const char *other_url = text_of(taken, "url");
        if (strcmp(other, uuid) != 0 && other_url != NULL && strcmp(other_url, url) == 0)
            return request_fail(request, GURUM_CONFLICT, "store_taken", "%s is in use as store %s", url, other);
    }
    if (state_get(STATE_stores, uuid) == NULL) {
        struct json_object *store = json_object_new_object();
        set_text(store, "url", url);
        set_text(store, "name", spec_text(request, "store", "name"));
        set_number(store, "capacity_bytes", spec_number(request, "defaults", "capacity_bytes"));
        state_put(STATE_stores, uuid, store);
    }
    store_report(request);
    return GURUM_OK;
}

static int32_t store_observe(struct request *request)
{
    int32_t status = store_ready(request, spec_text(request, "store", "uuid"));
    if (status == GURUM_OK)
        store_report(request);
    return status;
}

static int32_t store_remove(struct request *request)
{
    const char *uuid = spec_text(request, "store", "uuid");
    json_object_object_foreach(state_all(STATE_images), id, image)
    {
        if (is_in_store(image, uuid))
            return request_fail(request, GURUM_CONFLICT, "store_has_images", "%s is in the store", id);
    }
    if (uuid != NULL)
        state_remove(STATE_stores, uuid);
    return GURUM_OK;
}

/* ---- Images ---- */

static struct json_object *image_here(struct request *request, char *ret_id, size_t capacity)
{
    const char *uuid = spec_text(request, "image", "uuid"), *store = spec_text(request, "store", "uuid");
    snprintf(ret_id, capacity, "%s@%s", uuid == NULL ? "" : uuid, store == NULL ? "" : store);
    return state_get(STATE_images, ret_id);
}

static void image_report(struct request *request, const char *id, struct json_object *image)
{
    struct json_object *item = request_item(request, GURUM_ITEM_IMAGE);
    char uuid[64];
    snprintf(uuid, sizeof(uuid), "%.*s", (int)strcspn(id, "@"), id);
    set_text(item, "uuid", uuid);
    set_number(item, "state", image == NULL ? GURUM_IMAGE_ABSENT : GURUM_IMAGE_READY);
    if (image == NULL)
        return;
    set_text(item, "handle", id);
    set_text(item, "checksum", text_of(image, "checksum"));
    set_number(item, "format", number_of(image, "format"));
    set_number(item, "size_bytes", number_of(image, "size_bytes"));
    set_number(item, "virtual_size_bytes", number_of(image, "virtual_size_bytes"));
}

static int64_t size_in(const char *url)
{
    const char *size = url == NULL ? NULL : strstr(url, "size_mib=");
    return size == NULL ? 0 : (int64_t)(strtoul(size + strlen("size_mib="), NULL, 10) & 0xffffff) << 20;
}

static int32_t image_fetch(struct request *request, const char *id)
{
    const char *url = spec_text(request, "image", "url");
    int64_t size = size_in(url), most = spec_number(request, "image", "size_bytes_most");
    int64_t virtual_size = spec_number(request, "image", "virtual_size_bytes");
    if (size == 0)
        size = spec_number(request, "image", "size_bytes");
    if (size <= 0)
        size = IMAGE_BYTES_DEFAULT;
    if (url == NULL || strstr(url, "/missing") != NULL)
        return request_fail(request, GURUM_NOT_FOUND, "source_absent", "nothing is at %s",
                            url == NULL ? "(no url)" : url);
    if (strstr(url, "/corrupt") != NULL && spec_text(request, "image", "checksum") != NULL)
        return request_fail(request, GURUM_INVALID, "checksum", "what is at %s has another checksum", url);
    if (most > 0 && size > most)
        return request_fail(request, GURUM_INVALID, "image_too_large",
                            "%" PRId64 " bytes are above the ceiling of %" PRId64, size, most);
    struct json_object *image = json_object_new_object();
    set_text(image, "store_uuid", spec_text(request, "store", "uuid"));
    set_text(image, "name", spec_text(request, "image", "name"));
    set_text(image, "url", url);
    set_text(image, "checksum", spec_text(request, "image", "checksum"));
    set_number(image, "format", spec_number(request, "image", "format"));
    set_number(image, "size_bytes", size);
    set_number(image, "virtual_size_bytes",
               virtual_size > 0 ? virtual_size
                                : (size > IMAGE_VIRTUAL_BYTES_DEFAULT ? size : IMAGE_VIRTUAL_BYTES_DEFAULT));
    state_put(STATE_images, id, image);
    return GURUM_OK;
}

static int32_t image_ensure(struct request *request)
{
    char id[512];
    int32_t status = store_ready(request, spec_text(request, "store", "uuid"));
    if (status != GURUM_OK)
        return status;
    if (spec_text(request, "image", "uuid") == NULL)
        return request_fail(request, GURUM_INVALID, "image_unnamed", "an image needs a uuid");
    if (image_here(request, id, sizeof(id)) == NULL && (status = image_fetch(request, id)) != GURUM_OK)
        return status;
    image_report(request, id, image_here(request, id, sizeof(id)));
    return GURUM_OK;
}

static int32_t image_observe(struct request *request)
{
    char id[512];
    struct json_object *image = image_here(request, id, sizeof(id));
    image_report(request, id, image);
    return GURUM_OK;
}

static int32_t image_list(struct request *request)
{
    const char *store = spec_text(request, "store", "uuid");
    int32_t status = store_ready(request, store);
    if (status != GURUM_OK)
        return status;
    json_object_object_foreach(state_all(STATE_images), id, image)
    {
        if (is_in_store(image, store))
            image_report(request, id, image);
    }
    return GURUM_OK;
}

static int32_t image_remove(struct request *request)
{
    char id[512];
    image_here(request, id, sizeof(id));
    state_remove(STATE_images, id);
    return GURUM_OK;
}

static int32_t image_export(struct request *request)
{
    char id[512], url[640];
    struct json_object *image = image_here(request, id, sizeof(id));
    if (image == NULL)
        return request_fail(request, GURUM_NOT_FOUND, "image_absent", "image %s is not in the store", id);
    snprintf(url, sizeof(url), "http://127.0.0.1/simulated/%016" PRIx64, hash_of(id));
    struct json_object *item = request_item(request, GURUM_ITEM_EXPORT);
    set_text(item, "url", url);
    set_number(item, "expires_ms", request->now_ms + number_of(request->spec, "valid_for_ms"));
    set_number(item, "size_bytes", number_of(image, "size_bytes"));
    set_text(item, "checksum", text_of(image, "checksum"));
    return GURUM_OK;
}

const struct slot image_store_slots[] = {
    {"store_probe", store_probe, 0},     {"store_ensure", store_ensure, 0},
    {"store_observe", store_observe, 0}, {"store_remove", store_remove, SLOT_IGNORES_CANCEL},
    {"image_ensure", image_ensure, 0},   {"image_observe", image_observe, 0},
    {"image_list", image_list, 0},       {"image_remove", image_remove, SLOT_IGNORES_CANCEL},
    {"image_export", image_export, 0},   {NULL, NULL, 0},
};
