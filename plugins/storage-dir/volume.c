/* Volumes: thin qcow2 files, empty or on top of an image of the pool. */
#include "storage_dir.h"

#include "libvirt_xml.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A qcow2 file in which nothing was ever written is smaller than this; the folder must have more than that left. */
#define UNUSED_BYTES (UINT64_C(1) << 20)
#define SPACE_LEAST (UINT64_C(16) << 20)

static const char SUFFIX[] = ".qcow2";

bool volume_uuid_of(const char *name, char ret_uuid[NAME_BYTES])
{
    if (strlen(name) != 36 + sizeof(SUFFIX) - 1 || strcmp(name + 36, SUFFIX) != 0)
        return false;
    snprintf(ret_uuid, NAME_BYTES, "%.36s", name);
    return pool_uuid_is_good(ret_uuid);
}

static int32_t volume_name(struct gurum_call *call, const struct gurum_volume *volume, char ret_name[NAME_BYTES])
{
    if (!pool_uuid_is_good(volume->uuid))
        return services->fail(call, GURUM_INVALID, "volume_unnamed", "the volume has no good uuid");
    snprintf(ret_name, NAME_BYTES, "%.36s%s", volume->uuid, SUFFIX);
    return GURUM_OK;
}

/* ---- What is there ---- */

/* As libvirt describes it; texts live as long as the document. */
struct seen {
    uint64_t capacity, physical;
    const char *path, *backing; /* backing NULL: none */
    bool is_qcow2;
};

static struct seen seen_in(const xmlDoc *document)
{
    const xmlNode *root = xml_root(document);
    return (struct seen){.capacity = xml_read_number(root, "capacity", 0),
                         .physical = xml_read_number(root, "physical", xml_read_number(root, "allocation", 0)),
                         .path = xml_read(root, "target/path"),
                         .backing = xml_read(root, "backingStore/path"),
                         .is_qcow2 = xml_is(root, "target/format@type", "qcow2")};
}

/* The UUID of the image that a volume lies on. */
static bool parent_of(const char *backing, char ret_uuid[NAME_BYTES])
{
    static const char prefix[] = "image-";
    const char *name = backing == NULL ? NULL : strrchr(backing, '/');
    if (name == NULL || strncmp(name + 1, prefix, sizeof(prefix) - 1) != 0)
        return false;
    snprintf(ret_uuid, NAME_BYTES, "%.36s", name + sizeof(prefix));
    return pool_uuid_is_good(ret_uuid);
}

/* `uuid` NULL: not ours. */
static int32_t seen_tell(struct gurum_call *call, const char *uuid, const struct seen *seen)
{
    char parent[NAME_BYTES];
    const struct gurum_volume_report report = {.item = {sizeof(report), GURUM_ITEM_VOLUME},
                                               .uuid = uuid,
                                               .handle = seen->path,
                                               .path = seen->path,
                                               .parent_uuid = parent_of(seen->backing, parent) ? parent : NULL,
                                               .size_bytes = seen->capacity,
                                               .used_bytes = seen->physical,
                                               .format = seen->is_qcow2 ? GURUM_FORMAT_QCOW2 : GURUM_FORMAT_RAW,
                                               .present = 1};
    return services->report(call, &report.item);
}

/* NULL: it has gone meanwhile, or libvirt cannot say; then fail() was told. */
static xmlDoc *volume_read(struct gurum_call *call, virStorageVolPtr volume, int32_t *ret_status)
{
    XML_TEXT text = virStorageVolGetXMLDesc(volume, 0);
    xmlDoc *document = text == NULL ? NULL : xml_parse(text);
    *ret_status = document != NULL ? GURUM_OK : libvirt_fail(call, services, "read the volume");
    return document;
}

/* ---- Making ---- */

/* `image_path` NULL: empty. */
static int32_t volume_create(struct gurum_call *call, virStoragePoolPtr pool, const char *name, uint64_t size_bytes,
                             const char *image_path, const char *image_format)
{
    XML_DOCUMENT document = xml_new("volume");
    xmlNode *root = xml_root(document), *target;
    xml_add_text(root, "name", "%s", name);
    xml_add_text(root, "capacity", "%" PRIu64, size_bytes);
    xml_add_text(root, "allocation", "0");
    target = xml_add(root, "target");
    xml_set(xml_add(target, "format"), "type", "qcow2");
    xml_add_text(xml_add(target, "permissions"), "mode", "0600");
    if (image_path != NULL) {
        xmlNode *backing = xml_add(root, "backingStore");
        xml_add_text(backing, "path", "%s", image_path);
        xml_set(xml_add(backing, "format"), "type", "%s", image_format);
    }
    XML_TEXT text = xml_print(document);
    LIBVIRT_VOLUME volume = virStorageVolCreateXML(pool, text, 0);
    if (volume != NULL)
        return GURUM_OK;
    const virError *error = virGetLastError();
    if (error != NULL && error->code == VIR_ERR_STORAGE_VOL_EXIST)
        return GURUM_OK; /* made by another process a moment ago; it is looked at next */
    return libvirt_fail(call, services, "make the volume");
}

/* A crash in the middle of making leaves a file in which nothing is written yet and which is not what was asked for. */
static bool is_half_made(const struct seen *seen, bool wants_image)
{
    return seen->physical <= UNUSED_BYTES &&
           (!seen->is_qcow2 || seen->capacity == 0 || (wants_image && seen->backing == NULL));
}

static int32_t source_find(struct gurum_call *call, const struct gurum_volume_spec *spec, const struct pool_open *open,
                           char **ret_path, bool *ret_is_raw)
{
    char name[NAME_BYTES];
    virStorageVolInfo info;
    const struct gurum_volume_source *source = spec->source;
    LIBVIRT_VOLUME image = NULL;
    int32_t status = image_name(call, source->image, name);
    if (status == GURUM_OK)
        status = image_find(call, open, name, &image);
    if (status != GURUM_OK)
        return status;
    if (image == NULL)
        return services->fail(call, GURUM_NOT_FOUND, "image_absent", "the image %s is not on the pool", source->uuid);
    if (virStorageVolGetInfo(image, &info) != 0 || (*ret_path = virStorageVolGetPath(image)) == NULL)
        return libvirt_fail(call, services, "read the image");
    *ret_is_raw = source->image->format == GURUM_FORMAT_RAW;
    return info.capacity <= spec->volume->size_bytes
               ? GURUM_OK
               : services->fail(call, GURUM_INVALID, "image_larger",
                                "the image's disk has %llu bytes, the volume %" PRIu64, info.capacity,
                                spec->volume->size_bytes);
}

/* Volumes from volumes or snapshots are no capability of this plugin. */
static int32_t other_source(struct gurum_call *call, const struct gurum_volume_source *source,
                            const struct pool_open *open)
{
    char name[NAME_BYTES];
    const struct gurum_volume wanted = {.uuid = source->uuid};
    LIBVIRT_VOLUME volume = NULL;
    int32_t status = volume_name(call, &wanted, name);
    if (status == GURUM_OK)
        status = pool_find(call, open->pool, name, &volume);
    if (status != GURUM_OK)
        return status;
    return volume == NULL
               ? services->fail(call, GURUM_NOT_FOUND, "source_absent", "%s is not on the pool", source->uuid)
               : services->fail(call, GURUM_UNSUPPORTED, "source_kind", "volumes are made from images only");
}

static int32_t volume_make(struct gurum_call *call, const struct gurum_volume_spec *spec, const struct pool_open *open,
                           const char *name)
{
    XML_TEXT image_path = NULL;
    bool is_raw = false;
    uint32_t kind = spec->source == NULL ? GURUM_SOURCE_EMPTY : spec->source->kind;
    if (services->cancelled(call))
        return services->fail(call, GURUM_CANCELLED, "cancelled", "cancelled before it began");
    if (kind != GURUM_SOURCE_EMPTY && (kind != GURUM_SOURCE_IMAGE || spec->source->image == NULL))
        return other_source(call, spec->source, open);
    if (spec->volume->size_bytes == 0)
        return services->fail(call, GURUM_INVALID, "volume_size", "a volume has a size");
    int32_t status = kind == GURUM_SOURCE_IMAGE ? source_find(call, spec, open, &image_path, &is_raw) : GURUM_OK;
    if (status != GURUM_OK)
        return status;
    if (pool_available(open->pool) < SPACE_LEAST)
        return services->fail(call, GURUM_NO_CAPACITY, "pool_full", "the pool has no space left");
    return volume_create(call, open->pool, name, spec->volume->size_bytes, image_path, is_raw ? "raw" : "qcow2");
}

/* Deletes what a crash left; true in *ret_again: there is nothing now. */
static int32_t volume_judge(struct gurum_call *call, const struct gurum_volume_spec *spec, virStorageVolPtr volume,
                            bool *ret_again)
{
    int32_t status;
    XML_DOCUMENT document = volume_read(call, volume, &status);
    if (status != GURUM_OK)
        return status;
    struct seen seen = seen_in(document);
    bool wants_image = spec->source != NULL && spec->source->kind == GURUM_SOURCE_IMAGE;
    *ret_again = is_half_made(&seen, wants_image);
    if (*ret_again)
        return virStorageVolDelete(volume, 0) == 0 || libvirt_is_absent()
                   ? GURUM_OK
                   : libvirt_fail(call, services, "delete a half-made volume");
    if (seen.capacity < spec->volume->size_bytes)
        return services->fail(call, GURUM_CONFLICT, "volume_smaller", "it is there with %" PRIu64 " bytes",
                              seen.capacity);
    return seen_tell(call, spec->volume->uuid, &seen);
}

int32_t dir_volume_ensure(struct gurum_call *call, const struct gurum_volume_spec *spec)
{
    char name[NAME_BYTES];
    POOL_OPEN open = {NULL, NULL};
    int32_t status = volume_name(call, spec->volume, name);
    if (status == GURUM_OK)
        status = pool_open(call, spec->pool, &open);
    bool again = true;
    for (int tries = 0; again && status == GURUM_OK; tries++) {
        LIBVIRT_VOLUME volume = NULL;
        again = false;
        status = pool_find(call, open.pool, name, &volume);
        if (status == GURUM_OK && volume != NULL) {
            status = volume_judge(call, spec, volume, &again);
        } else if (status == GURUM_OK) {
            status = tries > 2 ? services->fail(call, GURUM_FAILED, "volume_vanishes", "the volume does not stay")
                               : volume_make(call, spec, &open, name);
            again = true;
        }
    }
    return status;
}

/* ---- Looking ---- */

int32_t dir_volume_observe(struct gurum_call *call, const struct gurum_volume_spec *spec)
{
    char name[NAME_BYTES];
    POOL_OPEN open = {NULL, NULL};
    LIBVIRT_VOLUME volume = NULL;
    int32_t status = volume_name(call, spec->volume, name);
    if (status == GURUM_OK)
        status = pool_open(call, spec->pool, &open);
    if (status == GURUM_OK)
        status = pool_find(call, open.pool, name, &volume);
    if (status != GURUM_OK)
        return status;
    if (volume == NULL) {
        const struct gurum_volume_report absent = {.item = {sizeof(absent), GURUM_ITEM_VOLUME},
                                                   .uuid = spec->volume->uuid};
        return services->report(call, &absent.item);
    }
    XML_DOCUMENT document = volume_read(call, volume, &status);
    if (status != GURUM_OK)
        return status;
    struct seen seen = seen_in(document);
    return seen_tell(call, spec->volume->uuid, &seen);
}

/* Images of ours are no volumes, but everything else in the folder is told. */
static int32_t list_tell(struct gurum_call *call, const char *name, const char *text, void *context)
{
    char uuid[NAME_BYTES], path[PATH_BYTES];
    (void)context;
    snprintf(path, sizeof(path), "/%s", name);
    XML_DOCUMENT document = parent_of(path, uuid) ? NULL : xml_parse(text);
    if (document == NULL)
        return GURUM_OK;
    struct seen seen = seen_in(document);
    return seen_tell(call, volume_uuid_of(name, uuid) ? uuid : NULL, &seen);
}

int32_t dir_volume_list(struct gurum_call *call, const struct gurum_pool_spec *spec)
{
    POOL_OPEN open;
    int32_t status = pool_open(call, spec->pool, &open);
    return status == GURUM_OK ? pool_visit(call, open.pool, list_tell, NULL) : status;
}

/* ---- Changing ---- */

static const char *disk_source(const xmlNode *disk)
{
    return xml_read(disk, "source@file");
}

/* The name of the disk ("vda") by which a running guest has the file open; NULL: it has not. Freed by the caller. */
static char *disk_of(virDomainPtr guest, const char *path)
{
    XML_TEXT text = virDomainGetXMLDesc(guest, 0);
    XML_DOCUMENT document = text == NULL ? NULL : xml_parse(text);
    const xmlNode *disk = document == NULL ? NULL : xml_first(xml_root(document), "devices/disk");
    for (; disk != NULL; disk = xml_next(disk)) {
        const char *source = disk_source(disk), *target = xml_read(disk, "target@dev");
        if (source != NULL && target != NULL && strcmp(source, path) == 0)
            return strdup(target);
    }
    return NULL;
}

static int32_t resize_open(struct gurum_call *call, const struct gurum_volume_resize_spec *spec, const char *path,
                           bool *ret_done)
{
    *ret_done = false;
    if (spec->host == NULL || spec->guest_uuid == NULL)
        return GURUM_OK;
    LIBVIRT_LENT connection = NULL;
    int32_t status = libvirt_connect(call, services, spec->host, &connection);
    if (status != GURUM_OK)
        return status;
    LIBVIRT_DOMAIN guest = virDomainLookupByUUIDString(connection, spec->guest_uuid);
    if (guest == NULL)
        return libvirt_is_absent() ? GURUM_OK : libvirt_fail(call, services, "look for the guest");
    XML_TEXT disk = virDomainIsActive(guest) == 1 ? disk_of(guest, path) : NULL;
    if (disk == NULL)
        return GURUM_OK;
    *ret_done = virDomainBlockResize(guest, disk, spec->volume->size_bytes, VIR_DOMAIN_BLOCK_RESIZE_BYTES) == 0;
    return *ret_done ? GURUM_OK : libvirt_fail(call, services, "resize the disk of the running guest");
}

static int32_t resize(struct gurum_call *call, const struct gurum_volume_resize_spec *spec, virStorageVolPtr volume)
{
    int32_t status;
    bool done = false;
    XML_DOCUMENT document = volume_read(call, volume, &status);
    if (status != GURUM_OK)
        return status;
    struct seen seen = seen_in(document);
    uint64_t wanted = spec->volume->size_bytes;
    if (wanted < seen.capacity)
        return (spec->flags & GURUM_RESIZE_MAY_SHRINK) != 0
                   ? services->fail(call, GURUM_UNSUPPORTED, "volume_shrink", "volumes of this pool only grow")
                   : services->fail(call, GURUM_INVALID, "volume_shrink", "the volume is larger already");
    if (wanted > seen.capacity) {
        status = resize_open(call, spec, seen.path, &done);
        if (status == GURUM_OK && !done && virStorageVolResize(volume, wanted, 0) != 0)
            status = libvirt_fail(call, services, "resize the volume");
        seen.capacity = wanted;
    }
    return status == GURUM_OK ? seen_tell(call, spec->volume->uuid, &seen) : status;
}

int32_t dir_volume_resize(struct gurum_call *call, const struct gurum_volume_resize_spec *spec)
{
    char name[NAME_BYTES];
    POOL_OPEN open = {NULL, NULL};
    LIBVIRT_VOLUME volume = NULL;
    int32_t status = volume_name(call, spec->volume, name);
    if (status == GURUM_OK)
        status = pool_open(call, spec->pool, &open);
    if (status == GURUM_OK)
        status = pool_find(call, open.pool, name, &volume);
    if (status != GURUM_OK)
        return status;
    return volume == NULL ? services->fail(call, GURUM_NOT_FOUND, "volume_absent", "the volume is not on the pool")
                          : resize(call, spec, volume);
}

/* libvirt would delete the file under a running guest. What runs on other hosts is not seen here. */
static int32_t refuse_open(struct gurum_call *call, virConnectPtr connection, virStorageVolPtr volume)
{
    virDomainPtr *guests = NULL;
    bool is_open = false;
    XML_TEXT path = virStorageVolGetPath(volume);
    int count = path == NULL ? -1 : virConnectListAllDomains(connection, &guests, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
    if (count < 0)
        return libvirt_fail(call, services, "look for guests that have it open");
    for (int i = 0; i < count; i++) {
        XML_TEXT disk = is_open ? NULL : disk_of(guests[i], path);
        is_open = is_open || disk != NULL;
        virDomainFree(guests[i]);
    }
    free(guests);
    return is_open ? services->fail(call, GURUM_CONFLICT, "volume_in_use", "a running guest has it open") : GURUM_OK;
}

int32_t dir_volume_remove(struct gurum_call *call, const struct gurum_volume_spec *spec)
{
    char name[NAME_BYTES];
    POOL_OPEN open = {NULL, NULL};
    LIBVIRT_VOLUME volume = NULL;
    int32_t status = volume_name(call, spec->volume, name);
    if (status == GURUM_OK)
        status = pool_open(call, spec->pool, &open);
    if (status == GURUM_OK)
        status = pool_find(call, open.pool, name, &volume);
    if (status != GURUM_OK || volume == NULL)
        return status;
    status = refuse_open(call, open.connection, volume);
    if (status == GURUM_OK && virStorageVolDelete(volume, 0) != 0) {
        LIBVIRT_VOLUME still = NULL; /* another host may have been first */
        status = libvirt_fail(call, services, "delete the volume");
        if (pool_find(call, open.pool, name, &still) == GURUM_OK && still == NULL)
            status = GURUM_OK;
    }
    return status;
}
