/* Pools: folders of hosts as libvirt keeps them. */
#include "storage_dir.h"

#include "libvirt_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { REFRESH_TRIES = 20, REFRESH_PAUSE_MS = 50 };

static const char MOUNT_SCHEME[] = "sharedmountpoint://";

/* ---- Names ---- */

bool pool_uuid_is_good(const char *uuid)
{
    unsigned char unused[37];
    size_t length = uuid == NULL ? 0 : strlen(uuid);
    if (length != 36)
        return false;
    memcpy(unused, uuid, 37);
    for (size_t i = 0; i < length; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? uuid[i] != '-' : strchr("0123456789abcdef", uuid[i]) == NULL)
            return false;
    }
    return true;
}

bool pool_is_mount(const struct gurum_pool *pool)
{
    return pool->url != NULL && strncasecmp(pool->url, MOUNT_SCHEME, sizeof(MOUNT_SCHEME) - 1) == 0;
}

const char *pool_path(const struct gurum_pool *pool)
{
    const char *path = pool->path, *mark = pool->url == NULL ? NULL : strstr(pool->url, "://");
    if (path == NULL && mark != NULL)
        path = strchr(mark + 3, '/');
    if (path == NULL || path[0] != '/' || path[1] == '\0' || strlen(path) >= PATH_BYTES / 2)
        return NULL;
    const char *up = strstr(path, "/..");
    return up != NULL && (up[3] == '/' || up[3] == '\0') ? NULL : path;
}

static int32_t target_check(struct gurum_call *call, const struct gurum_pool *pool)
{
    if (!pool_uuid_is_good(pool->uuid) || pool_path(pool) == NULL)
        return services->fail(call, GURUM_INVALID, "pool_url", "the pool needs an address like file:///srv/volumes");
    return GURUM_OK;
}

/* ---- Looking ---- */

void pool_close(struct pool_open *open)
{
    libvirt_pool_drop(&open->pool);
    libvirt_return(&open->connection);
}

int32_t pool_look(struct gurum_call *call, const struct gurum_pool *pool, struct pool_open *ret_open)
{
    *ret_open = (struct pool_open){NULL, NULL};
    int32_t status = target_check(call, pool);
    if (status == GURUM_OK)
        status = libvirt_connect(call, services, pool->via_host, &ret_open->connection);
    if (status != GURUM_OK)
        return status;
    ret_open->pool = virStoragePoolLookupByUUIDString(ret_open->connection, pool->uuid);
    return ret_open->pool != NULL || libvirt_is_absent() ? GURUM_OK : libvirt_fail(call, services, "look for the pool");
}

static void pause_ms(int64_t ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

int32_t pool_refresh(struct gurum_call *call, virStoragePoolPtr pool)
{
    for (int i = 0; i < REFRESH_TRIES; i++) {
        if (virStoragePoolRefresh(pool, 0) == 0)
            return GURUM_OK;
        const virError *error = virGetLastError();
        bool is_busy = error != NULL && error->domain == VIR_FROM_STORAGE && error->code == VIR_ERR_INTERNAL_ERROR;
        if (!is_busy)
            return libvirt_fail(call, services, "read the pool's folder");
        pause_ms(REFRESH_PAUSE_MS);
    }
    return services->fail(call, GURUM_BUSY, "busy", "volumes are being made in the pool");
}

/* libvirt remembers the folder as it read it last. A volume it does not know may be another host's work, and one that
 * it knows may be gone: its size is looked up on the disk. */
int32_t pool_find(struct gurum_call *call, virStoragePoolPtr pool, const char *name, virStorageVolPtr *ret_volume)
{
    virStorageVolInfo info;
    *ret_volume = virStorageVolLookupByName(pool, name);
    if (*ret_volume != NULL && virStorageVolGetInfo(*ret_volume, &info) == 0)
        return GURUM_OK;
    if (*ret_volume == NULL && !libvirt_is_absent())
        return libvirt_fail(call, services, "look for the volume");
    libvirt_volume_drop(ret_volume);
    int32_t status = pool_refresh(call, pool);
    if (status != GURUM_OK)
        return status;
    *ret_volume = virStorageVolLookupByName(pool, name);
    return *ret_volume != NULL || libvirt_is_absent() ? GURUM_OK : libvirt_fail(call, services, "look for the volume");
}

int32_t pool_visit(struct gurum_call *call, virStoragePoolPtr pool,
                   int32_t (*visit)(struct gurum_call *call, const char *name, const char *document, void *context),
                   void *context)
{
    virStorageVolPtr *volumes = NULL;
    int32_t status = pool_refresh(call, pool);
    if (status != GURUM_OK)
        return status;
    int count = virStoragePoolListAllVolumes(pool, &volumes, 0);
    if (count < 0)
        return libvirt_fail(call, services, "list the pool's volumes");
    for (int i = 0; i < count; i++) {
        XML_TEXT document = status == GURUM_OK ? virStorageVolGetXMLDesc(volumes[i], 0) : NULL;
        if (document != NULL) /* else it has just gone */
            status = visit(call, virStorageVolGetName(volumes[i]), document, context);
        virStorageVolFree(volumes[i]);
    }
    free(volumes);
    return status;
}

uint64_t pool_available(virStoragePoolPtr pool)
{
    virStoragePoolInfo info;
    return virStoragePoolGetInfo(pool, &info) == 0 ? info.available : 0;
}

/* ---- Making ---- */

static int32_t pool_define(struct gurum_call *call, const struct gurum_pool *pool, struct pool_open *open)
{
    XML_DOCUMENT document = xml_new("pool");
    xml_set(xml_root(document), "type", "dir");
    xml_add_text(xml_root(document), "name", "gurum-%s", pool->uuid);
    xml_add_text(xml_root(document), "uuid", "%s", pool->uuid);
    xml_add_text(xml_add(xml_root(document), "target"), "path", "%s", pool_path(pool));
    XML_TEXT text = xml_print(document);
    open->pool = virStoragePoolDefineXML(open->connection, text, 0);
    return open->pool != NULL ? GURUM_OK : libvirt_fail(call, services, "define the pool");
}

/* After a call that failed: another thread or process may have done the same at this moment. */
static int32_t unless_active(struct gurum_call *call, virStoragePoolPtr open, const char *what)
{
    virErrorPtr error = virSaveLastError(); /* looking overwrites it */
    int32_t status = virStoragePoolIsActive(open) == 1 ? GURUM_OK : libvirt_fail_by(call, services, error, what);
    virFreeError(error);
    return status;
}

static int32_t pool_start(struct gurum_call *call, const struct gurum_pool *pool, virStoragePoolPtr open)
{
    if (virStoragePoolIsActive(open) == 1)
        return GURUM_OK;
    int32_t status = GURUM_OK;
    if (!pool_is_mount(pool) && virStoragePoolBuild(open, 0) != 0)
        status = unless_active(call, open, "make the pool's folder");
    if (status == GURUM_OK && virStoragePoolCreate(open, 0) != 0)
        status = unless_active(call, open, "start the pool");
    if (status != GURUM_OK)
        return status;
    return virStoragePoolSetAutostart(open, 1) == 0 ? GURUM_OK
                                                    : libvirt_fail(call, services, "let the pool start by itself");
}

int32_t pool_open(struct gurum_call *call, const struct gurum_pool *pool, struct pool_open *ret_open)
{
    int32_t status = pool_look(call, pool, ret_open);
    if (status == GURUM_OK && ret_open->pool == NULL)
        status = pool_define(call, pool, ret_open);
    return status == GURUM_OK ? pool_start(call, pool, ret_open->pool) : status;
}

/* ---- Slots ---- */

static int32_t pool_tell(struct gurum_call *call, const struct gurum_pool *pool, virStoragePoolPtr open)
{
    virStoragePoolInfo info;
    struct gurum_pool_report report = {.item = {sizeof(report), GURUM_ITEM_POOL},
                                       .state = GURUM_POOL_PREPARING,
                                       .shared = pool_is_mount(pool),
                                       .provider_uuid = pool->uuid,
                                       .type = pool_is_mount(pool) ? "SharedMountPoint" : "Filesystem",
                                       .path = pool_path(pool)};
    if (open != NULL && virStoragePoolGetInfo(open, &info) == 0) {
        bool is_running = info.state == VIR_STORAGE_POOL_RUNNING;
        report.state = is_running ? GURUM_POOL_UP : GURUM_POOL_BROKEN;
        report.detail = is_running ? NULL : "it is not running on the host";
        report.capacity_bytes = info.capacity;
        report.used_bytes = info.capacity - info.available;
    }
    return services->report(call, &report.item);
}

static int32_t check_tell(struct gurum_call *call, const char *code, bool ok, const char *detail, const char *hint)
{
    const struct gurum_check check = {.item = {sizeof(check), GURUM_ITEM_CHECK},
                                      .code = code,
                                      .ok = ok,
                                      .required = 1,
                                      .detail = detail,
                                      .hint = ok ? NULL : hint};
    return services->report(call, &check.item);
}

/* The name of another pool on the same folder, NULL: none; freed by the caller. libvirt refuses two. */
static char *other_pool(virConnectPtr connection, const struct gurum_pool *pool)
{
    virStoragePoolPtr *pools = NULL;
    char *other = NULL;
    int count = virConnectListAllStoragePools(connection, &pools, 0);
    for (int i = 0; i < count; i++) {
        char uuid[VIR_UUID_STRING_BUFLEN] = "";
        XML_TEXT text = virStoragePoolGetXMLDesc(pools[i], 0);
        XML_DOCUMENT document = text == NULL ? NULL : xml_parse(text);
        const char *path = document == NULL ? NULL : xml_read(xml_root(document), "target/path");
        virStoragePoolGetUUIDString(pools[i], uuid);
        if (other == NULL && path != NULL && strcmp(path, pool_path(pool)) == 0 && strcmp(uuid, pool->uuid) != 0)
            other = strdup(virStoragePoolGetName(pools[i]));
        virStoragePoolFree(pools[i]);
    }
    free(pools);
    return other;
}

int32_t dir_pool_probe(struct gurum_call *call, const struct gurum_pool_spec *spec)
{
    POOL_OPEN open;
    int32_t status = pool_look(call, spec->pool, &open);
    if (status != GURUM_OK)
        return status;
    XML_TEXT other = other_pool(open.connection, spec->pool);
    status = pool_tell(call, spec->pool, open.pool);
    return status == GURUM_OK
               ? check_tell(call, "pool_free", other == NULL, other == NULL ? "no other pool uses the folder" : other,
                            "choose another folder, or remove that pool from the host")
               : status;
}

int32_t dir_pool_ensure(struct gurum_call *call, const struct gurum_pool_spec *spec)
{
    POOL_OPEN open;
    int32_t status = pool_open(call, spec->pool, &open);
    return status == GURUM_OK ? pool_tell(call, spec->pool, open.pool) : status;
}

int32_t dir_pool_observe(struct gurum_call *call, const struct gurum_pool_spec *spec)
{
    POOL_OPEN open;
    int32_t status = pool_open(call, spec->pool, &open);
    if (status != GURUM_OK)
        return status;
    status = pool_refresh(call, open.pool); /* how full it is, is read then */
    return status == GURUM_OK || status == GURUM_BUSY ? pool_tell(call, spec->pool, open.pool) : status;
}

static int32_t conflict_when_volume(struct gurum_call *call, const char *name, const char *document, void *context)
{
    char uuid[NAME_BYTES];
    (void)document, (void)context;
    return volume_uuid_of(name, uuid)
               ? services->fail(call, GURUM_CONFLICT, "pool_has_volumes", "the volume %s is in the pool", uuid)
               : GURUM_OK;
}

int32_t dir_pool_remove(struct gurum_call *call, const struct gurum_pool_spec *spec)
{
    POOL_OPEN open;
    int32_t status = pool_look(call, spec->pool, &open);
    if (status != GURUM_OK || open.pool == NULL)
        return status;
    bool is_active = virStoragePoolIsActive(open.pool) == 1;
    if (is_active)
        status = pool_visit(call, open.pool, conflict_when_volume, NULL);
    if (status != GURUM_OK)
        return status;
    if (is_active && virStoragePoolDestroy(open.pool) != 0 && virStoragePoolIsActive(open.pool) == 1)
        return libvirt_fail(call, services, "stop the pool");
    if (virStoragePoolUndefine(open.pool) != 0 && !libvirt_is_absent())
        return libvirt_fail(call, services, "undefine the pool");
    return GURUM_OK;
}
