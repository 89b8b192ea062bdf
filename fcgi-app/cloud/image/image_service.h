/* Rules of images. */
#ifndef GURUM_CLOUD_IMAGE_SERVICE_H
#define GURUM_CLOUD_IMAGE_SERVICE_H

#include "cloud/image/image_store.h"

struct image_register_request {
    struct image image;      /* what was asked for; owner, uuid, OS type and defaults are filled here */
    const int64_t *zone_ids; /* none: every zone that has an image store */
    size_t zone_count;
    const struct pair *details;
    size_t detail_count;
};
/* One transaction: rows, counters, history and a job for each zone. Errors: INVALID_VALUE,
 * RESOURCE_ALLOCATION. */
MUST_CHECK bool image_register_new(struct api_call *call, const struct image_register_request *request, int64_t *ret_id,
                                   struct error *err);
/* Begins the job. zone 0: everywhere. Errors: DENIED (someone else's), IN_USE (VMs came from it, not forced). */
MUST_CHECK bool image_begin_delete(struct api_call *call, int64_t image_id, int64_t zone_id, bool forced,
                                   struct job_ref *ret_job, struct error *err);
MUST_CHECK bool image_change(struct api_call *call, const struct image *image, bool clean_details,
                             const struct pair *details, size_t detail_count, struct error *err);
/* Only the owner's side may change a public image. Errors: DENIED. */
MUST_CHECK bool image_find_own(struct api_call *call, int64_t image_id, struct image **ret_image, struct error *err);

/* Addresses besides public ones that images may be fetched from: "10.0.0.0/8,127.0.0.1". */
const char *image_url_cidrs(struct arena *arena);

#endif
