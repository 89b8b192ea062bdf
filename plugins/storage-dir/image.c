/* Images cached on a pool. The bytes go from the image store's file through libvirt to the host. The first block comes
 * last, and libvirt has each part on the disk before it says done: so a file whose first block is empty is not
 * complete, and whoever finds one uploads it again, the same bytes to the same places, even beside another who does so.
 */
#include "storage_dir.h"

#include "libvirt_xml.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_BYTES = 512, CHUNK_BYTES = 256 << 10, LOOK_AGAIN_MS = 200 };

int32_t image_name(struct gurum_call *call, const struct gurum_image *image, char ret_name[NAME_BYTES])
{
    if (!pool_uuid_is_good(image->uuid))
        return services->fail(call, GURUM_INVALID, "image_unnamed", "the image has no good uuid");
    if (image->format != GURUM_FORMAT_QCOW2 && image->format != GURUM_FORMAT_RAW)
        return services->fail(call, GURUM_UNSUPPORTED, "image_format", "guests here start from qcow2 and raw images");
    snprintf(ret_name, NAME_BYTES, "image-%.36s%s", image->uuid, image->format == GURUM_FORMAT_RAW ? ".raw" : ".qcow2");
    return GURUM_OK;
}

/* ---- Is it complete? ---- */

static bool is_empty(const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

static int32_t first_read(struct gurum_call *call, virConnectPtr connection, virStorageVolPtr volume,
                          bool *ret_is_empty)
{
    unsigned char bytes[FIRST_BYTES] = {0};
    size_t have = 0;
    LIBVIRT_STREAM stream = virStreamNew(connection, 0);
    if (stream == NULL || virStorageVolDownload(volume, stream, 0, FIRST_BYTES, 0) != 0)
        return libvirt_fail(call, services, "read the image on the pool");
    while (have < FIRST_BYTES) {
        int got = virStreamRecv(stream, (char *)bytes + have, FIRST_BYTES - have);
        if (got < 0) {
            int32_t status = libvirt_fail(call, services, "read the image on the pool");
            virStreamAbort(stream);
            return status;
        }
        if (got == 0)
            break;
        have += (size_t)got;
    }
    if (virStreamFinish(stream) != 0)
        return libvirt_fail(call, services, "read the image on the pool");
    *ret_is_empty = is_empty(bytes, FIRST_BYTES);
    return GURUM_OK;
}

int32_t image_find(struct gurum_call *call, const struct pool_open *open, const char *name,
                   virStorageVolPtr *ret_volume)
{
    bool is_partial = false;
    int32_t status = pool_find(call, open->pool, name, ret_volume);
    if (status == GURUM_OK && *ret_volume != NULL)
        status = first_read(call, open->connection, *ret_volume, &is_partial);
    if (status != GURUM_OK || is_partial)
        libvirt_volume_drop(ret_volume);
    return status;
}

static int32_t image_tell(struct gurum_call *call, const char *uuid, uint32_t format, virStorageVolPtr volume)
{
    virStorageVolInfo info, physical;
    XML_TEXT path = virStorageVolGetPath(volume);
    if (path == NULL || virStorageVolGetInfo(volume, &info) != 0 ||
        virStorageVolGetInfoFlags(volume, &physical, VIR_STORAGE_VOL_GET_PHYSICAL) != 0)
        return libvirt_fail(call, services, "read the image on the pool");
    const struct gurum_image_report report = {.item = {sizeof(report), GURUM_ITEM_IMAGE},
                                              .uuid = uuid,
                                              .handle = path,
                                              .path = path,
                                              .state = GURUM_IMAGE_READY,
                                              .format = format,
                                              .size_bytes = physical.allocation,
                                              .virtual_size_bytes = info.capacity};
    return services->report(call, &report.item);
}

/* ---- The file in the image store ---- */

/* The file's path, when the store is a folder that this machine can read and the file lies below it. */
static int32_t source_open(struct gurum_call *call, const struct gurum_pool_image_spec *spec, int *ret_file,
                           uint64_t *ret_size)
{
    static const char scheme[] = "file://";
    unsigned char first[FIRST_BYTES];
    struct stat file;
    const char *store = spec->store == NULL ? NULL : spec->store->url, *handle = spec->image->handle;
    if (store == NULL || strncasecmp(store, scheme, sizeof(scheme) - 1) != 0)
        return services->fail(call, GURUM_UNSUPPORTED, "store_kind", "images come from stores in a folder here");
    store += sizeof(scheme) - 1;
    size_t length = strlen(store);
    if (handle == NULL || length < 2 || strncmp(handle, store, length) != 0 || strstr(handle, "/../") != NULL ||
        (handle[length] != '/' && store[length - 1] != '/'))
        return services->fail(call, GURUM_NOT_FOUND, "image_absent", "the image does not lie in its store");
    *ret_file = open(handle, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (*ret_file < 0)
        return services->fail(call, errno == ENOENT ? GURUM_NOT_FOUND : GURUM_FAILED, "image_absent", "%s: %s", handle,
                              strerror(errno));
    bool is_good = fstat(*ret_file, &file) == 0 && S_ISREG(file.st_mode) &&
                   pread(*ret_file, first, FIRST_BYTES, 0) == FIRST_BYTES && !is_empty(first, FIRST_BYTES);
    *ret_size = is_good ? (uint64_t)file.st_size : 0;
    if (!is_good)
        return services->fail(call, GURUM_INVALID, "image_no_disk", "%s is no bootable image", handle);
    if (spec->image->size_bytes_most > 0 && *ret_size > spec->image->size_bytes_most)
        return services->fail(call, GURUM_INVALID, "image_too_large", "%" PRIu64 " bytes are above the ceiling",
                              *ret_size);
    return GURUM_OK;
}

/* ---- Upload ---- */

struct order {
    struct pool_open open;
    int file;
    uint64_t size;
    uint32_t format;
    char uuid[NAME_BYTES], name[NAME_BYTES];
};

static void order_release(void *argument)
{
    struct order *order = argument;
    pool_close(&order->open);
    close(order->file);
    free(order);
}

/* A file of the right size that may be uploaded into; what another process makes at this moment will do. */
static int32_t part_make(struct gurum_call *call, const struct order *order, virStorageVolPtr *ret_volume)
{
    int32_t status = pool_find(call, order->open.pool, order->name, ret_volume);
    if (status != GURUM_OK || *ret_volume != NULL)
        return status;
    if (pool_available(order->open.pool) < order->size)
        return services->fail(call, GURUM_NO_CAPACITY, "pool_full", "the pool has no space left for the image");
    XML_DOCUMENT document = xml_new("volume");
    xmlNode *root = xml_root(document), *target;
    xml_add_text(root, "name", "%s", order->name);
    xml_add_text(root, "capacity", "%" PRIu64, order->size);
    xml_add_text(root, "allocation", "0");
    target = xml_add(root, "target");
    xml_set(xml_add(target, "format"), "type", "raw");
    xml_add_text(xml_add(target, "permissions"), "mode", "0644");
    XML_TEXT text = xml_print(document);
    *ret_volume = virStorageVolCreateXML(order->open.pool, text, 0);
    if (*ret_volume != NULL)
        return GURUM_OK;
    int32_t failed = libvirt_fail(call, services, "make room for the image");
    status = pool_find(call, order->open.pool, order->name, ret_volume);
    return status == GURUM_OK && *ret_volume == NULL ? failed : status;
}

static int32_t stream_send(virStreamPtr stream, const char *data, size_t length)
{
    while (length > 0) {
        int sent = virStreamSend(stream, data, length);
        if (sent < 0)
            return -1;
        data += sent;
        length -= (size_t)sent;
    }
    return 0;
}

static int32_t part_send(struct gurum_call *call, const struct order *order, virStreamPtr stream, uint64_t from,
                         uint64_t until, char *buffer)
{
    for (uint64_t at = from; at < until;) {
        size_t wanted = until - at < CHUNK_BYTES ? (size_t)(until - at) : CHUNK_BYTES;
        ssize_t got = pread(order->file, buffer, wanted, (off_t)at);
        if (services->cancelled(call))
            return services->fail(call, GURUM_CANCELLED, "cancelled", "the upload was cancelled");
        if (got <= 0)
            return services->fail(call, GURUM_FAILED, "store_read", "the image cannot be read from its store");
        if (stream_send(stream, buffer, (size_t)got) != 0)
            return libvirt_fail(call, services, "upload the image");
        at += (uint64_t)got;
        services->progress(call, at, order->size, "upload");
    }
    return GURUM_OK;
}

static int32_t part_upload(struct gurum_call *call, const struct order *order, virStorageVolPtr volume, uint64_t from,
                           uint64_t until)
{
    LIBVIRT_STREAM stream = virStreamNew(order->open.connection, 0);
    char *buffer = malloc(CHUNK_BYTES);
    if (buffer == NULL || stream == NULL || virStorageVolUpload(volume, stream, from, until - from, 0) != 0) {
        free(buffer);
        return libvirt_fail(call, services, "upload the image");
    }
    int32_t status = part_send(call, order, stream, from, until, buffer);
    free(buffer);
    if (status != GURUM_OK)
        virStreamAbort(stream);
    else if (virStreamFinish(stream) != 0)
        status = libvirt_fail(call, services, "upload the image");
    return status;
}

static int32_t upload_work(struct gurum_call *call, void *argument)
{
    const struct order *order = argument;
    LIBVIRT_VOLUME volume = NULL, done = NULL;
    if (services->cancelled(call))
        return services->fail(call, GURUM_CANCELLED, "cancelled", "cancelled before it began");
    int32_t status = part_make(call, order, &volume);
    if (status == GURUM_OK && order->size > FIRST_BYTES)
        status = part_upload(call, order, volume, FIRST_BYTES, order->size);
    if (status == GURUM_OK)
        status = part_upload(call, order, volume, 0, FIRST_BYTES);
    if (status == GURUM_OK)
        status = pool_refresh(call, order->open.pool); /* libvirt reads now that it is a qcow2 file */
    if (status == GURUM_OK)
        status = image_find(call, &order->open, order->name, &done);
    if (status != GURUM_OK)
        return status;
    return done != NULL ? image_tell(call, order->uuid, order->format, done)
                        : services->fail(call, GURUM_FAILED, "image_vanished", "the image did not stay on the pool");
}

/* Takes over the pool that is open. */
static int32_t upload(struct gurum_call *call, const struct gurum_pool_image_spec *spec, struct pool_open *open,
                      const char *name)
{
    int file = -1;
    uint64_t size = 0;
    int32_t status = source_open(call, spec, &file, &size);
    struct order *order = status == GURUM_OK ? calloc(1, sizeof(*order)) : NULL;
    if (order == NULL) {
        if (file >= 0)
            close(file);
        return status == GURUM_OK ? services->fail(call, GURUM_FAILED, "memory", "no memory") : status;
    }
    *order = (struct order){.open = *open, .file = file, .size = size, .format = spec->image->format};
    *open = (struct pool_open){NULL, NULL};
    snprintf(order->uuid, sizeof(order->uuid), "%s", spec->image->uuid);
    snprintf(order->name, sizeof(order->name), "%s", name);
    services->check_after(call, LOOK_AGAIN_MS);
    return services->background(call, upload_work, order, order_release);
}

int32_t dir_image_ensure(struct gurum_call *call, const struct gurum_pool_image_spec *spec)
{
    char name[NAME_BYTES];
    POOL_OPEN open = {NULL, NULL};
    LIBVIRT_VOLUME volume = NULL;
    int32_t status = image_name(call, spec->image, name);
    if (status == GURUM_OK)
        status = pool_open(call, spec->pool, &open);
    if (status == GURUM_OK)
        status = image_find(call, &open, name, &volume);
    if (status != GURUM_OK)
        return status;
    return volume != NULL ? image_tell(call, spec->image->uuid, spec->image->format, volume)
                          : upload(call, spec, &open, name);
}

/* ---- Removing ---- */

static int32_t conflict_when_on_it(struct gurum_call *call, const char *name, const char *text, void *context)
{
    XML_DOCUMENT document = xml_parse(text);
    return document != NULL && xml_is(xml_root(document), "backingStore/path", context)
               ? services->fail(call, GURUM_CONFLICT, "image_in_use", "the volume %s lies on it", name)
               : GURUM_OK;
}

int32_t dir_image_remove(struct gurum_call *call, const struct gurum_pool_image_spec *spec)
{
    char name[NAME_BYTES];
    POOL_OPEN open = {NULL, NULL};
    LIBVIRT_VOLUME volume = NULL;
    int32_t status = image_name(call, spec->image, name);
    if (status == GURUM_OK)
        status = pool_open(call, spec->pool, &open);
    if (status == GURUM_OK)
        status = pool_find(call, open.pool, name, &volume);
    if (status != GURUM_OK || volume == NULL)
        return status;
    XML_TEXT path = virStorageVolGetPath(volume);
    status = path == NULL ? libvirt_fail(call, services, "read the image on the pool")
                          : pool_visit(call, open.pool, conflict_when_on_it, path);
    if (status == GURUM_OK && virStorageVolDelete(volume, 0) != 0 && !libvirt_is_absent())
        status = libvirt_fail(call, services, "delete the image");
    return status;
}
