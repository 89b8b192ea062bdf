/* Plugin kind "image store": keeps templates, ISOs and copies of snapshots, and fetches them from where they come. */
#ifndef GURUM_IMAGE_STORE_H
#define GURUM_IMAGE_STORE_H

#include "gurum_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GURUM_IMAGE_STORE_EXPORT (UINT64_C(1) << 0)      /* image_export */
#define GURUM_IMAGE_STORE_NEEDS_HOST (UINT64_C(1) << 16) /* works through store.via_host, which must not be NULL */
/* images become usable where they lie (vSphere library, PXE tree) */
#define GURUM_IMAGE_STORE_IS_POOL (UINT64_C(1) << 17)

struct gurum_store_spec {
    uint32_t size;
    uint32_t flags;
    const struct gurum_image_store *store;
};

struct gurum_store_image_spec {
    uint32_t size;
    uint32_t flags;
    const struct gurum_image_store *store;
    const struct gurum_image *image;
    /* image_ensure: addresses besides public ones that may be fetched from: "10.0.0.0/8,fd00::/8"; NULL or "": none.
     * Holds for every address a connection is made to, those of redirects and of names that change included. */
    const char *url_cidrs_allowed;
};

struct gurum_image_export_spec {
    uint32_t size;
    uint32_t format; /* wanted, enum gurum_image_format; UNKNOWN: as stored */
    const struct gurum_image_store *store;
    const struct gurum_image *image;
    int64_t valid_for_ms; /* how long the address must work */
};

/* ---- Items ----------------------------------------------------------------------------------------------------- */

enum gurum_store_state {
    GURUM_STORE_UP = 1,
    GURUM_STORE_PREPARING = 2,
    GURUM_STORE_READ_ONLY = 3,
    GURUM_STORE_BROKEN = 4
};

struct gurum_store_report {
    struct gurum_item item; /* GURUM_ITEM_STORE */
    uint32_t state;         /* enum gurum_store_state */
    uint32_t reserved;
    const char *provider_uuid; /* the store's own identity, or NULL */
    uint64_t capacity_bytes;   /* 0 = without bound */
    uint64_t used_bytes;
    const char *detail; /* why BROKEN; or NULL */
};

/* image_export: where it can be fetched. */
struct gurum_export_report {
    struct gurum_item item; /* GURUM_ITEM_EXPORT */
    const char *url;
    int64_t expires_ms; /* Unix time */
    uint64_t size_bytes;
    const char *checksum; /* or NULL */
};

/* ---- Operations ------------------------------------------------------------------------------------------------ */

struct gurum_image_store_operations {
    uint32_t size;
    uint32_t reserved;

    /* Looks without changing. Reports STORE once and CHECKs; failed checks are still OK. */
    int32_t (*store_probe)(struct gurum_call *call, const struct gurum_store_spec *spec);
    /* Makes the store usable. Never formats or erases. Reports STORE. */
    int32_t (*store_ensure)(struct gurum_call *call, const struct gurum_store_spec *spec);
    /* Reports STORE once. Cheap: called often. */
    int32_t (*store_observe)(struct gurum_call *call, const struct gurum_store_spec *spec);
    /* Takes back what store_ensure did; data stay. With images of ours in it, CONFLICT. Absent: OK. */
    int32_t (*store_remove)(struct gurum_call *call, const struct gurum_store_spec *spec);

    /* Fetches image.url into the store over PENDING, with progress in bytes; there already: OK. Complete or absent,
     * never half. Wrong checksum, wrong format, above size_bytes_most: INVALID, nothing stays. Source gone:
     * NOT_FOUND. Reports IMAGE when ready. */
    int32_t (*image_ensure)(struct gurum_call *call, const struct gurum_store_image_spec *spec);
    /* Reports IMAGE once, ABSENT included. */
    int32_t (*image_observe)(struct gurum_call *call, const struct gurum_store_image_spec *spec);
    /* Reports IMAGE for everything in the store; what is not ours with uuid NULL. */
    int32_t (*image_list)(struct gurum_call *call, const struct gurum_store_spec *spec);
    /* Makes it absent. Copies on pools stay. Absent: OK. */
    int32_t (*image_remove)(struct gurum_call *call, const struct gurum_store_image_spec *spec);
    /* Reports EXPORT once: an address for one download that nobody can guess. Absent: NOT_FOUND. */
    int32_t (*image_export)(struct gurum_call *call, const struct gurum_image_export_spec *spec);
};

#define GURUM_IMAGE_STORE_SLOTS(X)                                                                                     \
    X(store_probe, gurum_store_spec, 0)                                                                                \
    X(store_ensure, gurum_store_spec, 0)                                                                               \
    X(store_observe, gurum_store_spec, 0)                                                                              \
    X(store_remove, gurum_store_spec, 0)                                                                               \
    X(image_ensure, gurum_store_image_spec, 0)                                                                         \
    X(image_observe, gurum_store_image_spec, 0)                                                                        \
    X(image_list, gurum_store_spec, 0)                                                                                 \
    X(image_remove, gurum_store_image_spec, 0)                                                                         \
    X(image_export, gurum_image_export_spec, GURUM_IMAGE_STORE_EXPORT)

#ifdef __cplusplus
}
#endif
#endif
