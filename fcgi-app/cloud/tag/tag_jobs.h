/* Job kinds of tags and their input. */
#ifndef GURUM_CLOUD_TAG_JOBS_H
#define GURUM_CLOUD_TAG_JOBS_H

#include "api/api.h"

struct tag_job_input {
    const char *kind, *customer;
    struct string_list uuids, keys, values; /* keys and values run parallel; deleteTags: an empty value means any */
};
extern const struct job_kind TAG_CREATE, TAG_DELETE;

#endif
