/* Plugin kind "storage": pools, volumes, volume snapshots, and images cached on a pool. */
#ifndef GURUM_STORAGE_H
#define GURUM_STORAGE_H

#include "gurum_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GURUM_STORAGE_SNAPSHOT (UINT64_C(1) << 0)    /* snapshot_* */
#define GURUM_STORAGE_RESIZE (UINT64_C(1) << 1)      /* volume_resize to larger, also while attached */
#define GURUM_STORAGE_SHRINK (UINT64_C(1) << 2)      /* … and to smaller */
#define GURUM_STORAGE_COPY (UINT64_C(1) << 3)        /* volume_copy */
#define GURUM_STORAGE_IMAGES (UINT64_C(1) << 4)      /* image_*: volumes are made from an image cached on the pool */
#define GURUM_STORAGE_THIN (UINT64_C(1) << 5)        /* volumes take the space they use */
#define GURUM_STORAGE_CLONE (UINT64_C(1) << 6)       /* a volume from a volume or snapshot of the same pool */
#define GURUM_STORAGE_LOCAL (UINT64_C(1) << 16)      /* a pool belongs to its one host */
#define GURUM_STORAGE_NEEDS_HOST (UINT64_C(1) << 17) /* works through pool.via_host, which must not be NULL */
/* volumes lie in the guest's folder (vSphere): volume_ensure of a root disk observes what the hypervisor made */
#define GURUM_STORAGE_FOLLOWS_GUEST (UINT64_C(1) << 18)

enum gurum_provisioning { GURUM_PROVISION_THIN = 0, GURUM_PROVISION_SPARSE = 1, GURUM_PROVISION_FAT = 2 };

struct gurum_pool_spec {
    uint32_t size;
    uint32_t flags;
    const struct gurum_pool *pool;
};

enum gurum_source_kind {
    GURUM_SOURCE_EMPTY = 0,
    GURUM_SOURCE_IMAGE = 1,
    GURUM_SOURCE_VOLUME = 2,
    GURUM_SOURCE_SNAPSHOT = 3
};

/* What a new volume begins with. */
struct gurum_volume_source {
    uint32_t size;
    uint32_t kind;                         /* enum gurum_source_kind */
    const char *uuid;                      /* of the image, volume or snapshot */
    const char *handle;                    /* as reported for the pool below */
    const struct gurum_pool *pool;         /* where it lies; NULL: the pool of the new volume */
    const struct gurum_image_store *store; /* instead of the pool: it lies in an image store */
    const struct gurum_image *image;       /* with SOURCE_IMAGE */
    const char *volume_handle;             /* with SOURCE_SNAPSHOT: of the volume it was taken from */
};

struct gurum_volume {
    uint32_t size;
    uint32_t provisioning; /* enum gurum_provisioning */
    const char *uuid;
    const char *name;
    const char *handle;  /* as reported, or NULL before the first ensure */
    uint64_t size_bytes; /* as the guest sees it */
    uint32_t format;     /* enum gurum_image_format; UNKNOWN: the plugin's choice */
    uint32_t reserved;
    uint64_t iops_least; /* promised by the array; 0 = none */
    uint64_t iops_most;
    struct gurum_array details; /* struct gurum_detail */
};

struct gurum_volume_spec {
    uint32_t size;
    uint32_t flags;
    const struct gurum_pool *pool;
    const struct gurum_volume *volume;
    const struct gurum_volume_source *source; /* volume_ensure only; NULL: empty */
};

enum gurum_resize_flag { GURUM_RESIZE_MAY_SHRINK = 1 };

struct gurum_volume_resize_spec {
    uint32_t size;
    uint32_t flags; /* enum gurum_resize_flag */
    const struct gurum_pool *pool;
    const struct gurum_volume *volume; /* with the size wanted */
    const struct gurum_host *host;     /* where a guest has it open, or NULL */
    const char *guest_uuid;            /* or NULL */
};

struct gurum_snapshot_spec {
    uint32_t size;
    uint32_t flags;
    const struct gurum_pool *pool;
    const struct gurum_volume *volume;
    const char *snapshot_uuid;
    const char *snapshot_name;
    const char *snapshot_handle;   /* as reported, or NULL */
    const struct gurum_host *host; /* where a guest has the volume open, or NULL */
    const char *guest_uuid;        /* or NULL */
};

enum gurum_copy_direction { GURUM_COPY_TO_STORE = 1, GURUM_COPY_FROM_STORE = 2, GURUM_COPY_TO_POOL = 3 };

struct gurum_volume_copy_spec {
    uint32_t size;
    uint32_t direction;            /* enum gurum_copy_direction */
    const struct gurum_pool *pool; /* where the volume lies or is to lie */
    const struct gurum_volume *volume;
    const char *snapshot_handle;           /* TO_STORE: copy this snapshot of it instead; or NULL */
    const struct gurum_image_store *store; /* TO_STORE, FROM_STORE */
    const struct gurum_image *image;       /* what it is in the store: uuid, format, handle when it exists */
    const struct gurum_pool *destination;  /* TO_POOL; its secrets begin with "destination." */
    const struct gurum_volume *copy;       /* TO_POOL: what it becomes there */
};

struct gurum_pool_image_spec {
    uint32_t size;
    uint32_t flags;
    const struct gurum_pool *pool;
    const struct gurum_image_store *store; /* image_ensure: where to fetch it; NULL: from image.url itself */
    const struct gurum_image *image;
};

/* ---- Items ----------------------------------------------------------------------------------------------------- */

enum gurum_pool_state { GURUM_POOL_UP = 1, GURUM_POOL_PREPARING = 2, GURUM_POOL_READ_ONLY = 3, GURUM_POOL_BROKEN = 4 };

struct gurum_pool_report {
    struct gurum_item item;    /* GURUM_ITEM_POOL */
    uint32_t state;            /* enum gurum_pool_state */
    uint32_t shared;           /* 1: reachable by more than one host */
    const char *provider_uuid; /* the pool's own identity, or NULL */
    const char *type;          /* "NetworkFilesystem", "Filesystem", "RBD", … as the API shows it */
    const char *path;          /* or NULL */
    uint64_t capacity_bytes;
    uint64_t used_bytes;
    uint64_t iops_most; /* 0 = unknown */
    const char *detail; /* why BROKEN; or NULL */
};

struct gurum_volume_report {
    struct gurum_item item;  /* GURUM_ITEM_VOLUME */
    const char *uuid;        /* NULL in volume_list: not ours */
    const char *handle;      /* the provider's name of it, kept and handed back */
    const char *path;        /* what a hypervisor opens, or NULL when the handle says it */
    const char *parent_uuid; /* image or snapshot that it still depends on; or NULL */
    uint64_t size_bytes;     /* as the guest sees it */
    uint64_t used_bytes;
    uint32_t format;  /* enum gurum_image_format */
    uint32_t present; /* 0: volume_observe found nothing */
};

struct gurum_snapshot_report {
    struct gurum_item item; /* GURUM_ITEM_SNAPSHOT */
    const char *uuid;
    const char *volume_uuid;
    const char *handle;
    uint64_t size_bytes; /* of the volume then */
    uint64_t used_bytes; /* 0 = unknown */
    int64_t taken_ms;    /* Unix time */
};

/* ---- Operations ------------------------------------------------------------------------------------------------ */

/* Common to all slots: as in gurum_hypervisor.h. Long copies report progress and answer PENDING. */
struct gurum_storage_operations {
    uint32_t size;
    uint32_t reserved;

    /* Looks without changing. Reports POOL once and CHECKs; failed checks are still OK. */
    int32_t (*pool_probe)(struct gurum_call *call, const struct gurum_pool_spec *spec);
    /* Makes the pool usable on the host it is reached by (mount, define, log in). Never formats or erases. Reports
     * POOL. */
    int32_t (*pool_ensure)(struct gurum_call *call, const struct gurum_pool_spec *spec);
    /* Reports POOL once. Cheap: called often. */
    int32_t (*pool_observe)(struct gurum_call *call, const struct gurum_pool_spec *spec);
    /* Takes back what pool_ensure did; data stay where they are. With volumes of ours in it, CONFLICT. Absent: OK. */
    int32_t (*pool_remove)(struct gurum_call *call, const struct gurum_pool_spec *spec);

    /* Makes the volume, with the content of its source; complete or absent after a crash, never half. Exists: OK,
     * whatever the source, but CONFLICT when it is smaller than wanted. Source absent: NOT_FOUND. Pool full:
     * NO_CAPACITY. A source larger than size_bytes: INVALID. Reports VOLUME with the size it really has. */
    int32_t (*volume_ensure)(struct gurum_call *call, const struct gurum_volume_spec *spec);
    /* Reports VOLUME once; present = 0 when absent. */
    int32_t (*volume_observe)(struct gurum_call *call, const struct gurum_volume_spec *spec);
    /* Reports VOLUME for every volume of the pool; those that are not ours with uuid NULL. */
    int32_t (*volume_list)(struct gurum_call *call, const struct gurum_pool_spec *spec);
    /* Brings the size to the one given. Smaller without MAY_SHRINK: INVALID. Absent: NOT_FOUND. Reports VOLUME. */
    int32_t (*volume_resize)(struct gurum_call *call, const struct gurum_volume_resize_spec *spec);
    /* Makes the volume absent with its snapshots on the pool, and nothing else. In use: CONFLICT. Absent: OK. */
    int32_t (*volume_remove)(struct gurum_call *call, const struct gurum_volume_spec *spec);

    /* Exists: OK. Volume absent: NOT_FOUND. Reports SNAPSHOT. */
    int32_t (*snapshot_ensure)(struct gurum_call *call, const struct gurum_snapshot_spec *spec);
    /* Absent: OK. Volume and later snapshots stay as they are. */
    int32_t (*snapshot_remove)(struct gurum_call *call, const struct gurum_snapshot_spec *spec);
    /* Brings the volume back; once for one operation id. Absent snapshot: NOT_FOUND. Reports VOLUME. */
    int32_t (*snapshot_revert)(struct gurum_call *call, const struct gurum_snapshot_spec *spec);

    /* Copies by direction; a copy that is there already: OK. TO_STORE reports IMAGE, the others VOLUME. A cancelled or
     * failed copy leaves nothing behind. */
    int32_t (*volume_copy)(struct gurum_call *call, const struct gurum_volume_copy_spec *spec);
    /* Makes the image present on the pool. Reports IMAGE. Wrong checksum or above the ceiling: INVALID, nothing
     * stays. */
    int32_t (*image_ensure)(struct gurum_call *call, const struct gurum_pool_image_spec *spec);
    /* Takes the image from the pool. Volumes depend on it: CONFLICT. Absent: OK. */
    int32_t (*image_remove)(struct gurum_call *call, const struct gurum_pool_image_spec *spec);
};

#define GURUM_STORAGE_SLOTS(X)                                                                                         \
    X(pool_probe, gurum_pool_spec, 0)                                                                                  \
    X(pool_ensure, gurum_pool_spec, 0)                                                                                 \
    X(pool_observe, gurum_pool_spec, 0)                                                                                \
    X(pool_remove, gurum_pool_spec, 0)                                                                                 \
    X(volume_ensure, gurum_volume_spec, 0)                                                                             \
    X(volume_observe, gurum_volume_spec, 0)                                                                            \
    X(volume_list, gurum_pool_spec, 0)                                                                                 \
    X(volume_resize, gurum_volume_resize_spec, GURUM_STORAGE_RESIZE | GURUM_STORAGE_SHRINK)                            \
    X(volume_remove, gurum_volume_spec, 0)                                                                             \
    X(snapshot_ensure, gurum_snapshot_spec, GURUM_STORAGE_SNAPSHOT)                                                    \
    X(snapshot_remove, gurum_snapshot_spec, GURUM_STORAGE_SNAPSHOT)                                                    \
    X(snapshot_revert, gurum_snapshot_spec, GURUM_STORAGE_SNAPSHOT)                                                    \
    X(volume_copy, gurum_volume_copy_spec, GURUM_STORAGE_COPY)                                                         \
    X(image_ensure, gurum_pool_image_spec, GURUM_STORAGE_IMAGES)                                                       \
    X(image_remove, gurum_pool_image_spec, GURUM_STORAGE_IMAGES)

#ifdef __cplusplus
}
#endif
#endif
