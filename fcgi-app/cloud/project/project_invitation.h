/* Inviting into projects, for the commands that add members. */
#ifndef GURUM_CLOUD_PROJECT_INVITATION_H
#define GURUM_CLOUD_PROJECT_INVITATION_H

#include "cloud/project/project_service.h"

/* In an open transaction. Who is known by a mail address only would have to be told by mail. Errors: INVALID_VALUE,
 * IN_USE (invited already), UNSUPPORTED (no way to send mail). */
MUST_CHECK bool project_invite(struct api_call *call, const struct project *project,
                               const struct project_candidate *candidate, const char *email, struct error *err);

#endif
