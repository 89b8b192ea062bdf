/* What the files of this plugin share. A pool is a folder on a host, kept by libvirt as a pool of type dir whose UUID
 * is ours; volumes are "<uuid>.qcow2", images cached on it "image-<uuid>.qcow2" or ".raw". */
#ifndef STORAGE_DIR_H
#define STORAGE_DIR_H

#include "gurum_storage.h"
#include "libvirt.h"

enum { NAME_BYTES = 64, PATH_BYTES = 4096 };

extern const struct gurum_services *services; /* plugin.c */

/* ---- pool.c ---- */

/* The folder of a pool; NULL: its address names none. */
const char *pool_path(const struct gurum_pool *pool);
/* True for a folder that is mounted by whoever runs the hosts: it is never made here. */
bool pool_is_mount(const struct gurum_pool *pool);
bool pool_uuid_is_good(const char *uuid);

/* The pool on the host it is reached by, defined and started when it is not: so a host that is new to a pool, or was
 * installed anew, needs nothing done before. */
struct pool_open {
    virConnectPtr connection;
    virStoragePoolPtr pool;
};
void pool_close(struct pool_open *open);
#define POOL_OPEN __attribute__((cleanup(pool_close))) struct pool_open
int32_t pool_open(struct gurum_call *call, const struct gurum_pool *pool, struct pool_open *ret_open);
/* The same without defining or starting it; absent: OK with NULL in ret_open->pool. */
int32_t pool_look(struct gurum_call *call, const struct gurum_pool *pool, struct pool_open *ret_open);

/* Reads the folder anew: another host may have changed it. While volumes are being made libvirt refuses; then BUSY. */
int32_t pool_refresh(struct gurum_call *call, virStoragePoolPtr pool);
/* The volume of that file name, as it is on the disk now; absent: OK with NULL. */
int32_t pool_find(struct gurum_call *call, virStoragePoolPtr pool, const char *name, virStorageVolPtr *ret_volume);
/* Calls `visit` with each volume's file name and document, until it does not answer OK. */
int32_t pool_visit(struct gurum_call *call, virStoragePoolPtr pool,
                   int32_t (*visit)(struct gurum_call *call, const char *name, const char *document, void *context),
                   void *context);
uint64_t pool_available(virStoragePoolPtr pool);

int32_t dir_pool_probe(struct gurum_call *call, const struct gurum_pool_spec *spec);
int32_t dir_pool_ensure(struct gurum_call *call, const struct gurum_pool_spec *spec);
int32_t dir_pool_observe(struct gurum_call *call, const struct gurum_pool_spec *spec);
int32_t dir_pool_remove(struct gurum_call *call, const struct gurum_pool_spec *spec);

/* ---- volume.c ---- */

/* The UUID in "<uuid>.qcow2"; false: the file is not a volume of ours. */
bool volume_uuid_of(const char *name, char ret_uuid[NAME_BYTES]);
int32_t dir_volume_ensure(struct gurum_call *call, const struct gurum_volume_spec *spec);
int32_t dir_volume_observe(struct gurum_call *call, const struct gurum_volume_spec *spec);
int32_t dir_volume_list(struct gurum_call *call, const struct gurum_pool_spec *spec);
int32_t dir_volume_resize(struct gurum_call *call, const struct gurum_volume_resize_spec *spec);
int32_t dir_volume_remove(struct gurum_call *call, const struct gurum_volume_spec *spec);

/* ---- image.c ---- */

/* UNSUPPORTED for formats that guests here cannot start from. */
int32_t image_name(struct gurum_call *call, const struct gurum_image *image, char ret_name[NAME_BYTES]);
/* The image cached on the pool, when all of it is there; else OK with NULL. */
int32_t image_find(struct gurum_call *call, const struct pool_open *open, const char *name,
                   virStorageVolPtr *ret_volume);
int32_t dir_image_ensure(struct gurum_call *call, const struct gurum_pool_image_spec *spec);
int32_t dir_image_remove(struct gurum_call *call, const struct gurum_pool_image_spec *spec);

#endif
