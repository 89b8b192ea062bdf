/* What other files of this feature begin besides their commands' own jobs. */
#ifndef GURUM_CLOUD_PROJECT_JOBS_H
#define GURUM_CLOUD_PROJECT_JOBS_H

#include "cloud/project/project_store.h"

/* In the open transaction: nobody can use the project any more, and a job takes away all that it owns, then itself. */
MUST_CHECK bool project_begin_removal(struct db *db, const struct project *project, const struct job_stamp *stamp,
                                      struct job_ref *ret_job, struct error *err);

#endif
