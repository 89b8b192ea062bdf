/* Job kinds of images and their inputs. */
#ifndef GURUM_CLOUD_IMAGE_KINDS_H
#define GURUM_CLOUD_IMAGE_KINDS_H

#include "jobs/jobs.h"

struct image_register_input {
    int64_t image_id, place_id;
};
struct image_delete_input {
    int64_t image_id, zone_id;
}; /* zone 0: everywhere */
extern const struct job_kind IMAGE_REGISTER, IMAGE_DELETE;

#endif
