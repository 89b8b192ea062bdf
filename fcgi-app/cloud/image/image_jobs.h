/* Images as plugins see them. */
#ifndef GURUM_CLOUD_IMAGE_JOBS_H
#define GURUM_CLOUD_IMAGE_JOBS_H

#include "cloud/image/image_kinds.h"
#include "cloud/image/image_store.h"
#include "plugin_host/image_store.h"

/* An image and the store that holds it in a zone, for a volume made from it. Errors: RESOURCE_UNAVAILABLE
 * "image.not_in_zone". */
MUST_CHECK bool image_plugin_objects(struct job_run *run, int64_t image_id, int64_t zone_id,
                                     struct gurum_image *ret_image, struct gurum_image_store *ret_store,
                                     struct error *err);

#endif
