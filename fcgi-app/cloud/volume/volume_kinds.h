/* Job kinds of volumes and their inputs. */
#ifndef GURUM_CLOUD_VOLUME_KINDS_H
#define GURUM_CLOUD_VOLUME_KINDS_H

#include "jobs/jobs.h"

/* volume.delete: a disk that no VM has. */
struct volume_delete_input {
    int64_t volume_id;
};
extern const struct job_kind VOLUME_DELETE;

#endif
