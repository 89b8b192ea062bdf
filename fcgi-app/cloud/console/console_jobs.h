/* The job that reads a piece of a serial log. */
#ifndef GURUM_CLOUD_CONSOLE_JOBS_H
#define GURUM_CLOUD_CONSOLE_JOBS_H

#include "jobs/jobs.h"

enum { CONSOLE_PIECE_MAX = 65536 };
struct console_input {
    int64_t vm_id, offset; /* offset -1: the end of the log */
    int64_t size, generation; /* of the log that `offset` is of; 0: any */
};
struct console_piece {
    const char *vm_uuid;
    const char *text; /* NULL: there is no log */
    int64_t offset, next, end, generation;
};
extern const struct field_table CONSOLE_PIECE;
extern const struct job_kind CONSOLE_LOG_JOB;

#endif
