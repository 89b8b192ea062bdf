/* The jobs behind addResourceDetail and removeResourceDetail, and their input. */
#ifndef GURUM_CLOUD_DETAIL_JOBS_H
#define GURUM_CLOUD_DETAIL_JOBS_H

#include "cloud/detail/detail_store.h"

struct detail_job_input {
    const char *kind;
    int64_t object_id;
    struct string_list names, values; /* parallel; removal: no names mean all */
    bool is_shown;
};
extern const struct job_kind DETAIL_ADD, DETAIL_REMOVE;

#endif
